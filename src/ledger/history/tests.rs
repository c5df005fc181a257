//! Days of a ledger.

use super::super::cell::tests::run;
use super::super::view::{AttemptView, GoalView, NoteView};
use super::*;
use crate::ledger::time::Timestamp;

fn at(label: &str, time: &str, r2: f64, status: Status) -> RunView {
    let mut run = run(label, label, 1, &[("r2", r2)]);
    let started: Timestamp = time.parse().unwrap();
    let ended = Timestamp::from_microseconds(started.microseconds() + 2_000_000);
    let attempt = AttemptId::new(started.milliseconds(), 1);
    (run.started, run.ended, run.status, run.attempt) = (started, ended, status, attempt);
    run.attempts.push(AttemptView { attempt, status, cause: None, started, ended, result: None });
    run
}

#[test]
fn days_begin_in_the_ledger_s_time_zone_and_know_their_records() {
    let mut runs = vec![
        at("first", "2026-11-15T10:00:00Z", 0.5, Status::Finished),
        at("worse", "2026-11-15T11:00:00Z", 0.4, Status::Finished),
        // The sixteenth in Seoul.
        at("better", "2026-11-15T20:00:00Z", 0.6, Status::Finished),
        at("failed", "2026-11-16T01:00:00Z", 0.9, Status::Failed),
    ];
    let time = "2026-11-17T01:00:00Z".parse().unwrap();
    runs[0].notes.push(NoteView { time, text: "good".into() });
    let goal = GoalView::of("r2".into(), None);
    let experiment = ExperimentView {
        name: "e".into(),
        title: "e".into(),
        description: String::new(),
        tags: BTreeMap::new(),
        goal,
        readme: String::new(),
        runs,
        best: None,
        importance: None,
    };
    let days = history(&[experiment.clone(), experiment], "Asia/Seoul");
    let short: Vec<_> = days
        .iter()
        .map(|day| (day.date.as_str(), day.attempts, day.finished, day.failed, day.notes))
        .collect();
    assert_eq!(
        short,
        [("2026-11-17", 0, 0, 0, 1), ("2026-11-16", 2, 1, 1, 0), ("2026-11-15", 2, 2, 0, 0)]
    );
    assert_eq!(days[1].records[0].label, "better");
    assert_eq!(days[2].records[0].label, "first");
    assert!((days[1].seconds - 4.0).abs() < 1e-9);
}
