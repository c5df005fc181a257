//! Where things lie in a ledger's folder: names and path arithmetic, no disk.
//!
//! Paths here are relative to the ledger's root and use forward slashes on every system.

use std::collections::BTreeMap;
use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::id::{AttemptId, RunId};
use super::manifest::is_inside;

/// The file that makes a folder a ledger.
pub const LEDGER: &str = "ledger.toml";
/// The folder of experiments.
pub const EXPERIMENTS: &str = "experiments";
/// The file that describes an experiment; every other TOML file beside it is a spec.
pub const EXPERIMENT: &str = "experiment.toml";
/// The folder of an experiment that holds its attempts.
pub const RUNS: &str = "runs";
/// The folder of an experiment that holds annotations, one file a writer.
pub const ANNOTATIONS: &str = "annotations";
/// The folder of registered models.
pub const MODELS: &str = "models";
/// The file that describes a registered model.
pub const MODEL: &str = "model.toml";
/// The folder of monitors.
pub const MONITORS: &str = "monitors";
/// The folder of local, disposable state.
pub const STATE: &str = ".fairledger";

/// The resolved request of an attempt.
pub const PARAMS: &str = "params.toml";
/// The record of an attempt.
pub const RUN: &str = "run.toml";
/// The metric points of an attempt.
pub const METRICS: &str = "metrics.jsonl";
/// What the trainer printed.
pub const LOG: &str = "log.txt";
/// What was not committed when a command was started, as a patch.
pub const PATCH: &str = "code.patch";
/// The folder of artifacts.
pub const ARTIFACTS: &str = "artifacts";
/// Sizes and digests of every other file; its presence seals the attempt.
pub const MANIFEST: &str = "manifest.toml";
/// Names the files of an attempt that are too large for git.
pub const IGNORE: &str = ".gitignore";

/// Which attempt a directory belongs to: `experiments/<e>/runs/<2 hex>/<30 hex>.<ulid>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptPath {
    /// The experiment's folder name.
    pub experiment: String,
    /// The run.
    pub run: RunId,
    /// The attempt.
    pub attempt: AttemptId,
}

/// The folder of an experiment's attempts.
pub fn runs(experiment: &str) -> String {
    format!("{EXPERIMENTS}/{experiment}/{RUNS}")
}

/// The folder of an experiment's annotations.
pub fn annotations(experiment: &str) -> String {
    format!("{EXPERIMENTS}/{experiment}/{ANNOTATIONS}")
}

/// The folder of a registered model.
pub fn model(name: &str) -> String {
    format!("{MODELS}/{name}")
}

/// The folder of a registered model's events.
pub fn model_events(name: &str) -> String {
    format!("{MODELS}/{name}/events")
}

/// Whether a file name is that of a writer's journal.
pub fn is_journal(name: &str) -> bool {
    name.strip_suffix(".jsonl").is_some_and(|writer| !writer.starts_with('.'))
}

/// Whether a file of an experiment is a spec; what editors leave beside one is none.
pub fn is_spec(name: &str) -> bool {
    name.strip_suffix(".toml").is_some() && name != EXPERIMENT && !is_noise(name)
}

/// Whether a file name is hidden or one that an editor uses while it saves.
pub fn is_noise(name: &str) -> bool {
    let endings = ["~", ".swp", ".swx", ".tmp"];
    name.starts_with(['.', '#'])
        || endings.iter().any(|ending| name.ends_with(ending))
        || name.contains("___jb_")
        || name == "4913"
}

/// Whether a path is that of the folder of an experiment's attempts.
pub fn is_runs(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts[..], [EXPERIMENTS, _, RUNS])
}

/// Whether a name is that of a shard: two lower-case hex digits.
pub fn is_shard(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl AttemptPath {
    /// The shard the attempt lies in.
    pub fn shard(&self) -> String {
        format!("{}/{}", runs(&self.experiment), &self.run.to_string()[..2])
    }

    /// The attempt's directory.
    pub fn directory(&self) -> String {
        let run = self.run.to_string();
        format!("{}/{}/{}.{}", runs(&self.experiment), &run[..2], &run[2..], self.attempt)
    }

    /// Reads an attempt's directory back; `None` when it is not exactly of that form.
    pub fn parse(directory: &str) -> Option<Self> {
        let mut parts = directory.split('/');
        let (top, experiment, runs) = (parts.next()?, parts.next()?, parts.next()?);
        let (shard, name) = (parts.next()?, parts.next()?);
        if top != EXPERIMENTS || runs != RUNS || parts.next().is_some() || experiment.is_empty() {
            return None;
        }
        let (rest, attempt) = name.split_once('.')?;
        let run = format!("{shard}{rest}");
        (shard.len() == 2).then_some(())?;
        Some(Self {
            experiment: experiment.to_owned(),
            run: run.parse().ok()?,
            attempt: attempt.parse().ok()?,
        })
    }
}

impl fmt::Display for AttemptPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.directory())
    }
}

