//! Snapshots beside the branches, which touch nothing a user works with.

use std::path::PathBuf;

use git2::{ErrorCode, Oid, Reference, Repository};

use super::commit::{self, Parents};
use super::durable;
use super::error::GitError;
use super::obstacle::Obstacle;
use super::repo::Repo;
use super::snapshot::{Landed, Snapshot, SnapshotRequest};
use super::survey::Survey;
use super::tree;

/// How often a moved ref is read anew.
pub(super) const ATTEMPTS: usize = 5;

/// The folder of the refs that are pushed.
pub(super) const REFS: &str = "refs/fairledger";

/// The folder of the refs that remember which of their commits a branch has taken along.
const CARRIED: &str = "refs/fairledger-carried";

impl Repo {
    /// Commits to the writer's ref.
    pub(super) fn on_ref(
        &self,
        repository: &Repository,
        request: &SnapshotRequest<'_>,
        because: Option<Obstacle>,
    ) -> Result<Snapshot, GitError> {
        let name = ref_name(request.writer)?;
        for _ in 0..ATTEMPTS {
            let tip = target(repository, &name).map_err(self.failed("read the snapshot ref"))?;
            let base = tree::of(repository, tip).map_err(self.failed("read the last snapshot"))?;
            let mut survey = Survey::new(repository, &self.place, &base);
            let looked = request
                .paths
                .iter()
                .try_for_each(|path| survey.look_at(path))
                .and_then(|()| survey.look_at_forced(request.forced));
            looked.map_err(self.failed("compare the ledger with the last snapshot"))?;
            let changes = survey.finish();
            let head = repository.head().ok().and_then(|head| head.target());
            let write = || {
                let tree = tree::with(repository, &base, &changes)?;
                if tree == base.id() {
                    return Ok(None);
                }
                commit::write(self, repository, request, &changes, tree, Parents { tip, head })
                    .map(Some)
            };
            let written = write().map_err(self.failed("write the snapshot"))?;
            let Some(id) = written else {
                return Ok(Snapshot { landed: Landed::Nothing, skipped: changes.skipped });
            };
            durable::sync(repository)?;
            if move_ref(repository, &name, tip, id, "fairledger: snapshot")
                .map_err(self.failed("move the snapshot ref"))?
            {
                durable::sync(repository)?;
                let (commit, files) = (id.to_string(), changes.files());
                let landed = Landed::Ref { name, commit, files, because };
                return Ok(Snapshot { landed, skipped: changes.skipped });
            }
        }
        Err(GitError::Contended(name))
    }
}

/// The name of a writer's snapshot ref.
pub(super) fn ref_name(writer: &str) -> Result<String, GitError> {
    let name = format!("{REFS}/{writer}");
    let is_one_name = !writer.contains('/');
    if is_one_name && Reference::is_valid_name(&name) {
        Ok(name)
    } else {
        Err(GitError::Writer(writer.to_owned()))
    }
}

/// The refs that snapshots of a writer move beside the branch.
pub(super) fn refs_of(writer: &str) -> Vec<String> {
    // A name that is none moves no ref either.
    ref_name(writer).map_or(Vec::new(), |name| vec![name, format!("{CARRIED}/{writer}")])
}

