//! How much each param decides of a metric: the table a surrogate is trained on, and what it told.
//!
//! The surrogate itself is a forest and no matter of this room.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attempt::Status;
use super::number;
use super::view::RunView;

/// The fewest runs that a surrogate is trained on; each param that varies asks for two more.
const FEWEST: usize = 10;

/// Runs that a surrogate is trained on at most: of more, those whose ids come first, which are digests and
/// so an even sample.
const SAMPLE: usize = 256;

/// What stands for the trainer among the params where runs have several.
const TRAINER: &str = "trainer";

/// What is known of the importance of the params of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Importance {
    /// It was measured.
    Measured(Measured),
    /// There are too few runs with a finite value of the metric to measure it.
    TooFew {
        /// The runs there are.
        runs: usize,
        /// The runs it takes.
        needed: usize,
    },
    /// No param varies, or none of them changes what the surrogate predicts.
    Nothing,
}

/// Importances as they were measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The share of the variance that each param makes alone, the largest first; a param of one value has 0.
    pub params: Vec<Share>,
    /// The share that params make only together.
    #[serde(with = "number::json")]
    pub together: f64,
    /// R² of the surrogate on runs that it did not see; `None` where that means nothing.
    pub explained: Option<f64>,
    /// Number of runs it was trained on.
    pub runs: usize,
    /// Number of runs there are.
    pub of: usize,
}

/// The importance of a param.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The param.
    pub param: String,
    /// Its share of the variance, from 0 to 1.
    #[serde(with = "number::json")]
    pub share: f64,
    /// Number of its values; that it is missing counts as one.
    pub values: usize,
}

/// Runs as a table of levels: what a surrogate is trained on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coded {
    /// The params that vary, sorted.
    pub names: Vec<String>,
    /// The params of one value.
    pub constant: Vec<String>,
    /// The level of each run, a column a param; levels count from 0 and each of them occurs.
    pub columns: Vec<Vec<u32>>,
    /// The metric of each run.
    pub target: Vec<f64>,
    /// Number of runs before the sample was taken.
    pub of: usize,
}

/// A value of a param, as levels tell them apart: 1 and 1.0 are one, missing is a value of its own.
#[derive(Clone, Debug, PartialEq)]
enum Level {
    Number(f64),
    Word(String),
    Missing,
}

impl Level {
    fn of(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Missing,
            Some(value) => match value.as_f64() {
                Some(number) => Self::Number(number),
                None => Self::Word(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            },
        }
    }

    /// Numbers by size, then words, then missing.
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Word(a), Self::Word(b)) => a.cmp(b),
            (a, b) => a.kind().cmp(&b.kind()),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Word(_) => 1,
            Self::Missing => 2,
        }
    }
}

/// The finished runs with a finite value of a metric as a table of levels.
///
/// The levels of numbers are in their order, and missing comes last. Where a param has other values than
/// numbers, its levels are in the order of the mean metric, which loses a regression tree nothing (Fisher
/// 1958, "On Grouping for Maximum Homogeneity").
pub fn coded(runs: &[&RunView], metric: &str) -> Coded {
    let value = |run: &RunView| run.metrics.get(metric).copied().filter(|value| value.is_finite());
    let finished = runs.iter().filter(|run| run.status == Status::Finished);
    let mut measured: Vec<(&RunView, f64)> =
        finished.filter_map(|run| Some((*run, value(run)?))).collect();
    measured.sort_by_key(|(run, _)| run.id);
    let of = measured.len();
    measured.truncate(SAMPLE);
    let target: Vec<f64> = measured.iter().map(|(_, value)| *value).collect();
    let names: BTreeSet<&String> = measured.iter().flat_map(|(run, _)| run.params.keys()).collect();
    let mut table = Coded { of, ..Coded::default() };
    let mut add = |name: &str, levels: Vec<Level>| {
        let column = column(&levels, &target);
        if column.iter().all(|level| *level == 0) {
            table.constant.push(name.to_owned());
        } else {
            table.names.push(name.to_owned());
            table.columns.push(column);
        }
    };
    for name in &names {
        add(name, measured.iter().map(|(run, _)| Level::of(run.params.get(*name))).collect());
    }
    let trainers: BTreeSet<&String> = measured.iter().map(|(run, _)| &run.trainer).collect();
    if trainers.len() > 1 && !names.iter().any(|name| *name == TRAINER) {
        add(TRAINER, measured.iter().map(|(run, _)| Level::Word(run.trainer.clone())).collect());
    }
    Coded { target, ..table }
}

