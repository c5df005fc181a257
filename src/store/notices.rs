//! What was to be told of alerts, and what became of it: a small file each in `.fairledger/notices/`, so that
//! nothing is told twice on a machine, and nothing by one that only pulled the alert.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::ledger::time::Timestamp;

use super::error::{At, StoreError, found};
use super::open::Store;
use super::{file, lease};

/// The folder of notices in the ledger's state.
const NOTICES: &str = "notices";

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeState {
    /// It is to be told.
    Waiting,
    /// The command took it.
    Told,
    /// The command did not take it, however often it was tried.
    Failed,
    /// Its monitor is gone or tells nobody any more.
    Dropped,
}

/// An alert that a command is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The monitor.
    pub monitor: String,
    /// The alert's file, a path in the ledger.
    pub alert: String,
    /// What became of it.
    pub state: NoticeState,
    /// How often it was tried.
    pub tries: u32,
    /// Why it did not work the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// When something last became of it.
    pub time: Timestamp,
}

impl Store {
    /// The notices of this copy of the ledger by the names of their alerts; one that cannot be read counts as
    /// none.
    pub fn notices(&self) -> Result<Vec<Notice>, StoreError> {
        let folder = self.state(NOTICES);
        let mut notices = Vec::new();
        for (name, _) in file::list(&folder)? {
            if name.strip_suffix(".json").is_none() {
                continue;
            }
            let path = folder.join(name);
            let Some(bytes) = found(fs::read(&path)).at("read", &path)? else { continue };
            notices.extend(serde_json::from_slice::<Notice>(&bytes).ok());
        }
        notices.sort_by(|a, b| a.alert.cmp(&b.alert));
        Ok(notices)
    }

    /// Whether there is a notice of an alert, whatever became of it.
    pub fn has_notice(&self, alert: &str) -> bool {
        self.state(NOTICES).join(alert.rsplit('/').next().unwrap_or_default()).is_file()
    }

    /// Keeps a notice in place of an earlier one of the same alert.
    pub fn keep_notice(&self, notice: &Notice) -> Result<(), StoreError> {
        let folder = self.state(NOTICES);
        file::create_folder(&folder)?;
        let name = notice.alert.rsplit('/').next().unwrap_or_default();
        let text = serde_json::to_vec(notice).unwrap_or_default();
        file::replace(&folder.join(name), &folder.join(format!(".{name}.new")), &text)
    }

    /// Waits for the right to tell notices, given back when it is dropped.
    pub fn notices_turn(&self) -> Result<fs::File, StoreError> {
        lease::wait(&self.state("notices.lock"))
    }
}
