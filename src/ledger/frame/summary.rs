//! What the points of a metric come to, as columns.

use std::collections::BTreeMap;

use super::{Column, Values};
use crate::ledger::filter::metric_names;
use crate::ledger::metric::Direction;
use crate::ledger::metric_summary::MetricSummary;
use crate::ledger::view::RunView;

/// What is asked of the summary of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummaryPart {
    /// The smallest value.
    Min,
    /// The largest.
    Max,
    /// The mean over the points.
    Mean,
    /// The step of the best value.
    BestStep,
}

/// The summary of one metric run by run; a metric without one was taken once.
pub(super) fn summaries_of(
    runs: &[&RunView],
    summaries: &[BTreeMap<String, MetricSummary>],
    metric: &str,
) -> Vec<Option<MetricSummary>> {
    let own = |names: &BTreeMap<String, MetricSummary>| {
        metric_names(metric).iter().find_map(|name| names.get(name).copied())
    };
    let summary = |(at, run): (usize, &&RunView)| {
        let once = || metric_names(metric).iter().find_map(|name| run.metrics.get(name).copied());
        summaries.get(at).and_then(own).or_else(|| once().map(MetricSummary::once))
    };
    runs.iter().enumerate().map(summary).collect()
}

/// One part of the summaries of a metric; no best step where it is not known what is better.
pub(super) fn summary_values(
    all: &[Option<MetricSummary>],
    of: SummaryPart,
    better: Option<Direction>,
) -> Values {
    let number = |take: fn(&MetricSummary) -> f64| {
        Values::Number(all.iter().map(|summary| summary.as_ref().map(take)).collect())
    };
    match of {
        SummaryPart::Min => number(|summary| summary.min),
        SummaryPart::Max => number(|summary| summary.max),
        SummaryPart::Mean => number(|summary| summary.mean),
        SummaryPart::BestStep => {
            let step = |summary: &Option<MetricSummary>| {
                i64::try_from(summary.as_ref()?.best_step(better?)).ok()
            };
            Values::Integer(all.iter().map(step).collect())
        }
    }
}

/// A chosen part of the summaries of a metric, under the name it was asked for by.
pub fn summarised(
    runs: &[&RunView],
    summaries: &[BTreeMap<String, MetricSummary>],
    name: String,
    (of, metric): (SummaryPart, &str),
    better: Option<Direction>,
) -> Column {
    let all = summaries_of(runs, summaries, metric);
    Column { name, values: summary_values(&all, of, better) }
}
