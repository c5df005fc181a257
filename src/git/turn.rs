//! Taking turns: one process of this program at a time moves the refs of a repository, and it clears away
//! the locks of git that a killed one left behind.
//!
//! Git never removes a lock, for it cannot tell whose it is. Here each process notes beforehand which refs it is
//! about to lock, and which file its lock of the index will be; whoever finds a note while it is its own turn
//! finds that of a dead process.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use git2::{Oid, Repository};

use super::disk::inode;

/// The file that is locked for the time of a turn; it holds the note.
const FILE: &str = "fairledger.turn";

/// What the names of unfinished indexes begin with.
pub(super) const DRAFT: &str = "fairledger-index.";

/// How old the lock of a ref must be to be taken for one that a dead process left: git holds them for milliseconds.
const AGE: Duration = Duration::from_secs(1);

/// The turn of this process, given back when it is dropped or its process dies.
pub(super) struct Turn {
    /// `None` where the file cannot be had: on a read-only disk nothing will be moved either.
    file: Option<File>,
}

impl Turn {
    /// Waits for the turn, which others have for milliseconds, clears away what dead ones left, and notes
    /// which refs are about to move.
    pub(super) fn take(repository: &Repository, refs: &[String]) -> Self {
        let path = repository.path().join(FILE);
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
        let Ok(mut file) = options.open(&path) else { return Self { file: None } };
        while let Err(error) = file.lock() {
            if error.kind() != ErrorKind::Interrupted {
                return Self { file: None };
            }
        }
        let mut note = String::new();
        if file.read_to_string(&mut note).is_ok() && !note.is_empty() {
            clear_away(repository, &note, &path);
        }
        let mut turn = Self { file: Some(file) };
        turn.erase();
        let refs = refs.iter().fold(String::new(), |mut lines, name| {
            let _ = writeln!(lines, "ref {name}");
            lines
        });
        turn.note(&refs);
        turn
    }

    /// Notes which file the lock of the index is about to be, and that it is to be the index once a ref is at
    /// some commit.
    pub(super) fn note_index(&mut self, lock: &Path, name: &str, commit: Oid) {
        if let Ok(found) = fs::metadata(lock) {
            self.note(&format!("index {} {commit} {name}\n", inode(&found)));
        }
    }

    /// Ends the turn and leaves the rest to the next process, as a killed one would.
    pub(super) fn leave_undone(&mut self) {
        self.file = None;
    }

    fn note(&mut self, lines: &str) {
        if let Some(file) = &mut self.file {
            // Without a note a lock stays, as git's own would.
            let _ = file.write_all(lines.as_bytes());
        }
    }

    fn erase(&mut self) {
        if let Some(file) = &mut self.file {
            use std::io::Seek as _;
            let _ = file.set_len(0).and_then(|()| file.rewind());
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.erase();
    }
}

/// Removes the locks and unfinished indexes that the writer of a note left.
fn clear_away(repository: &Repository, note: &str, path: &Path) {
    let noted = fs::metadata(path).and_then(|found| found.modified()).ok();
    for line in note.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        if let Some(name) = line.strip_prefix("ref ") {
            clear_ref(&repository.commondir().join(format!("{name}.lock")), noted);
        } else if let Some(rest) = line.strip_prefix("index ") {
            finish_index(repository, rest);
        }
    }
    let entries = fs::read_dir(repository.path()).into_iter().flatten().flatten();
    for draft in entries.filter(|it| it.file_name().to_string_lossy().starts_with(DRAFT)) {
        let _ = fs::remove_file(draft.path());
    }
}

/// Brings the index in place that a dead process had ready if it had moved its ref already, and removes its lock
/// otherwise. As long as the lock is there, nobody has changed the index.
fn finish_index(repository: &Repository, rest: &str) {
    let words: Vec<&str> = rest.splitn(3, ' ').collect();
    let [number, commit, name] = words[..] else { return };
    let lock = repository.path().join("index.lock");
    let is_its = |found: &fs::Metadata| inode(found).to_string() == number;
    // Zero where files have no numbers: then the lock may be anybody's.
    if number == "0" || !fs::symlink_metadata(&lock).is_ok_and(|found| is_its(&found)) {
        return;
    }
    let index = repository.path().join("index");
    let moved = repository.refname_to_id(name).is_ok_and(|at| at.to_string() == commit);
    // Both names of one file: then it is in place, and to rename one to the other does nothing.
    let is_in_place = fs::symlink_metadata(&index).is_ok_and(|found| is_its(&found));
    let _ = if moved && !is_in_place { fs::rename(lock, index) } else { fs::remove_file(lock) };
}

