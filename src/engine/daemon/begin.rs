//! What a pass is begun for, and when: not before the files keep still and git is done.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use crate::git::Obstacle;
use crate::ledger::layout;

use super::hold::Held;
use super::passes::About;
use super::{Daemon, Report};
use crate::engine::flow::PassOptions;
use crate::engine::ledger::Ledger;
use crate::engine::news::News;
use crate::engine::reading::SpecName;

impl Daemon {
    /// Begins a pass if something changed and the data are safe to read. Specs that another pass is
    /// about are left to it, unless they were saved since: what it has not begun of them it drops.
    pub(super) fn begin_pass(&mut self) {
        if self.changed.is_none() || !self.dirty.data_is_settled() || self.is_held() {
            return;
        }
        let Some(changed) = self.changed.take() else { return };
        if changed.contains(layout::LEDGER) {
            self.reopen();
        }
        self.approvals = self.ledger.approvals_stamp();
        let all = match self.ledger.select(&[]) {
            Ok(specs) => specs,
            Err(error) => {
                self.failed = changed.into_iter().collect();
                return (self.to)(Report::Failed(error));
            }
        };
        let settled = all.into_iter().filter(|spec| self.dirty.is_settled(&spec.path()));
        let ready: Vec<SpecName> = settled.filter(|spec| self.is_free(spec, &changed)).collect();
        let file = |path: &String| path.rsplit('/').next().is_some_and(layout::is_spec);
        let is_spec = |path: &String| path.starts_with("experiments/") && file(path);
        let others: BTreeSet<String> = changed.iter().filter(|it| !is_spec(it)).cloned().collect();
        self.passes.add_later(&others);
        self.start_pass(ready, changed);
    }

    /// Whether git is in the middle of something, so that what lies there is not yet what is to be.
    fn is_held(&mut self) -> bool {
        let repository = self.ledger.repository().ok().flatten();
        let at_work = repository.and_then(|repository| repository.at_work());
        let at_work = at_work.filter(|it| !self.once || matches!(it, Obstacle::IndexLocked(_)));
        let again = match self.hold.observe(self.began.elapsed(), at_work.as_ref()) {
            Held::No => return false,
            Held::For(again) => again,
            Held::Telling(again, words) => {
                (self.to)(Report::News(News::Notice(words)));
                again
            }
        };
        let again = Instant::now() + again;
        self.look_at = Some(self.look_at.map_or(again, |look_at| look_at.min(again)));
        true
    }

    /// Whether no pass under way is about a spec as it is now.
    fn is_free(&self, spec: &SpecName, changed: &BTreeSet<String>) -> bool {
        let path = spec.path();
        changed.contains(&path) || !self.passes.are_about(&path)
    }

    fn start_pass(&mut self, ready: Vec<SpecName>, changed: BTreeSet<String>) {
        let options = PassOptions {
            execute: self.execute.clone(),
            retry_failed: false,
            named: Vec::new(),
            retry: changed.clone(),
            settled: Some(self.dirty.stamps()),
            monitors: true,
            digests: self.date.take_due(),
        };
        let about = About {
            files: changed.into_iter().collect(),
            specs: ready.iter().map(SpecName::path).collect(),
            whole: self.passes.is_empty(),
            later: BTreeSet::new(),
        };
        let (ledger, cancel, to) =
            (Arc::clone(&self.ledger), self.cancel.clone(), Arc::clone(&self.to));
        self.passes.start(about, move || {
            let tell = |news| to(Report::News(news));
            ledger.pass(&ready, &options, &cancel, &tell)
        });
    }

    /// Reads `ledger.toml` again; while it has mistakes, what it said before goes on.
    fn reopen(&mut self) {
        match Ledger::open(self.ledger.root()) {
            Ok(ledger) if ledger.root() == self.ledger.root() => self.ledger = Arc::new(ledger),
            Ok(_) => {
                let notice =
                    "ledger.toml is gone; what it said goes on until it is back".to_owned();
                (self.to)(Report::News(News::Notice(notice)));
            }
            Err(error) => (self.to)(Report::Failed(error)),
        }
    }
}
