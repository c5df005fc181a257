//! Asking whoever executes a run to stop it, from another process.

use std::fs;

use crate::ledger::id::RunId;

use super::error::{At, StoreError};
use super::open::Store;

impl Store {
    /// Asks for a run to be stopped; false when nobody executes it.
    pub fn ask_to_stop(&self, run: RunId) -> Result<bool, StoreError> {
        if !self.is_leased(run)? {
            return Ok(false);
        }
        let folder = self.state("stop");
        fs::create_dir_all(&folder).at("create", &folder)?;
        let path = folder.join(run.to_string());
        fs::write(&path, "").at("write", &path)?;
        Ok(true)
    }

    /// Whether someone asked for a run to be stopped.
    pub fn is_asked_to_stop(&self, run: RunId) -> bool {
        self.state(&format!("stop/{run}")).exists()
    }

    /// Forgets that someone asked.
    pub fn forget_stop(&self, run: RunId) {
        // There is none nearly always, and a stale one stops only what was asked to stop.
        drop(fs::remove_file(self.state(&format!("stop/{run}"))));
    }

    /// Whether someone executes a run now.
    pub fn is_executed(&self, run: RunId) -> Result<bool, StoreError> {
        self.is_leased(run)
    }
}
