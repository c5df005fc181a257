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
mod tests {
    use super::*;

    fn listed(folders: &[&str], also: &[&str]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let also: Vec<_> = also.iter().map(PathBuf::from).collect();
        let found = Folders::list(root.path(), &also);
        let inside = |path: &PathBuf| path.strip_prefix(root.path()).unwrap().display().to_string();
        found.paths.iter().map(inside).collect()
    }

    #[test]
    fn people_write_here_and_the_program_there() {
        let folders = [
            "data/2026/raw",
            "data/.cache",
            "experiments/h/runs/ab/x",
            "experiments/h/annotations",
            "experiments/h/src/deep",
            "site/x",
            ".fairledger/tmp",
            ".git/objects",
            "other",
            "theme",
        ];
        assert_eq!(
            listed(&folders, &[]),
            [
                "",
                "data",
                "data/2026",
                "data/2026/raw",
                "experiments",
                "experiments/h",
                "experiments/h/annotations",
                "experiments/h/src",
                "theme",
            ]
        );
    }

    #[test]
    fn folders_that_specs_name_are_watched_too() {
        let folders = ["other/deep", "site", "data"];
        let also = ["other", "site", "../elsewhere", "/etc", "missing", ".git"];
        assert_eq!(listed(&folders, &also), ["", "data", "other"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(root.path().join("data")).unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("data/out")).unwrap();
        assert_eq!(Folders::list(root.path(), &[]).paths.len(), 2);
    }
}
