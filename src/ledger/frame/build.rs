//! From runs and metric points to frames.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::summary::{SummaryPart, summaries_of, summary_values};
use super::{Column, Frame, Values};
use crate::ledger::filter::{Attribute, Key, Subject, Value};
use crate::ledger::metric::{Direction, MetricPoint};
use crate::ledger::metric_summary::MetricSummary;
use crate::ledger::view::RunView;

/// The run table: a row a run. What every run has comes first, then `param_…` of their own types and all of
/// them in `params_json`, then `last_…`, `min_…`, `max_…` and `mean_…` of each metric and, where its name tells
/// what is better, `best_step_…`, then `tag_…`.
///
/// `summaries` are those of the runs, in their order; a metric without one was taken once.
pub fn runs(runs: &[&RunView], summaries: &[BTreeMap<String, MetricSummary>]) -> Frame {
    let mut frame = Frame::default();
    attributes(&mut frame, runs);
    for name in names(runs, |run| run.params.keys()) {
        frame.push(format!("param_{name}"), params(runs, name));
    }
    let all = |run: &&RunView| serde_json::to_string(&run.params).ok();
    frame.push("params_json", Values::Text(runs.iter().map(all).collect()));
    for name in names(runs, |run| run.metrics.keys()) {
        let all = summaries_of(runs, summaries, name);
        let one = |of: SummaryPart| summary_values(&all, of, Direction::of(name));
        frame.push(format!("last_{name}"), metrics(runs, name));
        frame.push(format!("min_{name}"), one(SummaryPart::Min));
        frame.push(format!("max_{name}"), one(SummaryPart::Max));
        frame.push(format!("mean_{name}"), one(SummaryPart::Mean));
        if Direction::of(name).is_some() {
            frame.push(format!("best_step_{name}"), one(SummaryPart::BestStep));
        }
    }
    for name in names(runs, |run| run.tags.keys()) {
        frame.push(format!("tag_{name}"), tags(runs, name));
    }
    frame
}

/// What every run has, under the names of the layout.
fn attributes(frame: &mut Frame, runs: &[&RunView]) {
    let columns = [
        ("run_id", Attribute::Id),
        ("label", Attribute::Label),
        ("experiment", Attribute::Experiment),
        ("spec", Attribute::Spec),
        ("created", Attribute::Started),
        ("ended", Attribute::Ended),
        ("status", Attribute::Status),
        ("cause", Attribute::Cause),
        ("trainer", Attribute::Trainer),
        ("seed", Attribute::Seed),
        ("commit", Attribute::Commit),
        ("data", Attribute::Data),
        ("data_digest", Attribute::DataDigest),
        ("target", Attribute::Target),
        ("host", Attribute::Host),
        ("star", Attribute::Star),
        ("directory", Attribute::Directory),
    ];
    for (name, attribute) in columns {
        frame.push(name, attribute_values(runs, attribute));
    }
}

/// A chosen column of some runs, under the name it was asked for by.
pub fn picked(runs: &[&RunView], name: String, key: &Key) -> Column {
    Column { name, values: values(runs, key) }
}

/// The values of one key.
fn values(runs: &[&RunView], key: &Key) -> Values {
    let has = |key: &Key| runs.iter().any(|run| run.value(key).is_some());
    match key {
        Key::Metric(name) => metrics(runs, name),
        Key::Param(name) => params(runs, name),
        Key::Attribute(attribute) => attribute_values(runs, *attribute),
        Key::Any(name) if has(&Key::Metric(name.clone())) => metrics(runs, name),
        Key::Any(name) if has(&Key::Param(name.clone())) => params(runs, name),
        Key::Tag(name) | Key::Any(name) => tags(runs, name),
    }
}

/// The last value of a metric.
pub(super) fn metrics(runs: &[&RunView], name: &str) -> Values {
    let key = Key::Metric(name.to_owned());
    let number = |run: &&RunView| match run.value(&key) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    };
    Values::Number(runs.iter().map(number).collect())
}

/// Params in the type they all have: whole numbers, numbers, truth values, else their texts.
pub(super) fn params(runs: &[&RunView], name: &str) -> Values {
    let all = || runs.iter().map(|run| run.params.get(name).filter(|value| !value.is_null()));
    if all().flatten().all(Json::is_i64) {
        return Values::Integer(all().map(|value| value.and_then(Json::as_i64)).collect());
    }
    if all().flatten().all(Json::is_number) {
        return Values::Number(all().map(|value| value.and_then(Json::as_f64)).collect());
    }
    if all().flatten().all(Json::is_boolean) {
        return Values::Boolean(all().map(|value| value.and_then(Json::as_bool)).collect());
    }
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Values::Text(all().map(|value| value.map(text)).collect())
}

/// The values of a tag.
pub(super) fn tags(runs: &[&RunView], name: &str) -> Values {
    Values::Text(runs.iter().map(|run| run.tags.get(name).cloned()).collect())
}

