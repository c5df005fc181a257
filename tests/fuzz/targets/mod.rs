//! What is tried: for each kind of text its fixtures, how they are changed, and what must hold.

mod annotations;
mod attempt;
mod filter;
mod manifest;
mod metrics;
mod spec;

use std::fs;
use std::path::{Path, PathBuf};

use crate::draws::Draws;

/// One kind of text that is read.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// The fixtures.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// Another input, made from those that are kept.
    pub(crate) vary: fn(&mut Draws, &[Vec<u8>]) -> Vec<u8>,
    /// Whether what must hold does.
    pub(crate) check: fn(&[u8]) -> Result<Outcome, String>,
}

/// What reading an input gave.
pub(crate) struct Outcome {
    /// Whether anything was read, or all of it refused.
    pub(crate) read: bool,
    /// The kind of result or mistake; an input of a new kind is worth keeping.
    pub(crate) kind: String,
}

pub(crate) const TARGETS: [Target; 6] = [
    spec::TARGET,
    filter::TARGET,
    metrics::TARGET,
    manifest::TARGET,
    annotations::TARGET,
    attempt::TARGET,
];

/// The repository's files that a word fits, apart from what is built.
fn fixtures(fits: &dyn Fn(&Path) -> bool) -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["experiments", "tests/ledgers", "tests/it"] {
        collect(&root.join(folder), fits, &mut found);
    }
    found.sort();
    assert!(!found.is_empty(), "there are fixtures");
    found.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

fn collect(folder: &Path, fits: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, fits, found);
        } else if fits(&path) {
            found.push(path);
        }
    }
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|it| it == name)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, a: &T, b: &T) -> Result<(), String> {
    if a == b { Ok(()) } else { Err(format!("{what}:\n  {a:?}\n  {b:?}")) }
}

/// Specs that the sources of tests and the manual hold as texts: whole tables of `[data]` and what follows.
fn embedded_specs() -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let blocks = readme.split("```").filter_map(|block| block.strip_prefix("toml\n"));
    blocks.map(|block| block.as_bytes().to_vec()).collect()
}
