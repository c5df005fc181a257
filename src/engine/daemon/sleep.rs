//! Whether the machine slept: while it does, the clock that timers go by stands still.

use std::time::{Duration, SystemTime};

/// By how much more the time of day has to move on than the steady clock. A clock that is set by the network
/// drifts by less.
const JUMP: Duration = Duration::from_secs(5);

/// Compares the time of day with a steady clock.
#[derive(Debug, Default)]
pub(super) struct Sleep {
    last: Option<(Duration, SystemTime)>,
}

impl Sleep {
    /// Whether the machine slept since the last call, or somebody set its clock forward: `steady` is a clock
    /// that never goes back, `day` the time of day.
    pub(super) fn ended(&mut self, steady: Duration, day: SystemTime) -> bool {
        let Some((steady_then, day_then)) = self.last.replace((steady, day)) else { return false };
        // A clock that was set back says nothing.
        let passed = day.duration_since(day_then).unwrap_or_default();
        passed > steady.saturating_sub(steady_then) + JUMP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_day_that_moved_on_without_the_steady_clock_is_sleep() {
        let (mut sleep, noon) =
            (Sleep::default(), SystemTime::UNIX_EPOCH + Duration::from_hours(12));
        let at = |seconds| Duration::from_secs(seconds);
        assert!(!sleep.ended(at(100), noon), "the first look");
        assert!(!sleep.ended(at(110), noon + at(10)));
        assert!(!sleep.ended(at(120), noon + at(24)), "a clock that is corrected");
        assert!(sleep.ended(at(121), noon + at(3600)), "the lid was closed");
        assert!(!sleep.ended(at(131), noon + at(3610)), "and said once");
        assert!(!sleep.ended(at(141), noon), "set back");
        assert!(!sleep.ended(at(4000), noon + at(3859)), "a long look");
    }
}
