//! File formats by the ends of names: media type, and the page that defines it.

/// A file format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    /// Media type.
    pub(super) media: &'static str,
    /// Name.
    pub(super) name: &'static str,
    /// The page that defines it.
    pub(super) page: &'static str,
}

const fn format(media: &'static str, name: &'static str, page: &'static str) -> Format {
    Format { media, name, page }
}

const KNOWN: [(&str, Format); 16] = [
    ("toml", format("application/toml", "TOML", "https://toml.io/en/v1.0.0")),
    ("jsonl", format("application/jsonl", "JSON Lines", "https://jsonlines.org/")),
    ("json", format("application/json", "JSON", "https://www.rfc-editor.org/rfc/rfc8259")),
    ("csv", format("text/csv", "Comma-Separated Values", "https://www.rfc-editor.org/rfc/rfc4180")),
    ("txt", format("text/plain", "Plain text", "https://www.rfc-editor.org/rfc/rfc2046")),
    ("log", format("text/plain", "Plain text", "https://www.rfc-editor.org/rfc/rfc2046")),
    ("md", format("text/markdown", "Markdown", "https://www.rfc-editor.org/rfc/rfc7763")),
    ("patch", format("text/x-diff", "Unified diff", "https://www.gnu.org/software/diffutils/")),
    (
        "cff",
        format(
            "application/yaml",
            "Citation File Format",
            "https://citation-file-format.github.io/",
        ),
    ),
    ("yaml", format("application/yaml", "YAML", "https://www.rfc-editor.org/rfc/rfc9512")),
    ("html", format("text/html", "HTML", "https://html.spec.whatwg.org/")),
    ("svg", format("image/svg+xml", "Scalable Vector Graphics", "https://www.w3.org/TR/SVG11/")),
    ("png", format("image/png", "Portable Network Graphics", "https://www.w3.org/TR/png-3/")),
    (
        "parquet",
        format(
            "application/vnd.apache.parquet",
            "Apache Parquet",
            "https://parquet.apache.org/docs/file-format/",
        ),
    ),
    ("onnx", format("application/octet-stream", "ONNX", "https://onnx.ai/")),
    (
        "safetensors",
        format(
            "application/octet-stream",
            "safetensors",
            "https://huggingface.co/docs/safetensors/",
        ),
    ),
];

const UNKNOWN: Format = format(
    "application/octet-stream",
    "Bytes",
    "https://www.iana.org/assignments/media-types/application/octet-stream",
);

/// The format of a file by its name.
pub(super) fn of(path: &str) -> Format {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    KNOWN.iter().find(|(known, _)| *known == ending).map_or(UNKNOWN, |(_, format)| *format)
}
