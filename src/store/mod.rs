//! Floor 2: the disk. Everything under a ledger's folder is read and written here, and nowhere else.
//!
//! An attempt is written in `.fairledger/tmp`, sealed by a manifest and brought into its shard by one
//! rename. What lies there is never changed again; the index is derived from it and disposable. The store
//! knows nothing of specs, training, pages or git.

mod annotations;
mod approvals;
mod archive;
mod artifacts;
mod brought;
mod bundle;
mod carried;
mod change;
mod clock;
mod data;
mod elsewhere;
mod entry;
mod error;
mod file;
mod files;
mod index;
mod inputs;
mod journal;
mod kept;
mod lease;
mod lookup;
mod monitors;
mod notices;
mod open;
mod origin;
mod outside;
mod own;
mod progress;
mod publish;
mod purge;
mod record;
mod recorder;
mod recover;
mod registry;
mod scan;
mod seal;
mod search;
mod shards;
mod sink;
mod site;
mod space;
mod stamp;
mod standing;
mod stop;
mod text;
mod values;
mod verify;
mod workspace;

#[cfg(test)]
mod tests;

pub use approvals::{
    Approvals, FILE as APPROVALS, change as change_approvals, read as read_approvals,
    text as approved_text,
};
pub use archive::{is_archive, write_archive};
pub use bundle::{Bundle, BundleSource, Bundled, Unpacked};
pub use carried::CarriedFile;
pub use clock::random;
pub use entry::Entry;
pub use error::StoreError;
pub use inputs::InputFile;
pub use kept::{Kept, ListedAttempt};
pub use lease::{DaemonLock, Lease};
pub use lookup::{Lookup, MissReason};
pub use notices::{Notice, NoticeState};
pub use open::Store;
pub use outside::write_file;
pub use publish::{Publication, Published, SiteTurn, write_outside};
pub use recorder::{Ending, Recorder};
pub use recover::{Fate, Recovered, RunningAttempt};
pub use registry::ModelFiles;
pub use seal::ignore_line;
pub use search::{Candidate, SearchOrder};
pub use space::Space;
pub use standing::Standing;
pub use verify::{Fault, Verification};
pub use workspace::Workspace;
