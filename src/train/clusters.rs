//! Judging a clustering: there is nothing to predict, so its clusters are looked at.

use std::time::Instant;

use crate::ledger::outcome::Reporter;

use super::artifacts;
use super::error::TrainError;
use super::job::{Job, Trained};
use super::metrics::Undefined;
use super::metrics::clustering::{Clustered, SILHOUETTE_ROWS, score};
use super::run::Judged;
use super::split::Rows;

/// Finds the cluster of every row and reports what they are worth.
///
/// Without test rows the metrics are those of the training rows. With test rows they are those of
/// these, each in the cluster the trained model gives it, and those of the training rows are called
/// `train_…`.
pub(super) fn judge(
    job: &Job<'_>,
    rows: &Rows,
    trained: &Trained,
    reporter: &dyn Reporter,
) -> Result<Judged, TrainError> {
    let features = trained.preparation.apply(job.table, &rows.train)?;
    let own = trained.fitted.clusters.clone();
    let own = own.unwrap_or_else(|| trained.fitted.predictor.predict(&features).values);
    let start = Instant::now();
    let tested = trained.preparation.apply(job.table, &rows.test)?;
    let test = trained.fitted.predictor.predict(&tested).values;
    let predict = start.elapsed().as_secs_f64();
    let known = match job.request.data.target.as_str() {
        "" => None,
        target => Some(job.table.labels(target)?.codes),
    };
    let part = |prefix: &str, rows: &[usize], features: &[Vec<f64>], clusters: &[f64]| {
        let known = known.as_ref().map(|codes| rows.iter().map(|row| codes[*row]).collect());
        let known: Option<Vec<u32>> = known;
        let centroids = trained.fitted.predictor.centroids();
        report(
            job,
            prefix,
            &Clustered { features, clusters, centroids, known: known.as_deref() },
            reporter,
        );
    };
    if rows.test.is_empty() {
        part("", &rows.train, &features, &own);
    } else {
        part("", &rows.test, &tested, &test);
        part("train_", &rows.train, &features, &own);
    }
    let mut all: Vec<(usize, f64)> = rows.train.iter().copied().zip(own).collect();
    all.extend(rows.test.iter().copied().zip(test));
    all.sort_unstable_by_key(|(row, _)| *row);
    let mut made = vec![artifacts::clusters(&all)?];
    if let Some(centroids) = trained.fitted.predictor.centroids() {
        made.push(artifacts::centroids(trained.preparation.names(), centroids)?);
    }
    Ok(Judged { answers: made, curves: Vec::new(), predict })
}

/// Reports the metrics that are asked for; one without a value is told in the log.
fn report(job: &Job<'_>, prefix: &str, judged: &Clustered<'_>, reporter: &dyn Reporter) {
    let rows = judged.clusters.len();
    for name in job.metrics() {
        match score(name, judged) {
            Ok(value) => {
                reporter.metric(&format!("{prefix}{name}"), value, 0);
                if name == "silhouette" && rows > SILHOUETTE_ROWS {
                    reporter.line(&format!(
                        "{prefix}{name} is that of {SILHOUETTE_ROWS} rows, drawn from {rows}"
                    ));
                }
            }
            Err(Undefined(reason)) => reporter.line(&format!("no {prefix}{name}: {reason}")),
        }
    }
}
