//! A search that ends early finds what a look at every run finds.

use super::{Made, record};
use crate::engine::error::Error;
use crate::engine::find;
use crate::engine::listing::in_order;
use crate::engine::membership::annotation;
use crate::engine::{BestOf, ListOf, Listing};
use crate::ledger::annotation::{AnnotationKind, Member};
use crate::ledger::attempt::Status;
use crate::ledger::filter::Filter;
use crate::ledger::view::RunView;

const FILTERS: [&str; 26] = [
    "good",
    "other",
    "team and metrics.r2 > 0.1",
    "first and metrics.r2 > 0",
    "second and not failed",
    "second",
    "",
    "first",
    "metrics.r2 > 0.3",
    "metrics.r2_score >= 0.3 and params.depth = 2",
    "r2 < 0.5",
    "loss > 0.1 and not params.kind = 'gini'",
    "params.depth in ('1', '2')",
    "params.kind = 'none'",
    "params.depth = '3'",
    "params.rate < 1",
    "status = 'FAILED'",
    "status = finished and metrics.loss <= 0.2",
    "run-1",
    "tags.team = 'a' or star = true",
    "experiment = second",
    "note like '%good%'",
    "metrics.r2 is null",
    "metrics.r2 != 0.2",
    "seed = 1 and metrics.r2 > 0",
    "metrics.none > 1",
];

const ORDERS: [&str; 9] = [
    "",
    "metrics.r2 desc",
    "metrics.r2",
    "metrics.r2_score desc, label",
    "metrics.loss",
    "metrics.loss desc, params.depth",
    "started",
    "started desc",
    "params.depth, metrics.r2 desc",
];

/// Fifty runs: some failed, some tried again, some shown by both experiments, some annotated or deleted.
fn made() -> Made {
    let made = Made::new();
    let ledger = made.opened();
    for number in 0..50 {
        let experiment = if number % 3 == 0 { "second" } else { "first" };
        let failed = if number % 5 == 4 { Status::Failed } else { Status::Finished };
        let run = record(&ledger, experiment, number, failed, (number * 7 % 50) as i64);
        if number % 10 == 4 {
            record(&ledger, "second", number, Status::Finished, 100 + number as i64);
        }
        let say = |kind| {
            drop(ledger.store.annotate("first", &[annotation(run, kind)]).unwrap());
        };
        match number % 8 {
            0 => say(AnnotationKind::Tag { key: "team".into(), value: "a".into() }),
            1 => say(AnnotationKind::Star { on: true }),
            2 => say(AnnotationKind::Note { text: "good".into() }),
            3 => say(AnnotationKind::Member(Member {
                spec: "other.toml".into(),
                label: format!("other-{number}"),
                description: String::new(),
                tags: [("team".to_owned(), "a".to_owned())].into(),
            })),
            4 => say(AnnotationKind::Delete),
            _ => {}
        }
    }
    made
}

#[test]
fn an_early_end_changes_nothing() {
    let made = made();
    let (patient, quick) = (made.opened(), made.opened());
    for filter in FILTERS {
        let words: Vec<String> = if filter.is_empty() { vec![] } else { vec![filter.into()] };
        for order in ORDERS {
            let sort = Some(order).filter(|order| !order.is_empty());
            let asked = ListOf { words: &words, sort, limit: None };
            let mut all: Vec<RunView> = match patient.list(asked).unwrap() {
                Listing::ByExperiment(experiments) => {
                    experiments.into_iter().flat_map(|experiment| experiment.runs).collect()
                }
                Listing::InOrder(runs) => runs,
            };
            all.sort_by(|a, b| in_order(&Filter::ordered(Vec::new()), a, b));
            if sort.is_some() {
                let by = Filter::parse(&format!("order by {order}")).unwrap();
                all.sort_by(|a, b| in_order(&by, a, b));
            }
            for limit in [0, 1, 3, 10, 1000] {
                let found = quick.list(ListOf { limit: Some(limit), ..asked }).unwrap();
                let wanted: Vec<&RunView> = all.iter().take(limit).collect();
                // As JSON, in which NaN is equal to itself.
                let json = |runs: &[&RunView]| serde_json::to_string(runs).unwrap();
                let words = format!("{filter:?} by {order:?}, {limit}");
                assert_eq!(json(&found.runs()), json(&wanted), "{words}");
            }
        }
    }
}

#[test]
fn the_best_of_a_filter_is_the_same_whichever_runs_are_looked_at() {
    let made = made();
    let goal = "[goal]\nmetric = \"r2\"\n";
    std::fs::write(made.root().join("experiments/first/experiment.toml"), goal).unwrap();
    let ledger = made.opened();
    let all = ledger.outline().unwrap();
    let mut found = 0;
    for filter in FILTERS.iter().chain(&["loss < 1 order by metrics.loss", "depth = 1 order by r2"])
    {
        for metric in [None, Some("loss")] {
            let of = BestOf { what: "first", filter, metric };
            let some = match ledger.outline_for(of) {
                Ok(some) => some,
                Err(error) => panic!("{filter}: {error}"),
            };
            // Of the runs only the ids: those of a part do not know their replicates.
            let told = |view| match ledger.best_in(view, of) {
                Ok(best) => serde_json::to_string(&best.selection).unwrap(),
                Err(error) => error.to_string(),
            };
            assert_eq!(told(&some), told(&all), "{filter:?} {metric:?}");
            if let Ok(best) = ledger.best(of) {
                found += 1;
                let whole = ledger.best_in(&all, of).unwrap();
                let selections = [&best.selection, &whole.selection]
                    .map(|selection| serde_json::to_string(selection).unwrap());
                assert_eq!(selections[0], selections[1], "{filter:?} {metric:?}");
                assert_eq!((best.asked, best.finished), (whole.asked, whole.finished));
                let (mut run, whole) = (best.run, whole.run);
                ledger.note_cell(&mut run).unwrap();
                let json = |run: &RunView| serde_json::to_string(run).unwrap();
                assert_eq!(json(&run), json(&whole), "{filter:?} {metric:?}");
            }
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn a_name_means_the_same_run_whichever_runs_are_looked_at() {
    let made = made();
    let ledger = made.opened();
    let view = ledger.outline().unwrap();
    let runs = || view.experiments.iter().flat_map(|experiment| &experiment.runs);
    let mut names: Vec<String> = ["", "nothing", "run-4", "a", "f0"].map(str::to_owned).into();
    for run in runs() {
        let id = run.id.to_string();
        names.extend([run.label.clone(), run.short.to_uppercase(), id[..2].to_owned(), id]);
    }
    let (mut found, mut ambiguous) = (0, 0);
    for name in names {
        let wanted = match find::among(runs(), &name) {
            Ok(run) => serde_json::to_string(run).unwrap(),
            Err(error) => error.to_string(),
        };
        let run = ledger.run_named(&name);
        found += usize::from(run.is_ok());
        ambiguous += usize::from(matches!(run, Err(Error::Ambiguous { .. })));
        let told = match run {
            Ok(run) => serde_json::to_string(&run).unwrap(),
            Err(error) => error.to_string(),
        };
        assert_eq!(told, wanted, "{name:?}");
    }
    assert!(found > 100 && ambiguous > 0, "{found} {ambiguous}");
}
