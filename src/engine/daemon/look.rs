//! Where the daemon looks: from events and at intervals to the files that changed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::ledger::layout;
use crate::watch::probe;

use super::date::THE_DATE;
use super::{Daemon, POLL_EVERY, Report, SCAN_EVERY};
use crate::engine::flow::Pass;
use crate::engine::news::News;

impl Daemon {
    /// What the user should know about how the ledger is watched.
    pub(super) fn notices(&self) -> Vec<String> {
        let mut notices = self.watcher.notices().to_vec();
        if self.plan.poll.is_some() {
            notices.push("no file events here; looking every two seconds".into());
        }
        notices
    }

    /// Marks what file events name, and looks at it.
    pub(super) fn take_events(&mut self) {
        self.watcher.refresh(&self.plan);
        let events = self.watcher.take();
        if events.scan_all {
            return self.scan();
        }
        let folders = events.paths.iter().any(|path| self.ledger.root().join(path).is_dir());
        self.dirty.mark(events.paths.iter().map(|path| path_text(path)));
        if folders {
            // A folder is reported alone, whatever came with it.
            self.scan();
        }
        self.look(&events.closed.iter().map(|path| path_text(path)).collect());
    }

    /// Places missing watches, then marks everything that is not as it was last seen.
    pub(super) fn scan(&mut self) {
        let began = Instant::now();
        self.watcher.refresh(&self.plan);
        if !self.failed.is_empty() {
            self.changed.get_or_insert_default().extend(self.failed.drain(..));
        }
        if let Err(error) = self.dirty.scan(&self.ledger) {
            (self.to)(Report::Failed(error));
        }
        self.upkeep.try_again();
        self.look_at_runs();
        self.tell_alerts();
        if self.date.observe(self.ledger.today(), !self.passes.is_empty()) {
            self.changed.get_or_insert_default().insert(THE_DATE.to_owned());
        }
        let every = if self.watcher.polling() { POLL_EVERY } else { SCAN_EVERY };
        // However many files there are, looking at them takes a hundredth of the time.
        self.scan_at = Instant::now() + every.max(began.elapsed() * 100);
        self.look(&BTreeSet::new());
    }

    /// Begins a pass when attempts came or went by themselves, as git and copies bring them. There are no events of
    /// them, for this program's own would be among these.
    fn look_at_runs(&mut self) {
        let quiet = self.passes.is_empty() && self.upkeep.site_is_kept();
        let Some(seen) = self.runs.filter(|_| quiet) else { return };
        match self.ledger.store.runs_stamp() {
            Ok(now) if now != seen => {
                self.date.came();
                self.changed.get_or_insert_default().insert("the runs".to_owned());
            }
            Ok(_) => {}
            Err(error) => (self.to)(Report::Failed(error.into())),
        }
    }

    /// Looks at the unsettled files; `closed` are those that a writer is done with.
    pub(super) fn look(&mut self, closed: &BTreeSet<String>) {
        let looked = self.dirty.look(self.ledger.root(), self.began.elapsed(), closed);
        for path in looked.still_written {
            let notice = format!("{path} is still being written; waiting");
            (self.to)(Report::News(News::Notice(notice)));
        }
        self.look_at = looked.again.map(|wait| Instant::now() + wait);
        if !looked.changed.is_empty() {
            self.changed.get_or_insert_default().extend(looked.changed);
        }
    }

    /// Remembers which files the specs of a pass name, and watches the folders they lie in.
    pub(super) fn note_files(&mut self, pass: &Pass, whole: bool) {
        self.waits = !pass.pending.is_empty() || (self.waits && !whole);
        let inputs: Vec<String> = pass.inputs.iter().map(|path| self.inside(path)).collect();
        let data = pass.runs.iter().map(|done| done.planned.data.as_str());
        let named: BTreeSet<String> =
            data.chain(inputs.iter().map(String::as_str)).map(str::to_owned).collect();
        // A pass about some specs says nothing of the files of the others.
        if whole || !named.is_subset(&self.named) {
            let all = if whole { named } else { self.named.union(&named).cloned().collect() };
            self.named = all;
            let folders = self.dirty.named_files(self.named.iter().map(String::as_str));
            if folders != self.plan.folders {
                // As everywhere: first the watch, then the look.
                self.plan.folders = folders;
                self.scan();
            }
        }
    }

    /// A path from the ledger's root; one outside it stays as it is, and is looked at each minute.
    fn inside(&self, path: &Path) -> String {
        path_text(path.strip_prefix(self.ledger.root()).unwrap_or(path))
    }

    /// Tells commands of alerts on a thread of its own; one that waits may have been approved meanwhile.
    pub(super) fn tell_alerts(&mut self) {
        if self.telling.as_ref().is_some_and(|telling| !telling.is_finished()) {
            return;
        }
        let (ledger, cancel, to) =
            (Arc::clone(&self.ledger), self.cancel.clone(), Arc::clone(&self.to));
        self.telling = Some(tokio::task::spawn_blocking(move || {
            let tell = |news| to(Report::News(news));
            if let Err(error) = ledger.tell_alerts(&cancel, &tell) {
                tell(News::Notice(format!("alerts: {error}")));
            }
        }));
    }

    /// Waits until commands were told of alerts.
    pub(super) async fn alerts_told(&mut self) {
        if let Some(telling) = self.telling.take() {
            // A defect in it costs a message, which waits for the next time.
            drop(telling.await);
        }
    }

    /// Begins a pass when the approvals are not what they were: a spec may wait for one.
    pub(super) fn look_at_approvals(&mut self) {
        let seen = self.ledger.approvals_stamp();
        if seen != self.approvals {
            self.approvals = seen;
            self.changed.get_or_insert_default().insert("the approvals".to_owned());
        }
    }
}

/// The interval of looking at a ledger that gives no events, `None` for one that does.
pub(super) fn polling(root: &Path) -> Option<Duration> {
    (!probe(&root.join(layout::STATE), Duration::from_secs(1))).then_some(POLL_EVERY)
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
