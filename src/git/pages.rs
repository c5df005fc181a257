//! A branch that holds nothing but the pages of the site, as web hosts of repositories want it.
//!
//! HEAD, the index and the working directory are left alone, and so is every branch that holds a commit
//! of anybody else.

use std::collections::BTreeMap;

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository};

use super::commit::author;
use super::durable;
use super::error::GitError;
use super::reference::{ATTEMPTS, move_ref, target};
use super::repo::Repo;
use super::tree;
use super::turn::Turn;
use crate::ledger::time::Timestamp;

/// The trailer of a commit that this program made of pages.
const TRAILER: &str = "Fairledger-Site: 1";

/// What to put on the branch.
#[derive(Clone, Copy, Debug)]
pub struct PagesRequest<'a> {
    /// The name of the branch, such as `gh-pages`.
    pub branch: &'a str,
    /// Every file of the branch: path with forward slashes, and content.
    pub files: &'a BTreeMap<String, Vec<u8>>,
    /// The time of the commit.
    pub time: Timestamp,
}

impl Repo {
    /// Makes some files the whole content of a branch, as one commit; gives its id, `None` when the
    /// branch holds them already. When it returns, the branch survives a power cut.
    ///
    /// # Errors
    /// When the branch is checked out, or holds a commit that this program did not make of pages.
    pub fn publish(&self, request: &PagesRequest<'_>) -> Result<Option<String>, GitError> {
        let repository = self.open_to_write()?;
        let name = format!("refs/heads/{}", request.branch);
        if !git2::Reference::is_valid_name(&name) || request.branch.starts_with('-') {
            return Err(GitError::BranchName(request.branch.to_owned()));
        }
        let _turn = Turn::take(&repository, std::slice::from_ref(&name));
        for _ in 0..ATTEMPTS {
            let tip = self.own_tip(&repository, request.branch, &name)?;
            let tree = pages(&repository, request.files).map_err(self.failed("write the pages"))?;
            let local = target(&repository, &name).map_err(self.failed("read the branch"))?;
            let there = tree::of(&repository, tip).map_err(self.failed("read the branch"))?;
            if local.is_some() && there.id() == tree {
                return Ok(None);
            }
            let write = || commit(&repository, request, tree, tip);
            let id = write().map_err(self.failed("commit the pages"))?;
            durable::sync(&repository)?;
            if move_ref(&repository, &name, local, id, "fairledger: publish")
                .map_err(self.failed("move the branch"))?
            {
                durable::sync(&repository)?;
                return Ok(Some(id.to_string()));
            }
        }
        Err(GitError::Contended(name))
    }

    /// Pushes the branch with the git program.
    ///
    /// # Errors
    /// When git cannot be started or does not succeed.
    pub fn push_branch(&self, branch: &str, remote: &str) -> Result<(), GitError> {
        let name = format!("refs/heads/{branch}");
        self.run_git(&["push", "--", remote, &format!("{name}:{name}")].map(str::to_owned))
    }

    /// The commit the branch is at, here or where it was fetched from; it must be one of ours.
    fn own_tip(
        &self,
        repository: &Repository,
        branch: &str,
        name: &str,
    ) -> Result<Option<Oid>, GitError> {
        if is_checked_out(repository, name) {
            return Err(GitError::BranchInUse(branch.to_owned()));
        }
        let read = |name: &str| target(repository, name).map_err(self.failed("read the branch"));
        let tip = match read(name)? {
            Some(tip) => Some(tip),
            None => read(&format!("refs/remotes/origin/{branch}"))?,
        };
        let Some(tip) = tip else { return Ok(None) };
        let commit = repository.find_commit(tip).map_err(self.failed("read the branch"))?;
        let is_ours = commit.message().is_ok_and(|text| text.lines().any(|line| line == TRAILER));
        if is_ours { Ok(Some(tip)) } else { Err(GitError::BranchOfOthers(branch.to_owned())) }
    }
}

