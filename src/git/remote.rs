//! What another repository has of the ledger, proved by the objects it names.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use git2::{Oid, Repository, Tree};

use crate::ledger::digest::Digest;

use super::error::GitError;
use super::obstacle;
use super::reference::REFS;
use super::repo::Repo;

/// What a repository or a folder has under a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// The content that was asked for.
    Same,
    /// Another content.
    Other,
    /// Nothing.
    Nothing,
}

impl Repo {
    /// Compares files of the ledger with those that a remote holds on the branch of this repository and on the refs of
    /// snapshots: by path, the digest of the content that is wanted. What the remote names is brought here first, and no
    /// ref moves.
    ///
    /// A repository has all objects of the commits it names, or it would not have taken them.
    ///
    /// # Errors
    /// When the remote cannot be asked.
    pub fn compare_remote(
        &self,
        remote: Option<&str>,
        wanted: &BTreeMap<String, Digest>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(String, Vec<Held>), GitError> {
        let repository = self.open()?;
        let remote = self.remote_of(&repository, remote)?;
        let mut tips = BTreeSet::new();
        for (tip, name) in self.listed_refs(&repository, &remote)? {
            if repository.find_commit(tip).is_err() {
                let words = [
                    "fetch",
                    "--quiet",
                    "--no-tags",
                    "--no-write-fetch-head",
                    "--refmap=",
                    &remote,
                    &name,
                ];
                self.run_git(&words.map(str::to_owned))?;
            }
            tips.insert(tip);
        }
        // What was fetched lies in a pack that an opened repository need not know.
        let repository = self.open()?;
        let read = self.failed("read what the remote has");
        let trees: Result<Vec<Tree<'_>>, git2::Error> =
            tips.iter().map(|tip| repository.find_commit(*tip)?.tree()).collect();
        let trees = trees.map_err(read)?;
        let total = wanted.len() as u64;
        let held = wanted.iter().enumerate().map(|(at, (path, digest))| {
            progress(at as u64, total);
            self.held_in(&repository, &trees, path, *digest)
        });
        Ok((remote, held.collect()))
    }

    /// What some trees have under a path of the ledger: the best of it.
    fn held_in(
        &self,
        repository: &Repository,
        trees: &[Tree<'_>],
        path: &str,
        wanted: Digest,
    ) -> Held {
        let Ok(path) = self.place.tree_path(path.as_ref()) else { return Held::Nothing };
        let mut seen = BTreeSet::new();
        let one = |tree: &Tree<'_>| {
            let Ok(entry) = tree.get_path(path.as_ref()) else { return Held::Nothing };
            if !seen.insert(entry.id()) {
                return Held::Other;
            }
            let blob = repository.find_blob(entry.id());
            let same = blob.is_ok_and(|blob| Digest::of(blob.content()) == wanted);
            if same { Held::Same } else { Held::Other }
        };
        trees.iter().map(one).min().unwrap_or(Held::Nothing)
    }

    /// The commits of a remote that the ledger's snapshots go to, with their refs.
    fn listed_refs(
        &self,
        repository: &Repository,
        remote: &str,
    ) -> Result<Vec<(Oid, String)>, GitError> {
        let branch = obstacle::position(repository).ok().map(|position| position.branch);
        let words = ["ls-remote", remote];
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.place.workdir)
            .args(words)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|_| GitError::NoProgram)?;
        if !output.status.success() {
            return Err(GitError::PushFailed(format!("git {}", words.join(" "))));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let listed = text.lines().filter_map(|line| {
            let (id, name) = line.split_once('\t')?;
            let ours = Some(name) == branch.as_deref() || name.starts_with(&format!("{REFS}/"));
            Some((Oid::from_str(id).ok()?, name.to_owned())).filter(|_| ours)
        });
        Ok(listed.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mode;
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn a_remote_is_known_by_its_commits_also_those_of_others() {
        let (fixture, remote) = (Fixture::new(), tempfile::tempdir().unwrap());
        Repository::init_bare(remote.path()).unwrap();
        fixture.git(&["remote", "add", "origin", remote.path().to_str().unwrap()]);
        let wanted: BTreeMap<String, Digest> =
            [("data/a.csv", "1"), ("data/b.csv", "2"), ("data/c.csv", "3")]
                .map(|(path, text)| (path.to_owned(), Digest::of(text.as_bytes())))
                .into();
        let ask = || fixture.repo().compare_remote(None, &wanted, &mut |_, _| ()).unwrap();
        assert_eq!(ask(), ("origin".to_owned(), vec![Held::Nothing; 3]), "an empty one");
        fixture.write("data/a.csv", "1");
        fixture.write("data/b.csv", "another");
        fixture.snapshot(Mode::Branch, &["data"]);
        assert_eq!(ask().1, [Held::Nothing; 3], "committed, not pushed");
        fixture.repo().push(Mode::Branch, None).unwrap();
        assert_eq!(ask().1, [Held::Same, Held::Other, Held::Nothing]);
        let other = tempfile::tempdir().unwrap();
        let (path, from) = (other.path().to_str().unwrap(), remote.path().to_str().unwrap());
        fixture.git(&["clone", "-q", "-b", "main", from, path]);
        std::fs::write(other.path().join("data/c.csv"), "3").unwrap();
        fixture.git(&["-C", path, "add", "."]);
        let ada = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        fixture.git(&[&["-C", path], &ada[..], &["commit", "-qm", "theirs"]].concat());
        fixture.git(&["-C", path, "push", "-q"]);
        let before = fixture.repo().standpoint().unwrap();
        assert_eq!(ask().1, [Held::Same, Held::Other, Held::Same], "somebody pushed after us");
        assert_eq!(fixture.repo().standpoint().unwrap(), before, "nothing counts as pulled");
    }
}
