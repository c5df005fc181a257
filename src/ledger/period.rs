//! A day, a week or any other span of dates, and what happened in it.

use std::fmt::Write as _;

use serde::Serialize;

use super::attempt::Status;
use super::id::RunId;
use super::metric::Direction;
use super::monitor;
use super::number;
use super::time::Timestamp;
use super::view::{ExperimentView, RunView};

/// A span of whole days in the time zone of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its name, which files get: `daily-2026-11-16`.
    pub name: String,
    /// What it is called: `2026-11-16`, or `2026-11-10 to 2026-11-16`.
    pub title: String,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

impl Period {
    /// So many days, the last of them a date; `None` when the text is no date.
    pub fn ending(word: &str, date: &str, days: i64, time_zone: &str) -> Option<Self> {
        let first = Timestamp::date_before(date, days - 1)?;
        let mut period = Self::between(&first, date, time_zone)?;
        period.name = format!("{word}-{}", date.trim());
        Some(period)
    }

    /// From a date to another, both included; `None` when one is no date, or the last is before the first.
    pub fn between(first: &str, last: &str, time_zone: &str) -> Option<Self> {
        let (first, last) = (first.trim(), last.trim());
        let from = Timestamp::of_date(first, time_zone)?;
        let end = Timestamp::end_of_day(last, time_zone)?;
        let until = Timestamp::from_microseconds(end.microseconds() + 1);
        let title = if first == last { first.to_owned() } else { format!("{first} to {last}") };
        Timestamp::end_of_day(first, time_zone)?;
        (from < until).then(|| Self { name: format!("{first}-to-{last}"), title, from, until })
    }

    /// The days and weeks, from Monday to Sunday, that ended before the day of an instant: so many of each,
    /// the days first, the oldest first. Days are those of a time zone.
    pub fn ended(now: Timestamp, (days, weeks): (i64, i64), time_zone: &str) -> Vec<Self> {
        let today = now.date(time_zone);
        let since_monday = Timestamp::days_since_monday(&today).unwrap_or(0);
        let ending = |word: &str, ago: i64, length: i64| {
            let last = Timestamp::date_before(&today, ago)?;
            Self::ending(word, &last, length, time_zone)
        };
        let days = (1..=days).rev().filter_map(|ago| ending("daily", ago, 1));
        let weeks =
            (0..weeks).rev().filter_map(|ago| ending("weekly", since_monday + 1 + 7 * ago, 7));
        days.chain(weeks).collect()
    }

    /// Whether an instant lies in it.
    pub fn has(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.until
    }
}

/// What happened in a period; `digest --json` shows it, fields are added, never renamed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeriodView {
    /// The ledger's title.
    pub ledger: String,
    /// The dates.
    pub period: String,
    /// Runs that started in it.
    pub runs: usize,
    /// Those of them that finished.
    pub finished: usize,
    /// Experiment by experiment, those with runs.
    pub experiments: Vec<ExperimentPeriod>,
    /// Runs that did not finish.
    pub failures: Vec<Failure>,
    /// Alerts that monitors raised.
    pub alerts: Vec<Alert>,
}

/// What happened in an experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExperimentPeriod {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Runs that started in the period.
    pub runs: usize,
    /// The goal's metric.
    pub metric: String,
    /// The best run of the period.
    pub best: Option<Best>,
    /// The best run of all before the period.
    pub before: Option<Best>,
    /// Whether the best of the period is better than all before.
    pub is_record: bool,
}

/// A run that is the best of some.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Best {
    /// The run.
    pub run: RunId,
    /// Its label.
    pub label: String,
    /// The goal's value.
    #[serde(with = "number::json")]
    pub value: f64,
}

/// A run that did not finish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The experiment.
    pub experiment: String,
    /// The run.
    pub run: RunId,
    /// Its label.
    pub label: String,
    /// Why.
    pub cause: String,
}

/// An alert of a monitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// The monitor's experiment.
    pub experiment: String,
    /// The run that raised it.
    pub run: RunId,
    /// Why.
    pub why: String,
}

/// What happened in a period to the runs of some experiments.
pub fn period_view(ledger: &str, period: &Period, experiments: &[ExperimentView]) -> PeriodView {
    let mut view = PeriodView {
        ledger: ledger.to_owned(),
        period: period.title.clone(),
        runs: 0,
        finished: 0,
        experiments: Vec::new(),
        failures: Vec::new(),
        alerts: Vec::new(),
    };
    for experiment in experiments {
        let inside: Vec<&RunView> =
            experiment.runs.iter().filter(|run| period.has(run.started)).collect();
        if inside.is_empty() {
            continue;
        }
        for run in inside.iter().filter(|run| experiment.is_home_of(run)) {
            view.runs += 1;
            view.finished += usize::from(run.status == Status::Finished);
            let (experiment, label) = (experiment.name.clone(), run.label.clone());
            if run.status.is_bad() {
                let cause = run.cause.clone().unwrap_or_default();
                view.failures.push(Failure { experiment, run: run.id, label, cause });
            } else if let Some(why) = run.tags.get(monitor::ALERT) {
                view.alerts.push(Alert { experiment, run: run.id, why: why.clone() });
            }
        }
        view.experiments.push(of_experiment(experiment, &inside, period));
    }
    view
}

