//! How far runs under way have come, for other processes to read. It is worth nothing after them.

use std::fs;
use std::path::PathBuf;

use crate::ledger::id::RunId;

use super::open::Store;

impl Store {
    /// Notes that so many units of work of a run are done. That it cannot be noted stops nothing.
    pub fn note_progress(&self, run: RunId, done: u64, total: u64) {
        let path = self.progress_path(run);
        if let Some(folder) = path.parent() {
            drop(fs::create_dir_all(folder));
        }
        drop(fs::write(path, format!("{done} {total}\n")));
    }

    /// The units of work done, and those in all, that the one who executes a run noted last.
    pub fn progress(&self, run: RunId) -> Option<(u64, u64)> {
        let text = fs::read_to_string(self.progress_path(run)).ok()?;
        // Without its end the line is being written.
        let (done, total) = text.strip_suffix('\n')?.split_once(' ')?;
        Some((done.parse().ok()?, total.parse().ok()?))
    }

    /// Forgets what was noted of a run.
    pub fn forget_progress(&self, run: RunId) {
        // There is none nearly always: most runs end before anything is noted.
        drop(fs::remove_file(self.progress_path(run)));
    }

    fn progress_path(&self, run: RunId) -> PathBuf {
        self.state(&format!("progress/{run}"))
    }
}
