//! The approvals of this user, held against this ledger and the repository around it.

use std::path::PathBuf;

use crate::git::Repo;
use crate::ledger::trust::{Approval, CommandState, Doubt, LedgerPlace, Standpoint, judge};
use crate::store::read_approvals;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::surroundings::settings_folder;

/// The approvals of this user, read once.
#[derive(Debug)]
pub(super) struct Trust {
    approvals: Vec<Approval>,
    pub(super) place: LedgerPlace,
    repository: Result<Option<Repo>, String>,
}

impl Trust {
    /// Reads the approvals.
    ///
    /// # Errors
    /// When their file cannot be read or believed.
    pub(super) fn read(ledger: &Ledger) -> Result<Self, Error> {
        Ok(Self {
            approvals: read_approvals(&folder(ledger)?)?.all,
            place: ledger.store.place()?,
            repository: ledger.repository().map_err(|error| error.to_string()),
        })
    }

    /// The approvals of all ledgers.
    pub(super) fn all(&self) -> &[Approval] {
        &self.approvals
    }

    /// Where the repository stands now.
    pub(super) fn standpoint(&self) -> Result<Standpoint, Error> {
        match &self.repository {
            Ok(Some(repository)) => Ok(repository.standpoint()?),
            _ => Ok(Standpoint::default()),
        }
    }

    /// Why a spec's command does not start by itself.
    pub(super) fn doubt(&self, spec: &str, state: &CommandState) -> Option<Doubt> {
        let foreign = |before: &Standpoint| self.came_since(before);
        judge(&self.approvals, &self.place, spec, state, &foreign)
    }

    fn came_since(&self, before: &Standpoint) -> Option<String> {
        match &self.repository {
            Ok(Some(repository)) => repository
                .came_since(before)
                .unwrap_or_else(|error| Some(format!("the repository cannot be read: {error}"))),
            Ok(None) if *before == Standpoint::default() => None,
            Ok(None) => Some("the repository it was approved in is gone".to_owned()),
            Err(error) => Some(format!("the repository cannot be read: {error}")),
        }
    }
}

impl Ledger {
    /// Why a command of this ledger, named by the path of its file, does not start by itself.
    pub(in crate::engine) fn doubt_of(
        &self,
        path: &str,
        state: &CommandState,
    ) -> Result<Option<Doubt>, Error> {
        Ok(Trust::read(self)?.doubt(path, state))
    }
}

/// The user's folder of settings, which must not lie in the ledger: what is approved there could
/// have come with it.
pub(in crate::engine) fn folder(ledger: &Ledger) -> Result<PathBuf, Error> {
    let folder = settings_folder().ok_or(Error::NoSettings)?;
    let there = folder.ancestors().find_map(|part| part.canonicalize().ok());
    if there.is_some_and(|there| there.starts_with(ledger.root())) {
        return Err(Error::SettingsInside(folder));
    }
    Ok(folder)
}
