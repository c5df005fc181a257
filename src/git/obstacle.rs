//! Why a snapshot goes to the ref and not to the branch: whatever the user is in the middle of.

use std::fmt;
use std::path::PathBuf;

use git2::{Config, Index, Oid, Repository, RepositoryState, Tree};

use super::disk::is_hook;
use super::repo::Repo;

/// The hooks that `git commit` would run and libgit2 would not.
const COMMIT_HOOKS: [&str; 4] = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"];

/// A condition under which the branch is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// HEAD names a commit, or a ref that is no ordinary branch.
    Detached,
    /// A merge, rebase, cherry-pick, revert, bisect or series of patches is half done.
    InProgress(&'static str),
    /// Another process holds the index, or left its lock behind.
    IndexLocked(PathBuf),
    /// The index cannot be read here, as with a split index.
    IndexUnreadable(String),
    /// The index differs from HEAD: the user has staged something.
    Staged,
    /// A commit hook is installed.
    Hook(PathBuf),
    /// Commits are to be signed.
    Signing,
    /// Git does not know the user's name and address.
    NoIdentity,
    /// The branch moved each time a snapshot was about to.
    BranchMoved(String),
}

impl fmt::Display for Obstacle {
    /// Says what is in the way and, after a semicolon, how to clear it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Detached => f.write_str("HEAD is on no branch; git switch BRANCH"),
            Self::InProgress(what) => write!(f, "a {what} is in progress; finish or abort it"),
            Self::IndexLocked(lock) => {
                write!(f, "{} exists; if no git program is running, delete it", lock.display())
            }
            Self::IndexUnreadable(why) => {
                write!(f, "the index cannot be read ({why}); git update-index --no-split-index")
            }
            Self::Staged => f.write_str("changes are staged; commit or unstage them"),
            Self::Hook(hook) => {
                write!(f, "the commit hook {} is installed; commit with git", hook.display())
            }
            Self::Signing => f.write_str("commit.gpgsign is set; commit with git"),
            Self::NoIdentity => f.write_str(
                "git does not know who you are; \
                 git config user.name \"Your Name\" && git config user.email you@example.org",
            ),
            Self::BranchMoved(branch) => {
                write!(f, "{branch} moved while the snapshot was made; the next one will try again")
            }
        }
    }
}

impl Repo {
    /// Everything that keeps a snapshot from the branch now, cheapest to find first.
    ///
    /// Reads only. A repository that cannot be opened has no conditions to report.
    pub fn branch_conditions(&self) -> Vec<Obstacle> {
        let Ok(repository) = self.open() else { return Vec::new() };
        let mut found = Vec::new();
        let tip = match position(&repository) {
            Ok(position) => position.tip,
            Err(obstacle) => {
                found.push(obstacle);
                None
            }
        };
        found.extend(settings(&repository));
        found.extend(activity(&repository));
        if !found.contains(&Obstacle::Detached) {
            found.extend(repository.index().map_or_else(
                |error| Some(Obstacle::IndexUnreadable(error.message().to_owned())),
                |index| staged(&repository, tip, &index),
            ));
        }
        found
    }
}

impl Repo {
    /// What the user or another git process is in the middle of, first the longest.
    pub fn at_work(&self) -> Option<Obstacle> {
        activity(&self.open().ok()?).into_iter().next()
    }
}

/// The branch that HEAD is on, and the commit it is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The full name, such as `refs/heads/main`.
    pub(super) branch: String,
    /// Its commit; `None` before the first one.
    pub(super) tip: Option<Oid>,
}

/// Reads where HEAD is.
pub(super) fn position(repository: &Repository) -> Result<Position, Obstacle> {
    let head = repository.find_reference("HEAD").map_err(|_| Obstacle::Detached)?;
    let branch = head.symbolic_target().ok().flatten().ok_or(Obstacle::Detached)?;
    if !branch.starts_with("refs/heads/") {
        return Err(Obstacle::Detached);
    }
    let tip = match repository.find_reference(branch) {
        // A branch that is itself an alias of another would be cut loose from it by a move.
        Ok(reference) => Some(reference.target().ok_or(Obstacle::Detached)?),
        Err(error) if error.code() == git2::ErrorCode::NotFound => None,
        Err(_) => return Err(Obstacle::Detached),
    };
    Ok(Position { branch: branch.to_owned(), tip })
}

