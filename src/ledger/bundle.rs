//! Bundles: some runs of a ledger with all that belongs to them, as one archive.
//!
//! Unpacked, a bundle is a ledger: it is laid out as one. `bundle.json` beside `ledger.toml` names every other file
//! with its size and digests.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::layout::{
    ANNOTATIONS, AttemptPath, EXPERIMENTS, LEDGER, MODELS, PathError, RUNS, check_portable,
    is_noise,
};
use super::manifest::ManifestFile;

/// The file that lists the others.
pub const LIST: &str = "bundle.json";
/// The only journal in each folder of journals: what all writers said.
pub const JOURNAL: &str = "bundle.jsonl";
/// The folder of data sets.
const DATA: &str = "data";
/// The folder of the site.
const SITE: &str = "site";
/// The folder of a model's events.
const EVENTS: &str = "events";

/// Version of the format of bundles.
pub const FORMAT: i64 = 1;

/// What `bundle.json` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleList {
    /// Version of the format.
    pub format: i64,
    /// The title of the ledger it was made of.
    pub title: String,
    /// The words that chose its runs; empty for all.
    pub filter: String,
    /// Number of runs.
    pub runs: usize,
    /// Every other file of the archive, by path.
    pub files: Vec<ManifestFile>,
}

/// A bundle that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The list cannot be read.
    #[error("has a {LIST} that cannot be read: {0}")]
    List(String),
    /// Written by a newer version.
    #[error("is of format {0}; this version reads up to {FORMAT}: upgrade fairledger")]
    Newer(i64),
    /// A path that some system could not hold, or that would lead elsewhere.
    #[error("is refused: {0}")]
    Path(#[from] PathError),
    /// A path that means nothing in a ledger.
    #[error("is refused: '{0}' is no place for a file of a bundle")]
    Place(String),
    /// In the archive, but not in the list.
    #[error("is refused: '{0}' is in the archive, but not in its {LIST}")]
    Unlisted(String),
    /// In the list, but not in the archive.
    #[error("is not whole: '{0}' is in its {LIST}, but not in the archive")]
    Missing(String),
}

/// What a file of a bundle is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A file of an attempt: where that belongs, and the path below it.
    Attempt(AttemptPath, &'a str),
    /// The annotations of an experiment.
    Annotations(&'a str),
    /// The events of a registered model.
    Events(&'a str),
    /// Another file of a registered model: its name, and the file's.
    Model(&'a str, &'a str),
    /// A file of an experiment: a spec, its description, a program.
    Experiment,
    /// A data set.
    Data,
    /// A page of the site, which an import makes anew.
    Site,
    /// The settings of the ledger it was made of, which stay with that one.
    Settings,
}

/// What the file of a path is; `None` where a bundle has no files.
pub fn part(path: &str) -> Option<Part<'_>> {
    if path == LEDGER {
        return Some(Part::Settings);
    }
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        [EXPERIMENTS, experiment, RUNS, _, name, _, ..] if !is_noise(experiment) => {
            let at = path.find(name)? + name.len();
            Some(Part::Attempt(AttemptPath::parse(&path[..at])?, &path[at + 1..]))
        }
        [EXPERIMENTS, _, RUNS, ..] => None,
        _ if parts.iter().any(|name| is_noise(name)) => None,
        [EXPERIMENTS, experiment, ANNOTATIONS, JOURNAL] => Some(Part::Annotations(experiment)),
        [EXPERIMENTS, _, ANNOTATIONS, ..] => None,
        [EXPERIMENTS, _, _, ..] => Some(Part::Experiment),
        [MODELS, model, EVENTS, JOURNAL] => Some(Part::Events(model)),
        [MODELS, model, file] => Some(Part::Model(model, file)),
        [DATA, _, ..] => Some(Part::Data),
        [SITE, _, ..] => Some(Part::Site),
        _ => None,
    }
}

/// The path of the events of a model in a bundle.
pub fn events(model: &str) -> String {
    format!("{MODELS}/{model}/{EVENTS}/{JOURNAL}")
}

