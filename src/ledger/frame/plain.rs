//! The run table under the names that people give things: `r2` and `max_depth` instead of `last_r2` and
//! `param_max_depth`.

use std::collections::BTreeMap;

use super::Frame;
use super::build::{attribute_values, metrics, names, params, tags};
use crate::ledger::filter::Attribute;
use crate::ledger::view::RunView;

/// The columns that every run has.
const ATTRIBUTES: [(&str, Attribute); 11] = [
    ("run_id", Attribute::Id),
    ("label", Attribute::Label),
    ("experiment", Attribute::Experiment),
    ("spec", Attribute::Spec),
    ("status", Attribute::Status),
    ("cause", Attribute::Cause),
    ("started", Attribute::Started),
    ("ended", Attribute::Ended),
    ("duration", Attribute::Duration),
    ("trainer", Attribute::Trainer),
    ("seed", Attribute::Seed),
];

/// Metrics that scripts written for scikit-learn and MLflow ask for under another name; they get a column of
/// that name, too.
const ALSO: [(&str, &str); 1] = [("r2", "r2_score")];

/// A row a run: what every run has, the last value of each metric and each param by its bare name, then
/// `tag_…`. A name that two of them have gets its kind before it: `metric_…`, `param_…`. `r2` is there as
/// `r2_score`, too.
pub fn plain(runs: &[&RunView]) -> Frame {
    let mut frame = Frame::default();
    for (name, attribute) in ATTRIBUTES {
        frame.push(name, attribute_values(runs, attribute));
    }
    let (measured, asked) =
        (names(runs, |run| run.metrics.keys()), names(runs, |run| run.params.keys()));
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let all = measured.iter().chain(&asked).map(|name| name.as_str());
    for name in all.chain(ATTRIBUTES.iter().map(|(name, _)| *name)) {
        *taken.entry(name).or_default() += 1;
    }
    let free = |kind: &str, name: &str| {
        if taken.get(name) == Some(&1) && !is_prefixed(name) {
            name.to_owned()
        } else {
            format!("{kind}_{name}")
        }
    };
    for name in &measured {
        frame.push(free("metric", name), metrics(runs, name));
        if let Some((_, also)) = ALSO.iter().find(|(own, _)| own == name)
            && !taken.contains_key(also)
        {
            frame.push(*also, metrics(runs, name));
        }
    }
    for name in &asked {
        frame.push(free("param", name), params(runs, name));
    }
    for name in names(runs, |run| run.tags.keys()) {
        frame.push(format!("tag_{name}"), tags(runs, name));
    }
    frame
}

/// Whether a name looks as if it had its kind before it, so that another column could have it.
fn is_prefixed(name: &str) -> bool {
    ["metric_", "param_", "tag_"].iter().any(|kind| name.starts_with(kind))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::cell::tests::run;

    #[test]
    fn names_are_bare_unless_two_have_them() {
        let mut one =
            run("a", "a", 1, &[("r2", 0.5), ("depth", 2.0), ("seed", 3.0), ("tag_x", 4.0)]);
        one.params =
            serde_json::from_value(json!({ "depth": 7, "trees": 9, "metric_depth": 1 })).unwrap();
        one.tags.insert("x".into(), "y".into());
        let frame = plain(&[&one]);
        let found: Vec<&str> =
            frame.columns.iter().map(|column| column.name.as_str()).skip(11).collect();
        assert_eq!(
            found,
            [
                "metric_depth",
                "r2",
                "r2_score",
                "metric_seed",
                "metric_tag_x",
                "param_depth",
                "param_metric_depth",
                "trees",
                "tag_x"
            ]
        );
        let mut sorted = found.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), found.len());
    }
}
