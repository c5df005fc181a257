//! Which files may have changed, and which of them are safe to read. The disk decides; events only
//! say where to look.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ledger::layout;
use crate::ledger::settle::{FileStamp, Settle, Verdict};
use crate::watch::stamp;

use super::error::Error;
use super::ledger::Ledger;

/// The files a daemon looks at: what they were when they were last read, and those not yet settled.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    seen: BTreeMap<String, FileStamp>,
    settling: BTreeMap<String, Settle>,
    /// Data files and inputs of commands that specs name outside the usual folders.
    elsewhere: BTreeSet<String>,
    /// Folder and ending of each of them: a new file beside them may be one that a pattern names.
    alike: BTreeSet<(PathBuf, OsString)>,
}

/// What a look at the unsettled files found.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Files that settled with another stamp than before, or are gone for good.
    pub(super) changed: BTreeSet<String>,
    /// Files that have been written to for so long that it is worth a word.
    pub(super) still_written: Vec<String>,
    /// When to look again, if files are left.
    pub(super) again: Option<Duration>,
}

impl Dirty {
    /// Marks paths that something happened to; others than a ledger's own are ignored.
    pub(super) fn mark(&mut self, paths: impl IntoIterator<Item = String>) {
        for path in paths {
            if is_watched(&path) || self.elsewhere.contains(&path) || self.is_alike(&path) {
                self.settling.entry(path).or_default();
            }
        }
    }

    fn is_alike(&self, path: &str) -> bool {
        kind(path).is_some_and(|kind| self.alike.contains(&kind))
    }

    /// Says which data files and inputs specs name, wherever they lie; gives the folders of those
    /// elsewhere.
    pub(super) fn named_files<'a>(&mut self, files: impl Iterator<Item = &'a str>) -> Vec<PathBuf> {
        let files = files.filter(|path| !path.is_empty() && !is_watched(path));
        self.elsewhere = files.map(str::to_owned).collect();
        self.alike = self.elsewhere.iter().filter_map(|path| kind(path)).collect();
        let folders: BTreeSet<PathBuf> = self
            .elsewhere
            .iter()
            .filter_map(|path| Path::new(path).parent())
            .map(Path::to_owned)
            .collect();
        folders.into_iter().collect()
    }

    /// Marks every file whose stamp is not the one last seen, and every file that went away.
    pub(super) fn scan(&mut self, ledger: &Ledger) -> Result<(), Error> {
        let mut files: BTreeSet<String> = watched_files(ledger)?.into_iter().collect();
        files.extend(
            self.elsewhere.iter().filter(|path| ledger.root().join(path).is_file()).cloned(),
        );
        for file in &files {
            if stamp(&ledger.root().join(file)) != self.seen.get(file).copied() {
                self.settling.entry(file.clone()).or_default();
            }
        }
        let gone: Vec<String> =
            self.seen.keys().filter(|path| !files.contains(*path)).cloned().collect();
        self.mark(gone);
        Ok(())
    }

    /// Looks at the unsettled files. `closed` are those that a writer closed, or that were renamed
    /// into place, since the last look.
    pub(super) fn look(&mut self, root: &Path, now: Duration, closed: &BTreeSet<String>) -> Looked {
        let mut looked = Looked::default();
        let seen = &mut self.seen;
        self.settling.retain(|path, settle| {
            let found = stamp(&root.join(path));
            match settle.observe(now, found, closed.contains(path)) {
                Verdict::StillWriting(wait) => {
                    looked.still_written.push(path.clone());
                    looked.again = Some(looked.again.map_or(wait, |again| again.min(wait)));
                    return true;
                }
                Verdict::Wait(wait) => {
                    looked.again = Some(looked.again.map_or(wait, |again| again.min(wait)));
                    return true;
                }
                Verdict::Ready => {
                    if let Some(found) = found
                        && seen.insert(path.clone(), found) != Some(found)
                    {
                        looked.changed.insert(path.clone());
                    }
                }
                Verdict::Gone => {
                    if seen.remove(path).is_some() {
                        looked.changed.insert(path.clone());
                    }
                }
            }
            false
        });
        looked
    }

    /// Whether a file is safe to read now.
    pub(super) fn is_settled(&self, path: &str) -> bool {
        !self.settling.contains_key(path)
    }

    /// Whether every data file is safe to read now.
    pub(super) fn data_is_settled(&self) -> bool {
        let is_data = |path: &String| path.starts_with("data/") || self.elsewhere.contains(path);
        !self.settling.keys().any(is_data)
    }

    /// Takes in what this program appended to a file. What else became of the file still counts as a change.
    pub(super) fn know(&mut self, path: &str, before: Option<FileStamp>, after: FileStamp) {
        if self.seen.get(path).copied() == before {
            self.seen.insert(path.to_owned(), after);
        }
    }

    /// What the settled files were when they settled.
    pub(super) fn stamps(&self) -> BTreeMap<String, FileStamp> {
        self.seen.clone()
    }
}

