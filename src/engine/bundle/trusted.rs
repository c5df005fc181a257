//! Whom an import leaves trusted.

use crate::engine::command::settings_of;
use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::store::change_approvals;

impl Ledger {
    /// Ends the following of edits in this ledger: files are about to come that this user did not write. What was approved
    /// stays approved as it is.
    pub(super) fn end_following(&self) -> Result<(), Error> {
        let place = self.store.place()?;
        change_approvals(&settings_of(self)?, &[], &mut |approvals| {
            let ours = approvals.all.iter_mut().filter(|approval| approval.ledger == place);
            ours.for_each(|approval| approval.follow_edits = false);
        })?;
        Ok(())
    }
}
