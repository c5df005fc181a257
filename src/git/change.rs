//! What a snapshot changes in a tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::Metadata;

use git2::{FileMode, Oid};

use super::place::Place;

/// The files to put into a tree and to take out of it, by their path in the tree.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// New and changed files.
    pub(super) written: BTreeMap<String, Written>,
    /// Files that are gone.
    pub(super) removed: BTreeSet<String>,
    /// What was left out, and why.
    pub(super) skipped: Vec<Skipped>,
}

/// A file as it was read.
#[derive(Debug)]
pub(super) struct Written {
    /// Its blob.
    pub(super) id: Oid,
    /// Plain or executable.
    pub(super) mode: FileMode,
    /// Its size and times before it was read, so that a later change is seen as one.
    pub(super) found: Metadata,
}

/// A path that a snapshot left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path in the ledger, or as it was given.
    pub path: String,
    /// Why it was left out.
    pub because: &'static str,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: left out of the snapshot: {}", self.path, self.because)
    }
}

impl Changes {
    /// Drops what was found at a path and below it.
    pub(super) fn forget(&mut self, path: &str) {
        let below = |other: &String| {
            path.is_empty()
                || other
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.written.retain(|other, _| !below(other));
        self.removed.retain(|other| !below(other));
    }

    /// How many files differ.
    pub(super) fn files(&self) -> usize {
        self.written.len() + self.removed.len()
    }

    /// How many attempts are newly in the tree: each brings one manifest.
    pub(super) fn attempts(&self, place: &Place) -> usize {
        let is_manifest = |path: &&String| {
            let names: Vec<_> =
                place.in_ledger(path).into_iter().flat_map(|p| p.split('/')).collect();
            matches!(names[..], ["experiments", _, "runs", _, _, "manifest.toml"])
        };
        self.written.keys().filter(is_manifest).count()
    }
}
