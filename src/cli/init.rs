//! `fairledger init`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::engine::{Error, make_ledger};

use super::exit::Exit;
use super::output::line;
use super::push::in_words;

/// Make a new ledger, with an example that runs
///
/// Makes a git repository for it unless the folder already lies in one. No file that exists is
/// touched.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The folder of the new ledger
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Leave the example out
    #[arg(long)]
    empty: bool,
}

impl Init {
    pub(super) fn execute(&self, here: &Path) -> Result<Exit, Error> {
        let folder = here.join(&self.folder);
        let made = make_ledger(&folder, self.empty)?;
        line(format!("A ledger in {}", made.ledger.root().display()));
        if made.repository {
            line("with a git repository of its own; finished runs are committed to its branch.");
        } else {
            line("inside a repository: snapshots go to a ref of their own, never to your branch.");
        }
        if let Some(words) = in_words(&made.snapshot) {
            line(words);
        }
        let next = if self.empty { "write experiments/<name>/<spec>.toml, then " } else { "" };
        let place = made.ledger.root().display().to_string();
        line(format!("next: {next}fairledger -C {} run", quoted(&place)));
        Ok(Exit::Done)
    }
}

fn quoted(path: &str) -> String {
    if path.contains(' ') { format!("\"{path}\"") } else { path.to_owned() }
}