/// The commit that a ref names; `None` when there is no such ref.
pub(super) fn target(repository: &Repository, name: &str) -> Result<Option<Oid>, git2::Error> {
    match repository.refname_to_id(name) {
        Ok(id) => Ok(Some(id)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Moves a ref if it still is where it was read; false when another process was faster.
pub(super) fn move_ref(
    repository: &Repository,
    name: &str,
    from: Option<Oid>,
    to: Oid,
    log: &str,
) -> Result<bool, git2::Error> {
    let moved = match from {
        Some(from) => repository.reference_matching(name, to, true, from, log),
        None => repository.reference(name, to, false, log),
    };
    match moved {
        Ok(_) => Ok(true),
        Err(error)
            if matches!(
                error.code(),
                ErrorCode::Modified | ErrorCode::Exists | ErrorCode::Locked | ErrorCode::NotFound
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// What went to the writer's ref and no branch has taken along yet.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Where the ref is; `None` when nothing waits.
    pub(super) tip: Option<Oid>,
    /// The changed paths, relative to the ledger's root.
    pub(super) paths: Vec<PathBuf>,
}

impl Repo {
    /// Reads what waits on the writer's ref.
    pub(super) fn waiting(
        &self,
        repository: &Repository,
        writer: &str,
    ) -> Result<Waiting, git2::Error> {
        let (Ok(name), carried) = (ref_name(writer), format!("{CARRIED}/{writer}")) else {
            return Ok(Waiting::default());
        };
        let (tip, carried) = (target(repository, &name)?, target(repository, &carried)?);
        if tip.is_none() || tip == carried {
            return Ok(Waiting::default());
        }
        let (old, new) = (tree::of(repository, carried)?, tree::of(repository, tip)?);
        let diff = repository.diff_tree_to_tree(Some(&old), Some(&new), None)?;
        let paths = diff
            .deltas()
            .filter_map(|delta| delta.new_file().path()?.to_str())
            .filter_map(|path| self.place.in_ledger(path).map(PathBuf::from))
            .collect();
        Ok(Waiting { tip, paths })
    }
}

impl Waiting {
    /// Notes that a branch has taken along what waited.
    pub(super) fn note_carried(
        &self,
        repository: &Repository,
        writer: &str,
    ) -> Result<(), git2::Error> {
        let Some(tip) = self.tip else { return Ok(()) };
        let name = format!("{CARRIED}/{writer}");
        repository.reference(&name, tip, true, "fairledger: carried").map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::fixture::Fixture;
    use super::super::{GitError, Mode};
    use super::*;

    fn landed_on_ref(snapshot: Snapshot) -> (usize, Option<Obstacle>) {
        match snapshot.landed {
            Landed::Ref { name, files, because, .. } => {
                assert_eq!(name, "refs/fairledger/w1");
                (files, because)
            }
            other => panic!("landed elsewhere: {other:?}"),
        }
    }

    #[test]
    fn the_ref_touches_nothing_of_the_users() {
        let fixture = Fixture::new();
        fixture.write("mine.txt", "1\n");
        fixture.git(&["add", "."]);
        fixture.git(&["commit", "-qm", "mine"]);
        fixture.write("mine.txt", "staged\n");
        fixture.git(&["add", "."]);
        fixture.write("mine.txt", "not staged\n");
        fixture.write("experiments/h/forest.toml", "a = 1\n");
        let before = fixture.users_state();
        let landed = landed_on_ref(fixture.snapshot(Mode::Ref, &["experiments"]));
        assert_eq!(landed, (1, None));
        assert_eq!(fixture.users_state(), before);
        assert_eq!(fixture.git(&["status", "--porcelain"]), "MM mine.txt\n?? experiments/\n");
        let files = fixture.git(&["ls-tree", "-r", "--name-only", "refs/fairledger/w1"]);
        assert_eq!(files, "experiments/h/forest.toml\n");
        let head = fixture.git(&["rev-parse", "HEAD"]);
        let message = fixture.git(&["log", "-1", "--format=%B%P", "refs/fairledger/w1"]);
        assert_eq!(
            message,
            format!("Runs of housing/forest.toml\n\nFairledger-Runs: 0\nFairledger-Head: {head}\n")
        );
        assert_eq!(fixture.snapshot(Mode::Ref, &["experiments"]).landed, Landed::Nothing);
    }

    #[test]
    fn files_leave_the_ref_when_they_are_gone() {
        let fixture = Fixture::new();
        fixture.write("data/a.csv", "1\n");
        fixture.write("data/b.csv", "2\n");
        fixture.snapshot(Mode::Ref, &["data"]);
        fs::remove_dir_all(fixture.root().join("data")).unwrap();
        assert_eq!(landed_on_ref(fixture.snapshot(Mode::Ref, &["data/a.csv"])).0, 1);
        assert_eq!(landed_on_ref(fixture.snapshot(Mode::Ref, &["data"])).0, 1);
        assert_eq!(fixture.git(&["ls-tree", "-r", "refs/fairledger/w1"]), "");
        assert_eq!(fixture.git(&["rev-list", "--count", "refs/fairledger/w1"]), "3\n");
    }

    #[test]
    fn without_an_identity_the_ref_is_signed_by_nobody() {
        let fixture = Fixture::new();
        fixture.set("user.name", "");
        fixture.write("ledger.toml", "format = 1\n");
        let (_, because) = landed_on_ref(fixture.snapshot(Mode::Branch, &["ledger.toml"]));
        assert_eq!(because, Some(Obstacle::NoIdentity));
        assert!(because.unwrap().to_string().contains("git config user.name"));
        let author = fixture.git(&["log", "-1", "--format=%an <%ae> %ct", "refs/fairledger/w1"]);
        assert_eq!(author, "fairledger <fairledger@localhost> 1795000000\n");
    }

    #[test]
    fn the_branch_takes_along_what_waited_and_only_once() {
        let fixture = Fixture::new();
        fixture.write("ledger.toml", "format = 1\n");
        fixture.snapshot(Mode::Branch, &["ledger.toml"]);
        fixture.write("mine.txt", "1\n");
        fixture.git(&["add", "mine.txt"]);
        fixture.write("experiments/h/a.toml", "a = 1\n");
        let (_, because) = landed_on_ref(fixture.snapshot(Mode::Branch, &["experiments/h/a.toml"]));
        assert_eq!(because, Some(Obstacle::Staged));
        assert_eq!(fixture.repo().standing("w1").unwrap().waiting, 1);
        fixture.git(&["commit", "-qm", "mine"]);

        fixture.write("experiments/h/b.toml", "b = 1\n");
        let snapshot = fixture.snapshot(Mode::Branch, &["experiments/h/b.toml"]);
        assert!(matches!(snapshot.landed, Landed::Branch { files: 2, .. }), "{snapshot:?}");
        fixture.assert_clean();
        assert_eq!(fixture.repo().standing("w1").unwrap().waiting, 0);

        // What the user takes out of git later stays out.
        fixture.git(&["rm", "-q", "--cached", "experiments/h/a.toml"]);
        fixture.git(&["commit", "-qm", "not this one"]);
        assert_eq!(fixture.snapshot(Mode::Branch, &["ledger.toml"]).landed, Landed::Nothing);
    }

    #[test]
    fn a_ref_that_moved_is_not_overwritten() {
        let fixture = Fixture::new();
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "one"]);
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "two"]);
        let repository = fixture.repo().open().unwrap();
        let id = |name: &str| repository.revparse_single(name).unwrap().id();
        let (one, two) = (id("HEAD~1"), id("HEAD"));
        let name = "refs/fairledger/w1";
        assert!(move_ref(&repository, name, None, one, "").unwrap());
        assert!(!move_ref(&repository, name, None, two, "").unwrap());
        assert!(!move_ref(&repository, name, Some(two), two, "").unwrap());
        assert!(move_ref(&repository, name, Some(one), two, "").unwrap());
        assert_eq!(target(&repository, name).unwrap(), Some(two));
    }

    #[test]
    fn a_writer_is_one_name_of_a_ref() {
        for writer in ["", "a/b", "..", "a b", "a.lock", "a\nb"] {
            assert!(matches!(ref_name(writer), Err(GitError::Writer(_))), "{writer:?}");
        }
        assert_eq!(ref_name("01J9ZW").unwrap(), "refs/fairledger/01J9ZW");
    }
}
