//! What an evaluation raises.

use std::collections::BTreeMap;

use super::condition::{Condition, resolve};
use super::config::{Limits, MonitorConfig};
use crate::ledger::drift::ColumnDrift;
use crate::ledger::filter::{Key, Moment, Subject, Value, metric_alias};
use crate::ledger::number;
use crate::ledger::time::Timestamp;

/// Columns that have metrics of their own; of more only the extremes are metrics.
const COLUMNS: usize = 100;

/// The metrics of an evaluation, as what a condition is asked about.
#[derive(Debug)]
pub struct Evaluation<'a>(pub &'a BTreeMap<String, f64>);

impl Subject for Evaluation<'_> {
    fn value(&self, key: &Key) -> Option<Value<'_>> {
        let (Key::Metric(name) | Key::Any(name)) = key else { return None };
        let known = |name: &str| self.0.get(name).copied();
        known(name).or_else(|| known(metric_alias(name)?)).map(Value::Number)
    }

    fn mentions(&self, _word: &str) -> bool {
        false
    }
}

/// The measures of drift as metrics: `psi_COLUMN`, `ks_COLUMN` and `ks_p_COLUMN`, `chi2_COLUMN` and
/// `chi2_p_COLUMN`, `missing_COLUMN` (the share of empty cells above that in training), and over all
/// columns `psi_max`, `ks_max`, `ks_p_min`, `chi2_p_min` and `missing_max`.
pub fn drift_metrics(columns: &[ColumnDrift]) -> BTreeMap<String, f64> {
    let mut metrics = BTreeMap::new();
    let mut extreme = |name: &str, value: f64, better: fn(f64, f64) -> f64| {
        let known = metrics.get(name).copied().unwrap_or(value);
        metrics.insert(name.to_owned(), better(known, value));
    };
    for column in columns {
        if let Some(psi) = column.psi {
            extreme("psi_max", psi, f64::max);
        }
        if let Some(ks) = column.ks {
            extreme("ks_max", ks.statistic, f64::max);
            extreme("ks_p_min", ks.p, f64::min);
        }
        if let Some(chi2) = column.chi2 {
            extreme("chi2_p_min", chi2.p, f64::min);
        }
        extreme("missing_max", more_missing(column), f64::max);
    }
    if columns.len() > COLUMNS {
        return metrics;
    }
    for column in columns {
        let name = &column.name;
        let tests = [("ks", column.ks), ("chi2", column.chi2)];
        metrics.extend(column.psi.map(|psi| (format!("psi_{name}"), psi)));
        for (word, test) in tests.into_iter().filter_map(|(word, test)| Some((word, test?))) {
            metrics.insert(format!("{word}_{name}"), test.statistic);
            metrics.insert(format!("{word}_p_{name}"), test.p);
        }
        metrics.insert(format!("missing_{name}"), more_missing(column));
    }
    metrics
}

fn more_missing(column: &ColumnDrift) -> f64 {
    column.missing - column.missing_in_training
}

/// Why an evaluation raises an alert, a sentence a reason; none when it raises none. `metrics` are those
/// of the evaluation, `training` those that the version pins.
pub fn raised(
    config: &MonitorConfig,
    metrics: &BTreeMap<String, f64>,
    columns: &[ColumnDrift],
    training: &BTreeMap<String, f64>,
) -> Vec<String> {
    let mut reasons = Vec::new();
    for text in &config.alert {
        let Ok(condition) = Condition::parse(text) else { continue };
        let Some(filter) = resolve(&condition, training) else { continue };
        // Metrics have no dates, so that the moment means nothing.
        let moment = Moment { now: Timestamp::from_microseconds(0), time_zone: "UTC".to_owned() };
        if filter.matches(&Evaluation(metrics), &moment) {
            reasons.push(format!("{text}{}", known(text, &condition, metrics, training)));
        }
    }
    reasons.extend(columns.iter().flat_map(|column| over(&config.drift, column)));
    reasons
}

/// The numbers that a condition is about, in parentheses: `(r2 0.7018, training 0.7465)`.
fn known(
    text: &str,
    condition: &Condition,
    metrics: &BTreeMap<String, f64>,
    training: &BTreeMap<String, f64>,
) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut said: Vec<String> = Vec::new();
    for word in text.split(|c| !is_part(c)) {
        let value = metrics.get(word).map(|value| format!("{word} {}", number::for_people(*value)));
        if let Some(value) = value
            && !said.contains(&value)
        {
            said.push(value);
        }
    }
    for name in condition.needs() {
        let value = training.get(name).or_else(|| training.get(metric_alias(name)?));
        said.extend(value.map(|value| format!("training {}", number::for_people(*value))));
    }
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}

/// The limits that a column is beyond.
fn over(limits: &Limits, column: &ColumnDrift) -> Vec<String> {
    let shown = number::for_people;
    let name = &column.name;
    let mut reasons = Vec::new();
    if let (Some(limit), Some(psi)) = (limits.psi, column.psi)
        && psi > limit
    {
        reasons.push(format!("psi of {name} {} > {}", shown(psi), shown(limit)));
    }
    for (word, limit, test) in [("ks", limits.ks, column.ks), ("chi2", limits.chi2, column.chi2)] {
        if let (Some(limit), Some(test)) = (limit, test)
            && test.p < limit
        {
            reasons.push(format!("{word} of {name}: p {} < {}", shown(test.p), shown(limit)));
        }
    }
    if let Some(limit) = limits.missing
        && more_missing(column) > limit
    {
        let (now, then) = (shown(column.missing), shown(column.missing_in_training));
        reasons.push(format!("missing of {name}: {now}, {then} in training"));
    }
    let any = limits.psi.or(limits.ks).or(limits.chi2);
    if any.is_some() && column.other_kind {
        reasons.push(format!("{name} holds cells of another kind than in training"));
    }
    reasons
}
