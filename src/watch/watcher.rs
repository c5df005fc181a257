//! Watches on the folders of a ledger, with polling where the system gives none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::dirty::{Dirty, Shared};
use super::folders::{Folders, MOST};
use super::poll::Poller;

/// How often folders are looked at where there are no events.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Whether a watch belongs to the folder and dies with it, so that a new folder of the same name
/// needs a new one. Elsewhere it belongs to the path, and placing it again may lose events.
const WATCHES_FOLLOW_FOLDERS: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// The ledger's folder cannot be watched at all.
#[derive(Debug, thiserror::Error)]
#[error("{0}: cannot be watched: {1}")]
pub struct WatchError(PathBuf, std::io::Error);

/// What to watch, and how.
#[derive(Clone, Debug, Default)]
pub struct WatchPlan {
    /// Folders beside the usual ones, relative to the root: those of data and inputs that specs name.
    pub folders: Vec<PathBuf>,
    /// Look at this interval instead of waiting for events.
    pub poll: Option<Duration>,
}

/// The watches on a ledger.
pub struct Watcher {
    root: PathBuf,
    shared: Arc<Shared>,
    events: Option<RecommendedWatcher>,
    poll: Option<Poller>,
    interval: Duration,
    watched: BTreeMap<PathBuf, Means>,
    notices: Vec<String>,
}

/// How a folder is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    Events,
    Polling,
}

impl Watcher {
    /// Places the watches. What changed before is not reported, so the caller scans afterwards.
    ///
    /// `wake` is called when something becomes dirty after a `take`, and once more when a dirty file
    /// is closed; it must not block.
    pub fn start(
        root: &Path,
        plan: &WatchPlan,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, WatchError> {
        // Events name absolute paths with all links resolved.
        let root = root.canonicalize().map_err(|error| WatchError(root.to_owned(), error))?;
        let mut watcher = Self {
            shared: Arc::new(Shared::new(root.clone(), wake)),
            root,
            events: None,
            poll: None,
            interval: plan.poll.unwrap_or(POLL_INTERVAL),
            watched: BTreeMap::new(),
            notices: Vec::new(),
        };
        if plan.poll.is_none() {
            match notify::recommended_watcher(watcher.receiver()) {
                Ok(events) => watcher.events = Some(events),
                Err(error) => watcher.notice(&error),
            }
        }
        watcher.refresh(plan);
        watcher.take();
        Ok(watcher)
    }

    /// Takes what became dirty since the last call.
    pub fn take(&self) -> Dirty {
        self.shared.take()
    }

    /// Watches folders that appeared, and forgets those that went.
    ///
    /// New ones are marked dirty after their watch is placed, so that nothing in them is missed.
    /// To be called before `take` each time something was dirty.
    pub fn refresh(&mut self, plan: &WatchPlan) {
        let folders = Folders::list(&self.root, &plan.folders);
        if folders.truncated {
            self.say(format!("more than {MOST} folders: only these are watched, the rest is seen by the periodic scan"));
        }
        let gone: Vec<_> =
            self.watched.keys().filter(|path| !folders.paths.contains(*path)).cloned().collect();
        for path in gone {
            self.forget(&path);
        }
        let (known, new): (Vec<_>, Vec<_>) =
            folders.paths.into_iter().partition(|path| self.watched.contains_key(path));
        if WATCHES_FOLLOW_FOLDERS {
            let by_events = |path: &PathBuf| self.watched.get(path) == Some(&Means::Events);
            let again: Vec<_> = known.into_iter().filter(by_events).collect();
            self.place(again);
        }
        if new.is_empty() {
            return;
        }
        self.place(new.clone());
        for path in &new {
            self.shared.mark_folder(path);
        }
        if !WATCHES_FOLLOW_FOLDERS {
            self.shared.mark_folder(&self.root);
        }
    }

    /// Whether some folders are looked at by interval, because the system gives no events there.
    pub fn polling(&self) -> bool {
        self.watched.values().any(|means| *means == Means::Polling)
    }

    /// Number of folders that are watched.
    pub fn folders(&self) -> usize {
        self.watched.len()
    }

    /// What the user should know about the watches, one line each.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    fn receiver(&self) -> impl Fn(notify::Result<Event>) + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move |event| shared.receive(&event)
    }

