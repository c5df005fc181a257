//! Runs side by side: params, data, code, environment and metrics, part by part.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::number;
use super::request::Request;
use super::view::RunView;

/// A part of some runs, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its dotted name, such as `params.max_depth`.
    pub name: String,
    /// Its value in each run; null where it has none.
    pub values: Vec<Value>,
}

impl Part {
    /// Whether a run differs from the baseline.
    pub fn differs(&self, baseline: usize) -> bool {
        self.values.iter().any(|value| *value != self.values[baseline])
    }

    /// By how much a run's number is above the baseline's; `None` for what is no number.
    pub fn difference(&self, baseline: usize, run: usize) -> Option<f64> {
        let number = |at: usize| self.values.get(at)?.as_f64();
        Some(number(run)? - number(baseline)?)
    }
}

/// Every part that one of the runs has, by name. A run's request tells what its view leaves out: how data
/// was prepared and runs were judged.
pub fn parts(runs: &[(&RunView, Option<&Request>)]) -> Vec<Part> {
    let tables: Vec<BTreeMap<String, Value>> =
        runs.iter().map(|(run, request)| parts_of(run, *request)).collect();
    let mut names: Vec<&String> = tables.iter().flat_map(BTreeMap::keys).collect();
    names.sort_unstable();
    names.dedup();
    let values = |name: &String| {
        tables.iter().map(|table| table.get(name).cloned().unwrap_or_default()).collect()
    };
    names.into_iter().map(|name| Part { name: name.clone(), values: values(name) }).collect()
}

/// The parts of a run that are worth comparing, by dotted name. How long it took is not among them: it
/// never is the same.
fn parts_of(run: &RunView, request: Option<&Request>) -> BTreeMap<String, Value> {
    let mut parts = BTreeMap::from([
        ("trainer".to_owned(), json!(run.trainer)),
        ("trainer_version".to_owned(), json!(run.trainer_version)),
        ("seed".to_owned(), json!(run.seed)),
        ("status".to_owned(), json!(run.status)),
        ("data.digest".to_owned(), json!(run.data_digest)),
        ("data.features".to_owned(), json!(run.features.join(", "))),
        ("data.target".to_owned(), json!(run.target)),
        ("data.split".to_owned(), json!(run.split)),
        ("data.path".to_owned(), json!(run.data.as_ref().map(|data| &data.path))),
        ("data.rows".to_owned(), json!(run.data.as_ref().map(|data| data.rows))),
        ("host.name".to_owned(), json!(run.host.name)),
        ("host.target".to_owned(), json!(run.host.target)),
        ("host.cores".to_owned(), json!(run.host.cores)),
        ("git.commit".to_owned(), json!(run.git.as_ref().map(|git| &git.commit))),
        ("git.dirty".to_owned(), json!(run.git.as_ref().map(|git| git.dirty))),
    ]);
    let mut table = |name: &str, table: Value| {
        for (key, value) in table.as_object().into_iter().flatten() {
            parts.insert(format!("{name}.{key}"), value.clone());
        }
    };
    table("params", json!(run.params));
    table("tags", json!(run.tags));
    table("versions", json!(run.versions));
    table("model", json!(run.model));
    for (name, value) in &run.metrics {
        let value = number::json::serialize(value, serde_json::value::Serializer);
        parts.insert(format!("metrics.{name}"), value.unwrap_or_default());
    }
    for name in ["prepare", "evaluate", "artifacts"] {
        let part = request.and_then(|request| request.parts().get(name));
        flatten(name, &part.map(super::value::json).unwrap_or_default(), &mut parts);
    }
    parts.retain(|_, value| !value.is_null());
    parts
}

/// Every value below a table by its dotted name.
fn flatten(name: &str, value: &Value, parts: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => {
            table.iter().for_each(|(key, value)| flatten(&format!("{name}.{key}"), value, parts));
        }
        Value::Null => {}
        plain => drop(parts.insert(name.to_owned(), plain.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::cell::tests::run;
    use super::*;

    #[test]
    fn runs_are_compared_with_the_baseline() {
        let mut runs = [
            run("a", "a", 1, &[("r2", 0.5)]),
            run("b", "b", 1, &[("r2", 0.75)]),
            run("c", "c", 1, &[("rmse", f64::NAN)]),
        ];
        runs[1].params.insert("depth".into(), json!(3));
        let request = |text: &str| Request::from_table(text.parse().unwrap()).unwrap();
        let (plain, folded) = (request("seed = 1"), request("evaluate = { cv = { folds = 5 } }"));
        let all = parts(&[(&runs[0], Some(&plain)), (&runs[1], Some(&folded)), (&runs[2], None)]);
        let part = |name: &str| all.iter().find(|part| part.name == name).unwrap();
        let differing: Vec<&str> =
            all.iter().filter(|part| part.differs(0)).map(|part| part.name.as_str()).collect();
        assert_eq!(differing, ["evaluate.cv.folds", "metrics.r2", "metrics.rmse", "params.depth"]);
        assert_eq!(part("metrics.r2").difference(0, 1), Some(0.25));
        assert_eq!(part("metrics.r2").difference(1, 0), Some(-0.25));
        assert_eq!(part("metrics.r2").difference(0, 2), None);
        assert_eq!(part("metrics.rmse").values, [json!(null), json!(null), json!("NaN")]);
    }
}
