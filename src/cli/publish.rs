//! `fairledger publish`

use std::path::PathBuf;

use clap::Args;

use crate::engine::{Error, Ledger, PublishedSite, count};

use super::exit::Exit;
use super::output::line;

/// Put the site on a branch of its own, or into a folder
///
/// The branch holds nothing but the site. Your own branches, your index and your files are left alone.
#[derive(Debug, Args)]
pub(super) struct Publish {
    /// Put it into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with_all = ["branch", "push"])]
    to: Option<PathBuf>,
    /// The branch
    #[arg(long, value_name = "NAME", default_value = "gh-pages")]
    branch: String,
    /// Push the branch to this remote; `origin` when none is named
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, default_missing_value = "origin")]
    push: Option<String>,
    /// Leave out the names of users and machines, and with them logs
    #[arg(long)]
    anonymous: bool,
}

impl Publish {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let published = match &self.to {
            Some(folder) => {
                let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
                ledger.publish_into(&folder, self.anonymous)?
            }
            None => ledger.publish_branch(&self.branch, self.push.as_deref(), self.anonymous)?,
        };
        match published {
            PublishedSite::Folder { folder, written, unchanged } => {
                let written = count(written, "file");
                line(format!("{}: {written} changed, {unchanged} unchanged", folder.display()));
            }
            PublishedSite::Branch { name, commit, files } => {
                let files = count(files, "file");
                match commit {
                    Some(commit) => line(format!("{name}: {files} in commit {}", &commit[..10])),
                    None => line(format!("{name}: {files}, nothing new")),
                }
                if self.push.is_none() {
                    line(format!("next: git push origin {name}"));
                }
            }
        }
        Ok(Exit::Done)
    }
}
