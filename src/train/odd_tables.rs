//! Every model on tables nobody would train on: an error that says why, or a result that holds together.

use proptest::prelude::*;

use super::estimator::Silent;
use super::*;
use crate::ledger::digest::Digest;
use crate::ledger::evaluate::{FoldKind, RequestEvaluate, RequestFolds};
use crate::ledger::model::{Model, Task};
use crate::ledger::prepare::Prepare;
use crate::ledger::request::{Artifacts, BuiltIn, RequestData, Trainer};
use crate::ledger::split::{Split, SplitFraction};

/// A column of a generated table: what its cells are drawn from.
const CELLS: [&[&str]; 9] = [
    &["0", "1", "2", "3", "-4", "0.5", "7"],
    &["1"],
    &["0", "1e300", "-1e300"],
    &["1e-300", "2e-300", "0"],
    &["a", "b", "ü, c"],
    &["1", "2", ""],
    &["a", "", "b"],
    &["99999999999999999999", "3", "4.25"],
    &["true", "false"],
];
const PREPARES: [&str; 6] = [
    "",
    "missing = 'mean'\ncategories = 'one-hot'",
    "missing = 'most-frequent'\ncategories = 'ordinal'\nscale = 'standard'",
    "missing = 'drop'\ncategories = 'one-hot'\nscale = 'min-max'\nunknown = 'error'",
    "missing = { constant = 0 }\npolynomial = { degree = 3 }",
    "missing = 'median'\nscale = 'standard'\npolynomial = { degree = 2, interaction_only = true }",
];

/// Few rows and small models, since every model takes its turn many times; with `other`, a way of
/// training that is not the default.
fn params(model: &Model, other: bool) -> toml::Table {
    let few = [("n_estimators", 3_i64), ("max_iter", 20), ("n_clusters", 2), ("n_neighbors", 2)];
    let few = few.map(|(name, value)| (name, toml::Value::from(value)));
    let ways =
        [("tree_method", "hist".into()), ("max_bins", 3_i64.into()), ("oob_score", true.into())];
    let given = few.into_iter().chain(ways.into_iter().filter(|_| other));
    let known = given.filter(|(name, _)| model.parameter(name).is_some());
    known.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn request(model: &Model, table: &Odd) -> BuiltIn {
    let fraction = SplitFraction { test: table.test, seed: 1, ..SplitFraction::default() };
    let folds = RequestFolds { folds: 2, kind: FoldKind::Plain, seed: None, column: None };
    let cv = (table.folds && model.task != Task::Clustering).then_some(folds);
    let target = if model.task.has_target() { "y" } else { "" };
    let permutation = (cv.is_some()).then_some(1);
    BuiltIn {
        seed: 3,
        trainer: Trainer { name: model.name.into(), version: model.version },
        params: params(model, table.other),
        data: RequestData {
            digest: Digest::of(&[]),
            features: (0..table.columns.len()).map(|at| format!("x{at}")).collect(),
            target: target.into(),
            split: model.task.has_target().then_some(Split::Fraction(fraction)),
        },
        prepare: toml::from_str::<Prepare>(PREPARES[table.prepare]).unwrap(),
        evaluate: RequestEvaluate {
            metrics: metrics(model.task).iter().map(|name| (*name).to_owned()).collect(),
            cv,
            permutation,
            learning_curve: table.folds,
        },
        artifacts: Artifacts { onnx: table.onnx },
    }
}

/// A generated table and how it is used.
#[derive(Clone, Debug)]
struct Odd {
    columns: Vec<usize>,
    target: usize,
    cells: Vec<Vec<usize>>,
    test: f64,
    prepare: usize,
    folds: bool,
    onnx: bool,
    other: bool,
}

impl Odd {
    fn text(&self) -> String {
        let mut names: Vec<String> = (0..self.columns.len()).map(|at| format!("x{at}")).collect();
        names.push("y\n".into());
        let mut text = names.join(",");
        for row in &self.cells {
            let kinds = self.columns.iter().chain([&self.target]);
            let cells = kinds.zip(row).map(|(kind, cell)| {
                let words = CELLS[*kind];
                format!("\"{}\"", words[cell % words.len()])
            });
            text += &cells.collect::<Vec<_>>().join(",");
            text.push('\n');
        }
        text
    }

    fn table(&self) -> Table {
        let names: Vec<String> = (0..self.columns.len()).map(|at| format!("x{at}")).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.push("y");
        Table::read(self.text().as_bytes(), &names).unwrap()
    }
}

fn odd() -> impl Strategy<Value = Odd> {
    (1_usize..4, 0_usize..14).prop_flat_map(|(columns, rows)| {
        (
            proptest::collection::vec(0..CELLS.len(), columns),
            0..CELLS.len(),
            proptest::collection::vec(proptest::collection::vec(0_usize..7, columns + 1), rows),
            prop_oneof![Just(0.2), Just(0.5), Just(0.9)],
            0..PREPARES.len(),
            (any::<bool>(), any::<bool>(), any::<bool>()),
        )
            .prop_map(|(columns, target, cells, test, prepare, (folds, onnx, other))| {
                Odd { columns, target, cells, test, prepare, folds, onnx, other }
            })
    })
}

/// Trains a model; what it made must read back and answer for every row.
fn check(model: &Model, odd: &Odd) -> Result<(), TestCaseError> {
    let table = odd.table();
    match train(&request(model, odd), &table, &Silent) {
        Err(error) => prop_assert!(!error.to_string().is_empty()),
        Ok(outcome) => {
            let file =
                outcome.artifacts.iter().find(|artifact| artifact.path.starts_with("model."));
            let bytes = &file.expect("every run keeps its model").bytes;
            let saved = SavedModel::read(bytes);
            prop_assert!(saved.is_ok(), "{}: {:?}", model.name, saved.err());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_table_panics(odd in odd()) {
        for model in models() {
            check(model, &odd)?;
        }
    }
}

/// Ten thousand columns, two rows of them for testing.
#[test]
fn ten_thousand_columns_are_no_reason_to_panic() {
    let columns = 10_000;
    let mut odd = Odd {
        columns: vec![0; columns],
        target: 1,
        cells: (0..8)
            .map(|row| (0..=columns).map(|at| (row * 31 + at * 7) % 7).collect())
            .collect(),
        test: 0.25,
        prepare: 0,
        folds: false,
        onnx: false,
        other: false,
    };
    let table = odd.table();
    for model in models() {
        odd.other = false;
        let plain = request(model, &odd);
        odd.other = true;
        let other = request(model, &odd);
        let requests = if other == plain { vec![plain] } else { vec![plain, other] };
        for request in requests {
            if let Err(error) = train(&request, &table, &Silent) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}
