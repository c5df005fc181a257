//! The set of dirty paths, filled by events and emptied by whoever looks at the disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind};

use super::noise::{is_generated, is_noise};

/// Above this many paths, looking at everything is cheaper than remembering them.
const LIMIT: usize = 10_000;

/// What may have changed since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dirty {
    /// Files and folders, relative to the ledger's root. Of a folder, everything in it may differ.
    pub paths: BTreeSet<PathBuf>,
    /// Those of them that a writer closed, or that were renamed into place.
    pub closed: BTreeSet<PathBuf>,
    /// Events were lost, so everything may differ.
    pub scan_all: bool,
}

impl Dirty {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.scan_all
    }

    fn add(&mut self, path: PathBuf, closed: bool) {
        if closed {
            self.closed.insert(path.clone());
        }
        self.paths.insert(path);
        if self.paths.len() > LIMIT {
            *self = Self { scan_all: true, ..Self::default() };
        }
    }

    /// Marks what an event is about.
    fn mark(&mut self, root: &Path, event: &notify::Result<Event>) {
        let Ok(event) = event else {
            self.scan_all = true;
            return;
        };
        // An overflow has no paths and comes under a kind of its own, so it is asked for first.
        if event.need_rescan() {
            self.scan_all = true;
            return;
        }
        let closed = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write))
            | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => true,
            // Reading makes events too: without this, looking would wake the looker.
            EventKind::Access(_) => return,
            _ => false,
        };
        if event.paths.is_empty() {
            self.scan_all = true;
        }
        for path in &event.paths {
            self.mark_path(root, path, closed);
        }
    }

    fn mark_path(&mut self, root: &Path, path: &Path, closed: bool) {
        match path.strip_prefix(root) {
            Ok(inside) if inside.as_os_str().is_empty() => self.scan_all = true,
            Ok(inside) if is_noise(inside) || is_generated(inside) => {}
            Ok(inside) => self.add(inside.to_owned(), closed),
            Err(_) => self.scan_all = true,
        }
    }
}

/// The dirty set shared with the threads that receive events, and how to wake the one who looks.
pub(super) struct Shared {
    root: PathBuf,
    dirty: Mutex<Dirty>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    /// Starts with nothing dirty.
    pub(super) fn new(root: PathBuf, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { root, dirty: Mutex::default(), wake: Box::new(wake) }
    }

    /// Takes in an event and wakes when it is the first since the last look.
    ///
    /// Does nothing slow: a slow receiver makes the kernel drop events and learns of it late.
    pub(super) fn receive(&self, event: &notify::Result<Event>) {
        self.change(|dirty| dirty.mark(&self.root, event));
    }

    /// Takes in that a path differs, found by looking.
    pub(super) fn changed(&self, path: &Path) {
        self.change(|dirty| dirty.mark_path(&self.root, path, false));
    }

    fn change(&self, mark: impl FnOnce(&mut Dirty)) {
        let mut dirty = self.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = dirty.is_empty();
        let closed_before = dirty.closed.len();
        mark(&mut dirty);
        let wake = (was_empty && !dirty.is_empty()) || dirty.closed.len() > closed_before;
        drop(dirty);
        if wake {
            (self.wake)();
        }
    }

    /// Marks a folder without waking: its watch is new, so what it holds was never reported.
    pub(super) fn mark_folder(&self, folder: &Path) {
        let mut dirty = self.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        match folder.strip_prefix(&self.root) {
            Ok(inside) if !inside.as_os_str().is_empty() => dirty.add(inside.to_owned(), false),
            _ => dirty.scan_all = true,
        }
    }

    /// Takes the set and leaves an empty one.
    pub(super) fn take(&self) -> Dirty {
        std::mem::take(&mut *self.dirty.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, Flag};

    use super::*;

    fn marked(event: &notify::Result<Event>) -> Dirty {
        let mut dirty = Dirty::default();
        dirty.mark(Path::new("/l"), event);
        dirty
    }

    fn event(kind: EventKind, paths: &[&str]) -> Event {
        paths.iter().fold(Event::new(kind), |event, path| event.add_path(path.into()))
    }

    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
    const RENAMED: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::Both));

    #[test]
    fn what_each_event_marks() {
        let cases = [
            (WRITTEN, "/l/data/a.csv", true, false),
            (CLOSED, "/l/data/a.csv", true, true),
            (RENAMED, "/l/data/a.csv", true, true),
            (EventKind::Any, "/l/data/a.csv", true, false),
            (EventKind::Create(CreateKind::Folder), "/l/data/a.csv", true, false),
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), "/l/data/a.csv", false, false),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), "/l/data/a.csv", false, false),
            (WRITTEN, "/l/data/.a.csv.swp", false, false),
            (WRITTEN, "/l/experiments/h/runs", false, false),
            (WRITTEN, "/l/site", false, false),
        ];
        for (kind, path, dirty, closed) in cases {
            let found = marked(&Ok(event(kind, &[path])));
            assert_eq!(found.paths.contains(Path::new("data/a.csv")), dirty, "{kind:?} {path}");
            assert_eq!(!found.closed.is_empty(), closed, "{kind:?} {path}");
            assert!(!found.scan_all, "{kind:?} {path}");
        }
    }

    #[test]
    fn what_cannot_be_placed_makes_everything_dirty() {
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        let odd = [
            Ok(lost),
            Ok(Event::new(CLOSED).set_flag(Flag::Rescan)),
            Err(notify::Error::generic("broken")),
            Ok(event(WRITTEN, &[])),
            Ok(event(WRITTEN, &["/l"])),
            Ok(event(WRITTEN, &["/elsewhere/a.csv"])),
        ];
        for event in odd {
            assert!(marked(&event).scan_all, "{event:?}");
        }
    }

    #[test]
    fn too_many_paths_become_one_scan() {
        let mut dirty = Dirty::default();
        for number in 0..=LIMIT {
            dirty.mark(Path::new("/l"), &Ok(event(CLOSED, &[&format!("/l/data/{number}.csv")])));
        }
        assert!(dirty.scan_all && dirty.paths.is_empty() && dirty.closed.is_empty());
    }

    #[test]
    fn one_wake_a_look_and_one_more_for_a_close() {
        let (send, wakes) = std::sync::mpsc::channel();
        let shared = Shared::new("/l".into(), move || send.send(()).unwrap());
        for kind in [WRITTEN, WRITTEN, CLOSED, CLOSED, WRITTEN] {
            shared.receive(&Ok(event(kind, &["/l/data/a.csv"])));
        }
        assert_eq!(wakes.try_iter().count(), 2);
        assert_eq!(shared.take().closed.len(), 1);
        assert!(shared.take().is_empty());
        shared.receive(&Ok(event(WRITTEN, &["/l/data/a.csv"])));
        assert_eq!(wakes.try_iter().count(), 1);
    }
}
