//! Pushing, with the git program: it has the user's credentials, hooks and transports.

use std::process::Command;

use git2::Repository;

use super::error::GitError;
use super::obstacle;
use super::reference::REFS;
use super::repo::Repo;
use super::snapshot::Mode;

impl Repo {
    /// Pushes the branch or the snapshot refs; git talks to the terminal itself.
    ///
    /// Without a remote, the branch's own is used, else the only one or `origin`. A branch that was
    /// never pushed gets that remote as its upstream, as `git push --set-upstream` does.
    pub fn push(&self, mode: Mode, remote: Option<&str>) -> Result<(), GitError> {
        let repository = self.open()?;
        self.run_git(&self.push_arguments(&repository, mode, remote)?)
    }

    /// Runs the git program in the repository, to push.
    pub(super) fn run_git(&self, arguments: &[String]) -> Result<(), GitError> {
        let status = Command::new("git")
            .arg("-C")
            .arg(&self.place.workdir)
            .args(arguments)
            .status()
            .map_err(|_| GitError::NoProgram)?;
        if status.success() {
            return Ok(());
        }
        Err(GitError::PushFailed(format!("git {}", arguments.join(" "))))
    }

    /// The remote that is meant: the named one, else the branch's own, else the only one or `origin`.
    pub(super) fn remote_of(
        &self,
        repository: &Repository,
        named: Option<&str>,
    ) -> Result<String, GitError> {
        let branch = obstacle::position(repository).ok();
        named
            .map(str::to_owned)
            .or_else(|| upstream(repository, &branch?.branch))
            .or_else(|| only_remote(repository))
            .ok_or_else(|| GitError::NoRemote(self.place.workdir.clone()))
    }

    fn push_arguments(
        &self,
        repository: &Repository,
        mode: Mode,
        remote: Option<&str>,
    ) -> Result<Vec<String>, GitError> {
        let workdir = || self.place.workdir.clone();
        let branch = obstacle::position(repository).ok();
        let upstream = branch.as_ref().and_then(|position| upstream(repository, &position.branch));
        let remote = self.remote_of(repository, remote)?;
        match mode {
            Mode::Branch => {
                let position = branch.ok_or_else(|| GitError::NoBranch(workdir()))?;
                if position.tip.is_none() {
                    return Err(GitError::NothingToPush(workdir()));
                }
                if upstream.as_deref() == Some(&remote) {
                    return Ok(vec!["push".into(), remote]);
                }
                let name = position.branch;
                Ok(vec!["push".into(), "--set-upstream".into(), remote, format!("{name}:{name}")])
            }
            Mode::Ref => {
                let refs = format!("{REFS}/*");
                let any =
                    repository.references_glob(&refs).is_ok_and(|mut found| found.next().is_some());
                if !any {
                    return Err(GitError::NothingToPush(workdir()));
                }
                Ok(vec!["push".into(), remote, format!("{refs}:{refs}")])
            }
        }
    }
}

/// The remote that a branch is pushed to, if it has an upstream.
fn upstream(repository: &Repository, branch: &str) -> Option<String> {
    let remote = repository.branch_upstream_remote(branch).ok()?;
    remote.as_str().ok().map(str::to_owned)
}

/// The only remote, or `origin` among several.
fn only_remote(repository: &Repository) -> Option<String> {
    let remotes = repository.remotes().ok()?;
    let names: Vec<_> = remotes.iter().filter_map(|name| name.ok().flatten()).collect();
    match names[..] {
        [only] => Some(only.to_owned()),
        _ => names.contains(&"origin").then(|| "origin".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn what_git_is_asked_to_do() {
        let fixture = Fixture::new();
        let repo = fixture.repo();
        let ask = |mode, remote| {
            repo.push_arguments(&repo.open().unwrap(), mode, remote).map(|words| words.join(" "))
        };
        assert!(matches!(ask(Mode::Branch, None), Err(GitError::NoRemote(_))));
        fixture.git(&["remote", "add", "backup", "/nowhere"]);
        assert!(matches!(ask(Mode::Branch, None), Err(GitError::NothingToPush(_))));
        assert!(matches!(ask(Mode::Ref, None), Err(GitError::NothingToPush(_))));
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "mine"]);
        let first = "push --set-upstream backup refs/heads/main:refs/heads/main";
        assert_eq!(ask(Mode::Branch, None).unwrap(), first);
        fixture.git(&["update-ref", "refs/fairledger/w", "HEAD"]);
        let refs = "push elsewhere refs/fairledger/*:refs/fairledger/*";
        assert_eq!(ask(Mode::Ref, Some("elsewhere")).unwrap(), refs);
    }

    #[test]
    fn a_pushed_branch_arrives_and_keeps_its_upstream() {
        let (fixture, remote) = (Fixture::new(), tempfile::tempdir().unwrap());
        Repository::init_bare(remote.path()).unwrap();
        fixture.git(&["remote", "add", "origin", remote.path().to_str().unwrap()]);
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "mine"]);
        fixture.repo().push(Mode::Branch, None).unwrap();
        let standing = fixture.repo().standing("w").unwrap();
        assert_eq!(standing.ahead, Some(0));
        fixture.git(&["commit", "-q", "--allow-empty", "-m", "again"]);
        assert_eq!(fixture.repo().standing("w").unwrap().ahead, Some(1));
        fixture.repo().push(Mode::Branch, None).unwrap();
        assert_eq!(fixture.repo().standing("w").unwrap().ahead, Some(0));
    }
}
