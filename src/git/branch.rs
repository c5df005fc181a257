//! Snapshots on the user's branch, when nothing of the user's is in the way.

use std::thread::sleep;
use std::time::Duration;

use git2::{Oid, Repository, RepositoryState};

use super::change::Changes;
use super::commit::{self, Parents};
use super::draft::{Draft, Published};
use super::durable;
use super::error::GitError;
use super::obstacle::{self, Obstacle, Position};
use super::reference::{ATTEMPTS, Waiting, move_ref};
use super::repo::Repo;
use super::snapshot::{Landed, Snapshot, SnapshotRequest};
use super::survey::Survey;
use super::tree;
use super::turn::Turn;

/// How long a git command is given to let go of the index: `git status` holds it for milliseconds.
const LOCK_WAIT: Duration = Duration::from_millis(40);

impl Repo {
    /// Commits to the branch that HEAD is on, or says what is in the way.
    pub(super) fn on_branch(
        &self,
        repository: &Repository,
        request: &SnapshotRequest<'_>,
        turn: &mut Turn,
    ) -> Result<Result<Snapshot, Obstacle>, GitError> {
        if let Some(obstacle) = obstacle::settings(repository).into_iter().next() {
            return Ok(Err(obstacle));
        }
        let mut obstacle = None;
        for _ in 0..ATTEMPTS {
            match self.try_on_branch(repository, request, turn)? {
                Tried::Landed(snapshot) => return Ok(Ok(snapshot)),
                Tried::Stopped(found @ Obstacle::IndexLocked(_)) => {
                    obstacle = Some(found);
                    sleep(LOCK_WAIT);
                }
                Tried::Stopped(found @ Obstacle::BranchMoved(_)) => obstacle = Some(found),
                Tried::Stopped(found) => return Ok(Err(found)),
            }
        }
        Ok(Err(obstacle.unwrap_or(Obstacle::Detached)))
    }

    fn try_on_branch(
        &self,
        repository: &Repository,
        request: &SnapshotRequest<'_>,
        turn: &mut Turn,
    ) -> Result<Tried, GitError> {
        let position = match obstacle::position(repository) {
            Ok(position) => position,
            Err(found) => return Ok(Tried::Stopped(found)),
        };
        if let Some(found) = obstacle::activity(repository).into_iter().next() {
            return Ok(Tried::Stopped(found));
        }
        let waiting = self
            .waiting(repository, request.writer)
            .map_err(self.failed("read what waits on the snapshot ref"))?;
        let base = tree::of(repository, position.tip).map_err(self.failed("read HEAD"))?;
        let mut survey = Survey::new(repository, &self.place, &base);
        let looked = request
            .paths
            .iter()
            .chain(&waiting.paths)
            .try_for_each(|path| survey.look_at(path))
            .and_then(|()| survey.look_at_forced(request.forced));
        looked.map_err(self.failed("compare the ledger with HEAD"))?;
        let changes = survey.finish();
        let tree = tree::with(repository, &base, &changes).map_err(self.failed("write trees"))?;
        if tree == base.id() {
            self.take_along(repository, request, &waiting)?;
            let landed = Landed::Nothing;
            return Ok(Tried::Landed(Snapshot { landed, skipped: changes.skipped }));
        }
        let next = Next { position, tree, changes, waiting };
        self.commit_to_branch(repository, request, turn, next)
    }

    fn commit_to_branch(
        &self,
        repository: &Repository,
        request: &SnapshotRequest<'_>,
        turn: &mut Turn,
        Next { position, tree, changes, waiting }: Next,
    ) -> Result<Tried, GitError> {
        let mut draft = Draft::copy(repository)?;
        if let Some(found) = draft.staged(repository, position.tip, self.known()) {
            return Ok(Tried::Stopped(found));
        }
        draft.update(&changes)?;
        let parents = Parents { tip: position.tip, head: None };
        let id = commit::write(self, repository, request, &changes, tree, parents)
            .map_err(self.failed("write the snapshot"))?;
        durable::sync(repository)?;
        let published = draft.publish(repository, turn, (&position.branch, id), || {
            let still_there = obstacle::position(repository).as_ref() == Ok(&position);
            if !still_there || repository.state() != RepositoryState::Clean {
                return Ok(false);
            }
            let log = format!("commit: {}", request.message.lines().next().unwrap_or_default());
            move_ref(repository, &position.branch, position.tip, id, &log)
                .map_err(self.failed("move the branch"))
        })?;
        match published {
            Published::Yes(index) => self.know(index.map(|index| (index, id))),
            Published::Locked(lock) => return Ok(Tried::Stopped(Obstacle::IndexLocked(lock))),
            Published::Overtaken => {
                return Ok(Tried::Stopped(Obstacle::BranchMoved(position.branch)));
            }
        }
        self.take_along(repository, request, &waiting)?;
        durable::sync(repository)?;
        let (name, commit, files) = (position.branch, id.to_string(), changes.files());
        let landed = Landed::Branch { name, commit, files };
        Ok(Tried::Landed(Snapshot { landed, skipped: changes.skipped }))
    }

