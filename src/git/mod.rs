//! Floor 2: the repository around the ledger.
//!
//! A snapshot is a commit of the ledger's own files, on the current branch or on a ref beside it.
//! What belongs to the user is read and never changed: the staging area, a half-done merge, hooks,
//! signing and the repository's configuration. This room knows nothing of runs, specs or the index.

mod branch;
mod change;
mod commit;
mod diff;
mod dirty;
mod disk;
mod draft;
mod durable;
mod error;
mod held;
mod obstacle;
mod origin;
mod pages;
mod place;
mod push;
mod reference;
mod remote;
mod repo;
mod snapshot;
mod standing;
mod survey;
mod swhid;
mod tree;
mod turn;

#[cfg(test)]
mod fixture;

pub use change::Skipped;
pub use error::GitError;
pub use obstacle::Obstacle;
pub use pages::PagesRequest;
pub use remote::Held;
pub use repo::Repo;
pub use snapshot::{Landed, Mode, Snapshot, SnapshotRequest};
pub use standing::{Last, Standing};
pub use swhid::{Carried, blob as blob_id, folder as folder_id};
