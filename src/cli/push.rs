//! `fairledger snapshot` and `fairledger push`

use clap::Args;

use crate::engine::{Error, Ledger, Taken, count};
use crate::git::Landed;

use super::exit::Exit;
use super::output::{line, note};

/// Commit what changed in the ledger now
#[derive(Debug, Args)]
pub(super) struct Snapshot {}

impl Snapshot {
    #[expect(clippy::unused_self, reason = "every command is executed in the same way")]
    pub(super) fn execute(&self, ledger: &Ledger) -> Exit {
        let taken = ledger.take_snapshot();
        let failed = matches!(taken, Taken::Failed(_) | Taken::NoRepository);
        match in_words(&taken) {
            Some(words) => line(words),
            None => {
                line("snapshots are off; write mode = \"branch\" under [snapshot] in ledger.toml");
            }
        }
        if failed { Exit::Error } else { Exit::Done }
    }
}

/// What became of a snapshot, in a line; `None` when they are off.
pub(super) fn in_words(taken: &Taken) -> Option<String> {
    Some(match taken {
        Taken::Off | Taken::Left => return None,
        Taken::Undecided => "snapshots: none, for ledger.toml has no [snapshot] mode \
                             (\"branch\", \"ref\" or \"off\")"
            .into(),
        Taken::NoRepository => "snapshots: none, for there is no git repository; git init".into(),
        Taken::Failed(cause) => format!("snapshot not taken, the runs are safe on disk: {cause}"),
        Taken::Done(snapshot) => {
            let skipped = snapshot.skipped.iter().map(|skipped| format!("  {skipped}"));
            [landed(&snapshot.landed)].into_iter().chain(skipped).collect::<Vec<_>>().join("\n")
        }
    })
}

fn landed(landed: &Landed) -> String {
    match landed {
        Landed::Nothing => "snapshot: nothing new".into(),
        Landed::Branch { name, commit, files } => {
            let branch = name.strip_prefix("refs/heads/").unwrap_or(name);
            format!("snapshot: {} in commit {} on {branch}", count(*files, "file"), short(commit))
        }
        Landed::Ref { name, commit, files, because } => {
            let why = because.as_ref().map(|why| format!(", not on the branch: {why}"));
            format!(
                "snapshot: {} in commit {} on {name}{}",
                count(*files, "file"),
                short(commit),
                why.unwrap_or_default()
            )
        }
    }
}

fn short(commit: &str) -> &str {
    &commit[..commit.len().min(10)]
}

/// Push the snapshots with the git program
#[derive(Debug, Args)]
pub(super) struct Push {
    /// The remote; default: git's own choice
    remote: Option<String>,
}

impl Push {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        if let Some(words) = in_words(&ledger.take_snapshot()) {
            note(words);
        }
        ledger.push(self.remote.as_deref())?;
        Ok(Exit::Done)
    }
}