/// The level of each run by its value.
fn column(levels: &[Level], target: &[f64]) -> Vec<u32> {
    let mut distinct: Vec<&Level> = levels.iter().collect();
    distinct.sort_by(|a, b| a.order(b));
    distinct.dedup_by(|a, b| a.order(b).is_eq());
    let place = |level: &Level, among: &[&Level]| {
        among.iter().position(|known| known.order(level).is_eq()).unwrap_or(0)
    };
    if distinct.iter().any(|level| matches!(level, Level::Word(_))) {
        let mut sums = vec![(0.0, 0.0); distinct.len()];
        for (level, value) in levels.iter().zip(target) {
            let (sum, count) = &mut sums[place(level, &distinct)];
            (*sum, *count) = (*sum + value, *count + 1.0);
        }
        let mean = |level: &Level| {
            let (sum, count) = sums[place(level, &distinct)];
            sum / count
        };
        let mut by_mean = distinct.clone();
        by_mean.sort_by(|a, b| mean(a).total_cmp(&mean(b)));
        distinct = by_mean;
    }
    levels.iter().map(|level| u32::try_from(place(level, &distinct)).unwrap_or(0)).collect()
}

impl Coded {
    /// What can be said without a surrogate: that there are too few runs, or that nothing varies.
    pub fn unmeasured(&self) -> Option<Importance> {
        let needed = FEWEST.max(2 * self.names.len());
        let runs = self.target.len();
        if self.names.is_empty() && runs > 1 {
            return Some(Importance::Nothing);
        }
        (runs < needed).then_some(Importance::TooFew { runs, needed })
    }

    /// The importances by the shares that a surrogate told, in the order of the columns.
    pub fn importance(&self, alone: &[f64], explained: Option<f64>) -> Importance {
        let varying = self.names.iter().zip(&self.columns).zip(alone);
        let mut params: Vec<Share> = varying
            .map(|((param, column), share)| {
                let values = column.iter().max().map_or(0, |last| *last as usize + 1);
                Share { param: param.clone(), share: *share, values }
            })
            .collect();
        params.sort_by(|a, b| b.share.total_cmp(&a.share));
        let together = (1.0 - alone.iter().sum::<f64>()).clamp(0.0, 1.0);
        let constant = self.constant.iter();
        params.extend(constant.map(|param| Share { param: param.clone(), share: 0.0, values: 1 }));
        let (runs, of) = (self.target.len(), self.of);
        Importance::Measured(Measured { params, together, explained, runs, of })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::cell::tests::run;
    use super::*;

    fn table(params: &[Value]) -> Coded {
        let runs: Vec<RunView> = params
            .iter()
            .enumerate()
            .map(|(at, params)| {
                let mut one = run("r", &at.to_string(), 1, &[("r2", at as f64)]);
                one.params = serde_json::from_value(params.clone()).unwrap();
                one
            })
            .collect();
        let mut table = coded(&runs.iter().collect::<Vec<_>>(), "r2");
        // Runs are in the order of their ids; here in that of their metric.
        let mut order: Vec<usize> = (0..table.target.len()).collect();
        order.sort_by(|a, b| table.target[*a].total_cmp(&table.target[*b]));
        for column in &mut table.columns {
            *column = order.iter().map(|at| column[*at]).collect();
        }
        table
    }

    #[test]
    fn numbers_keep_their_order_and_missing_comes_last() {
        let table = table(&[
            json!({"a": 10, "s": 1}),
            json!({"a": 2.5, "s": 1}),
            json!({"s": 1.0}),
            json!({"a": 10.0, "s": 1}),
        ]);
        assert_eq!(
            (table.names.as_slice(), table.constant.as_slice()),
            (&["a".to_owned()][..], &["s".to_owned()][..])
        );
        assert_eq!(table.columns, [[1, 0, 2, 1]]);
    }

    #[test]
    fn words_are_in_the_order_of_their_means() {
        let table = table(&[
            json!({"w": "z"}),
            json!({"w": "a"}),
            json!({"w": "z"}),
            json!({"w": 3}),
            json!({}),
        ]);
        // Means: a and z 1, of equals the first word; 3 is 3, missing 4.
        assert_eq!(table.columns, [[1, 0, 1, 2, 3]]);
    }

    #[test]
    fn too_few_runs_are_said_to_be_too_few() {
        let few = table(&[json!({"a": 1}), json!({"a": 2})]);
        assert_eq!(few.unmeasured(), Some(Importance::TooFew { runs: 2, needed: 10 }));
        let same = table(&vec![json!({"a": 1}); 30]);
        assert_eq!(same.unmeasured(), Some(Importance::Nothing));
        let enough: Vec<Value> = (0..12).map(|at| json!({"a": at})).collect();
        assert_eq!(table(&enough).unmeasured(), None);
    }

    #[test]
    fn the_largest_share_comes_first_and_a_constant_has_none() {
        let rows: Vec<Value> = (0..12).map(|at| json!({"a": at, "b": at % 3, "c": 1})).collect();
        let Importance::Measured(measured) = table(&rows).importance(&[0.2, 0.7], Some(0.9)) else {
            panic!()
        };
        let shares: Vec<_> =
            measured.params.iter().map(|it| (it.param.as_str(), it.share, it.values)).collect();
        assert_eq!(shares, [("b", 0.7, 3), ("a", 0.2, 12), ("c", 0.0, 1)]);
        assert!((measured.together - 0.1).abs() < 1e-12);
    }
}
