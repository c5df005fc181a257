//! Whether the system reports events here at all.

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use notify::{Event, RecursiveMode, Watcher as _};

/// Writes a file into the ledger's state folder and waits for its event.
///
/// Network file systems, some containers and mounts of another system take a watch and then stay
/// silent. False means polling. Takes as long as the event does, `patience` at most.
pub fn probe(state_folder: &Path, patience: Duration) -> bool {
    let cookie = state_folder.join(format!("cookie.{}", std::process::id()));
    let name = cookie.file_name().map(std::ffi::OsStr::to_owned);
    let (send, events) = mpsc::channel();
    let receive = move |event: notify::Result<Event>| {
        // The receiver leaves once it has seen enough.
        let _ = send.send(event);
    };
    let Ok(mut watcher) = notify::recommended_watcher(receive) else { return false };
    if watcher.watch(state_folder, RecursiveMode::NonRecursive).is_err() {
        return false;
    }
    let seen = fs::write(&cookie, "").is_ok() && {
        let until = Instant::now() + patience;
        std::iter::from_fn(|| {
            events.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
        })
        .flatten()
        .any(|event| event.paths.iter().any(|path| path.file_name() == name.as_deref()))
    };
    let _ = fs::remove_file(&cookie);
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_back_and_the_cookie_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(probe(folder.path(), Duration::from_secs(30)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_watched_answers_no() {
        assert!(!probe(Path::new("/nowhere/at/all"), Duration::from_secs(30)));
    }
}
