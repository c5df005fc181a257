//! Looking over a machine and a ledger for what would go wrong, each with its cure.

mod disk;
mod events;
mod mounts;

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::exec;
use crate::git::Mode;
use crate::ledger::config::SnapshotMode;

use self::events::limits;
use super::error::{Error, count};
use super::ledger::Ledger;
use super::surroundings::{base_variables, settings_folder};

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
    /// Looks at the disk and the room on it, its file system, names, locks, file events, the clock, git,
    /// approvals and specs.
    pub fn doctor(&self) -> Vec<Check> {
        let (disk, time_of_disk) = self.disk();
        let mut checks = vec![disk];
        checks.extend(self.space());
        checks.extend([self.place(), self.names(), self.locks(), self.events()]);
        checks.extend(limits());
        checks.push(self.clock(time_of_disk));
        checks.push(program());
        checks.push(self.snapshots());
        checks.push(self.settings());
        checks.push(self.specs());
        checks
    }

    fn locks(&self) -> Check {
        match self.store.is_watched() {
            Ok(true) => Check::good("locks", "work; a daemon watches this ledger"),
            Ok(false) => Check::good("locks", "work; no daemon watches this ledger"),
            Err(error) => Check::bad("locks", error.to_string(), "keep the ledger on a local disk"),
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
