//! The passes under way. Several may be: a save is not to wait for what another spec trains.

use std::collections::BTreeSet;

use tokio::task::{Id, JoinSet};

use crate::engine::error::Error;

/// What a pass is about.
#[derive(Debug, Default)]
pub(super) struct About {
    /// The changed files that made it begin.
    pub(super) files: Vec<String>,
    /// The specs it reads.
    pub(super) specs: BTreeSet<String>,
    /// Whether these are all there are.
    pub(super) whole: bool,
    /// What else changed since that is about these specs, so that they are read again after it.
    pub(super) later: BTreeSet<String>,
}

/// Passes under way, each on a thread of its own, and what each is about.
pub(super) struct Passes<T> {
    tasks: JoinSet<T>,
    under_way: Vec<(Id, About)>,
}

impl<T> Default for Passes<T> {
    fn default() -> Self {
        Self { tasks: JoinSet::new(), under_way: Vec::new() }
    }
}

impl<T: Send + 'static> Passes<T> {
    /// Whether none is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Whether one reads a spec.
    pub(super) fn are_about(&self, spec: &str) -> bool {
        self.under_way.iter().any(|(_, about)| about.specs.contains(spec))
    }

    /// Notes for all of them that something changed since they began.
    pub(super) fn add_later(&mut self, changed: &BTreeSet<String>) {
        for (_, about) in &mut self.under_way {
            about.later.extend(changed.iter().cloned());
        }
    }

    /// Starts one.
    pub(super) fn start(&mut self, about: About, work: impl FnOnce() -> T + Send + 'static) {
        let task = self.tasks.spawn_blocking(work);
        self.under_way.push((task.id(), about));
    }

    /// Waits for the next one to end: what it was about, and what it gave or that it stopped on a
    /// defect; `None` when none is under way. To be dropped while it waits costs nothing.
    pub(super) async fn next(&mut self) -> Option<(About, Result<T, Error>)> {
        let (id, given) = match self.tasks.join_next_with_id().await? {
            Ok((id, given)) => (id, Ok(given)),
            Err(error) => (error.id(), Err(Error::Defect(error.to_string()))),
        };
        let place = self.under_way.iter().position(|(task, _)| *task == id);
        let about = place.map(|place| self.under_way.remove(place).1).unwrap_or_default();
        Some((about, given))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn about(spec: &str) -> About {
        About { specs: [spec.to_owned()].into(), ..About::default() }
    }

    #[test]
    fn a_pass_that_panics_is_told_from_the_others() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (go, wait) = channel::<()>();
            let mut passes = Passes::default();
            passes.start(about("first"), move || wait.recv().unwrap_or_default());
            passes.start(about("second"), || panic!("a defect"));
            let (ended, given) = passes.next().await.unwrap();
            assert!(ended.specs.contains("second"), "{ended:?}");
            assert!(given.unwrap_err().to_string().contains("a defect"));
            assert!(passes.are_about("first") && !passes.are_about("second"));
            go.send(()).unwrap();
            assert!(passes.next().await.unwrap().1.is_ok());
            assert!(passes.next().await.is_none() && passes.is_empty());
        });
    }
}
