//! k-means clustering through linfa, with scikit-learn's parameters, start and end.

mod file;
mod lloyd;
mod onnx;
mod points;
mod seeding;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use ndarray::Array2;
use toml::Value;

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::onnx::{Graph, Outputs, Tensor};
use super::random::Random;
use lloyd::{End, iterate};
use points::{Points, nearest};

pub(super) use file::{FORMAT, KIND, open};
pub(super) use points::{check_reach, squared_distance};

/// The declaration of k-means.
pub(super) const MODEL: Model = Model {
    name: "k-means",
    version: 1,
    task: Task::Clustering,
    summary: "Clusters around their means: each row belongs to the nearest of them",
    parameters: &[
        Parameter {
            name: "n_clusters",
            kinds: &[Kind::Integer(1, u32::MAX as i64)],
            default: Default::Integer(8),
            summary: "Number of clusters.",
            added_later: false,
        },
        Parameter {
            name: "init",
            kinds: &[Kind::Word(&["k-means++", "random"])],
            default: Default::Word("k-means++"),
            summary: "How the first centroids are drawn: far from each other, or any rows.",
            added_later: false,
        },
        Parameter {
            name: "n_init",
            kinds: &[Kind::Integer(1, 100_000), Kind::Word(&["auto"])],
            default: Default::Word("auto"),
            summary: "Starts, of which the best end is kept; \"auto\" is 1, or 10 with init \"random\".",
            added_later: false,
        },
        Parameter {
            name: "max_iter",
            kinds: &[Kind::Integer(1, u32::MAX as i64)],
            default: Default::Integer(300),
            summary: "Most steps of one start.",
            added_later: false,
        },
        Parameter {
            name: "tol",
            kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
            default: Default::Float(1e-4),
            summary: "Steps end once the centroids move by less, relative to the features' variance.",
            added_later: false,
        },
    ],
};

/// k-means clustering (Lloyd, 1982).
pub(super) struct KMeans;

impl Estimator for KMeans {
    fn declaration(&self) -> &'static Model {
        const { &MODEL }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        check_reach(work)?;
        let points = Points::new(&work.sample.features);
        let clusters = work.params.count("n_clusters");
        if clusters > points.len() {
            let rows = points.len();
            return Err(TrainError::Fit(format!(
                "n_clusters is {clusters}, more than its {rows} training rows; lower it"
            )));
        }
        let best = best_start(work, &points, clusters)?;
        let own_place = |(at, value): (usize, &f64)| value + points.means[at];
        let centroids = best.centroids.rows().into_iter();
        let centroids: Vec<Vec<f64>> =
            centroids.map(|row| row.iter().enumerate().map(own_place).collect()).collect();
        let predictor = Centroids { centroids };
        let taken: BTreeSet<usize> =
            predictor.nearest(&work.sample.features).into_iter().map(|(at, _)| at).collect();
        if !best.converged {
            let text = format!("not converged after {} steps; raise max_iter", best.iterations);
            work.reporter.line(&text);
        }
        if taken.len() < clusters {
            let found = taken.len();
            work.reporter.line(&format!(
                "only {found} of {clusters} clusters have rows: there are too few different rows"
            ));
        }
        let facts = BTreeMap::from([
            ("clusters".into(), Value::Integer(taken.len() as i64)),
            ("iterations".into(), Value::Integer(best.iterations as i64)),
            ("inertia".into(), Value::Float(best.inertia)),
            ("converged".into(), Value::Boolean(best.converged)),
        ]);
        Ok(Fitted {
            predictor: Box::new(predictor),
            importance: Vec::new(),
            coefficients: None,
            clusters: None,
            facts,
        })
    }
}

/// The end with the least inertia of all starts, of equal ones the first.
fn best_start(work: &Work<'_>, points: &Points, clusters: usize) -> Result<End, TrainError> {
    let params = work.params;
    let drawn = params.word("init") == "random";
    let auto = if drawn { 10 } else { 1 };
    let starts = params.optional_count("n_init").unwrap_or(auto).max(1);
    let (max_iter, tol) = (params.count("max_iter"), params.float("tol"));
    let mut best: Option<End> = None;
    for start in 0..starts as u64 {
        let mut random = Random::stream("fairledger k-means v1", work.seed, start);
        let centroids = if drawn {
            seeding::random(points, clusters, &mut random)
        } else {
            seeding::plus_plus(points, clusters, &mut random, work.reporter)?
        };
        let end = iterate(points, centroids, max_iter, tol, work.reporter)?;
        work.reporter.progress(start + 1, starts as u64);
        if best.as_ref().is_none_or(|best| end.inertia < best.inertia) {
            best = Some(end);
        }
    }
    best.ok_or_else(|| TrainError::Fit("no start was made".into()))
}

/// A trained k-means model: the centroids, a value a feature each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Centroids {
    /// At least one.
    pub(super) centroids: Vec<Vec<f64>>,
}

impl Centroids {
    /// The nearest centroid of each row and the squared distance to it.
    fn nearest(&self, features: &[Vec<f64>]) -> Vec<(usize, f64)> {
        let (count, width) = (features.first().map_or(0, Vec::len), features.len());
        let mut rows = vec![0.0; count * width];
        for (at, column) in features.iter().enumerate() {
            let cells = rows.iter_mut().skip(at).step_by(width);
            cells.zip(column).for_each(|(cell, value)| *cell = *value);
        }
        let shape = (self.centroids.len(), width);
        let centroids = Array2::from_shape_fn(shape, |(at, feature)| self.centroids[at][feature]);
        nearest(count, |row| &rows[row * width..][..width], &centroids)
    }
}

impl Predictor for Centroids {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let nearest = self.nearest(features);
        Answer::plain(nearest.into_iter().map(|(cluster, _)| cluster as f64).collect())
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

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        Some(onnx::write(self, graph, features))
    }

    fn centroids(&self) -> Option<&[Vec<f64>]> {
        Some(&self.centroids)
    }
}
