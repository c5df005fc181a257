//! What follows passes: the site, and the snapshot after it. It is one task, and never more than one: what
//! becomes due while it is under way is done together after it, however many passes end meanwhile.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::site::Built;
use crate::engine::snapshot::Taken;
use crate::ledger::digest::Digest;

/// How long after a snapshot the next one waits.
pub(super) const SNAPSHOT_EVERY: Duration = Duration::from_mins(1);

/// What is due, and what is under way.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    site_is_due: bool,
    /// Whether the site could not be built because of the disk.
    site_failed: bool,
    snapshot_at: Option<Instant>,
    last_snapshot: Option<Instant>,
    task: Option<JoinHandle<Kept>>,
}

/// What one task did.
#[derive(Debug)]
pub(super) struct Kept {
    /// The site, and what the folders of attempts looked like before it was built.
    pub(super) site: Option<Result<(Digest, Built), Error>>,
    /// The snapshot.
    pub(super) snapshot: Option<Taken>,
}

impl Upkeep {
    /// Asks for the site to be brought up to date, and for a snapshot when it is time for one.
    pub(super) fn ask(&mut self) {
        self.site_is_due = true;
        let at = self.last_snapshot.map_or_else(Instant::now, |last| last + SNAPSHOT_EVERY);
        self.snapshot_at.get_or_insert(at);
    }

    /// Notes that the site could not be built.
    pub(super) fn site_failed(&mut self, error: &Error) {
        // What is wrong with a template is asked for again when it is mended.
        self.site_failed = matches!(error, Error::Store(_));
    }

    /// Asks once more for a site that could not be built.
    pub(super) fn try_again(&mut self) {
        if std::mem::take(&mut self.site_failed) {
            self.ask();
        }
    }

    /// Whether the site is as passes left the ledger.
    pub(super) fn site_is_kept(&self) -> bool {
        !self.site_is_due && self.task.is_none()
    }

    /// Whether nothing is to do, now or later.
    pub(super) fn is_done(&self) -> bool {
        self.site_is_kept() && self.snapshot_at.is_none()
    }

    /// When something is to begin that has not.
    pub(super) fn begins_at(&self) -> Option<Instant> {
        self.snapshot_at.filter(|_| self.task.is_none())
    }

    /// Begins what is due by a time, unless a task is under way; `work` is told whether the site and whether
    /// the snapshot is due.
    pub(super) fn begin(
        &mut self,
        by: Instant,
        work: impl FnOnce(bool, bool) -> Kept + Send + 'static,
    ) {
        let snapshot = self.snapshot_at.is_some_and(|at| at <= by);
        if self.task.is_some() || !(self.site_is_due || snapshot) {
            return;
        }
        let site = std::mem::take(&mut self.site_is_due);
        if snapshot {
            self.snapshot_at = None;
            self.last_snapshot = Some(Instant::now());
        }
        self.task = Some(tokio::task::spawn_blocking(move || work(site, snapshot)));
    }

    /// Waits for the task under way to end, for ever when there is none. To be dropped while it waits
    /// costs nothing.
    pub(super) async fn next(&mut self) -> Kept {
        let Some(task) = &mut self.task else { return std::future::pending().await };
        let ended = task.await;
        self.task = None;
        ended.unwrap_or_else(|error| Kept {
            site: Some(Err(Error::Defect(error.to_string()))),
            snapshot: None,
        })
    }
}

impl Kept {
    /// Brings the site of a ledger up to date and takes a snapshot, each if it is due.
    pub(super) fn of(ledger: &Ledger, site: bool, snapshot: bool) -> Self {
        let bring = || {
            // Before the ledger is read: what comes after this is news.
            let seen = ledger.store.runs_stamp()?;
            Ok((seen, ledger.bring_site()?.1?))
        };
        Self { site: site.then(bring), snapshot: snapshot.then(|| ledger.take_snapshot()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use crate::store::StoreError;

    use super::*;

    #[test]
    fn what_becomes_due_meanwhile_is_one_task_more() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (go, wait) = channel::<()>();
            let (send, begun) = channel();
            let mut upkeep = Upkeep::default();
            let nothing = || Kept { site: None, snapshot: None };
            upkeep.begin(Instant::now(), move |_, _| panic!("nothing is due"));
            upkeep.ask();
            assert!(!upkeep.site_is_kept());
            let told = send.clone();
            upkeep.begin(Instant::now(), move |site, snapshot| {
                told.send((site, snapshot)).unwrap();
                wait.recv().unwrap();
                nothing()
            });
            assert_eq!(begun.recv().unwrap(), (true, true), "the first snapshot waits for nothing");
            for _ in 0..100 {
                upkeep.ask();
                upkeep.begin(Instant::now(), |_, _| panic!("one at a time"));
            }
            go.send(()).unwrap();
            assert!(upkeep.next().await.site.is_none());
            assert!(!upkeep.site_is_kept());
            let told = send.clone();
            upkeep.begin(Instant::now(), move |site, snapshot| {
                told.send((site, snapshot)).unwrap();
                nothing()
            });
            assert_eq!(begun.recv().unwrap(), (true, false), "the next snapshot does");
            upkeep.next().await;
            assert!(upkeep.site_is_kept() && !upkeep.is_done() && upkeep.begins_at().is_some());
            let end = Instant::now() + SNAPSHOT_EVERY;
            upkeep.begin(end, move |site, snapshot| {
                send.send((site, snapshot)).unwrap();
                panic!("a defect")
            });
            let defect = upkeep.next().await.site.unwrap().unwrap_err().to_string();
            assert!(defect.contains("a defect"), "{defect}");
            assert_eq!(begun.recv().unwrap(), (false, true));
            assert!(upkeep.is_done());
            upkeep.site_failed(&Error::NoRun("x".into()));
            upkeep.try_again();
            assert!(upkeep.site_is_kept(), "no matter of the disk");
            let full = StoreError::Full { action: "write", path: "site".into() };
            upkeep.site_failed(&full.into());
            upkeep.try_again();
            assert!(!upkeep.site_is_kept());
        });
    }
}
