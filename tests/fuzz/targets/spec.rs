//! Specs, planned: every mistake has a place in the text, and notation decides nothing.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::LazyLock;

use fairledger::ledger::command::CommandFacts;
use fairledger::ledger::config::Defaults;
use fairledger::ledger::facts::DataFacts;
use fairledger::ledger::id::RunId;
use fairledger::ledger::plan::{Plan, Surroundings, plan};
use fairledger::ledger::problem::Problem;
use fairledger::ledger::request::Request;
use fairledger::ledger::schema;
use fairledger::ledger::source::Source;
use fairledger::ledger::spec::Spec;
use fairledger::ledger::sweep::Known;
use fairledger::train;

use super::attempt::toml_file;
use super::{Outcome, Target, embedded_specs, fixtures, is_named, same};
use crate::draws::Draws;

pub(super) const TARGET: Target = Target { name: "spec", seeds, vary, check };

const WORDS: [&str; 64] = [
    "name",
    "description",
    "tags",
    "data",
    "path",
    "target",
    "features",
    "exclude",
    "split",
    "column",
    "test",
    "seed",
    "stratify",
    "group",
    "time",
    "train",
    "model",
    "replicates",
    "params",
    "sweep",
    "method",
    "grid",
    "zip",
    "random",
    "halving",
    "tpe",
    "runs",
    "low",
    "high",
    "log",
    "step",
    "evaluate",
    "metrics",
    "cv",
    "folds",
    "permutation",
    "learning_curve",
    "prepare",
    "scale",
    "missing",
    "categories",
    "polynomial",
    "artifacts",
    "onnx",
    "command",
    "run",
    "inputs",
    "lock",
    "version",
    "env_key",
    "env_pass",
    "timeout",
    "cores",
    "memory",
    "retries",
    "directory",
    "n_estimators",
    "max_depth",
    "{n_estimators}",
    "{seed}",
    "random-forest-regressor",
    "area",
    "price",
    "word",
];

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = fixtures(&|path| {
        path.extension().is_some_and(|it| it == "toml")
            && path
                .parent()
                .and_then(|it| it.parent())
                .is_some_and(|it| it.ends_with("experiments"))
            && !is_named(path, "experiment.toml")
    });
    seeds.extend(embedded_specs());
    seeds
}

fn vary(draws: &mut Draws, corpus: &[Vec<u8>]) -> Vec<u8> {
    let from = draws.one::<Vec<u8>>(corpus).clone();
    toml_file(draws, &from, &WORDS, corpus)
}

static HOUSING: LazyLock<DataFacts> =
    LazyLock::new(|| facts(include_bytes!("../../../data/housing.csv")));
static SMALL: LazyLock<DataFacts> =
    LazyLock::new(|| facts(include_bytes!("../../ledgers/format-1/data/small.csv")));

fn facts(bytes: &'static [u8]) -> DataFacts {
    train::profile(Box::new(Cursor::new(bytes))).unwrap()
}

fn check(input: &[u8]) -> Result<Outcome, String> {
    let text = String::from_utf8_lossy(input);
    let (table, result) = match planned(&text)? {
        Ok(it) => it,
        Err(problems) => {
            return Ok(Outcome { read: false, kind: messages(&problems).join(", ") });
        }
    };
    // The same in another notation: sorted keys, no comments, other quotes.
    let Ok(rewritten) = toml::to_string(&table) else {
        return Ok(Outcome { read: true, kind: "not written again".to_owned() });
    };
    let (_, again) = planned(&rewritten)?
        .map_err(|problems| format!("{rewritten:?} cannot be read: {:?}", messages(&problems)))?;
    let kind = match (result, again) {
        (Ok(plan), Ok(again)) => {
            let runs = |plan: &Plan| {
                let one =
                    |it: &fairledger::ledger::plan::Planned| (it.label.clone(), it.request.id());
                plan.runs.iter().map(one).collect::<Vec<_>>()
            };
            same(&format!("planned from {rewritten:?}"), &runs(&plan), &runs(&again))?;
            requests(&plan)?;
            format!(
                "{} runs, {}",
                ["no", "some"][usize::from(!plan.runs.is_empty())],
                plan.following > 0
            )
        }
        (Err(problems), Err(others)) => {
            let sorted = |problems: &[Problem]| {
                let mut all = messages(problems);
                all.sort();
                all
            };
            same(&format!("mistakes of {rewritten:?}"), &sorted(&problems), &sorted(&others))?;
            sorted(&problems).join(", ")
        }
        (one, other) => {
            return Err(format!(
                "{rewritten:?} is something else: {:?} and {:?}",
                one.err(),
                other.err()
            ));
        }
    };
    Ok(Outcome { read: true, kind })
}

