//! What the last seven days brought, on the overview. They end with the newest attempt, not with the clock:
//! a page shows the same on every day on which it is built.

use std::fmt::Write as _;

use serde::Serialize;

use crate::ledger::number;
use crate::ledger::time::Timestamp;
use crate::ledger::view::{AttemptView, ExperimentView, LedgerView, RunView};

use super::sections::Link;
use super::table::Drawing;
use super::{data, failures, path, standing, text};

/// A day in microseconds, and how many days are looked back on.
const DAY: i64 = 86_400_000_000;
const DAYS: usize = 7;

/// Over how many days a trend goes.
const TREND: i64 = 30;

/// How many of the last attempts of an experiment tell whether it is in trouble, and how many of them must
/// not have finished.
const LAST: usize = 5;
const TROUBLE: usize = 2;

/// The seven days that end at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Week {
    end: Timestamp,
}

/// What the overview says of the seven days.
#[derive(Serialize)]
pub(super) struct Told {
    title: String,
    words: String,
    /// Attempts a day, drawn and in words.
    drawing: Option<Drawing>,
    days: String,
    bests: Vec<Best>,
    troubles: Vec<Trouble>,
}

/// An experiment whose best run came in the seven days.
#[derive(Serialize)]
struct Best {
    experiment: Link,
    metric: String,
    /// The value of the best before, empty where there was none.
    before: String,
    now: String,
    difference: String,
    run: Link,
    when: String,
    /// Both runs side by side; empty without a run before.
    compare: String,
}

/// An experiment that fails.
#[derive(Serialize)]
struct Trouble {
    experiment: Link,
    words: String,
}

impl Week {
    /// The days up to an instant, else up to the newest attempt; `None` in a ledger without attempts.
    pub(super) fn of(ledger: &LedgerView, as_of: Option<Timestamp>) -> Option<Self> {
        let newest = attempts(ledger).map(|(attempt, _)| attempt.ended).max()?;
        Some(Self { end: as_of.map_or(newest, |as_of| as_of.min(newest)) })
    }

    fn start(self, days: i64) -> Timestamp {
        Timestamp::from_microseconds(self.end.microseconds().saturating_sub(days * DAY))
    }

    fn holds(self, time: Timestamp) -> bool {
        time > self.start(DAYS as i64) && time <= self.end
    }

    /// What the overview says.
    pub(super) fn told(self, ledger: &LedgerView) -> Told {
        let own: Vec<_> =
            attempts(ledger).filter(|(attempt, _)| self.holds(attempt.ended)).collect();
        let mut days = [0_usize; DAYS];
        for (attempt, _) in &own {
            let ago = (self.end.microseconds() - attempt.ended.microseconds()) / DAY;
            days[DAYS - 1 - usize::try_from(ago).unwrap_or(0).min(DAYS - 1)] += 1;
        }
        let bests: Vec<Best> =
            ledger.experiments.iter().filter_map(|it| self.new_best(it)).collect();
        let bad = own.iter().filter(|(attempt, _)| attempt.status.is_bad()).count();
        let mut words = text::count(own.len(), "attempt");
        if bad > 0 {
            let _ = write!(words, ", {bad} not finished");
        }
        let _ = write!(words, ", {}", text::count(bests.len(), "new best"));
        let heights: Vec<f64> = days.iter().map(|count| *count as f64).collect();
        let listed: Vec<String> = days.iter().map(ToString::to_string).collect();
        Told {
            title: format!("Seven days to {}", self.end.minute()),
            words,
            drawing: data::shape::path(&data::shape::heights(&heights))
                .map(|path| Drawing { path, label: "attempts a day".into() }),
            days: format!("a day: {}", listed.join(", ")),
            bests,
            troubles: ledger.experiments.iter().filter_map(|it| self.trouble(it)).collect(),
        }
    }

    /// How the best of the goal changed in the seven days; `None` when it did not.
    pub(super) fn change(self, experiment: &ExperimentView) -> Option<f64> {
        let goal = &experiment.goal;
        let (before, now) = (self.best_before(experiment)?, best(experiment, self.end)?);
        let value = |run| standing::goal_value(goal, run);
        (before.id != now.id).then(|| Some(value(now)? - value(before)?)).flatten()
    }

    /// The best so far over thirty days as a shape; empty with fewer than two finished runs in them.
    pub(super) fn trend(self, experiment: &ExperimentView) -> String {
        let goal = &experiment.goal;
        let mut runs: Vec<(&RunView, f64)> = experiment
            .runs
            .iter()
            .filter(|run| run.ended <= self.end)
            .filter_map(|run| Some((run, standing::goal_value(goal, run)?)))
            .filter(|(_, value)| value.is_finite())
            .collect();
        runs.sort_by_key(|(run, _)| (run.ended, run.id));
        let start = self.start(TREND);
        let (mut best, mut values): (Option<f64>, Vec<f64>) = (None, Vec::new());
        for (run, value) in runs {
            let so_far = best.filter(|best| !goal.direction.better(value, *best)).unwrap_or(value);
            best = Some(so_far);
            if run.ended > start {
                values.push(so_far);
            }
        }
        if values.len() < 2 { String::new() } else { data::shape::heights(&values) }
    }

    fn best_before(self, experiment: &ExperimentView) -> Option<&RunView> {
        best(experiment, self.start(DAYS as i64))
    }

