//! The runs under way as JSON, for the pages that are open.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ledger::metric::MetricPoint;
use crate::store::Store;

/// How many points a curve has at most, and how many curves a run.
const POINTS: usize = 400;
const CURVES: usize = 8;

/// A list of `{"run","label","experiment","started","curves"}`, the oldest run first; a curve is
/// `{"name","steps","values"}` with `null` for what is no finite number. What cannot be read is not under way.
pub(super) fn list(store: &Store) -> Vec<u8> {
    let running = store.running().unwrap_or_default();
    let runs: Vec<Value> = running
        .iter()
        .map(|running| {
            json!({
                "run": running.attempt.run.short(),
                "label": running.attempt.label,
                "experiment": running.experiment,
                "started": running.attempt.started.minute(),
                "curves": curves(&running.points()),
            })
        })
        .collect();
    Value::from(runs).to_string().into_bytes()
}

fn curves(points: &[MetricPoint]) -> Vec<Value> {
    let mut metrics: BTreeMap<&str, Vec<&MetricPoint>> = BTreeMap::new();
    for point in points {
        metrics.entry(&point.name).or_default().push(point);
    }
    let curve = |(name, points): (&str, Vec<&MetricPoint>)| {
        let kept = thinned(&points);
        let steps: Vec<u64> = kept.iter().map(|point| point.step).collect();
        let values: Vec<f64> = kept.iter().map(|point| point.value).collect();
        json!({"name": name, "steps": steps, "values": values})
    };
    metrics.into_iter().take(CURVES).map(curve).collect()
}

/// Of each stretch the lowest and the highest point, in their order.
fn thinned<'p>(points: &[&'p MetricPoint]) -> Vec<&'p MetricPoint> {
    if points.len() <= POINTS {
        return points.to_vec();
    }
    let mut kept = Vec::with_capacity(POINTS);
    for part in points.chunks(points.len().div_ceil(POINTS / 2)) {
        let place = |at: Option<(usize, _)>| at.map(|(at, _)| at);
        let low = part.iter().enumerate().min_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let high = part.iter().enumerate().max_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let mut places: Vec<usize> = [place(low), place(high)].into_iter().flatten().collect();
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|at| part[at]));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::time::Timestamp;

    #[test]
    fn long_curves_keep_what_stands_out() {
        let point = |step: u64| MetricPoint {
            name: "loss".into(),
            value: if step == 7_777 { 9.0 } else { 1.0 / (1 + step) as f64 },
            step,
            time: Timestamp::from_microseconds(0),
        };
        let points: Vec<MetricPoint> = (0..20_000).map(point).collect();
        let curves = curves(&points);
        let values = curves[0]["values"].as_array().unwrap();
        assert!(values.len() <= POINTS && values.contains(&json!(9.0)), "{}", values.len());
        let odd = MetricPoint { value: f64::NAN, ..point(0) };
        assert_eq!(super::curves(&[odd])[0]["values"], json!([null]));
    }
}