/// What the configuration asks of every commit and libgit2 would not do.
pub(super) fn settings(repository: &Repository) -> Vec<Obstacle> {
    let Ok(config) = repository.config() else { return Vec::new() };
    let mut found: Vec<_> = commit_hooks(repository, &config).map(Obstacle::Hook).collect();
    if config.get_bool("commit.gpgsign").unwrap_or(false) {
        found.push(Obstacle::Signing);
    }
    if repository.signature().is_err() {
        found.push(Obstacle::NoIdentity);
    }
    found
}

/// What the user or another git process is in the middle of.
pub(super) fn activity(repository: &Repository) -> Vec<Obstacle> {
    let mut found: Vec<_> =
        in_progress(repository.state()).map(Obstacle::InProgress).into_iter().collect();
    let lock = repository.path().join("index.lock");
    if lock.symlink_metadata().is_ok() {
        found.push(Obstacle::IndexLocked(lock));
    }
    found
}

/// Whether the index differs from the commit.
pub(super) fn staged(repository: &Repository, tip: Option<Oid>, index: &Index) -> Option<Obstacle> {
    let compare = || {
        let tree = tip.map(|tip| repository.find_commit(tip)?.tree()).transpose()?;
        differs(repository, tree.as_ref(), index)
    };
    match compare() {
        Ok(false) => None,
        Ok(true) => Some(Obstacle::Staged),
        Err(error) => Some(Obstacle::IndexUnreadable(error.message().to_owned())),
    }
}

fn differs(
    repository: &Repository,
    tree: Option<&Tree<'_>>,
    index: &Index,
) -> Result<bool, git2::Error> {
    if index.has_conflicts() {
        return Ok(true);
    }
    let diff = repository.diff_tree_to_index(tree, Some(index), None)?;
    Ok(diff.deltas().len() > 0)
}

fn in_progress(state: RepositoryState) -> Option<&'static str> {
    Some(match state {
        RepositoryState::Clean => return None,
        RepositoryState::Merge => "merge",
        RepositoryState::Revert | RepositoryState::RevertSequence => "revert",
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "cherry-pick",
        RepositoryState::Bisect => "bisect",
        RepositoryState::Rebase
        | RepositoryState::RebaseInteractive
        | RepositoryState::RebaseMerge => "rebase",
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => "git am",
    })
}