    fn take_along(
        &self,
        repository: &Repository,
        request: &SnapshotRequest<'_>,
        waiting: &Waiting,
    ) -> Result<(), GitError> {
        let noted = waiting.note_carried(repository, request.writer);
        noted.map_err(self.failed("note what the branch has taken along"))
    }
}

/// What is about to be committed.
struct Next {
    position: Position,
    tree: Oid,
    changes: Changes,
    waiting: Waiting,
}

/// What one try came to.
enum Tried {
    Landed(Snapshot),
    Stopped(Obstacle),
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::Mode;
    use super::super::fixture::Fixture;
    use super::*;

    /// The first file of an attempt; its second digit pair is the shard.
    const ATTEMPT: &str = "experiments/h/runs/ab/cdef.01J";

    fn files_on_branch(snapshot: &Snapshot) -> usize {
        match &snapshot.landed {
            Landed::Branch { name, files, .. } if name == "refs/heads/main" => *files,
            other => panic!("not on main: {other:?}"),
        }
    }

    #[test]
    fn the_first_commit_of_a_fresh_repository() {
        let fixture = Fixture::new();
        fixture.write("ledger.toml", "format = 1\n");
        fixture.write(".gitignore", "/site/\n");
        fixture.write("site/index.html", "<p>");
        fixture.write(".fairledger/writer", "w1");
        fixture.write(&format!("{ATTEMPT}/manifest.toml"), "m");
        fixture.write(&format!("{ATTEMPT}/artifacts/model"), "x");
        assert_eq!(files_on_branch(&fixture.snapshot(Mode::Branch, &[""])), 4);
        assert_eq!(fixture.git(&["status", "--porcelain", "--", ":!.fairledger"]), "");
        assert_eq!(fixture.git(&["rev-list", "--count", "HEAD"]), "1\n");
        let body = fixture.git(&["log", "-1", "--format=%an%n%B"]);
        assert_eq!(body, "Test\nRuns of housing/forest.toml\n\nFairledger-Runs: 1\n\n");
        let last = fixture.repo().standing("w1").unwrap().branch.unwrap();
        assert_eq!(last.commit, fixture.git(&["rev-parse", "HEAD"]).trim());
        assert_eq!(last.time.minute(), "2026-11-18 11:06 UTC");
    }

    #[test]
    fn only_the_named_paths_and_a_clean_tree() {
        let fixture = Fixture::new();
        fixture.write("ledger.toml", "format = 1\n");
        fixture.write("data/a.csv", "1\n");
        fixture.snapshot(Mode::Branch, &[""]);
        fixture.write("data/a.csv", "2\n");
        fixture.write("ledger.toml", "format = 1 # not yet\n");
        fixture.write(&format!("{ATTEMPT}/manifest.toml"), "m");
        let snapshot = fixture.snapshot(Mode::Branch, &["data/a.csv", ATTEMPT]);
        assert_eq!(files_on_branch(&snapshot), 2);
        assert_eq!(fixture.git(&["status", "--porcelain"]), " M ledger.toml\n");
        let stat = fixture.git(&["log", "--stat", "-1", "--format=%s"]);
        assert!(stat.contains("2 files changed"), "{stat}");
        assert_eq!(fixture.snapshot(Mode::Branch, &["data", ATTEMPT]).landed, Landed::Nothing);

        fs::remove_file(fixture.root().join("data/a.csv")).unwrap();
        assert_eq!(files_on_branch(&fixture.snapshot(Mode::Branch, &["ledger.toml", "data"])), 2);
        fixture.assert_clean();
        assert_eq!(fixture.git(&["ls-tree", "--name-only", "HEAD"]), "experiments\nledger.toml\n");
    }

