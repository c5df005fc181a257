//! The curves of a run for scripts: `LEDGER.series(id, metrics)` in `series.js` beside its page.
//!
//! A metric is `{"name","of","steps","values","seconds","special"}`: the steps in order, the value at
//! each (`null` and an entry of `special` by place for NaN and infinities), and the seconds since the
//! first point of the run. `of` is how many points were logged; where that is more than 2,000, the
//! lowest and the highest of each stretch are kept, and the first that is not finite.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::ledger::id::RunId;
use crate::ledger::metric::MetricPoint;

use super::super::text::name_of;
use super::column::finite;
use super::list;

/// How many points a metric keeps.
const MOST: usize = 2000;

/// The text of a run's `series.js`; `None` when no metric has two steps.
pub(in super::super) fn of(run: &RunId, points: &[MetricPoint]) -> Option<String> {
    let start = points.iter().map(|point| point.time.microseconds()).min()?;
    let curves = curves(points);
    let line = |(name, points): (&&str, &Vec<&MetricPoint>)| metric(name, points, start);
    let lines: Vec<String> = curves.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("LEDGER.series(\"{run}\", {});\n", list(&lines)))
}

/// The metrics that have two steps, their points in the order of the steps.
pub(super) fn curves(points: &[MetricPoint]) -> BTreeMap<&str, Vec<&MetricPoint>> {
    let mut metrics: BTreeMap<&str, Vec<&MetricPoint>> = BTreeMap::new();
    for point in points {
        metrics.entry(&point.name).or_default().push(point);
    }
    metrics.retain(|_, points| {
        points.sort_by_key(|point| point.step);
        points.first().map(|point| point.step) != points.last().map(|point| point.step)
    });
    metrics
}

fn metric(name: &str, points: &[&MetricPoint], start: i64) -> String {
    let kept = thinned(points);
    let mut special = Map::new();
    let values = kept.iter().enumerate().map(|(place, point)| {
        finite(point.value).unwrap_or_else(|| {
            special.insert(place.to_string(), name_of(point.value).into());
            Value::Null
        })
    });
    let values: Vec<Value> = values.collect();
    let seconds = |point: &&MetricPoint| {
        let milliseconds = (point.time.microseconds().saturating_sub(start)) / 1000;
        finite(milliseconds as f64 / 1000.0).unwrap_or(Value::Null)
    };
    json!({
        "name": name,
        "of": points.len(),
        "steps": kept.iter().map(|point| point.step).collect::<Vec<_>>(),
        "values": values,
        "seconds": kept.iter().map(seconds).collect::<Vec<_>>(),
        "special": special,
    })
    .to_string()
}

/// At most [`MOST`] points: of each stretch the lowest, the highest and the first that is not finite.
fn thinned<'p>(points: &[&'p MetricPoint]) -> Vec<&'p MetricPoint> {
    if points.len() <= MOST {
        return points.to_vec();
    }
    let mut kept = Vec::with_capacity(MOST);
    for part in points.chunks(points.len().div_ceil(MOST / 3)) {
        let finite = || part.iter().enumerate().filter(|(_, point)| point.value.is_finite());
        let low = finite().min_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let high = finite().max_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let odd = part.iter().enumerate().find(|(_, point)| !point.value.is_finite());
        let mut places: Vec<_> = [low, high, odd].into_iter().flatten().map(|(at, _)| at).collect();
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|place| part[place]));
    }
    kept
}
