//! Software Heritage identifiers (SWHID 1.2, ISO/IEC 18670): git's own object ids with a name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The identifiers of a run's files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swhids {
    /// `swh:1:dir:…` of the attempt's directory as git carries it: without the files that are too large for it.
    pub directory: Option<String>,
    /// `swh:1:rev:…` of the commit the repository was at when the attempt started.
    pub revision: Option<String>,
    /// `swh:1:cnt:…` of each file that git carries, by its path below the directory.
    pub files: BTreeMap<String, String>,
}

/// The identifier of a commit.
pub fn revision(commit: &str) -> String {
    format!("swh:1:rev:{commit}")
}

/// The identifier of a folder, from the id of git's tree.
pub fn directory(tree: &str) -> String {
    format!("swh:1:dir:{tree}")
}

/// The identifier of a file's content, from the id of git's blob.
pub fn content(blob: &str) -> String {
    format!("swh:1:cnt:{blob}")
}

/// The address at which an archived object is found.
pub fn address(swhid: &str) -> String {
    format!("https://archive.softwareheritage.org/{swhid}")
}