    #[test]
    fn a_ledger_in_a_folder_of_a_larger_repository() {
        let fixture = Fixture::with_ledger_in("studies/prices");
        assert!(!fixture.repo().is_ledger_root());
        fixture.write("../../README.md", "not the ledger's\n");
        fixture.write("ledger.toml", "format = 1\n");
        fixture.write(&format!("{ATTEMPT}/manifest.toml"), "m");
        let snapshot = fixture.snapshot(Mode::Branch, &["", "../../README.md"]);
        assert_eq!(files_on_branch(&snapshot), 2);
        assert_eq!(snapshot.skipped[0].path, "../../README.md");
        assert_eq!(fixture.git(&["status", "--porcelain"]), "?? README.md\n");
        let trailer = fixture.git(&["log", "-1", "--format=%(trailers)"]);
        assert!(trailer.starts_with("Fairledger-Runs: 1\n"), "{trailer}");
    }

    #[test]
    fn a_linked_worktree_has_its_own_index() {
        let fixture = Fixture::new();
        fixture.write("ledger.toml", "format = 1\n");
        fixture.snapshot(Mode::Branch, &[""]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("side");
        fixture.git(&["worktree", "add", "-q", "-b", "side", path.to_str().unwrap()]);
        let repo = Repo::discover(&path).unwrap().unwrap();
        fs::write(path.join("spec.toml"), "a = 1\n").unwrap();
        let paths = ["spec.toml".into()];
        let request = SnapshotRequest {
            mode: Mode::Branch,
            paths: &paths,
            forced: &[],
            message: "",
            writer: "w1",
            time: crate::ledger::time::Timestamp::from_microseconds(0),
        };
        let landed = repo.snapshot(&request).unwrap().landed;
        assert!(matches!(&landed, Landed::Branch { name, .. } if name == "refs/heads/side"));
        assert_eq!(fixture.git(&["-C", path.to_str().unwrap(), "status", "--porcelain"]), "");
        fixture.assert_clean();
    }

    #[test]
    fn a_user_who_stages_in_between_loses_nothing() {
        let fixture = Fixture::new();
        fixture.write("ledger.toml", "format = 1\n");
        fixture.snapshot(Mode::Branch, &[""]);
        let repository = fixture.repo().open().unwrap();
        let draft = Draft::copy(&repository).unwrap();
        fixture.write("mine.txt", "1\n");
        fixture.git(&["add", "mine.txt"]);
        let mut turn = Turn::take(&repository, &[]);
        let advance = || panic!("the branch must not move");
        let published = draft
            .publish(&repository, &mut turn, ("refs/heads/main", Oid::ZERO_SHA1), advance)
            .unwrap();
        assert!(matches!(published, Published::Overtaken));
        assert_eq!(fixture.git(&["status", "--porcelain"]), "A  mine.txt\n");
        let leftovers = fs::read_dir(fixture.root().join(".git")).unwrap();
        let mut names = leftovers.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(names.all(|name| !name.contains("fairledger-index") && !name.contains("lock")));
    }

    #[test]
    fn what_is_remembered_never_hides_what_is_staged() {
        let fixture = Fixture::new();
        let repo = fixture.repo();
        for number in 0..3 {
            fixture.write("data/a.csv", &format!("{number}\n"));
            let snapshot = Fixture::snapshot_by(&repo, Mode::Branch, &["data"]);
            assert_eq!(files_on_branch(&snapshot), 1);
            assert!(repo.known().is_some());
            fixture.assert_clean();
        }
        fixture.write("mine.txt", "1\n");
        fixture.git(&["add", "mine.txt"]);
        fixture.write("data/a.csv", "staged\n");
        let landed = Fixture::snapshot_by(&repo, Mode::Branch, &["data"]).landed;
        assert!(
            matches!(landed, Landed::Ref { because: Some(Obstacle::Staged), .. }),
            "{landed:?}"
        );
        fixture.git(&["rm", "-q", "--cached", "mine.txt"]);
        fixture.git(&["reset", "-q", "--soft", "HEAD~1"]);
        let landed = Fixture::snapshot_by(&repo, Mode::Branch, &["data"]).landed;
        assert!(matches!(landed, Landed::Ref { .. } | Landed::Nothing), "{landed:?}");
    }

    #[test]
    fn an_index_of_version_four_stays_one() {
        let fixture = Fixture::new();
        fixture.write("ledger.toml", "format = 1\n");
        fixture.git(&["add", "."]);
        fixture.git(&["commit", "-qm", "mine"]);
        fixture.git(&["update-index", "--index-version", "4"]);
        fixture.write("data/a.csv", "1\n");
        assert_eq!(files_on_branch(&fixture.snapshot(Mode::Branch, &["data"])), 1);
        fixture.assert_clean();
        let index = fs::read(fixture.root().join(".git/index")).unwrap();
        assert_eq!(index[4..8], [0, 0, 0, 4]);
    }
}