/// Removes the lock of a ref unless it is younger than the note's writer or goes away by itself.
fn clear_ref(lock: &Path, noted: Option<SystemTime>) {
    loop {
        let Ok(made) = fs::symlink_metadata(lock).and_then(|found| found.modified()) else {
            return;
        };
        if noted.is_some_and(|noted| made < noted) {
            return;
        }
        match made.elapsed() {
            Ok(age) if age < AGE => sleep(Duration::from_millis(20).min(AGE.saturating_sub(age))),
            // Old enough, or from a time when the clock was ahead.
            _ => {
                let _ = fs::remove_file(lock);
                return;
            }
        }
    }
}

/// Makes one file known under the name of git's lock too; `None` when there is a lock. Where files have one name
/// only, the lock is an empty file.
pub(super) fn lock_as(draft: &Path, lock: PathBuf) -> std::io::Result<Option<PathBuf>> {
    let exists = |error: &std::io::Error| error.kind() == ErrorKind::AlreadyExists;
    match fs::hard_link(draft, &lock) {
        Ok(()) => Ok(Some(lock)),
        Err(error) if exists(&error) => Ok(None),
        Err(_) => match File::create_new(&lock) {
            Ok(_) => Ok(Some(lock)),
            Err(error) if exists(&error) => Ok(None),
            Err(error) => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::super::{Landed, Mode};
    use super::*;

    /// What a process leaves that is killed while it moves a branch to a commit.
    #[cfg(unix)]
    fn killed(fixture: &Fixture, name: &str, commit: Oid) {
        let repository = fixture.repo().open().unwrap();
        let git = fixture.root().join(".git");
        let mut turn = Turn::take(&repository, &[name.to_owned()]);
        let draft = git.join(format!("{DRAFT}1.0"));
        fs::copy(git.join("index"), &draft).unwrap();
        turn.note_index(&draft, name, commit);
        assert!(lock_as(&draft, git.join("index.lock")).unwrap().is_some());
        let copy = git.join("note");
        fs::copy(git.join(FILE), &copy).unwrap();
        drop(turn);
        fs::rename(copy, git.join(FILE)).unwrap();
        fs::write(git.join(format!("{name}.lock")), "").unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn the_next_process_clears_what_a_killed_one_left() {
        let fixture = Fixture::new();
        fixture.write("data/a.csv", "1\n");
        fixture.snapshot(Mode::Branch, &["data"]);
        killed(&fixture, "refs/heads/main", Oid::ZERO_SHA1);
        fixture.write("data/a.csv", "2\n");
        let landed = fixture.snapshot(Mode::Branch, &["data"]).landed;
        assert!(matches!(landed, Landed::Branch { .. }), "{landed:?}");
        fixture.assert_clean();
        let names = fs::read_dir(fixture.root().join(".git")).unwrap();
        let names: Vec<_> =
            names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        assert!(!names.iter().any(|it| it.starts_with(DRAFT) || it.contains(".lock")), "{names:?}");
        assert_eq!(fs::read(fixture.root().join(".git").join(FILE)).unwrap(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn an_index_that_was_ready_when_its_branch_had_moved_is_brought_in_place() {
        let fixture = Fixture::new();
        let index = fixture.root().join(".git/index");
        let before = fixture.root().join(".git/before");
        for text in ["1\n", "2\n"] {
            drop(fs::copy(&index, &before));
            fixture.write("data/a.csv", text);
            fixture.snapshot(Mode::Branch, &["data"]);
        }
        let ready = fs::read(&index).unwrap();
        let head = fixture.repo().open().unwrap().refname_to_id("refs/heads/main").unwrap();
        killed(&fixture, "refs/heads/main", head);
        fs::rename(before, &index).unwrap();
        drop(Turn::take(&fixture.repo().open().unwrap(), &[]));
        assert_eq!(fs::read(&index).unwrap(), ready);
        assert!(!fixture.root().join(".git/index.lock").exists());
        fixture.assert_clean();
    }

    #[cfg(unix)]
    #[test]
    fn locks_of_others_stay() {
        let fixture = Fixture::new();
        fixture.write("data/a.csv", "1\n");
        fixture.snapshot(Mode::Branch, &["data"]);
        killed(&fixture, "refs/heads/side", Oid::ZERO_SHA1);
        let git = fixture.root().join(".git");
        fs::remove_file(git.join("index.lock")).unwrap();
        fs::write(git.join("index.lock"), "of git").unwrap();
        fs::write(git.join("refs/heads/main.lock"), "of git").unwrap();
        drop(Turn::take(&fixture.repo().open().unwrap(), &[]));
        assert!(git.join("index.lock").exists() && git.join("refs/heads/main.lock").exists());
        assert!(!git.join("refs/heads/side.lock").exists());
    }
}
