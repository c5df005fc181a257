//! A new ledger: the files it starts with, from the example that this repository itself is.

use std::path::Path;

use crate::git::Repo;
use crate::ledger::layout;
use crate::store::Store;

use super::error::Error;
use super::ledger::Ledger;
use super::snapshot::Taken;

const EXAMPLE: [(&str, &str); 5] = [
    (
        "experiments/housing/experiment.toml",
        include_str!("../../experiments/housing/experiment.toml"),
    ),
    ("experiments/housing/README.md", include_str!("../../experiments/housing/README.md")),
    ("experiments/housing/forest.toml", include_str!("../../experiments/housing/forest.toml")),
    ("experiments/housing/baseline.toml", include_str!("../../experiments/housing/baseline.toml")),
    ("data/housing.csv", include_str!("../../data/housing.csv")),
];

const IGNORE: &str = "# Derived: the site and the local state can be deleted at any time.
/site/
/.fairledger/
";

const ATTRIBUTES: &str = "# Files whose bytes are hashed are never rewritten on checkout.
/data/** -text
/models/** -text
/experiments/*/runs/** -text -diff linguist-generated
/experiments/*/annotations/*.jsonl -text merge=union
*.toml text eol=lf
*.md text eol=lf
";

/// A ledger that was just made.
pub struct Made {
    /// The ledger, opened.
    pub ledger: Ledger,
    /// Whether a repository was made for it.
    pub repository: bool,
    /// The first snapshot.
    pub snapshot: Taken,
}

/// Makes a ledger in a folder, with the housing example or without it.
///
/// No file that exists is touched.
///
/// # Errors
/// When the folder is a ledger already or holds a file of the same name as one of the example's.
pub fn make(folder: &Path, empty: bool) -> Result<Made, Error> {
    let around = Repo::discover(existing(folder))?;
    let mode = if around.is_some() { "ref" } else { "branch" };
    let text = ledger_text(folder, mode, empty);
    let mut files = vec![(layout::LEDGER, text.as_str()), (".gitignore", IGNORE)];
    files.push((".gitattributes", ATTRIBUTES));
    if !empty {
        files.extend(EXAMPLE);
    }
    if let Some((taken, _)) = files.iter().find(|(path, _)| folder.join(path).exists()) {
        return Err(Error::Occupied(folder.display().to_string(), (*taken).to_owned()));
    }
    Store::create(folder, &files)?;
    if around.is_none() {
        Repo::init(folder)?;
    }
    let ledger = Ledger::open(folder)?;
    let snapshot = ledger.take_snapshot();
    Ok(Made { ledger, repository: around.is_none(), snapshot })
}

/// The nearest folder upwards that exists.
fn existing(folder: &Path) -> &Path {
    let mut at = folder;
    while !at.exists() {
        match at.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => at = parent,
            None => return Path::new("."),
        }
    }
    at
}

fn ledger_text(folder: &Path, mode: &str, empty: bool) -> String {
    let name = folder.file_name().map_or("ledger".into(), |name| name.to_string_lossy());
    let title = if empty { name.into_owned() } else { "Housing prices".into() };
    let title = toml::Value::String(title);
    format!(
        "# This file makes the folder a ledger. `fairledger schema ledger` prints every key it may have.
format = 1

title = {title}
description = \"\"
# Who answers for it, and under which terms others may use it (an SPDX expression).
authors = []
licence = \"\"
time_zone = \"UTC\"

[snapshot]
# \"branch\": finished runs are committed to the current branch, and `git push` carries them.
# \"ref\": to a ref of their own, carried by `fairledger push`. \"off\": not at all.
mode = \"{mode}\"
"
    )
}
