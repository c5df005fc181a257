//! What differs between the disk and a tree, looked at only where something changed.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use git2::{AttrCheckFlags, AttrValue, FileMode, ObjectType, Repository, Tree};

use super::change::{Changes, Skipped, Written};
use super::disk::{is_absence, is_executable, is_repository};
use super::place::{Misplaced, Place, is_private};
use super::tree::{self, is_link};

/// Compares the disk with a tree at some paths.
pub(super) struct Survey<'a> {
    repository: &'a Repository,
    place: &'a Place,
    base: &'a Tree<'a>,
    modes_count: bool,
    sparse: bool,
    /// Whether ignored files are taken too.
    forced: bool,
    seen: BTreeSet<String>,
    changes: Changes,
    /// How much of the path that is being looked at could not be read.
    unread: usize,
}

impl<'a> Survey<'a> {
    /// Starts with no path looked at.
    pub(super) fn new(repository: &'a Repository, place: &'a Place, base: &'a Tree<'a>) -> Self {
        let setting = |name: &str| repository.config().and_then(|config| config.get_bool(name));
        Self {
            repository,
            place,
            base,
            modes_count: setting("core.filemode").unwrap_or(cfg!(unix)),
            sparse: setting("core.sparseCheckout").unwrap_or(false),
            forced: false,
            seen: BTreeSet::new(),
            changes: Changes::default(),
            unread: 0,
        }
    }

    /// What was found.
    pub(super) fn finish(self) -> Changes {
        self.changes
    }

    /// Looks at a file or a folder of the ledger, or at the place where one was. It is taken whole or, when some
    /// of it cannot be read now, not at all: half an attempt would be a damaged one elsewhere.
    pub(super) fn look_at(&mut self, in_ledger: &Path) -> Result<(), git2::Error> {
        match self.place.tree_path(in_ledger) {
            Ok(path) => {
                self.look(&path)?;
                if std::mem::take(&mut self.unread) > 0 {
                    self.changes.forget(&path);
                    self.leave(&path, "not all of it can be read; the next one tries again");
                }
            }
            Err(Misplaced::Private) => {}
            Err(Misplaced::Outside) => self.skip(in_ledger, "it is outside the ledger"),
            Err(Misplaced::NotUnicode) => self.skip(in_ledger, "its name is not Unicode"),
        }
        Ok(())
    }

    /// Looks at files that are taken although git ignores them.
    pub(super) fn look_at_forced(&mut self, files: &[PathBuf]) -> Result<(), git2::Error> {
        self.forced = true;
        let looked = files.iter().try_for_each(|file| {
            // A walk may have passed it over as ignored.
            if let Ok(path) = self.place.tree_path(file) {
                self.seen.remove(&path);
            }
            self.look_at(file)
        });
        self.forced = false;
        looked
    }

    fn look(&mut self, path: &str) -> Result<(), git2::Error> {
        if let Some(because) = self.barrier(path) {
            self.leave(path, because);
            return Ok(());
        }
        match fs::symlink_metadata(self.place.on_disk(path)) {
            Ok(found) if found.is_dir() => self.folder(path),
            Ok(found) if found.is_file() => self.file(path, found),
            Ok(_) => self.special(path),
            Err(error) if is_absence(&error) => self.gone(path),
            Err(_) => {
                self.fail(path, "it cannot be read");
                Ok(())
            }
        }
    }

