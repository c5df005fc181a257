//! Who may execute next: runs wait for processors and memory, and specs take turns.

use std::collections::BTreeMap;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cancel::Cancel;

/// How often a waiting run looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(100);

/// What a run takes while it is executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Processors.
    pub(super) cores: usize,
    /// Memory in bytes.
    pub(super) memory: u64,
}

/// The processors and the memory that runs share, whatever pass they belong to.
#[derive(Debug)]
pub struct Slots {
    cores: usize,
    /// `None` where the system does not say how much there is.
    memory: LazyLock<Option<u64>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: Needs,
    /// Number of runs under way, by spec.
    running: BTreeMap<String, usize>,
    /// Those who wait, by the number of their ticket.
    waiting: BTreeMap<u64, (String, Needs)>,
    next: u64,
}

/// The right to execute one run, given back when it is dropped.
pub(super) struct Slot<'a> {
    slots: &'a Slots,
    spec: String,
    needs: Needs,
}

impl Slots {
    /// Shares so many processors, and the memory that is asked for once a run says how much it takes.
    pub(super) fn new(cores: usize, memory: fn() -> Option<u64>) -> Self {
        let memory = LazyLock::new(memory);
        Self { cores: cores.max(1), memory, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Number of processors that are shared.
    pub(super) fn cores(&self) -> usize {
        self.cores
    }

    /// Waits for the turn of a run; `None` when the work is cancelled first. One that needs more than
    /// there is waits until it is alone.
    pub(super) fn take(&self, spec: &str, needs: Needs, cancel: &Cancel) -> Option<Slot<'_>> {
        let mut state = self.lock();
        let ticket = state.next;
        state.next += 1;
        state.waiting.insert(ticket, (spec.to_owned(), needs));
        while self.turn(&state) != Some(ticket) {
            let waited = self.changed.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if cancel.is_cancelled() {
                state.waiting.remove(&ticket);
                drop(state);
                self.changed.notify_all();
                return None;
            }
        }
        state.waiting.remove(&ticket);
        state.used.cores += needs.cores;
        state.used.memory = state.used.memory.saturating_add(needs.memory);
        *state.running.entry(spec.to_owned()).or_default() += 1;
        drop(state);
        // There may be room for another one.
        self.changed.notify_all();
        Some(Slot { slots: self, spec: spec.to_owned(), needs })
    }

    /// The ticket whose turn it is: of the spec with the fewest runs under way, the one that waits
    /// longest, of those there is room for.
    fn turn(&self, state: &State) -> Option<u64> {
        let fits = |needs: &Needs| {
            let cores = state.used.cores + needs.cores <= self.cores;
            let memory = state.used.memory.saturating_add(needs.memory);
            let enough = memory == 0 || self.memory.is_none_or(|most| memory <= most);
            state.running.is_empty() || (cores && enough)
        };
        let of = |spec: &String| state.running.get(spec).copied().unwrap_or(0);
        let waiting = state.waiting.iter().filter(|(_, (_, needs))| fits(needs));
        waiting.min_by_key(|(ticket, (spec, _))| (of(spec), **ticket)).map(|(ticket, _)| *ticket)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut state = self.slots.lock();
        state.used.cores = state.used.cores.saturating_sub(self.needs.cores);
        state.used.memory = state.used.memory.saturating_sub(self.needs.memory);
        if let Some(number) = state.running.get_mut(&self.spec) {
            *number -= 1;
            if *number == 0 {
                state.running.remove(&self.spec);
            }
        }
        drop(state);
        self.slots.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    fn needs(cores: usize, memory: u64) -> Needs {
        Needs { cores, memory }
    }

    /// Whether a run would get its turn now.
    fn free(slots: &Slots, spec: &str, needs: Needs) -> bool {
        let mut state = slots.lock();
        state.waiting.insert(u64::MAX, (spec.to_owned(), needs));
        let turn = slots.turn(&state);
        state.waiting.remove(&u64::MAX);
        turn == Some(u64::MAX)
    }

    #[test]
    fn processors_and_memory_are_shared_and_given_back() {
        let (slots, cancel) = (Slots::new(3, || Some(100)), Cancel::default());
        let first = slots.take("a", needs(2, 60), &cancel).unwrap();
        assert!(free(&slots, "b", needs(1, 40)));
        assert!(!free(&slots, "b", needs(2, 0)), "no processor left");
        assert!(!free(&slots, "b", needs(1, 50)), "no memory left");
        drop(first);
        assert!(free(&slots, "b", needs(9, 900)), "alone, whatever it needs");
        assert_eq!(slots.lock().used, needs(0, 0));
    }

    #[test]
    fn the_spec_with_fewer_runs_under_way_is_next() {
        let (slots, cancel) = (Slots::new(2, || None), Cancel::default());
        let one = slots.take("a", needs(1, 0), &cancel).unwrap();
        let two = slots.take("a", needs(1, 0), &cancel).unwrap();
        let (send, order) = channel();
        thread::scope(|scope| {
            for (spec, ticket) in [("a", 3), ("b", 4)] {
                let (send, slots, cancel) = (send.clone(), &slots, &cancel);
                scope.spawn(move || {
                    let slot = slots.take(spec, needs(1, 0), cancel).unwrap();
                    send.send(spec).unwrap();
                    drop(slot);
                });
                while slots.lock().next < ticket {
                    thread::yield_now();
                }
            }
            drop(one);
            assert_eq!(order.recv().unwrap(), "b", "it came later, but none of it runs");
            assert_eq!(order.recv().unwrap(), "a");
        });
        drop(two);
        cancel.cancel();
        slots.lock().used.cores = 2;
        slots.lock().running.insert("x".into(), 1);
        assert!(slots.take("a", needs(1, 0), &cancel).is_none(), "cancelled while it waits");
    }
}
