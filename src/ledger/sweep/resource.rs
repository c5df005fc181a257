//! The mistakes that the resource of halving can have.

use toml::Value;

use super::halving::resource;
use crate::ledger::model::{Kind, Model, Parameter};
use crate::ledger::problem::{Problem, nearest};
use crate::ledger::schema::found;
use crate::ledger::source::{Source, Step};
use crate::ledger::spec::{Method, Spec, Sweep};
use crate::path;

/// What is wrong with the param that grows from rung to rung, and with its values.
pub(super) fn check(
    spec: &Spec,
    sweep: &Sweep,
    source: &Source,
    models: &[&Model],
) -> Vec<Problem> {
    if sweep.method != Method::Halving {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let ends = [("min_resource", sweep.min_resource), ("max_resource", sweep.max_resource)];
    let written = |key: &str| source.table.get("sweep").is_some_and(|it| it.get(key).is_some());
    for (key, _) in ends.iter().filter(|(key, _)| !written(key)) {
        let which = if *key == "min_resource" { "first" } else { "last" };
        let message = format!("halving needs `{key}`, the {} of its {which} rung", resource(sweep));
        problems.push(source.at_key(path!["sweep"], message).hint(format!("such as {key} = 100")));
    }
    if let (Some(least), Some(most)) = (sweep.min_resource, sweep.max_resource)
        && least > most
    {
        let message = "`min_resource` is above `max_resource`";
        let problem = source.at_value(path!["sweep", "min_resource"], message);
        problems.push(problem.hint("exchange the two"));
    }
    let name = resource(sweep);
    let grows = models.iter().all(|model| model.parameter(name).is_some_and(counts));
    let places = [
        (spec.params.contains_key(name), path!["params", name].to_vec()),
        (sweep.params.contains_key(name), path!["sweep", "params", name].to_vec()),
    ];
    for (_, place) in places.iter().filter(|(stands, _)| *stands && grows) {
        let message = format!("`{name}` grows from rung to rung, so it has no value of its own");
        problems.push(source.at_key(place, message).hint("leave it out here"));
    }
    for model in models {
        match model.parameter(name).filter(|parameter| counts(parameter)) {
            Some(parameter) => problems.extend(values(parameter, &ends, source)),
            None => problems.push(no_resource(model, sweep, source)),
        }
    }
    problems
}

fn counts(parameter: &Parameter) -> bool {
    parameter.kinds.iter().any(|kind| matches!(kind, Kind::Integer(..)))
}

/// The ends that the param does not take.
fn values(parameter: &Parameter, ends: &[(&str, Option<i64>)], source: &Source) -> Vec<Problem> {
    let wrong = ends.iter().filter_map(|(key, end)| {
        let end = Value::Integer((*end)?);
        let wanted = parameter.check(&end).err()?;
        let message = format!("`{}` takes {wanted}; found {}", parameter.name, found(&end));
        Some(source.at_value(path!["sweep", *key], message))
    });
    wrong.collect()
}

fn no_resource(model: &Model, sweep: &Sweep, source: &Source) -> Problem {
    let name = resource(sweep);
    let counting: Vec<&str> = model
        .parameters
        .iter()
        .filter(|parameter| counts(parameter))
        .map(|parameter| parameter.name)
        .collect();
    let place: Vec<Step> = match sweep.resource {
        Some(_) => path!["sweep", "resource"].to_vec(),
        None => path!["sweep", "method"].to_vec(),
    };
    let message = match model.parameter(name) {
        Some(_) => format!("`{name}` of `{}` is no whole number that could grow", model.name),
        None => format!("`{}` has no param `{name}` that could grow", model.name),
    };
    let problem = source.at_value(&place, message);
    problem.hint(match (nearest(name, counting.iter().copied()), counting.is_empty()) {
        (Some(near), _) => format!("did you mean \"{near}\"?"),
        (None, false) => format!("resource = one of \"{}\"", counting.join("\", \"")),
        (None, true) => "this model has none; use \"random\" or \"tpe\"".to_owned(),
    })
}