    /// Why nothing below one of the path's folders belongs to this ledger.
    fn barrier(&self, path: &str) -> Option<&'static str> {
        let start = self.place.prefix.len() + usize::from(!self.place.prefix.is_empty());
        let inside = path.get(start..)?;
        for (at, _) in inside.match_indices('/') {
            let folder = self.place.on_disk(&path[..start + at]);
            let Ok(found) = fs::symlink_metadata(&folder) else { continue };
            if found.is_symlink() {
                return Some("it is reached through a symbolic link");
            }
            if is_repository(&folder) {
                return Some("it belongs to another repository");
            }
        }
        None
    }

    fn folder(&mut self, path: &str) -> Result<(), git2::Error> {
        let is_ledger = path == self.place.prefix;
        if !is_ledger && is_repository(&self.place.on_disk(path)) {
            return Ok(());
        }
        if self.tracked(path) == Some(ObjectType::Blob) {
            self.changes.removed.insert(path.to_owned());
        }
        if path.is_empty() || !self.repository.is_path_ignored(path)? {
            self.walk(path)?;
        }
        for file in tree::files_under(self.repository, self.base, path)? {
            if !self.seen.contains(&file) {
                self.look(&file)?;
            }
        }
        Ok(())
    }

    /// Looks at everything in a folder, in the order of names.
    fn walk(&mut self, path: &str) -> Result<(), git2::Error> {
        let Ok(entries) = fs::read_dir(self.place.on_disk(path)) else {
            self.fail(path, "it cannot be read");
            return Ok(());
        };
        let mut names = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => names.push(entry.file_name()),
                Err(_) => self.fail(path, "it cannot be read"),
            }
        }
        names.sort();
        for name in names {
            let Some(name) = name.to_str() else {
                self.leave(&format!("{path}/{}", name.display()), "its name is not Unicode");
                continue;
            };
            if !is_private(name) {
                let separator = if path.is_empty() { "" } else { "/" };
                self.walk_to(&format!("{path}{separator}{name}"))?;
            }
        }
        Ok(())
    }

    fn walk_to(&mut self, path: &str) -> Result<(), git2::Error> {
        let on_disk = self.place.on_disk(path);
        match fs::symlink_metadata(&on_disk) {
            Ok(found) if found.is_dir() => {
                if is_repository(&on_disk) || self.repository.is_path_ignored(path)? {
                    return Ok(());
                }
                if self.tracked(path) == Some(ObjectType::Blob) {
                    self.changes.removed.insert(path.to_owned());
                }
                self.walk(path)
            }
            Ok(found) if found.is_file() => self.file(path, found),
            Ok(_) => self.special(path),
            Err(error) if is_absence(&error) => Ok(()),
            Err(_) => {
                self.fail(path, "it cannot be read");
                Ok(())
            }
        }
    }

    fn file(&mut self, path: &str, found: Metadata) -> Result<(), git2::Error> {
        if !self.seen.insert(path.to_owned()) {
            return Ok(());
        }
        let before = self.base.get_path(Path::new(path)).ok();
        if before.is_none() && !self.forced && self.repository.is_path_ignored(path)? {
            return Ok(());
        }
        if before.as_ref().is_some_and(|entry| is_link(entry.filemode())) {
            self.leave(path, "git tracks it as a symbolic link or a submodule");
            return Ok(());
        }
        if self.is_filtered(path)? {
            self.leave(path, "a git filter such as LFS applies to it; commit it with git");
            return Ok(());
        }
        let on_disk = self.place.on_disk(path);
        let id = match self.repository.blob_path(&on_disk) {
            Ok(id) => id,
            Err(error) => return self.refused(path, &on_disk, error),
        };
        let mode = self.mode(&found, before.as_ref().map(git2::TreeEntry::filemode));
        if before.is_some_and(|entry| entry.id() == id && entry.filemode() == i32::from(mode)) {
            return Ok(());
        }
        if self.make_room(path)? {
            self.changes.written.insert(path.to_owned(), Written { id, mode, found });
        }
        Ok(())
    }

    /// A file of which git made no object.
    fn refused(
        &mut self,
        path: &str,
        on_disk: &Path,
        error: git2::Error,
    ) -> Result<(), git2::Error> {
        match fs::read(on_disk) {
            // It is the repository that cannot take it, nor any other file.
            Ok(_) => Err(error),
            Err(error) if is_absence(&error) => self.gone(path),
            Err(_) => {
                self.fail(path, "it cannot be read");
                Ok(())
            }
        }
    }

    /// Takes out what stands in the way: a folder of this name, or a file where a folder must be.
    fn make_room(&mut self, path: &str) -> Result<bool, git2::Error> {
        for (at, _) in path.match_indices('/') {
            match self.tracked(&path[..at]) {
                Some(ObjectType::Blob) => {
                    self.changes.removed.insert(path[..at].to_owned());
                }
                Some(ObjectType::Commit) => {
                    self.leave(path, "it lies in a submodule");
                    return Ok(false);
                }
                _ => {}
            }
        }
        self.changes.removed.extend(tree::files_under(self.repository, self.base, path)?);
        Ok(true)
    }

    /// A link, a pipe or a device: never followed, and only worth a word when git would take it.
    fn special(&mut self, path: &str) -> Result<(), git2::Error> {
        let tracked_link =
            self.base.get_path(Path::new(path)).is_ok_and(|entry| is_link(entry.filemode()));
        if !tracked_link && !self.repository.is_path_ignored(path)? {
            self.leave(path, "it is not a regular file");
        }
        Ok(())
    }

    fn gone(&mut self, path: &str) -> Result<(), git2::Error> {
        match self.tracked(path) {
            // In a sparse checkout an absent file is one that was not asked for.
            Some(_) if self.sparse => self.leave(path, "it is absent in a sparse checkout"),
            Some(ObjectType::Blob) => {
                self.changes.removed.insert(path.to_owned());
            }
            Some(ObjectType::Tree) => {
                let files = tree::files_under(self.repository, self.base, path)?;
                self.changes.removed.extend(files);
            }
            _ => {}
        }
        Ok(())
    }

    fn tracked(&self, path: &str) -> Option<ObjectType> {
        self.base.get_path(Path::new(path)).ok()?.kind()
    }

    fn is_filtered(&self, path: &str) -> Result<bool, git2::Error> {
        for name in ["filter", "working-tree-encoding"] {
            let flags = AttrCheckFlags::FILE_THEN_INDEX;
            let value = self.repository.get_attr(Path::new(path), name, flags)?;
            if matches!(AttrValue::from_string(value), AttrValue::String(_)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn mode(&self, found: &Metadata, before: Option<i32>) -> FileMode {
        let executable = if self.modes_count {
            is_executable(found)
        } else {
            before == Some(i32::from(FileMode::BlobExecutable))
        };
        if executable { FileMode::BlobExecutable } else { FileMode::Blob }
    }

    /// Leaves out what cannot be read, and with it all that was to be looked at together.
    fn fail(&mut self, path: &str, because: &'static str) {
        self.unread += 1;
        self.leave(path, because);
    }

    fn leave(&mut self, path: &str, because: &'static str) {
        let shown = self.place.in_ledger(path).unwrap_or(path).to_owned();
        self.skip(Path::new(&shown), because);
    }

    fn skip(&mut self, path: &Path, because: &'static str) {
        let skipped = Skipped { path: path.display().to_string(), because };
        if !self.changes.skipped.contains(&skipped) {
            self.changes.skipped.push(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::super::{Landed, Mode, Snapshot};
    use super::*;

    fn listed(fixture: &Fixture) -> String {
        fixture.git(&["ls-tree", "-r", "--name-only", "HEAD"]).replace('\n', " ").trim().to_owned()
    }

    fn reasons(snapshot: &Snapshot) -> Vec<String> {
        snapshot.skipped.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ignored_files_stay_out_by_any_rule() {
        let fixture = Fixture::new();
        fixture.write(".gitignore", "*.log\n/site/\n");
        fixture.write("data/.gitignore", "*.tmp\n!keep.tmp\n");
        fixture.write(".git/info/exclude", "secret*\n");
        for path in ["a.log", "site/x.html", "data/x.tmp", "data/keep.tmp", "secret.toml", "b.toml"]
        {
            fixture.write(path, "1\n");
        }
        fixture.snapshot(Mode::Branch, &["", "a.log", "site", "site/x.html", "secret.toml"]);
        assert_eq!(listed(&fixture), ".gitignore b.toml data/.gitignore data/keep.tmp");
        fixture.assert_clean();
    }

    #[test]
    fn a_rule_that_comes_with_an_attempt_holds_at_once() {
        let fixture = Fixture::new();
        fixture.write("experiments/h/runs/ab/1/artifacts/model.bin", "large");
        fixture.write("experiments/h/runs/ab/1/manifest.toml", "m");
        fixture.write("experiments/h/runs/ab/1/.gitignore", "/artifacts/model.bin\n");
        fixture.snapshot(Mode::Branch, &["experiments/h/runs/ab/1"]);
        let attempt = "experiments/h/runs/ab/1";
        assert_eq!(listed(&fixture), format!("{attempt}/.gitignore {attempt}/manifest.toml"));
    }

    #[test]
    fn a_tracked_file_stays_tracked_when_a_rule_comes_later() {
        let fixture = Fixture::new();
        fixture.write("data/a.csv", "1\n");
        fixture.snapshot(Mode::Branch, &["data"]);
        fixture.write(".gitignore", "/data/\n");
        fixture.write("data/a.csv", "2\n");
        fixture.write("data/b.csv", "new\n");
        fixture.snapshot(Mode::Branch, &[""]);
        assert_eq!(listed(&fixture), ".gitignore data/a.csv");
        assert_eq!(fixture.git(&["show", "HEAD:data/a.csv"]), "2\n");
        fixture.assert_clean();
    }

    #[test]
    fn a_file_becomes_a_folder_and_back() {
        let fixture = Fixture::new();
        fixture.write("data/x", "1\n");
        fixture.snapshot(Mode::Branch, &["data/x"]);
        fs::remove_file(fixture.root().join("data/x")).unwrap();
        fixture.write("data/x/a.csv", "1\n");
        fixture.snapshot(Mode::Branch, &["data/x/a.csv"]);
        assert_eq!(listed(&fixture), "data/x/a.csv");
        fixture.assert_clean();
        fs::remove_dir_all(fixture.root().join("data/x")).unwrap();
        fixture.write("data/x", "1\n");
        fixture.snapshot(Mode::Branch, &["data"]);
        assert_eq!(listed(&fixture), "data/x");
        fixture.assert_clean();
    }

    #[test]
    fn lines_end_as_git_would_store_them() {
        let fixture = Fixture::new();
        fixture.write(".gitattributes", "*.txt text\n*.csv -text\n");
        fixture.write("a.txt", "1\r\n2\r\n");
        fixture.write("a.csv", "1\r\n2\r\n");
        fixture.snapshot(Mode::Branch, &[""]);
        assert_eq!(fixture.git(&["show", "HEAD:a.txt"]), "1\n2\n");
        assert_eq!(fixture.git(&["show", "HEAD:a.csv"]), "1\r\n2\r\n");
        fixture.assert_clean();
    }

    #[test]
    fn filtered_files_are_left_to_git() {
        let fixture = Fixture::new();
        fixture.write(".gitattributes", "*.bin filter=lfs\nplain.bin -filter\n");
        fixture.write("model.bin", "1");
        fixture.write("plain.bin", "1");
        let snapshot = fixture.snapshot(Mode::Branch, &[""]);
        assert_eq!(listed(&fixture), ".gitattributes plain.bin");
        assert_eq!(snapshot.skipped.len(), 1);
        assert!(reasons(&snapshot)[0].starts_with("model.bin: left out"));
    }

    #[test]
    fn another_repository_inside_is_not_ours() {
        let fixture = Fixture::new();
        fixture.write("data/theirs/.git/HEAD", "ref: refs/heads/main\n");
        fixture.write("data/theirs/a.csv", "1\n");
        fixture.write("data/ours.csv", "1\n");
        let snapshot = fixture.snapshot(Mode::Branch, &["data", "data/theirs/a.csv"]);
        assert_eq!(listed(&fixture), "data/ours.csv");
        assert_eq!(snapshot.skipped[0].because, "it belongs to another repository");
    }

    #[test]
    fn what_a_sparse_checkout_leaves_out_is_not_gone() {
        let fixture = Fixture::new();
        fixture.write("data/a.csv", "1\n");
        fixture.write("models/m/model.toml", "1\n");
        fixture.snapshot(Mode::Branch, &[""]);
        fixture.git(&["sparse-checkout", "set", "models"]);
        assert!(!fixture.root().join("data/a.csv").exists());
        let snapshot = fixture.snapshot(Mode::Branch, &["data/a.csv", "data"]);
        assert_eq!(snapshot.landed, Landed::Nothing);
        assert_eq!(listed(&fixture), "data/a.csv models/m/model.toml");
    }

    #[cfg(unix)]
    #[test]
    fn the_executable_bit_is_kept() {
        use std::os::unix::fs::PermissionsExt;
        let fixture = Fixture::new();
        fixture.write("train.py", "print()\n");
        fixture.snapshot(Mode::Branch, &["train.py"]);
        let path = fixture.root().join("train.py");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        fixture.snapshot(Mode::Branch, &["train.py"]);
        assert!(fixture.git(&["ls-tree", "HEAD"]).starts_with("100755 blob"));
        fixture.assert_clean();
        fixture.set("core.filemode", "false");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(fixture.snapshot(Mode::Branch, &["train.py"]).landed, Landed::Nothing);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_is_taken_whole_or_not_at_all() {
        use std::os::unix::fs::PermissionsExt;
        let fixture = Fixture::new();
        for attempt in ["1", "2"] {
            for file in ["manifest.toml", "params.toml", "run.toml"] {
                fixture.write(&format!("experiments/h/runs/ab/{attempt}/{file}"), attempt);
            }
        }
        let path = fixture.root().join("experiments/h/runs/ab/1/params.toml");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        // Whoever may read everything has no file that cannot be read.
        if fs::read(&path).is_err() {
            let paths = ["experiments/h/runs/ab/1", "experiments/h/runs/ab/2"];
            let snapshot = fixture.snapshot(Mode::Branch, &paths);
            assert!(!listed(&fixture).contains("ab/1") && listed(&fixture).contains("ab/2/params"));
            assert_eq!(snapshot.skipped.len(), 2, "{snapshot:?}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            fixture.snapshot(Mode::Branch, &paths);
            assert!(listed(&fixture).contains("ab/1/params.toml"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;
        let fixture = Fixture::new();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        fixture.write("data/a.csv", "1\n");
        symlink(outside.path(), fixture.root().join("data/out")).unwrap();
        let snapshot = fixture.snapshot(Mode::Branch, &["data", "data/out/secret"]);
        assert_eq!(listed(&fixture), "data/a.csv");
        let because: Vec<_> = snapshot.skipped.iter().map(|skipped| skipped.because).collect();
        assert_eq!(because, ["it is not a regular file", "it is reached through a symbolic link"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_unicode_stops_nothing() {
        use std::os::unix::ffi::OsStrExt;
        let fixture = Fixture::new();
        fixture.write("data/a.csv", "1\n");
        let name = std::ffi::OsStr::from_bytes(b"data/\xff.csv");
        fs::write(fixture.root().join(name), "1\n").unwrap();
        let snapshot = fixture.snapshot(Mode::Branch, &["data"]);
        assert_eq!(listed(&fixture), "data/a.csv");
        assert_eq!(snapshot.skipped[0].because, "its name is not Unicode");
    }
}
