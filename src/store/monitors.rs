//! The files of monitors.

use crate::ledger::digest::Digest;
use crate::ledger::layout::{self, MONITORS};

use super::error::StoreError;
use super::file;
use super::open::Store;

/// The folder of alerts.
const ALERTS: &str = "monitors/alerts";

impl Store {
    /// The names of the monitors, sorted: `house` for `monitors/house.toml`.
    pub fn monitor_names(&self) -> Result<Vec<String>, StoreError> {
        let files = file::list(&self.path(MONITORS))?.into_iter();
        let files = files.filter(|(name, kind)| kind.is_file() && !layout::is_noise(name));
        Ok(files.filter_map(|(name, _)| Some(name.strip_suffix(".toml")?.to_owned())).collect())
    }

    /// The path in the ledger of an alert of a monitor, which is named by its content so that clones merge, and
    /// whether it is there.
    pub fn alert(&self, monitor: &str, text: &str) -> Result<(String, bool), StoreError> {
        let digest = Digest::of(text.as_bytes()).to_string();
        let name = format!("{monitor}-{}.json", &digest[..10]);
        layout::check_portable([name.as_str()])?;
        let path = format!("{ALERTS}/{name}");
        let is_there = self.path(&path).is_file();
        Ok((path, is_there))
    }

    /// Keeps an alert under its path.
    pub fn keep_alert(&self, path: &str, text: &str) -> Result<(), StoreError> {
        let folder = self.path(ALERTS);
        let name = path.rsplit('/').next().unwrap_or_default();
        let _lock = self.lock()?;
        file::create_folder(&folder)?;
        file::replace(&self.path(path), &folder.join(format!(".{name}.new")), text.as_bytes())?;
        file::sync_folder(&folder)
    }
}
