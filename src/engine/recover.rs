//! What dead processes left behind: attempts to record as interrupted, and commands to end.

use std::time::Duration;

use crate::exec::Group;
use crate::store::Fate;

use super::error::Error;
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::surroundings::now;

impl Ledger {
    /// Records attempts whose process died as interrupted, and ends commands that outlived it.
    pub(super) fn recover(&self, tell: Tell<'_>) -> Result<(), Error> {
        let orphans = self.store.supervised()?;
        for (supervisor, group) in orphans {
            if !Group::is_process(supervisor) {
                Group::numbered(group).kill();
                let text = format!("ended a command that outlived its supervisor (group {group})");
                tell(News::Notice(text));
                // Its lease comes free with its last process.
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        for recovered in self.store.recover(now())? {
            let place = recovered.place;
            self.store.forget_progress(place.run);
            tell(News::Notice(match recovered.fate {
                Fate::Interrupted(entry) => {
                    format!("interrupted before: {} ({})", entry.attempt.label, place.run.short())
                }
                Fate::Completed(entry) => {
                    format!("sealed late: {} ({})", entry.attempt.label, place.run.short())
                }
                Fate::Lost { folder, what } => {
                    format!("what was left of a run {what}; it is now in {}", folder.display())
                }
                Fate::Failed(error) => format!("an interrupted run could not be recorded: {error}"),
            }));
        }
        Ok(())
    }
}