impl BundleList {
    /// The text of `bundle.json`.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the text of `bundle.json`, and holds it against the names in the archive.
    ///
    /// # Errors
    /// When it is none, of a newer format, names a file that has no place in a ledger or that some system could
    /// not hold beside the others, or other files than the archive.
    pub fn read(text: &[u8], archive: &BTreeSet<String>) -> Result<Self, BundleError> {
        let unreadable = |error: serde_json::Error| BundleError::List(error.to_string());
        let value: serde_json::Value = serde_json::from_slice(text).map_err(unreadable)?;
        match value.get("format").and_then(serde_json::Value::as_i64) {
            Some(format) if format > FORMAT => return Err(BundleError::Newer(format)),
            _ => {}
        }
        let list: Self = serde_json::from_value(value).map_err(unreadable)?;
        let paths = || list.files.iter().map(|file| file.path.as_str());
        check_portable(paths().chain([LIST]))?;
        if let Some(path) = paths().find(|path| part(path).is_none()) {
            return Err(BundleError::Place(path.to_owned()));
        }
        if let Some(path) = paths().find(|path| !archive.contains(*path)) {
            return Err(BundleError::Missing(path.to_owned()));
        }
        let listed: BTreeSet<&str> = paths().chain([LIST]).collect();
        match archive.iter().find(|path| !listed.contains(path.as_str())) {
            Some(path) => Err(BundleError::Unlisted(path.clone())),
            None => Ok(list),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_bundle_has_a_place() {
        let attempt =
            "experiments/h/runs/00/112233445566778899aabbccddeeff.01JD0000000000000000000000";
        let place = AttemptPath::parse(attempt).unwrap();
        for (path, wanted) in [
            ("ledger.toml", Some(Part::Settings)),
            ("data/a/b.csv", Some(Part::Data)),
            ("site/index.html", Some(Part::Site)),
            ("experiments/h/forest.toml", Some(Part::Experiment)),
            ("experiments/h/src/train.py", Some(Part::Experiment)),
            ("experiments/h/annotations/bundle.jsonl", Some(Part::Annotations("h"))),
            ("models/house/events/bundle.jsonl", Some(Part::Events("house"))),
            ("models/house/1f0c000000.toml", Some(Part::Model("house", "1f0c000000.toml"))),
            (&format!("{attempt}/.gitignore"), Some(Part::Attempt(place.clone(), ".gitignore"))),
            (&format!("{attempt}/artifacts/a"), Some(Part::Attempt(place, "artifacts/a"))),
            (attempt, None),
            ("experiments/h", None),
            ("experiments/h/.envrc", None),
            ("experiments/h/runs/x", None),
            ("experiments/.h/forest.toml", None),
            ("experiments/h/annotations/0123.jsonl", None),
            (".fairledger/writer", None),
            (".git/config", None),
            ("theme/custom.css", None),
            ("README.md", None),
        ] {
            assert_eq!(part(path), wanted, "{path}");
        }
    }

    #[test]
    fn a_list_is_held_against_the_archive() {
        let file = |path: &str| ManifestFile {
            path: path.into(),
            size: 1,
            blake3: crate::ledger::digest::Digest::of(b"x"),
            sha256: String::new(),
        };
        let read = |format: i64, listed: &[&str], there: &[&str]| {
            let files = listed.iter().map(|path| file(path)).collect();
            let list = BundleList { format, files, ..BundleList::default() };
            let there = there.iter().map(|path| (*path).to_owned()).collect();
            BundleList::read(list.to_text().as_bytes(), &there).map(|read| assert_eq!(read, list))
        };
        let both = ["ledger.toml", "data/a.csv"];
        read(1, &both, &[LIST, "ledger.toml", "data/a.csv"]).unwrap();
        assert_eq!(read(2, &both, &[]), Err(BundleError::Newer(2)));
        assert_eq!(read(1, &both, &both[..1]), Err(BundleError::Missing("data/a.csv".into())));
        let unlisted = read(1, &both, &["data/a.csv", "data/b.csv", "ledger.toml"]);
        assert_eq!(unlisted, Err(BundleError::Unlisted("data/b.csv".into())));
        assert_eq!(read(1, &["theme/x.css"], &[]), Err(BundleError::Place("theme/x.css".into())));
        for hostile in ["../x", "/etc/passwd", "data/../../x", "data/con", "data/a\\b", "c:/x"] {
            assert!(matches!(read(1, &[hostile], &[]), Err(BundleError::Path(_))), "{hostile}");
        }
        for pair in [["data/a.csv", "data/A.csv"], ["data/a", "data/a/b"], ["data/a", "data/a"]] {
            assert!(matches!(read(1, &pair, &[]), Err(BundleError::Path(_))), "{pair:?}");
        }
        let torn = BundleList::read(b"{\"format\": 1", &BTreeSet::new());
        assert!(matches!(torn, Err(BundleError::List(_))));
    }
}