    fn new_best(self, experiment: &ExperimentView) -> Option<Best> {
        let goal = &experiment.goal;
        let now = best(experiment, self.end).filter(|run| self.holds(run.ended))?;
        let before = self.best_before(experiment);
        let value = |run: &RunView| {
            standing::goal_value(goal, run).map(number::for_people).unwrap_or_default()
        };
        let label = if now.label.is_empty() { &now.short } else { &now.label };
        Some(Best {
            experiment: Link::new(&experiment.title, path::experiment(&experiment.name)),
            metric: goal.metric.clone(),
            before: before.map(value).unwrap_or_default(),
            now: value(now),
            difference: self.change(experiment).map(text::signed).unwrap_or_default(),
            run: Link::new(label, path::run(&now.id)),
            when: now.ended.minute(),
            compare: before.map_or_else(String::new, |before| {
                let (a, b) = (&before.short, &now.short);
                format!("{}#ids={a},{b}&base={a}", path::COMPARE)
            }),
        })
    }

    fn trouble(self, experiment: &ExperimentView) -> Option<Trouble> {
        let mut last: Vec<&AttemptView> = experiment
            .runs
            .iter()
            .flat_map(|run| &run.attempts)
            .filter(|attempt| self.holds(attempt.ended))
            .collect();
        last.sort_by_key(|attempt| std::cmp::Reverse((attempt.ended, attempt.attempt)));
        last.truncate(LAST);
        let mut bad = last.iter().filter(|attempt| attempt.status.is_bad());
        let (newest, count) = (*bad.next()?, 1 + bad.count());
        if count < TROUBLE.min(last.len()) {
            return None;
        }
        let cause = failures::cause_of(newest);
        let words = format!("{count} of the last {} did not finish: {cause}", last.len());
        let experiment = Link::new(&experiment.title, path::experiment(&experiment.name));
        Some(Trouble { experiment, words })
    }
}

/// The best run of those that had ended at an instant; of equals the first.
fn best(experiment: &ExperimentView, at: Timestamp) -> Option<&RunView> {
    let goal = &experiment.goal;
    let mut best: Option<(&RunView, f64)> = None;
    for run in experiment.runs.iter().filter(|run| run.ended <= at) {
        let value = standing::goal_value(goal, run).filter(|value| !value.is_nan());
        let Some(value) = value else { continue };
        let is_first = |(other, so_far): (&RunView, f64)| {
            let earlier = (run.ended, run.id) < (other.ended, other.id);
            goal.direction.better(value, so_far)
                || (earlier && !goal.direction.better(so_far, value))
        };
        if best.is_none_or(is_first) {
            best = Some((run, value));
        }
    }
    best.map(|(run, _)| run)
}

/// Every attempt once, with its run.
fn attempts(ledger: &LedgerView) -> impl Iterator<Item = (&AttemptView, &RunView)> {
    ledger.experiments.iter().flat_map(|experiment| {
        let own = experiment.runs.iter().filter(|run| experiment.is_home_of(run));
        own.flat_map(|run| run.attempts.iter().map(move |attempt| (attempt, run)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::ledger::attempt::Status;

    /// The sample with every run but the best moved back by some days.
    fn aged(days: i64) -> LedgerView {
        let mut ledger = sample::ledger();
        let best = ledger.experiments[0].best;
        let back = |time: Timestamp| Timestamp::from_microseconds(time.microseconds() - days * DAY);
        for run in ledger.experiments[0].runs.iter_mut().filter(|run| Some(run.id) != best) {
            run.ended = back(run.ended);
            for attempt in &mut run.attempts {
                attempt.ended = back(attempt.ended);
            }
        }
        ledger
    }

    #[test]
    fn a_best_of_these_days_is_told_with_the_one_before() {
        let ledger = aged(20);
        let week = Week::of(&ledger, None).unwrap();
        let told = week.told(&ledger);
        assert_eq!(told.words, "1 attempt, 1 new best");
        assert_eq!(told.days, "a day: 0, 0, 0, 0, 0, 0, 1");
        let best = &told.bests[0];
        assert_eq!(best.run.text, "linear");
        assert!(best.difference.starts_with('+') && !best.before.is_empty());
        assert!(week.change(&ledger.experiments[0]).unwrap() > 0.0);
        assert!(told.troubles.is_empty(), "failures of other days are old");
        let earlier = Week::of(&ledger, Some(week.start(1))).unwrap();
        assert_eq!(earlier.told(&ledger).words, "0 attempts, 0 new bests");
    }

    #[test]
    fn failures_of_these_days_are_told() {
        let ledger = sample::ledger();
        let mut failing = ledger.clone();
        for run in &mut failing.experiments[0].runs[..2] {
            run.status = Status::Failed;
            run.attempts[0].status = Status::Failed;
            run.attempts[0].cause = Some("CUDA out of memory".into());
        }
        let told = Week::of(&failing, None).unwrap().told(&failing);
        assert!(told.troubles[0].words.ends_with("did not finish: CUDA out of memory"));
        assert!(Week::of(&LedgerView { experiments: Vec::new(), ..ledger }, None).is_none());
    }

    #[test]
    fn a_trend_only_improves() {
        let ledger = sample::ledger();
        let trend = Week::of(&ledger, None).unwrap().trend(&ledger.experiments[0]);
        let letters: Vec<char> = trend.chars().collect();
        assert!(letters.len() > 2 && letters.is_sorted(), "{trend}");
    }
}
