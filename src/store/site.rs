//! Files of the site as they are handed out.

use std::fs;

use crate::ledger::manifest::is_inside;

use super::file;
use super::open::Store;

/// The folder of the site.
const FOLDER: &str = "site";

impl Store {
    /// The content of a file of the site; `None` for what is none: a path that leads out of it, by
    /// name or by a link, a hidden file, a folder.
    pub fn site_file(&self, path: &str) -> Option<Vec<u8>> {
        if !is_inside(path) || path.split('/').any(|name| name.starts_with('.')) {
            return None;
        }
        let folder = self.path(FOLDER).canonicalize().ok()?;
        let place = file::join(&folder, path).canonicalize().ok()?;
        let inside = place.starts_with(&folder) && place.is_file();
        inside.then(|| fs::read(place).ok()).flatten()
    }
}
