//! Looking over a machine and a ledger for what would go wrong, each with its cure.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::exec;
use crate::git::Mode;
use crate::ledger::config::SnapshotMode;
use crate::ledger::layout;
use crate::ledger::time::Timestamp;
use crate::watch::probe;

use super::error::{Error, count};
use super::ledger::Ledger;
use super::surroundings::{base_variables, now, settings_folder};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// Works, but less than it could.
    Limited,
    /// Will go wrong.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it came out.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it, empty where nothing is to be done.
    pub cure: String,
}

impl Check {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, health: Health::Good, found: found.into(), cure: String::new() }
    }

    fn limited(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, health: Health::Limited, found: found.into(), cure: cure.into() }
    }

    fn bad(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, health: Health::Bad, found: found.into(), cure: cure.into() }
    }
}

impl Ledger {
    /// Looks at the disk, file events, locks, the clock, git, approvals and specs.
    pub fn doctor(&self) -> Vec<Check> {
        let mut checks = vec![self.disk(), self.locks(), self.events()];
        checks.extend(limits());
        checks.push(self.clock());
        checks.push(program());
        checks.push(self.snapshots());
        checks.push(self.settings());
        checks.push(self.specs());
        checks
    }

    fn disk(&self) -> Check {
        match self.store.try_disk() {
            Ok(()) => Check::good("disk", "takes writes and syncs them"),
            Err(error) => Check::bad("disk", error.to_string(), "runs cannot be recorded before"),
        }
    }

    fn locks(&self) -> Check {
        match self.store.is_watched() {
            Ok(true) => Check::good("locks", "work; a daemon watches this ledger"),
            Ok(false) => Check::good("locks", "work; no daemon watches this ledger"),
            Err(error) => Check::bad("locks", error.to_string(), "keep the ledger on a local disk"),
        }
    }

    fn events(&self) -> Check {
        if probe(&self.root().join(layout::STATE), Duration::from_secs(1)) {
            return Check::good("file events", "arrive");
        }
        Check::limited(
            "file events",
            "none arrive here; `watch` looks every two seconds instead",
            "keep the ledger on a local disk of this system, not on a network or a mount of another",
        )
    }

    /// An attempt that ended after now says that the clock was, or is, wrong.
    fn clock(&self) -> Check {
        let newest = self.store.attempts().unwrap_or_default();
        let newest = newest.iter().map(|entry| entry.attempt.ended).max();
        let tolerated = Timestamp::from_microseconds(now().microseconds() + 60_000_000);
        match newest.filter(|newest| *newest > tolerated) {
            None => Check::good("clock", format!("{}; no run is newer", now().minute())),
            Some(newest) => Check::limited(
                "clock",
                format!("it is {} here, and a run ended {}", now().minute(), newest.minute()),
                "set the clock; times are only shown, so no run is lost or wrong by it",
            ),
        }
    }

    fn snapshots(&self) -> Check {
        let name = "snapshots";
        let mode = match self.config.snapshot.mode {
            Some(SnapshotMode::Off) => return Check::good(name, "off, as ledger.toml says"),
            None => {
                let cure = "write mode = \"branch\", \"ref\" or \"off\" under [snapshot]";
                return Check::limited(name, "none: ledger.toml does not say how", cure);
            }
            Some(SnapshotMode::Branch) => Mode::Branch,
            Some(SnapshotMode::Ref) => Mode::Ref,
        };
        let repository = match self.repository() {
            Ok(Some(repository)) => repository,
            Ok(None) => {
                return Check::limited(name, "none: there is no git repository", "git init");
            }
            Err(error) => return Check::bad(name, error.to_string(), "see above"),
        };
        let obstacles = repository.branch_conditions();
        match obstacles.first().filter(|_| mode == Mode::Branch) {
            None => Check::good(name, "are committed"),
            Some(obstacle) => {
                let words = obstacle.to_string();
                let (what, cure) = words.split_once("; ").unwrap_or((&words, ""));
                Check::limited(name, format!("go to the ref, not the branch: {what}"), cure)
            }
        }
    }

    fn settings(&self) -> Check {
        let name = "approvals";
        match self.approvals() {
            Ok(listed) => {
                let own = listed.iter().filter(|it| it.here).count();
                let words = format!("{} of this ledger", count(own, "approval"));
                let folder = settings_folder().unwrap_or_default();
                Check::good(name, format!("{words} in {}", folder.display()))
            }
            Err(error) => {
                let cure = error.hint().unwrap_or_else(|| "commands stay pending before".into());
                Check::bad(name, error.to_string(), cure)
            }
        }
    }

    fn specs(&self) -> Check {
        let name = "specs";
        let read = || -> Result<_, Error> { self.read(&self.select(&[])?) };
        let reading = match read() {
            Ok(reading) => reading,
            Err(error) => return Check::bad(name, error.to_string(), "see above"),
        };
        let (specs, mistakes) = (reading.specs.len(), reading.mistakes.problems.len());
        let words = count(specs, "spec");
        match (mistakes, reading.pending.len()) {
            (0, 0) => Check::good(name, words),
            (0, pending) => {
                let words = format!("{words}, {pending} with a command that is not approved");
                Check::limited(name, words, "fairledger status")
            }
            (mistakes, _) => {
                let words = format!("{words}, {}", count(mistakes, "mistake"));
                Check::bad(name, words, "fairledger plan")
            }
        }
    }
}

/// The limits of file events, where the system has some.
fn limits() -> Option<Check> {
    const FEW: u64 = 8192;
    let read = |name: &str| -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
        text.trim().parse().ok()
    };
    let (watches, instances) = (read("max_user_watches")?, read("max_user_instances")?);
    let found = format!("{watches} watches and {instances} watchers for all programs of a user");
    Some(if watches < FEW {
        let cure = "sudo sysctl fs.inotify.max_user_watches=524288";
        Check::limited("limits of file events", found, cure)
    } else {
        Check::good("limits of file events", found)
    })
}

/// The git program, which pushing needs.
fn program() -> Check {
    let ask = ["git", "--version"].map(str::to_owned);
    let limit = Duration::from_secs(10);
    match exec::output_of(&ask, Path::new("."), &base_variables(), limit) {
        Ok((true, version)) => Check::good("git", version),
        Ok((false, text)) => Check::bad("git", text, "install git anew; pushing needs it"),
        Err(error) => Check::limited("git", error.to_string(), "install git; pushing needs it"),
    }
}
