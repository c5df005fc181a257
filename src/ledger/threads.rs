//! Work of independent pieces on all processors, with the same outcome on however many.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Works on each thing, and gives what came of them in their order.
pub fn each<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(things.len())));
    let worker = || {
        let mut made = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(at) else { break };
            made.push((at, work(thing)));
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).extend(made);
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(things.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(worker);
        }
        worker();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn what_comes_of_things_is_in_their_order() {
        let things: Vec<usize> = (0..1000).collect();
        let squares: Vec<usize> = things.iter().map(|it| it * it).collect();
        assert_eq!(each(&things, |it| it * it), squares);
        assert!(each(&[] as &[usize], |it| *it).is_empty());
    }
}