fn of_experiment(
    experiment: &ExperimentView,
    inside: &[&RunView],
    period: &Period,
) -> ExperimentPeriod {
    let (metric, direction) = (&experiment.goal.metric, experiment.goal.direction);
    let earlier = experiment.runs.iter().filter(|run| run.started < period.from);
    let best = best(inside.iter().copied(), metric, direction);
    let before = self::best(earlier, metric, direction);
    let is_record = match (&best, &before) {
        (Some(best), Some(before)) => Direction::better(direction, best.value, before.value),
        (best, _) => best.is_some(),
    };
    ExperimentPeriod {
        name: experiment.name.clone(),
        title: experiment.title.clone(),
        runs: inside.len(),
        metric: metric.clone(),
        best,
        before,
        is_record,
    }
}

/// The best finished run; of equals the earliest.
fn best<'a>(
    runs: impl Iterator<Item = &'a RunView>,
    metric: &str,
    direction: Direction,
) -> Option<Best> {
    let finished = runs.filter(|run| run.status == Status::Finished);
    let mut valued: Vec<(&RunView, f64)> = finished
        .filter_map(|run| Some((run, run.metrics.get(metric).copied()?)))
        .filter(|(_, value)| !value.is_nan())
        .collect();
    valued.sort_by_key(|(run, _)| (run.started, run.attempt));
    let best = valued.into_iter().reduce(|best, next| {
        if Direction::better(direction, next.1, best.1) { next } else { best }
    });
    best.map(|(run, value)| Best { run: run.id, label: run.label.clone(), value })
}

impl PeriodView {
    /// The period as Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}: {}\n\n", line(&self.ledger), self.period);
        let _ = writeln!(text, "{} runs, {} finished.", self.runs, self.finished);
        if !self.alerts.is_empty() {
            text.push_str("\n## Alerts\n\n");
            for alert in &self.alerts {
                let _ = writeln!(text, "- {}: {}", line(&alert.experiment), line(&alert.why));
            }
        }
        if !self.experiments.is_empty() {
            text.push_str(
                "\n## Experiments\n\n| experiment | runs | goal | best | value | before |\n",
            );
            text.push_str("|---|---:|---|---|---:|---:|\n");
        }
        for experiment in &self.experiments {
            let value = |best: &Option<Best>| {
                best.as_ref().map_or_else(|| "—".into(), |best| number::for_people(best.value))
            };
            let label = experiment.best.as_ref().map_or("—", |best| best.label.as_str());
            let record = if experiment.is_record { " (new best)" } else { "" };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {}{record} | {} | {} |",
                line(&experiment.title),
                experiment.runs,
                line(&experiment.metric),
                line(label),
                value(&experiment.best),
                value(&experiment.before)
            );
        }
        if !self.failures.is_empty() {
            text.push_str("\n## Not finished\n\n");
            for failure in &self.failures {
                let Failure { experiment, label, cause, .. } = failure;
                let _ = writeln!(text, "- {} / {}: {}", line(experiment), line(label), line(cause));
            }
        }
        text
    }
}

/// Text on one line that Markdown shows as it is.
fn line(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => shown.push(' '),
            '<' | '>' | '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '&' => {
                shown.push('\\');
                shown.push(c);
            }
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_whole_days_of_its_time_zone() {
        let week = Period::ending("weekly", "2026-11-16", 7, "Asia/Seoul").unwrap();
        assert_eq!(
            (week.name.as_str(), week.title.as_str()),
            ("weekly-2026-11-16", "2026-11-10 to 2026-11-16")
        );
        assert_eq!(week.from.to_string(), "2026-11-09T15:00:00Z");
        assert_eq!(week.until.to_string(), "2026-11-16T15:00:00Z");
        assert!(week.has(week.from) && !week.has(week.until));
        let day = Period::ending("daily", "2026-11-16", 1, "UTC").unwrap();
        assert_eq!(day.title, "2026-11-16");
        assert_eq!(Period::between("2026-11-16", "2026-11-15", "UTC"), None);
        assert_eq!(Period::ending("daily", "today", 1, "UTC"), None);
    }

    #[test]
    fn what_ended_is_whole_days_and_weeks_of_the_time_zone() {
        let ended = |now: &str, zone| {
            let periods = Period::ended(now.parse().unwrap(), (2, 2), zone);
            let span = |it: &Period| format!("{} {} {}", it.name, it.from, it.until);
            periods.iter().map(span).collect::<Vec<_>>()
        };
        // Sunday, 25 October 2026, has 25 hours in Berlin; the first instant of Monday is 23:00 UTC.
        assert_eq!(
            ended("2026-10-25T23:00:00Z", "Europe/Berlin"),
            [
                "daily-2026-10-24 2026-10-23T22:00:00Z 2026-10-24T22:00:00Z",
                "daily-2026-10-25 2026-10-24T22:00:00Z 2026-10-25T23:00:00Z",
                "weekly-2026-10-18 2026-10-11T22:00:00Z 2026-10-18T22:00:00Z",
                "weekly-2026-10-25 2026-10-18T22:00:00Z 2026-10-25T23:00:00Z",
            ]
        );
        // A microsecond before, neither the day nor the week has ended.
        let before = ended("2026-10-25T22:59:59.999999Z", "Europe/Berlin");
        assert!(
            before[1].starts_with("daily-2026-10-24") && before[3].starts_with("weekly-2026-10-18")
        );
        // In Santiago the clock went from 24:00 to 01:00 on 5 September 2026: the day begins at one.
        let spring = ended("2026-09-07T12:00:00Z", "America/Santiago");
        assert_eq!(spring[1], "daily-2026-09-06 2026-09-06T04:00:00Z 2026-09-07T03:00:00Z");
        assert!(spring[3].starts_with("weekly-2026-09-06"));
    }
}
