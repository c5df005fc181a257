//! Whether what lies in the working tree may have come from somebody else since a moment.

use std::fs;

use git2::Repository;

use super::error::GitError;
use super::obstacle::{Obstacle, activity};
use super::repo::Repo;
use crate::ledger::digest::Digest;
use crate::ledger::trust::Standpoint;

impl Repo {
    /// Where HEAD is, and what was fetched last.
    pub fn standpoint(&self) -> Result<Standpoint, GitError> {
        let repository = self.open()?;
        Ok(standpoint(&repository))
    }

    /// Why files may be somebody else's since a moment; `None` when all that happened to HEAD are
    /// commits of this clone.
    ///
    /// The log of HEAD is believed, for it is written here and never carried. Without one, any move
    /// counts.
    pub fn came_since(&self, before: &Standpoint) -> Result<Option<String>, GitError> {
        let repository = self.open()?;
        if let Some(Obstacle::InProgress(what)) = activity(&repository).into_iter().next() {
            return Ok(Some(format!("a {what} is in progress")));
        }
        let now = standpoint(&repository);
        if now.fetched != before.fetched {
            return Ok(Some("something was fetched or pulled since it was approved".to_owned()));
        }
        if now.head == before.head {
            return Ok(None);
        }
        Ok(foreign_move(&repository, before.head.as_deref()))
    }
}

fn standpoint(repository: &Repository) -> Standpoint {
    let head = repository.head().ok().and_then(|head| head.target());
    let fetched = fs::read(repository.path().join("FETCH_HEAD")).ok();
    Standpoint {
        head: head.map(|commit| commit.to_string()),
        fetched: fetched.map(|bytes| Digest::of(&bytes)),
    }
}

/// The newest move of HEAD since a commit that is no commit made here.
fn foreign_move(repository: &Repository, since: Option<&str>) -> Option<String> {
    let unknown = || Some("HEAD moved since it was approved".to_owned());
    let Ok(log) = repository.reflog("HEAD") else { return unknown() };
    for entry in log.iter() {
        if Some(entry.id_new().to_string().as_str()) == since {
            return None;
        }
        let message = entry.message().ok().flatten().unwrap_or_default();
        let own = ["commit:", "commit (initial):", "commit (amend):"];
        if !own.iter().any(|start| message.starts_with(start)) {
            let words: String = message.chars().take(60).collect();
            return Some(format!("HEAD moved since it was approved (\"{words}\")"));
        }
    }
    // Before the first commit there is nothing to find.
    if since.is_none() && !log.is_empty() { None } else { unknown() }
}

#[cfg(test)]
mod tests {
    use super::super::Mode;
    use super::super::fixture::Fixture;

    #[test]
    fn own_commits_are_trusted_and_all_else_is_named() {
        let fixture = Fixture::new();
        let repo = fixture.repo();
        let before = repo.standpoint().unwrap();
        assert_eq!(repo.came_since(&before).unwrap(), None);
        fixture.write("a.toml", "a = 1\n");
        fixture.git(&["add", "."]);
        fixture.git(&["commit", "-qm", "mine"]);
        assert_eq!(repo.came_since(&before).unwrap(), None, "the first commit");
        let before = repo.standpoint().unwrap();
        fixture.write("experiments/e/a.toml", "a = 2\n");
        fixture.snapshot(Mode::Branch, &["experiments"]);
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "again"]);
        fixture.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "better"]);
        assert_eq!(repo.came_since(&before).unwrap(), None, "a snapshot and own commits");

        let here = repo.standpoint().unwrap();
        fixture.git(&["switch", "-qc", "other", "HEAD~1"]);
        let why = repo.came_since(&here).unwrap().unwrap();
        assert!(why.contains("checkout: moving from main to other"), "{why}");
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "theirs"]);
        fixture.git(&["switch", "-q", "main"]);
        let here = repo.standpoint().unwrap();
        fixture.git(&["merge", "-q", "-m", "merged", "other"]);
        assert!(repo.came_since(&here).unwrap().unwrap().contains("merge other"));
        let here = repo.standpoint().unwrap();
        fixture.git(&["fetch", "-q", ".", "other"]);
        assert!(repo.came_since(&here).unwrap().unwrap().contains("fetched or pulled"));
    }

    #[test]
    fn nothing_is_decided_during_a_merge() {
        let fixture = Fixture::new();
        let repo = fixture.repo();
        fixture.write("a.toml", "a = 1\n");
        fixture.git(&["add", "."]);
        fixture.git(&["commit", "-qm", "mine"]);
        fixture.git(&["switch", "-qc", "other"]);
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "theirs"]);
        fixture.git(&["switch", "-q", "main"]);
        let here = repo.standpoint().unwrap();
        fixture.git(&["merge", "-q", "--no-ff", "--no-commit", "other"]);
        assert_eq!(repo.came_since(&here).unwrap().unwrap(), "a merge is in progress");
    }
}
