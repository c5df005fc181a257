//! DBSCAN with scikit-learn's parameters and labels.
//!
//! linfa 0.8.1's does not say which rows are core rows, which a model needs that is asked about new
//! ones, refuses `min_samples` of 1, and searches row after row; where both can be asked they agree,
//! which the tests hold.

mod cluster;
mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rayon::prelude::*;
use toml::Value;

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::k_means::check_reach;
use super::neighbours::distance::Metric;
use super::neighbours::nearest::Neighbour;
use super::neighbours::rows::Rows;
use super::neighbours::tree::Tree;

pub(super) use file::{FORMAT, KIND, open};

/// The declaration of DBSCAN.
pub(super) const MODEL: Model = Model {
    name: "dbscan",
    version: 1,
    task: Task::Clustering,
    summary: "Clusters of any shape where rows lie densely; the others are noise, cluster -1",
    parameters: &[
        Parameter {
            name: "eps",
            kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::None)],
            default: Default::Float(0.5),
            summary: "How far two rows may be apart to be neighbours.",
            added_later: false,
        },
        Parameter {
            name: "min_samples",
            kinds: &[Kind::Integer(1, u32::MAX as i64)],
            default: Default::Integer(5),
            summary: "Rows within eps, the row itself included, that make it a core of a cluster.",
            added_later: false,
        },
    ],
};

/// DBSCAN (Ester, Kriegel, Sander and Xu, 1996).
///
/// A trained model puts a new row into the cluster of the nearest core row within eps. A training
/// row that is no core row may get another cluster that way than it was given, which is the first
/// one found, as in scikit-learn.
pub(super) struct Dbscan;

impl Estimator for Dbscan {
    fn declaration(&self) -> &'static Model {
        const { &MODEL }
    }

    fn is_in_onnx(&self) -> bool {
        false
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        check_reach(work)?;
        let rows = Rows::of(&work.sample.features);
        if u32::try_from(rows.len()).is_err() {
            return Err(TrainError::TooManyRows(rows.len()));
        }
        let (eps, min_samples) = (work.params.float("eps"), work.params.count("min_samples"));
        let found = cluster::find(&rows, eps, min_samples, work.reporter)?;
        work.reporter.progress(1, 1);
        let noise = found.of_rows.iter().filter(|cluster| cluster.is_none()).count();
        if found.count == 0 {
            work.reporter.line(&format!(
                "all rows are noise: none has {min_samples} rows within {eps:?}; \
                 raise eps, lower min_samples or scale the features"
            ));
        }
        let cores = (0..rows.len()).filter(|row| found.core[*row]);
        let (values, clusters): (Vec<&[f64]>, Vec<u32>) =
            cores.filter_map(|row| Some((rows.row(row), found.of_rows[row]?))).unzip();
        let facts = BTreeMap::from([
            ("clusters".into(), Value::Integer(i64::from(found.count))),
            ("core_rows".into(), Value::Integer(clusters.len() as i64)),
            ("noise_rows".into(), Value::Integer(noise as i64)),
        ]);
        let cores = Rows { features: rows.features, values: values.concat() };
        let of_rows = found.of_rows.iter().map(|cluster| cluster.map_or(-1.0, f64::from)).collect();
        Ok(Fitted {
            predictor: Box::new(Cores::new(eps, cores, clusters)),
            importance: Vec::new(),
            coefficients: None,
            clusters: Some(of_rows),
            facts,
        })
    }
}

/// A trained DBSCAN model: the core rows and their clusters.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cores {
    pub(super) eps: f64,
    pub(super) rows: Rows,
    /// The cluster of each core row.
    pub(super) clusters: Vec<u32>,
    tree: Tree,
}

impl Cores {
    fn new(eps: f64, rows: Rows, clusters: Vec<u32>) -> Self {
        let tree = Tree::new(&rows);
        Self { eps, rows, clusters, tree }
    }

    /// The cluster of the nearest core row within reach, of equally near ones the first.
    fn cluster(&self, point: &[f64]) -> f64 {
        let mut nearest: Option<Neighbour> = None;
        let mut keep = |near: Neighbour| nearest = Some(nearest.map_or(near, |it| it.min(near)));
        if !self.clusters.is_empty() {
            self.tree.within(Metric::Euclidean, point, self.eps * self.eps, &mut keep);
        }
        nearest.map_or(-1.0, |near| f64::from(self.clusters[near.row as usize]))
    }
}

impl Predictor for Cores {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let rows = Rows::of(features);
        let cluster = |row: usize| self.cluster(rows.row(row));
        Answer::plain((0..rows.len()).into_par_iter().map(cluster).collect())
    }

    fn kind(&self) -> &'static str {
        KIND
    }

    fn nodes(&self) -> Option<u64> {
        None
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write(self)
    }
}
