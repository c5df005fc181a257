//! Floor 3: where the rooms below meet. An opened [`Ledger`], the flow, and the daemon.

mod annotate;
mod cancel;
mod catalogue;
mod daemon;
mod dirty;
mod error;
mod example;
mod execute;
mod explain;
mod find;
mod flow;
mod ledger;
mod membership;
mod news;
mod reading;
mod record;
mod site;
mod snapshot;
mod status;
mod surroundings;
mod views;

pub use cancel::Cancel;
pub use catalogue::{model as find_model, models};
pub use daemon::{Report as DaemonReport, ReportTo, watch};
pub use error::{Error, Mistakes, count};
pub use example::{Made, make as make_ledger};
pub use execute::Options as Execute;
pub use explain::{Explained, Nearest};
pub use find::{best_of, experiment as find_experiment, run as find_run};
pub use flow::{Done, Pass, PassOptions, RunResult};
pub use ledger::Ledger;
pub use news::{News, Tell};
pub use reading::{Reading, SpecName};
pub use site::Built;
pub use snapshot::Taken;
pub use status::{Missing, Running, SnapshotStatus, Status as StatusReport};