    /// Places watches in one batch, which some systems need to be quick; what fails is polled.
    fn place(&mut self, paths: Vec<PathBuf>) {
        let mut failed = Vec::new();
        match &mut self.events {
            None => failed = paths,
            Some(events) if !paths.is_empty() => {
                let mut errors = Vec::new();
                let mut batch = events.paths_mut();
                for path in paths {
                    match batch.add(&path, RecursiveMode::NonRecursive) {
                        Ok(()) => {
                            self.watched.insert(path, Means::Events);
                        }
                        // Gone since it was listed; its parent reports it when it comes back.
                        Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
                        Err(error) => {
                            errors.push(error);
                            failed.push(path);
                        }
                    }
                }
                errors.extend(batch.commit().err());
                for error in errors {
                    self.notice(&error);
                }
            }
            Some(_) => {}
        }
        for path in failed {
            self.place_poll(path);
        }
    }

    fn place_poll(&mut self, path: PathBuf) {
        if self.poll.is_none() {
            match Poller::start(self.interval, Arc::clone(&self.shared)) {
                Ok(poll) => self.poll = Some(poll),
                Err(error) => return self.say(format!("no thread to look at folders: {error}")),
            }
        }
        if let Some(poll) = &self.poll {
            poll.add(path.clone());
            self.watched.insert(path, Means::Polling);
        }
    }

    fn forget(&mut self, path: &Path) {
        match (self.watched.remove(path), &mut self.events, &self.poll) {
            (Some(Means::Events), Some(events), _) => {
                // The system may have dropped the watch together with the folder.
                let _ = events.unwatch(path);
            }
            (Some(Means::Polling), _, Some(poll)) => poll.remove(path),
            _ => {}
        }
    }

    fn notice(&mut self, error: &notify::Error) {
        match error.kind {
            ErrorKind::MaxFilesWatch => self.say(
                "no more file watches to be had, some folders are polled; \
                 on Linux: sudo sysctl fs.inotify.max_user_watches=524288"
                    .to_owned(),
            ),
            _ => self.say(format!("file events are not to be had, polling instead: {error}")),
        }
    }

    fn say(&mut self, notice: String) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// Far above what any machine needs, so that only a missing event can exhaust it.
    const PATIENCE: Duration = Duration::from_secs(30);

    struct Ledger {
        folder: tempfile::TempDir,
        watcher: Watcher,
        plan: WatchPlan,
        wakes: Receiver<()>,
    }