/// A path that some system could not hold, or that would lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Absolute, empty, or with `..`.
    #[error("the path '{0}' leads out of its folder")]
    Outside(String),
    /// A name that a system reserves, or an ending it drops.
    #[error("'{0}' has a name that Windows or git reserve")]
    Reserved(String),
    /// A character that some system refuses, or text that is not in Unicode NFC.
    #[error("'{0}' has a character that not every system takes")]
    Character(String),
    /// A component of more than 255 bytes.
    #[error("'{0}' has a name of more than 255 bytes")]
    Long(String),
    /// Two paths that some system takes for one.
    #[error("'{0}' and '{1}' are the same file on systems that ignore case")]
    Alike(String, String),
}

/// Checks that paths can be kept side by side on Linux, macOS and Windows, and in git.
pub fn check_portable<'a>(paths: impl IntoIterator<Item = &'a str>) -> Result<(), PathError> {
    let mut seen: BTreeMap<String, (&str, bool)> = BTreeMap::new();
    for path in paths {
        check_path(path)?;
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let (part, is_file) = (&path[..end], end == path.len());
            let folded = part.nfc().flat_map(char::to_lowercase).collect();
            match seen.insert(folded, (part, is_file)) {
                Some((other, was_file)) if other != part || is_file || was_file => {
                    return Err(PathError::Alike(other.to_owned(), part.to_owned()));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), PathError> {
    let owned = || path.to_owned();
    if !is_inside(path) {
        return Err(PathError::Outside(owned()));
    }
    let refused = |c: char| c.is_control() || matches!(c, '<' | '>' | '"' | '|' | '?' | '*');
    if path.contains(refused) || !is_nfc(path) {
        return Err(PathError::Character(owned()));
    }
    for name in path.split('/') {
        if name.len() > 255 {
            return Err(PathError::Long(owned()));
        }
        if is_reserved(name) || name.ends_with(['.', ' ']) {
            return Err(PathError::Reserved(owned()));
        }
    }
    Ok(())
}

/// Device names of Windows, with any extension, and git's own folder.
fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|number| matches!(number.as_bytes(), [digit] if digit.is_ascii_digit()))
    };
    matches!(stem, "con" | "prn" | "aux" | "nul")
        || numbered("com")
        || numbered("lpt")
        || matches!(name.as_str(), ".git" | "git~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_written_and_read_back() {
        let directory =
            "experiments/housing/runs/00/112233445566778899aabbccddeeff.01JD0000000000000000000000";
        let path = AttemptPath::parse(directory).unwrap();
        assert_eq!(path.run.to_string(), "00112233445566778899aabbccddeeff");
        assert_eq!(path.directory(), directory);
        assert_eq!(path.shard(), "experiments/housing/runs/00");
        for wrong in [
            directory.replace("/00/", "/0/0"),
            directory.replace("/00/1", "/001/"),
            directory.replace("aabb", "AABB"),
            directory.replace("housing", ""),
            directory.replace("runs", "run"),
            directory.to_lowercase(),
            format!("{directory}/x"),
        ] {
            assert_eq!(AttemptPath::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_specs_are_specs() {
        for name in ["forest.toml", "a b.toml"] {
            assert!(is_spec(name), "{name}");
        }
        for name in [
            "experiment.toml",
            "README.md",
            ".forest.toml.swp",
            ".#forest.toml",
            "#forest.toml#",
            "forest.toml~",
            "forest.toml___jb_tmp___",
            "x___jb_old___.toml",
        ] {
            assert!(!is_spec(name), "{name}");
        }
    }

    #[test]
    fn portable_paths_pass() {
        check_portable(["model.forest", "a/b.csv", "a/c.csv", "é.txt", "a b", ".hidden"]).unwrap();
    }

    #[test]
    fn paths_that_some_system_refuses_are_named() {
        for (path, error) in [
            ("../x", PathError::Outside("../x".into())),
            ("c:x", PathError::Outside("c:x".into())),
            ("sub/AUX.txt", PathError::Reserved("sub/AUX.txt".into())),
            ("com1", PathError::Reserved("com1".into())),
            ("x.", PathError::Reserved("x.".into())),
            (".GIT/config", PathError::Reserved(".GIT/config".into())),
            ("a?", PathError::Character("a?".into())),
            ("line\nbreak", PathError::Character("line\nbreak".into())),
            ("e\u{301}", PathError::Character("e\u{301}".into())),
        ] {
            assert_eq!(check_portable([path]), Err(error));
        }
        let long = "é".repeat(128);
        assert_eq!(check_portable([long.as_str()]), Err(PathError::Long(long.clone())));
    }

    #[test]
    fn paths_that_some_system_takes_for_one_are_named() {
        for pair in [["a.csv", "A.csv"], ["Sub/a", "sub/b"], ["a", "a/b"], ["x", "x"]] {
            assert!(matches!(check_portable(pair), Err(PathError::Alike(..))), "{pair:?}");
        }
    }
}
