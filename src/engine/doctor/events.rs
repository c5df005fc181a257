//! File events: whether they arrive, for all folders, and what the system allows.

use std::time::Duration;

use super::Check;
use crate::engine::error::count;
use crate::engine::ledger::Ledger;
use crate::ledger::layout;
use crate::watch::{WatchPlan, Watcher, probe};

const NAME: &str = "file events";

impl Ledger {
    /// Tries whether an event arrives, then places every watch that `watch` needs.
    pub(super) fn events(&self) -> Check {
        if !probe(&self.root().join(layout::STATE), Duration::from_secs(1)) {
            return Check::limited(
                NAME,
                "none arrive here; `watch` looks every two seconds instead",
                "keep the ledger on a local disk of this system, not on a network or a mount of another",
            );
        }
        let watcher = match Watcher::start(self.root(), &WatchPlan::default(), || {}) {
            Ok(watcher) => watcher,
            Err(error) => {
                return Check::bad(NAME, error.to_string(), "make the folder readable for you");
            }
        };
        let folders = count(watcher.folders(), "folder");
        match watcher.notices() {
            [] => Check::good(NAME, format!("arrive from {folders}")),
            notices => {
                let found = format!("of {folders}: {}", notices.join("; "));
                let cure = "raise the limit below, or end other programs that watch files";
                Check::limited(NAME, found, cure)
            }
        }
    }
}

/// The limits of file events, where the system has some.
pub(super) fn limits() -> Option<Check> {
    const FEW: u64 = 8192;
    let read = |name: &str| -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
        text.trim().parse().ok()
    };
    let (watches, instances) = (read("max_user_watches")?, read("max_user_instances")?);
    let found = format!("{watches} watches and {instances} watchers for all programs of a user");
    Some(if watches < FEW {
        let cure = "sudo sysctl fs.inotify.max_user_watches=524288";
        Check::limited("limits of file events", found, cure)
    } else {
        Check::good("limits of file events", found)
    })
}