fn messages(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| problem.message.clone()).collect()
}

type Planning = Result<(toml::Table, Result<Plan, Vec<Problem>>), Vec<Problem>>;

/// The table of a text and the plan of it; every mistake has its place in the text.
fn planned(text: &str) -> Result<Planning, String> {
    let source = match Source::parse("experiments/e/s.toml", text) {
        Ok(source) => source,
        Err(problems) => return placed(text, &problems).map(|()| Err(problems)),
    };
    let read = schema::read::<Spec>(&source);
    placed(text, &read.problems)?;
    let table = source.table.clone();
    let Some(spec) = read.value else { return Ok(Ok((table, Err(read.problems)))) };
    let defaults = Defaults::default();
    let command = Ok(CommandFacts::default());
    let path = spec.data.as_ref().map_or("", |data| data.path.as_str());
    let facts = if path.contains("small") { &*SMALL } else { &*HOUSING };
    let plan = plan(
        "e",
        &source,
        &spec,
        Surroundings {
            models: train::models(),
            metrics: train::metrics,
            default_metrics: train::default_metrics,
            defaults: &defaults,
            goal: None,
            results: &results,
            facts: Ok(facts),
            command: spec.command.as_ref().map(|_| &command),
        },
    );
    if let Err(problems) = &plan {
        placed(text, problems)?;
    }
    if read.problems.is_empty() {
        Ok(Ok((table, plan)))
    } else {
        Ok(Ok((table, Err(read.problems))))
    }
}

/// Results such that sweeps that go by them have something to go by.
fn results(runs: &[RunId]) -> Vec<Option<Known>> {
    let one = |run: &RunId| {
        let digits = run.to_string();
        let value = f64::from(u8::from_str_radix(&digits[..2], 16).unwrap_or(0));
        let names = ["r2", "rmse", "mae", "cv_r2", "cv_rmse", "accuracy", "score"];
        match value as u8 % 8 {
            0 => None,
            1 => Some(Known::Failed),
            _ => Some(Known::Finished(names.map(|name| (name.to_owned(), value)).into())),
        }
    };
    runs.iter().map(one).collect()
}

fn placed(text: &str, problems: &[Problem]) -> Result<(), String> {
    for problem in problems {
        let _ = problem.to_string();
        let lines = text.matches('\n').count() + 1;
        if problem.span.end > text.len() || problem.line > lines || problem.column == 0 {
            return Err(format!("{problem} is not in the text: {:?}", problem.span));
        }
    }
    Ok(())
}

/// What is written of a request gives its id again, and no two runs of a plan have one.
fn requests(plan: &Plan) -> Result<(), String> {
    let mut ids: BTreeMap<RunId, &str> = BTreeMap::new();
    for planned in &plan.runs {
        if let Some(other) = ids.insert(planned.request.id(), &planned.label) {
            return Err(format!("{other:?} and {:?} are one run, planned twice", planned.label));
        }
    }
    for planned in plan.runs.iter().take(20) {
        let written =
            toml::to_string(planned.request.parts()).map_err(|error| error.to_string())?;
        let table = written.parse().map_err(|error| format!("{written:?} is no TOML: {error}"))?;
        let again = Request::from_table(table).map_err(|error| error.to_string())?;
        same(&format!("the id of {written:?}"), &planned.request.id(), &again.id())?;
    }
    Ok(())
}
