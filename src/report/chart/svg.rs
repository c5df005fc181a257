//! From the drawing library's SVG to ours: finer coordinates, colours that follow the page, less text.

use std::fmt::Write as _;

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, RGBColor, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, ShapeStyle, TextStyle};

use super::super::{ReportError, trusted::Trusted};
use super::WIDTH;

/// Everything is drawn this much larger and shrunk again, because the library rounds to whole units.
pub(super) const SCALE: i32 = 8;

/// Size of letters in pixels.
const LETTERS: i32 = 13;

/// Pixels a letter takes on average, on the generous side.
const LETTER: f64 = 8.0;

/// A place to draw, in eighths of a pixel.
pub(super) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A colour by its role; the page or the file decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text and the rule of an axis.
    Text,
    /// Labels beside an axis.
    Muted,
    /// Hairlines.
    Line,
    /// The n-th series, counted from 0 and repeated after the sixth.
    Series(usize),
}

const SERIES: [&str; 6] = [
    "var(--c1,#0072b2)",
    "var(--c2,#d55e00)",
    "var(--c3,#009e73)",
    "var(--c4,#b0568c)",
    "var(--c5,#8a6d00)",
    "var(--c6,#4b7f9e)",
];

/// Dash patterns that keep lines apart without colour.
const DASHES: [&str; 6] = ["", "7 3", "2 2", "9 3 2 3", "4 2", "1 3"];

impl Ink {
    /// The stand-in colour that marks the role in the library's output.
    pub(super) fn color(self) -> RGBColor {
        match self {
            Self::Text => RGBColor(0, 0, 0),
            Self::Muted => RGBColor(0, 0, 1),
            Self::Line => RGBColor(0, 0, 2),
            Self::Series(index) => RGBColor(0, 1, (index % SERIES.len()) as u8),
        }
    }

    /// The role that a stand-in colour marks.
    fn of(text: &str) -> Option<Self> {
        let number = u32::from_str_radix(text.strip_prefix('#')?, 16).ok()?;
        match number {
            0 => Some(Self::Text),
            1 => Some(Self::Muted),
            2 => Some(Self::Line),
            0x100..=0x105 => Some(Self::Series(number as usize - 0x100)),
            _ => None,
        }
    }

    fn paint(self) -> &'static str {
        match self {
            Self::Text => "currentColor",
            Self::Muted => "var(--muted,#5a6166)",
            Self::Line => "var(--line,#dcdcd6)",
            Self::Series(index) => SERIES[index % SERIES.len()],
        }
    }
}

/// Text of the usual size, anchored at one of its sides.
pub(super) fn letters(ink: Ink, side: HPos, height: VPos) -> TextStyle<'static> {
    // The library divides sizes by 1.24 on their way out.
    let font = ("sans-serif", f64::from(LETTERS * SCALE) * 1.24).into_font();
    font.color(&ink.color()).pos(Pos::new(side, height))
}

/// A line of one pixel.
pub(super) fn thin(ink: Ink) -> ShapeStyle {
    ink.color().stroke_width(SCALE as u32)
}

/// Pixels a text takes, about.
pub(super) fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

/// Why a drawing was not finished.
pub(super) type DrawingError = Box<dyn std::error::Error + Send + Sync>;

