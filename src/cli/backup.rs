//! `fairledger backup`

use clap::Args;

use crate::engine::{BackedUp, Error, Ledger, count};

use super::bar::with_bar;
use super::exit::Exit;
use super::output::{self, line, note};
use super::push::in_words;

/// Of many files, so many are named; --json names all.
const NAMED: usize = 20;

/// Push the snapshots, and prove that the remote has everything
///
/// Every file of every run, and every other file of the ledger's own, is compared with what is there by its content. What is
/// missing is named, also what git does not carry.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// A remote of git; with --verify also the folder of a copy or clone. Default: git's own choice
    #[arg(value_name = "REMOTE|PATH")]
    to: Option<String>,
    /// Only compare: take no snapshot, push nothing
    #[arg(long)]
    verify: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        if !self.verify {
            if let Some(words) = in_words(&ledger.take_snapshot()) {
                note(words);
            }
            ledger.push(self.to.as_deref())?;
        }
        let found = with_bar(|progress| ledger.compare_backup(self.to.as_deref(), progress))?;
        if self.json {
            output::json(&found);
        } else {
            self.print(&found);
        }
        Ok(if found.is_whole() { Exit::Done } else { Exit::Error })
    }

    fn print(&self, found: &BackedUp) {
        let (missing, other) = (&found.missing, &found.other);
        list("missing", missing.iter().cloned());
        list("other content", other.iter().cloned());
        let sized = found.too_large.iter().map(|(path, size)| format!("{path} ({size} bytes)"));
        list("too large for git", sized);
        let absent = missing.len() + other.len() + found.too_large.len();
        line(format!(
            "{}: {} of {}, {} of {} there",
            found.to,
            if absent == 0 { "everything" } else { "not everything" },
            count(found.attempts, "attempt"),
            found.files,
            count(found.files + absent, "file"),
        ));
        if !missing.is_empty() || !other.is_empty() {
            line(if self.verify {
                "next: fairledger backup pushes what a remote lacks; a folder is brought along with git pull or rsync -a"
            } else {
                "next: fairledger status says why a snapshot could not be taken; what a .gitignore names is never pushed"
            });
        }
        if !found.too_large.is_empty() {
            line(
                "files that git does not carry: export bundle takes them along, or raise max_file under [snapshot] in ledger.toml before a run",
            );
        }
    }
}

/// Prints the first of many lines.
fn list(sign: &str, lines: impl ExactSizeIterator<Item = String>) {
    let more = lines.len().saturating_sub(NAMED);
    lines.take(NAMED).for_each(|what| line(format!("{sign}: {what}")));
    if more > 0 {
        line(format!("{sign}: and {more} more; --json names all"));
    }
}
