//! The folders of a ledger that people write in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::noise::{is_generated, is_noise};

/// The folders below the root that are watched, and how many levels of folders in them.
const PLACES: [(&str, usize); 6] = [
    ("data", 8),
    // The experiments, their annotations, and the code beside their specs.
    ("experiments", 2),
    ("models", 2),
    ("monitors", 0),
    ("templates", 1),
    ("theme", 1),
];

/// How many folders are watched at most: each costs kernel memory, and some systems have few.
pub(super) const MOST: usize = 2_000;

/// The folders to watch, and whether there were more.
pub(super) struct Folders {
    /// Absolute paths, the root among them.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Some had to be left out.
    pub(super) truncated: bool,
}

impl Folders {
    /// Lists the folders that exist now, without following links.
    pub(super) fn list(root: &Path, also: &[PathBuf]) -> Self {
        let mut folders = Self { paths: BTreeSet::from([root.to_owned()]), truncated: false };
        for (name, depth) in PLACES {
            folders.add(root, Path::new(name), depth);
        }
        for folder in also {
            if folder.components().all(|part| matches!(part, Component::Normal(_))) {
                folders.add(root, folder, 0);
            }
        }
        folders
    }

    fn add(&mut self, root: &Path, inside: &Path, depth: usize) {
        let path = root.join(inside);
        if is_generated(inside) || !is_folder(&path) {
            return;
        }
        if self.paths.len() >= MOST {
            self.truncated = true;
            return;
        }
        self.paths.insert(path.clone());
        if depth == 0 {
            return;
        }
        let Ok(entries) = fs::read_dir(&path) else { return };
        let mut names: Vec<_> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| inside.join(entry.file_name()))
            .filter(|inside| !is_noise(inside))
            .collect();
        names.sort();
        for name in names {
            self.add(root, &name, depth - 1);
        }
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

#[cfg(test)]
mod tests;
