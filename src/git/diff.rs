//! What the code around a run is beside its commit: the changes that were not committed.

use std::path::{Path, PathBuf};

use git2::{Diff, DiffFormat, DiffOptions, ErrorCode, Repository, Tree};

use super::dirty::in_runs;
use super::error::GitError;
use super::repo::Repo;
use super::tree;

/// More than this of changes is left out, in bytes.
const MOST: usize = 1 << 20;

impl Repo {
    /// The uncommitted changes as a patch, runs left out: those of tracked files, and some files
    /// whole that git does not track. Empty when there are none; cut off with a line that says so
    /// after 1 MiB.
    pub fn patch(&self, untracked: &[PathBuf]) -> Result<String, GitError> {
        let repository = self.open()?;
        let read = || {
            let head = repository.head().ok().and_then(|head| head.target());
            let base = tree::of(&repository, head)?;
            let mut patch = String::new();
            self.add(&tracked(&repository, &base)?, &mut patch)?;
            let inside: Vec<&Path> = untracked
                .iter()
                .filter_map(|path| path.strip_prefix(&self.place.workdir).ok())
                .collect();
            if !inside.is_empty() {
                self.add(&whole(&repository, &inside)?, &mut patch)?;
            }
            Ok(patch)
        };
        read().map_err(self.failed("compare the files with the last commit"))
    }

    fn add(&self, diff: &Diff<'_>, patch: &mut String) -> Result<(), git2::Error> {
        let printed = diff.print(DiffFormat::Patch, |delta, _, line| {
            let path = delta.new_file().path().unwrap_or_else(|| Path::new(""));
            if in_runs(&self.place, &path.to_string_lossy()) {
                return true;
            }
            if matches!(line.origin(), '+' | '-' | ' ') {
                patch.push(line.origin());
            }
            patch.push_str(&String::from_utf8_lossy(line.content()));
            patch.len() < MOST
        });
        match printed {
            Err(error) if error.code() == ErrorCode::User => {
                patch.push_str("\n[the rest of the changes is left out]\n");
                Ok(())
            }
            other => other,
        }
    }
}

fn tracked<'r>(repository: &'r Repository, base: &Tree<'_>) -> Result<Diff<'r>, git2::Error> {
    let mut options = DiffOptions::new();
    options.ignore_submodules(true);
    repository.diff_tree_to_workdir_with_index(Some(base), Some(&mut options))
}

/// Files that git does not track, of those named.
fn whole<'r>(repository: &'r Repository, paths: &[&Path]) -> Result<Diff<'r>, git2::Error> {
    let mut options = DiffOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).show_untracked_content(true);
    options.include_ignored(true).recurse_ignored_dirs(true).disable_pathspec_match(true);
    for path in paths {
        options.pathspec(*path);
    }
    let mut index = repository.index()?;
    index.read(false)?;
    repository.diff_index_to_workdir(Some(&index), Some(&mut options))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;

    #[test]
    fn changes_are_a_patch_and_named_files_are_whole() {
        let fixture = Fixture::new();
        fixture.write("train.py", "one\n");
        fixture.write("experiments/e/runs/ab/1/log.txt", "1\n");
        fixture.git(&["add", "."]);
        fixture.git(&["commit", "-qm", "mine"]);
        let new = fixture.root().canonicalize().unwrap().join("new.py");
        let patch = || fixture.repo().patch(std::slice::from_ref(&new)).unwrap();
        assert_eq!(patch(), "");
        fixture.write("train.py", "two\n");
        fixture.write("new.py", "fresh\n");
        fixture.write("other.py", "not asked for\n");
        fixture.write("experiments/e/runs/ab/1/log.txt", "2\n");
        let text = patch();
        for part in ["-one", "+two", "+fresh", "b/train.py", "b/new.py"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("other.py") && !text.contains("log.txt"), "{text}");
        fixture.write("train.py", &"a long line\n".repeat(200_000));
        assert!(patch().ends_with("[the rest of the changes is left out]\n"));
    }
}