/// Draws a picture of `size` pixels and gives it as one `svg` element.
pub(super) fn draw(
    size: (i32, i32),
    title: &str,
    paint: impl FnOnce(&Canvas<'_>) -> Result<(), DrawingError>,
) -> Result<Trusted, ReportError> {
    let failed = |reason: DrawingError| ReportError::Picture { title: title.to_owned(), reason };
    let mut drawn = String::new();
    {
        let whole = ((size.0 * SCALE) as u32, (size.1 * SCALE) as u32);
        let canvas = SVGBackend::with_string(&mut drawn, whole).into_drawing_area();
        paint(&canvas).map_err(failed)?;
        canvas.present().map_err(|reason| failed(reason.into()))?;
    }
    Ok(Trusted::drawn(rewrite(&drawn, size, title)))
}

/// Rewrites the library's output, one element a line, a text's content on a line of its own.
fn rewrite(drawn: &str, (width, height): (i32, i32), title: &str) -> String {
    let title = escape(title);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\
         <title>{title}</title>\n"
    );
    for line in drawn.lines() {
        if line.starts_with("<svg") || line.is_empty() {
            continue;
        }
        match line.strip_prefix('<').filter(|rest| !rest.starts_with('/')) {
            Some(tag) => element(&mut text, tag),
            None => text.push_str(line),
        }
        if line.starts_with("</") || line.ends_with("/>") {
            text.push('\n');
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Writes one opening or empty tag; `tag` is what follows its `<`.
fn element(text: &mut String, tag: &str) {
    let name_end = tag.find([' ', '/', '>']).unwrap_or(tag.len());
    let name = &tag[..name_end];
    let close = if tag.ends_with("/>") { "/>" } else { ">" };
    let attributes = attributes(&tag[name_end..]);
    let stroked = attributes.iter().any(|(key, value)| *key == "stroke" && *value != "none");
    text.push('<');
    text.push_str(name);
    for (key, value) in &attributes {
        let value = match *key {
            "fill" | "stroke" => match Ink::of(value) {
                Some(ink) => ink.paint().to_owned(),
                None if *key == "stroke" => continue,
                None => (*value).to_owned(),
            },
            "opacity" if *value == "1" => continue,
            "stroke-width" if !stroked => continue,
            "text-anchor" if *value == "start" => continue,
            "font-family" => continue,
            "points" => value.split(' ').filter_map(pair).collect::<Vec<_>>().join(" "),
            "transform" => value.split(", ").map(rotation).collect::<Vec<_>>().join(" "),
            "opacity" | "text-anchor" | "dy" | "font-weight" => (*value).to_owned(),
            _ => shrink(value),
        };
        let _ = write!(text, " {key}=\"{value}\"");
    }
    let dash = attributes.iter().find(|(key, _)| *key == "stroke").and_then(|(_, v)| Ink::of(v));
    if let ("polyline", Some(Ink::Series(index @ 1..))) = (name, dash) {
        let _ = write!(text, " stroke-dasharray=\"{}\"", DASHES[index % DASHES.len()]);
    }
    text.push_str(close);
}

/// The attributes of a tag in order.
fn attributes(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    while let Some((key, value)) = rest.split_once("=\"") {
        let Some((value, after)) = value.split_once('"') else { break };
        found.push((key.trim(), value));
        rest = after;
    }
    found
}

/// A coordinate in pixels, to a tenth.
fn shrink(value: &str) -> String {
    value.parse::<f64>().map_or_else(|_| value.to_owned(), |units| tenth(units / f64::from(SCALE)))
}

fn tenth(pixels: f64) -> String {
    let text = format!("{pixels:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

fn pair(point: &str) -> Option<String> {
    let (x, y) = point.split_once(',')?;
    Some(format!("{},{}", shrink(x), shrink(y)))
}

/// One part of `rotate(270, x, y)`: the angle stays, the centre shrinks.
fn rotation(part: &str) -> String {
    part.strip_suffix(')').map_or_else(
        || if part.contains('(') { part.to_owned() } else { shrink(part) },
        |last| format!("{})", shrink(last)),
    )
}

/// Escapes text for element content and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Cuts a label to a number of characters and makes one line of it.
pub(in super::super) fn label(text: &str, most: usize) -> String {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    if text.chars().count() <= most {
        return line.collect();
    }
    line.take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The `style` element of a picture that stands alone, where no page decides about colours.
const STYLE: &str = "<style>\
svg{color:#16191b;background:#fcfcfa;font-family:system-ui,sans-serif}\
@media (prefers-color-scheme:dark){svg{color:#e6e7e8;background:#131516;--muted:#a2a9ae;\
--line:#33383b;--c1:#56b4e9;--c2:#f0894a;--c3:#3fc79a;--c4:#d68cb8;--c5:#c9a93a;--c6:#8ab8d0}}\
</style>";

/// The bytes of an SVG file with its heading inside, a margin, and colours by the reader's scheme.
pub(in super::super) fn standalone(svg: &Trusted, heading: &str) -> Vec<u8> {
    let svg = svg.as_str();
    let side = |name: &str| {
        let value = svg.split_once(name).and_then(|(_, rest)| rest.split('"').next());
        value.and_then(|value| value.parse::<i32>().ok()).unwrap_or(WIDTH)
    };
    let (width, height) = (side(" width=\""), side(" height=\""));
    let framed = |width, height, corner| {
        format!("width=\"{width}\" height=\"{height}\" viewBox=\"{corner} {width} {height}\"")
    };
    let heading = escape(&label(heading, 56));
    let text = svg
        .replacen(&framed(width, height, "0 0"), &framed(width + 24, height + 48, "-12 -36"), 1)
        .replacen(
            "</title>",
            &format!(
                "</title>{STYLE}\n<text y=\"-14\" font-size=\"14\" font-weight=\"bold\" \
                 fill=\"currentColor\">{heading}</text>"
            ),
            1,
        );
    format!("{text}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_shrink_and_colours_follow_the_page() {
        let drawn = "<svg width=\"800\" height=\"80\">\n\
                     <circle cx=\"12\" cy=\"80\" r=\"32\" opacity=\"1\" fill=\"#000101\" stroke=\"none\" stroke-width=\"1\"/>\n\
                     <polyline fill=\"none\" opacity=\"0.5\" stroke=\"#000101\" stroke-width=\"12\" points=\"0,8 4,12 \"/>\n\
                     <text x=\"8\" y=\"8\" dy=\"0.5ex\" text-anchor=\"start\" font-family=\"sans-serif\" font-size=\"96\" opacity=\"1\" fill=\"#000000\" transform=\"rotate(270, 8, 16)\">\n\
                     a &lt; b\n\
                     </text>\n\
                     </svg>\n";
        insta::assert_snapshot!(rewrite(drawn, (100, 10), "\"<1>\""));
    }

    #[test]
    fn a_file_has_its_heading_and_colours() {
        let svg = Trusted::drawn(rewrite("<svg>\n</svg>\n", (100, 10), "title"));
        let text = String::from_utf8(standalone(&svg, "r2 & more")).unwrap();
        assert!(text.contains("width=\"124\" height=\"58\" viewBox=\"-12 -36 124 58\""), "{text}");
        assert!(text.contains("prefers-color-scheme") && text.contains(">r2 &amp; more</text>"));
    }

    #[test]
    fn labels_are_one_short_line() {
        assert_eq!(label("short", 5), "short");
        assert_eq!(label("a\nlonger one", 6), "a lon…");
        assert_eq!(label("ééééé", 5), "ééééé");
    }
}
