//! The end of days: what ended is to be told by digests, once nothing of it is under way any more.

/// What a pass is about that the end of a day made begin.
pub(super) const THE_DATE: &str = "the date";

/// The date, and whether digests are to be made.
#[derive(Debug)]
pub(super) struct Date {
    today: Option<String>,
    due: bool,
    /// Whether what was under way when the day ended may still add to it.
    late: bool,
}

impl Default for Date {
    /// The first pass makes up for what ended while nobody watched.
    fn default() -> Self {
        Self { today: None, due: true, late: false }
    }
}

impl Date {
    /// Takes in the date; whether it is another than before. `busy` says whether a pass is under way.
    pub(super) fn observe(&mut self, today: String, busy: bool) -> bool {
        let before = self.today.replace(today);
        let ended = before.is_some() && before != self.today;
        self.due |= ended;
        self.late |= ended && busy;
        ended
    }

    /// Notes that digests may be missing: runs came from elsewhere, or a pass could not be done.
    pub(super) fn came(&mut self) {
        self.due = true;
    }

    /// Notes that a pass ended; whether what it added asks for digests again. `idle` says whether it was the
    /// last one.
    pub(super) fn passed(&mut self, idle: bool) -> bool {
        let again = idle && std::mem::take(&mut self.late);
        self.due |= again;
        again
    }

    /// Whether the pass that begins now makes digests.
    pub(super) fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_due_at_first_and_when_a_day_ends() {
        let mut date = Date::default();
        assert!(!date.observe("2026-11-16".into(), false));
        assert!(date.take_due() && !date.take_due());
        assert!(!date.observe("2026-11-16".into(), true) && !date.passed(true));
        assert!(date.observe("2026-11-17".into(), false) && date.take_due());
        date.came();
        assert!(date.take_due());
    }

    #[test]
    fn a_pass_over_midnight_makes_them_again_when_it_ends() {
        let mut date = Date::default();
        date.observe("2026-11-16".into(), false);
        date.take_due();
        assert!(date.observe("2026-11-17".into(), true) && date.take_due());
        assert!(!date.passed(false), "another is still under way");
        assert!(date.passed(true) && date.take_due());
        assert!(!date.passed(true));
    }
}