/// Whether HEAD of the repository or of one of its working trees is on a branch, born or not.
fn is_checked_out(repository: &Repository, name: &str) -> bool {
    let is_on = |repository: &Repository| {
        let head = repository.find_reference("HEAD");
        head.is_ok_and(|head| head.symbolic_target().is_ok_and(|target| target == Some(name)))
    };
    let linked = repository.worktrees().map_or_else(
        |_| Vec::new(),
        |names| {
            let names = names.iter().filter_map(|name| name.ok().flatten());
            names.filter_map(|name| repository.find_worktree(name).ok()).collect()
        },
    );
    is_on(repository)
        || Repository::open(repository.commondir()).is_ok_and(|main| is_on(&main))
        || linked.iter().any(|it| Repository::open_from_worktree(it).is_ok_and(|it| is_on(&it)))
}

/// Writes the tree of some files; what the repository holds already is not written again.
fn pages(repository: &Repository, files: &BTreeMap<String, Vec<u8>>) -> Result<Oid, git2::Error> {
    let database = repository.odb()?;
    let mut builder = TreeUpdateBuilder::new();
    for (path, bytes) in files {
        let id = Oid::hash_object(ObjectType::Blob, bytes)?;
        if !database.exists(id) {
            database.write(ObjectType::Blob, bytes)?;
        }
        builder.upsert(path.as_str(), id, FileMode::Blob);
    }
    let empty = tree::of(repository, None)?;
    builder.create_updated(repository, &empty)
}

fn commit(
    repository: &Repository,
    request: &PagesRequest<'_>,
    tree: Oid,
    tip: Option<Oid>,
) -> Result<Oid, git2::Error> {
    let author = author(repository, request.time)?;
    let message = format!("Publish the site\n\n{TRAILER}\n");
    let tree = repository.find_tree(tree)?;
    let parent = tip.map(|tip| repository.find_commit(tip)).transpose()?;
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(None, &author, &author, &message, &tree, &parents)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    fn publish(
        fixture: &Fixture,
        branch: &str,
        files: &[(&str, &str)],
    ) -> Result<Option<String>, GitError> {
        let files: BTreeMap<_, _> =
            files.iter().map(|(path, text)| ((*path).into(), text.as_bytes().to_vec())).collect();
        let time = Timestamp::from_microseconds(1_795_000_000_000_000);
        fixture.repo().publish(&PagesRequest { branch, files: &files, time })
    }

    #[test]
    fn the_branch_holds_the_pages_and_nothing_else_moves() {
        let fixture = Fixture::new();
        fixture.write("mine.txt", "mine");
        fixture.git(&["add", "mine.txt"]);
        let status = fixture.git(&["status", "--porcelain"]);
        let first = publish(&fixture, "gh-pages", &[("index.html", "a"), ("x/y.html", "b")]);
        assert!(first.unwrap().is_some());
        let names = fixture.git(&["ls-tree", "-r", "--name-only", "gh-pages"]);
        assert_eq!(names.trim(), "index.html\nx/y.html");
        assert_eq!(fixture.git(&["status", "--porcelain"]), status);
        assert!(
            publish(&fixture, "gh-pages", &[("index.html", "a"), ("x/y.html", "b")])
                .unwrap()
                .is_none()
        );
        publish(&fixture, "gh-pages", &[("index.html", "A")]).unwrap().unwrap();
        assert_eq!(fixture.git(&["ls-tree", "-r", "--name-only", "gh-pages"]).trim(), "index.html");
        assert_eq!(fixture.git(&["rev-list", "--count", "gh-pages"]).trim(), "2");
    }

    #[test]
    fn branches_of_others_are_left_alone() {
        let fixture = Fixture::new();
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "mine"]);
        fixture.git(&["branch", "theirs"]);
        let refused = |branch: &str| publish(&fixture, branch, &[("index.html", "a")]).unwrap_err();
        assert!(matches!(refused("main"), GitError::BranchInUse(_)));
        assert!(matches!(refused("theirs"), GitError::BranchOfOthers(_)));
        assert!(matches!(refused("a b"), GitError::BranchName(_)));
        let empty = Fixture::new();
        let unborn = publish(&empty, "main", &[("index.html", "a")]).unwrap_err();
        assert!(matches!(unborn, GitError::BranchInUse(_)), "{unborn}");
    }
}