/// What every run has, in its own type.
pub(super) fn attribute_values(runs: &[&RunView], attribute: Attribute) -> Values {
    let key = Key::Attribute(attribute);
    let all = || runs.iter().map(|run| run.value(&key));
    match attribute {
        Attribute::Started | Attribute::Ended => Values::Time(
            all()
                .map(|value| if let Some(Value::Time(time)) = value { Some(time) } else { None })
                .collect(),
        ),
        Attribute::Seed => Values::Integer(runs.iter().map(|run| Some(run.seed)).collect()),
        Attribute::Duration => Values::Number(
            all()
                .map(|value| if let Some(Value::Number(it)) = value { Some(it) } else { None })
                .collect(),
        ),
        Attribute::Star => Values::Boolean(runs.iter().map(|run| Some(run.star)).collect()),
        _ => Values::Text(all().map(|value| value.as_ref().and_then(text)).collect()),
    }
}

/// A value as text: of several that mean the same, the first.
fn text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) | Value::Word(text) | Value::Prefix(text) => Some(text.to_string()),
        Value::Several(all) => all.first().map(ToString::to_string),
        Value::Number(_) | Value::Boolean(_) | Value::Time(_) => None,
    }
}

/// The names that occur in any run, sorted.
pub(super) fn names<'r, I: Iterator<Item = &'r String>>(
    runs: &[&'r RunView],
    of: impl Fn(&'r RunView) -> I,
) -> BTreeSet<&'r String> {
    runs.iter().flat_map(|run| of(run)).collect()
}

/// The metric-point table: a row a point, by run, name and step.
pub fn metric_points<'p>(points: impl IntoIterator<Item = (String, &'p MetricPoint)>) -> Frame {
    let mut rows: Vec<(String, &MetricPoint)> = points.into_iter().collect();
    rows.sort_by(|(a, p), (b, q)| (a, &p.name, p.step).cmp(&(b, &q.name, q.step)));
    let mut frame = Frame::default();
    let text = |of: &dyn Fn(&(String, &MetricPoint)) -> String| {
        Values::Text(rows.iter().map(|row| Some(of(row))).collect())
    };
    frame.push("run_id", text(&|(run, _)| run.clone()));
    frame.push("name", text(&|(_, point)| point.name.clone()));
    let steps = rows.iter().map(|(_, point)| i64::try_from(point.step).ok());
    frame.push("step", Values::Integer(steps.collect()));
    frame.push("time", Values::Time(rows.iter().map(|(_, point)| Some(point.time)).collect()));
    frame.push("value", Values::Number(rows.iter().map(|(_, point)| Some(point.value)).collect()));
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::cell::tests::run;
    use serde_json::json;

    fn column<'f>(frame: &'f Frame, name: &str) -> &'f Values {
        &frame.columns.iter().find(|column| column.name == name).unwrap().values
    }

    #[test]
    fn params_keep_their_types() {
        let mut two = [run("a", "a", 1, &[("r2", 0.5)]), run("b", "b", 2, &[("rmse", 2.0)])];
        let set = |run: &mut RunView, pairs: Json| {
            run.params = serde_json::from_value(pairs).unwrap();
        };
        set(&mut two[0], json!({ "depth": 3, "alpha": 1, "on": true, "how": "gini" }));
        set(&mut two[1], json!({ "depth": 4, "alpha": 0.5, "how": 7 }));
        let two: Vec<&RunView> = two.iter().collect();
        let frame = runs(&two, &[]);
        assert_eq!(column(&frame, "param_depth"), &Values::Integer(vec![Some(3), Some(4)]));
        assert_eq!(column(&frame, "param_alpha"), &Values::Number(vec![Some(1.0), Some(0.5)]));
        assert_eq!(column(&frame, "param_on"), &Values::Boolean(vec![Some(true), None]));
        let how = ["gini", "7"].map(|it| Some(it.to_owned()));
        assert_eq!(column(&frame, "param_how"), &Values::Text(how.into()));
        assert_eq!(column(&frame, "max_r2"), &Values::Number(vec![Some(0.5), None]));
        assert_eq!(column(&frame, "seed"), &Values::Integer(vec![Some(1), Some(2)]));
        let names: BTreeSet<&str> = frame.columns.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), frame.columns.len());
        let lengths = frame.columns.iter().map(|column| column.values.len());
        assert!(lengths.into_iter().all(|length| length == 2));
    }

    #[test]
    fn columns_are_picked_by_the_names_of_the_filter_language() {
        let runs = [run("a", "a", 1, &[("r2", 0.5)])];
        let runs: Vec<&RunView> = runs.iter().collect();
        let keys = ["label", "r2_score", "params.none"]
            .map(|name| picked(&runs, name.to_owned(), &Key::named(name).unwrap()));
        let frame = Frame { columns: keys.into() };
        assert_eq!(frame.to_csv(), "label,r2_score,params.none\na,0.5,\n");
    }
}
