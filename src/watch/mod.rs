//! Floor 2: file events of the operating system.
//!
//! An event only marks a path as dirty; what happened is decided from the disk. So events may come
//! twice, late, out of order or not at all, and an edit is still found. This room knows nothing of
//! specs or runs, only which folders of a ledger people write in.

mod dirty;
mod folders;
mod noise;
mod poll;
mod probe;
mod stamp;
mod watcher;

pub use dirty::Dirty;
pub use noise::is_noise;
pub use probe::probe;
pub use stamp::stamp;
pub use watcher::{WatchError, WatchPlan, Watcher};