/// The commit hooks that git would run here.
fn commit_hooks<'a>(
    repository: &'a Repository,
    config: &Config,
) -> impl Iterator<Item = PathBuf> + use<'a> {
    let workdir = repository.workdir().unwrap_or(repository.path());
    let hooks = config
        .get_path("core.hooksPath")
        .map_or_else(|_| repository.commondir().join("hooks"), |path| workdir.join(path));
    COMMIT_HOOKS.iter().map(move |name| hooks.join(name)).filter(|hook| is_hook(hook))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::Mode;
    use super::super::fixture::Fixture;
    use super::super::snapshot::Landed;
    use super::*;

    /// A repository with two commits that change the same line, on `main` and on `other`.
    fn with_history() -> Fixture {
        let fixture = Fixture::new();
        fixture.write("ledger.toml", "format = 1\n");
        fixture.write("mine.txt", "0\n");
        fixture.git(&["add", "."]);
        fixture.git(&["commit", "-qm", "start"]);
        fixture.git(&["switch", "-qc", "other"]);
        fixture.write("mine.txt", "1\n");
        fixture.git(&["commit", "-qam", "other"]);
        fixture.git(&["switch", "-q", "main"]);
        fixture.write("mine.txt", "2\n");
        fixture.git(&["commit", "-qam", "main"]);
        fixture
    }

    /// Takes a snapshot and returns why it went to the ref, having checked that nothing else moved.
    fn refused(fixture: &Fixture) -> Obstacle {
        fixture.write("experiments/h/forest.toml", "a = 1\n");
        let before = fixture.users_state();
        let snapshot = fixture.snapshot(Mode::Branch, &["experiments"]);
        assert_eq!(fixture.users_state(), before);
        let Landed::Ref { because: Some(because), .. } = snapshot.landed else {
            panic!("not refused: {snapshot:?}");
        };
        assert_eq!(fixture.repo().branch_conditions().first(), Some(&because));
        assert!(!because.to_string().contains('\n'));
        because
    }

    #[test]
    fn nothing_is_in_the_way_of_a_plain_repository() {
        assert_eq!(Fixture::new().repo().branch_conditions(), []);
        assert_eq!(with_history().repo().branch_conditions(), []);
    }

    #[test]
    fn staged_changes_stay_staged() {
        let fixture = with_history();
        fixture.write("mine.txt", "3\n");
        fixture.git(&["add", "mine.txt"]);
        assert_eq!(refused(&fixture), Obstacle::Staged);
        assert_eq!(fixture.git(&["diff", "--cached", "--name-only"]), "mine.txt\n");
    }

    #[test]
    fn a_staged_executable_bit_counts() {
        let fixture = with_history();
        fixture.git(&["update-index", "--chmod=+x", "mine.txt"]);
        assert_eq!(refused(&fixture), Obstacle::Staged);
    }

    #[test]
    fn a_detached_head_stays_where_it_is() {
        let fixture = with_history();
        fixture.git(&["switch", "-q", "--detach", "HEAD~1"]);
        assert_eq!(refused(&fixture), Obstacle::Detached);
    }

    #[test]
    fn half_done_work_is_not_disturbed() {
        let cases: [(&[&str], &str); 4] = [
            (&["merge", "other"], "merge"),
            (&["rebase", "other"], "rebase"),
            (&["cherry-pick", "other"], "cherry-pick"),
            (&["bisect", "start"], "bisect"),
        ];
        for (command, name) in cases {
            let fixture = with_history();
            fixture.try_git(command);
            fixture.write("experiments/h/forest.toml", "a = 1\n");
            let before = fixture.users_state();
            let snapshot = fixture.snapshot(Mode::Branch, &["experiments"]);
            assert!(matches!(snapshot.landed, Landed::Ref { because: Some(_), .. }), "{name}");
            assert_eq!(fixture.users_state(), before, "{name}");
            let conditions = fixture.repo().branch_conditions();
            assert!(conditions.contains(&Obstacle::InProgress(name)), "{name}: {conditions:?}");
        }
    }

    #[test]
    fn a_lock_is_respected_and_never_deleted() {
        let fixture = with_history();
        let lock = fixture.root().join(".git/index.lock");
        fs::write(&lock, "").unwrap();
        assert_eq!(refused(&fixture), Obstacle::IndexLocked(lock.clone()));
        assert!(lock.exists());
        fs::remove_file(lock).unwrap();
        let landed = fixture.snapshot(Mode::Branch, &["experiments"]).landed;
        assert!(matches!(landed, Landed::Branch { .. }), "{landed:?}");
    }

    #[test]
    fn signing_is_left_to_git() {
        let fixture = with_history();
        fixture.set("commit.gpgsign", "true");
        assert_eq!(refused(&fixture), Obstacle::Signing);
    }

    #[test]
    fn a_split_index_is_left_alone() {
        let fixture = with_history();
        fixture.git(&["update-index", "--split-index"]);
        assert!(matches!(refused(&fixture), Obstacle::IndexUnreadable(_)));
    }

    #[cfg(unix)]
    #[test]
    fn an_executable_commit_hook_counts_wherever_it_lies() {
        use std::os::unix::fs::PermissionsExt;
        for (setting, folder) in [(".git/hooks", ".git/hooks"), ("hooks", "hooks")] {
            let fixture = with_history();
            fixture.set("core.hooksPath", setting);
            let hook = format!("{folder}/pre-commit");
            fixture.write(&hook, "#!/bin/sh\nexit 1\n");
            assert_eq!(fixture.repo().branch_conditions(), [], "not executable: not run by git");
            let hook = fixture.root().join(hook);
            fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
            assert_eq!(refused(&fixture), Obstacle::Hook(hook));
        }
    }
}