/// The folder and the ending of a path.
fn kind(path: &str) -> Option<(PathBuf, OsString)> {
    let path = Path::new(path);
    Some((path.parent()?.to_owned(), path.extension()?.to_owned()))
}

/// Whether a change of a path can change what the ledger asks for or shows.
fn is_watched(path: &str) -> bool {
    let mut parts = path.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(layout::LEDGER), None, ..)
        | (Some("data" | "theme"), Some(_), ..)
        | (Some(layout::MODELS), Some(_), Some(_), _)
        | (Some(layout::EXPERIMENTS), Some(_), Some(layout::ANNOTATIONS), Some(_)) => true,
        (Some(layout::MONITORS), Some(file), None, None) => {
            let kind = Path::new(file).extension().and_then(std::ffi::OsStr::to_str);
            !crate::watch::is_noise(Path::new(file)) && kind == Some("toml")
        }
        (Some(layout::EXPERIMENTS), Some(_), Some(file), None) => {
            let kind = Path::new(file).extension().and_then(std::ffi::OsStr::to_str);
            !crate::watch::is_noise(Path::new(file)) && matches!(kind, Some("toml" | "md"))
        }
        _ => false,
    }
}

/// Every file that [`is_watched`] and exists.
fn watched_files(ledger: &Ledger) -> Result<Vec<String>, Error> {
    let mut files = ledger.store.own_files(u64::MAX)?;
    files.retain(|path| is_watched(path));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_appended_is_no_change_but_what_came_with_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = "experiments/housing/annotations/a.jsonl";
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut dirty = Dirty::default();
        let mut now = Duration::ZERO;
        let mut changes = |dirty: &mut Dirty| {
            dirty.mark([path.to_owned()]);
            let mut changed = BTreeSet::new();
            while !dirty.settling.is_empty() {
                now += Duration::from_secs(1);
                changed.extend(dirty.look(folder.path(), now, &BTreeSet::new()).changed);
            }
            changed.len()
        };
        std::fs::write(&file, "1\n").unwrap();
        let mut before = stamp(&file);
        dirty.know(path, None, before.unwrap());
        assert_eq!(changes(&mut dirty), 0);
        std::fs::write(&file, "1\n22\n").unwrap();
        let own = stamp(&file).unwrap();
        dirty.know(path, before.replace(own), own);
        assert_eq!(changes(&mut dirty), 0);
        std::fs::write(&file, "1\n22\n333\n").unwrap();
        let others = stamp(&file);
        std::fs::write(&file, "1\n22\n333\n4444\n").unwrap();
        dirty.know(path, others, stamp(&file).unwrap());
        assert_eq!(changes(&mut dirty), 1, "somebody else wrote before");
    }

    #[test]
    fn only_what_people_edit_is_watched() {
        for path in [
            "ledger.toml",
            "data/housing.csv",
            "data/sub/x.csv",
            "theme/run.html",
            "experiments/housing/forest.toml",
            "experiments/housing/README.md",
            "experiments/housing/annotations/a.jsonl",
            "models/house/model.toml",
            "models/house/events/a.jsonl",
            "monitors/house.toml",
        ] {
            assert!(is_watched(path), "{path}");
        }
        for path in [
            "site/index.html",
            "README.md",
            ".fairledger/index.sqlite",
            "experiments/housing/runs/ab",
            "experiments/housing/.forest.toml.swp",
            "experiments/housing/forest.toml~",
            "monitors/alerts/house-0123456789.json",
            "monitors/house.toml~",
            "experiments/housing",
        ] {
            assert!(!is_watched(path), "{path}");
        }
    }
}