    impl Ledger {
        fn new(poll: Option<Duration>) -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("experiments/h/runs")).unwrap();
            fs::create_dir_all(folder.path().join("data")).unwrap();
            fs::write(folder.path().join("experiments/h/s.toml"), "lr = 0.1\n").unwrap();
            let (send, wakes) = channel();
            let plan = WatchPlan { folders: Vec::new(), poll };
            let wake = move || {
                let _ = send.send(());
            };
            let watcher = Watcher::start(folder.path(), &plan, wake).unwrap();
            Self { folder, watcher, plan, wakes }
        }

        fn path(&self, inside: &str) -> PathBuf {
            self.folder.path().join(inside)
        }

        /// Collects what becomes dirty until it is enough, as a daemon would.
        fn until(&mut self, enough: impl Fn(&Dirty) -> bool) -> Dirty {
            let mut all = Dirty::default();
            while !enough(&all) {
                self.wakes.recv_timeout(PATIENCE).expect("an event");
                self.watcher.refresh(&self.plan);
                let dirty = self.watcher.take();
                all.paths.extend(dirty.paths);
                all.closed.extend(dirty.closed);
                all.scan_all |= dirty.scan_all;
            }
            all
        }
    }

    fn has(path: &str) -> impl Fn(&Dirty) -> bool {
        let path = PathBuf::from(path);
        move |dirty| dirty.paths.contains(&path)
    }

    #[test]
    fn saves_as_editors_make_them_mark_the_spec() {
        type Save = fn(&Path, &Path);
        let in_place: Save = |spec, _| fs::write(spec, "lr = 0.2\n").unwrap();
        let in_chunks: Save = |spec, _| {
            let mut file = fs::File::create(spec).unwrap();
            file.write_all(b"lr = 0.").unwrap();
            file.write_all(b"2\n").unwrap();
        };
        let renamed: Save = |spec, folder| {
            fs::write(folder.join(".s.toml.tmp"), "lr = 0.2\n").unwrap();
            fs::rename(folder.join(".s.toml.tmp"), spec).unwrap();
        };
        let vim: Save = |spec, folder| {
            fs::write(folder.join("4913"), "").unwrap();
            fs::remove_file(folder.join("4913")).unwrap();
            fs::rename(spec, folder.join("s.toml~")).unwrap();
            fs::write(spec, "lr = 0.2\n").unwrap();
            fs::remove_file(folder.join("s.toml~")).unwrap();
        };
        let safe_write: Save = |spec, folder| {
            let (new, old) = (folder.join("s.toml___jb_tmp___"), folder.join("s.toml___jb_old___"));
            fs::write(&new, "lr = 0.2\n").unwrap();
            fs::rename(spec, &old).unwrap();
            fs::rename(new, spec).unwrap();
            fs::remove_file(old).unwrap();
        };
        for (name, save) in [
            ("in place", in_place),
            ("in chunks", in_chunks),
            ("renamed", renamed),
            ("vim", vim),
            ("safe write", safe_write),
        ] {
            let mut ledger = Ledger::new(None);
            save(&ledger.path("experiments/h/s.toml"), &ledger.path("experiments/h"));
            let spec = Path::new("experiments/h/s.toml");
            let closes = cfg!(target_os = "linux");
            let dirty = ledger.until(|dirty| {
                dirty.paths.contains(spec) && (!closes || dirty.closed.contains(spec))
            });
            assert_eq!(dirty.paths.len(), 1, "{name}: {dirty:?}");
            assert!(!ledger.watcher.polling() && ledger.watcher.notices().is_empty());
        }
    }

    #[test]
    fn a_new_folder_is_watched_from_its_event_on() {
        let mut ledger = Ledger::new(None);
        fs::create_dir_all(ledger.path("experiments/new")).unwrap();
        ledger.until(has("experiments/new"));
        fs::write(ledger.path("experiments/new/s.toml"), "lr = 1\n").unwrap();
        ledger.until(has("experiments/new/s.toml"));
    }

    #[test]
    fn a_folder_put_in_the_place_of_another_is_watched_again() {
        let mut ledger = Ledger::new(None);
        fs::remove_dir_all(ledger.path("data")).unwrap();
        ledger.until(has("data"));
        fs::create_dir(ledger.path("data")).unwrap();
        ledger.until(has("data"));
        fs::write(ledger.path("data/a.csv"), "1\n").unwrap();
        ledger.until(has("data/a.csv"));
    }

    #[test]
    fn a_burst_is_neither_lost_nor_kept_one_by_one() {
        let mut ledger = Ledger::new(None);
        for number in 0..300 {
            fs::write(ledger.path(&format!("data/{number}.csv")), "1\n").unwrap();
        }
        ledger.until(|dirty| dirty.scan_all || dirty.paths.len() == 300);
    }

    #[test]
    fn what_the_program_writes_and_reads_wakes_nobody() {
        let mut ledger = Ledger::new(None);
        fs::create_dir_all(ledger.path("experiments/h/runs/ab")).unwrap();
        fs::write(ledger.path("experiments/h/runs/ab/run.toml"), "1\n").unwrap();
        fs::create_dir_all(ledger.path("site")).unwrap();
        fs::write(ledger.path("site/index.html"), "1\n").unwrap();
        fs::read(ledger.path("experiments/h/s.toml")).unwrap();
        // Events keep their order, so once this one is here the others would be too.
        fs::write(ledger.path("data/last.csv"), "1\n").unwrap();
        let dirty = ledger.until(has("data/last.csv"));
        assert_eq!(dirty.paths.len(), 1, "{dirty:?}");
    }

    #[test]
    fn polling_finds_the_same() {
        let mut ledger = Ledger::new(Some(Duration::from_millis(20)));
        assert!(ledger.watcher.polling());
        fs::write(ledger.path("experiments/h/s.toml"), "lr = 0.25\n").unwrap();
        ledger.until(has("experiments/h/s.toml"));
        fs::create_dir(ledger.path("experiments/new")).unwrap();
        ledger.until(has("experiments/new"));
    }

    #[test]
    fn a_folder_named_by_a_spec_is_watched() {
        let mut ledger = Ledger::new(None);
        fs::create_dir(ledger.path("inputs")).unwrap();
        ledger.plan.folders.push("inputs".into());
        ledger.until(has("inputs"));
        fs::write(ledger.path("inputs/a.csv"), "1\n").unwrap();
        ledger.until(has("inputs/a.csv"));
    }

    #[test]
    fn a_missing_ledger_is_an_error_that_names_it() {
        let error = Watcher::start(Path::new("/nowhere/l"), &WatchPlan::default(), || ()).err();
        assert!(error.unwrap().to_string().contains("/nowhere/l"));
    }
}
