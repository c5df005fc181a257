//! A real repository in a temporary folder, shielded from the settings of the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::ledger::time::Timestamp;

/// A repository with the ledger in it.
pub(super) struct Fixture {
    _folder: tempfile::TempDir,
    workdir: PathBuf,
    root: PathBuf,
}

impl Fixture {
    /// A ledger that is a repository of its own, without a commit.
    pub(super) fn new() -> Self {
        Self::with_ledger_in("")
    }

    /// A repository with the ledger in one of its folders.
    pub(super) fn with_ledger_in(prefix: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workdir = folder.path().canonicalize().unwrap();
        let root = workdir.join(prefix);
        fs::create_dir_all(&root).unwrap();
        Repo::init(&workdir).unwrap();
        let fixture = Self { _folder: folder, workdir, root };
        let shield = [
            ("user.name", "Test"),
            ("user.email", "test@example.org"),
            ("commit.gpgsign", "false"),
            ("core.hooksPath", ".git/hooks"),
            ("core.excludesFile", "/dev/null"),
            ("core.attributesFile", "/dev/null"),
            ("core.autocrlf", "false"),
        ];
        for (key, value) in shield {
            fixture.set(key, value);
        }
        fixture
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn repo(&self) -> Repo {
        Repo::discover(&self.root).unwrap().unwrap()
    }

    /// Sets a key in the repository's own configuration.
    pub(super) fn set(&self, key: &str, value: &str) {
        let repository = git2::Repository::open(&self.workdir).unwrap();
        repository.config().unwrap().set_str(key, value).unwrap();
    }

    /// Writes a file of the ledger and the folders above it.
    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs git in the working directory and returns what it printed.
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let (succeeded, text) = self.try_git(arguments);
        assert!(succeeded, "git {arguments:?}: {text}");
        text
    }

    /// Runs git, which may fail.
    pub(super) fn try_git(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(&self.workdir)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// Takes a snapshot of some paths with nothing remembered.
    pub(super) fn snapshot(&self, mode: Mode, paths: &[&str]) -> Snapshot {
        Self::snapshot_by(&self.repo(), mode, paths)
    }

    /// Takes a snapshot of some paths.
    pub(super) fn snapshot_by(repo: &Repo, mode: Mode, paths: &[&str]) -> Snapshot {
        let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
        let request = SnapshotRequest {
            mode,
            paths: &paths,
            forced: &[],
            message: "Runs of housing/forest.toml",
            writer: "w1",
            time: Timestamp::from_microseconds(1_795_000_000_000_000),
        };
        repo.snapshot(&request).unwrap()
    }

    /// Everything that is the user's: HEAD, index, branches and the state of the working files.
    pub(super) fn users_state(&self) -> (Vec<u8>, Vec<u8>, String) {
        let git_dir = self.workdir.join(".git");
        (
            fs::read(git_dir.join("HEAD")).unwrap(),
            fs::read(git_dir.join("index")).unwrap_or_default(),
            self.git(&["for-each-ref", "refs/heads"]),
        )
    }

    /// Fails unless git finds the repository sound and the tree clean.
    pub(super) fn assert_clean(&self) {
        assert_eq!(self.git(&["status", "--porcelain"]), "");
        self.git(&["fsck", "--strict", "--no-dangling"]);
    }
}
