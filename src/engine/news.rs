//! What the engine tells while it works; the command line decides how to show it.

use crate::ledger::attempt::Status;
use crate::ledger::id::RunId;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum News {
    /// The plan is known: runs that are held already and runs to execute.
    Planned {
        /// Number of runs the ledger holds.
        hits: usize,
        /// Number of runs to execute.
        misses: usize,
    },
    /// A run started.
    Started {
        /// The run.
        run: RunId,
        /// Its label.
        label: String,
    },
    /// A run came further.
    Progress {
        /// The run.
        run: RunId,
        /// Units of work done.
        done: u64,
        /// Units of work in all.
        total: u64,
    },
    /// A run ended and is sealed.
    Ended {
        /// The run.
        run: RunId,
        /// Its label.
        label: String,
        /// How it ended.
        status: Status,
        /// Why it did not finish.
        cause: Option<String>,
        /// Seconds it took.
        seconds: f64,
    },
    /// A run is being executed by another process; this one waits for its result.
    Following {
        /// The run.
        run: RunId,
        /// Its label.
        label: String,
    },
    /// Something a person should know that stops nothing.
    Notice(String),
}

/// Receives the news; called from several threads.
pub type Tell<'a> = &'a (dyn Fn(News) + Sync);
