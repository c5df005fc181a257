//! The models and params of a spec against the declarations of the models.

use toml::Value;

use super::model::Model;
use super::problem::{Problem, nearest};
use super::schema::found;
use super::source::{Source, Step};
use super::spec::Spec;
use crate::path;

/// The models a spec trains: the one it names, or those its sweep names.
pub(super) fn choose<'a>(
    spec: &Spec,
    source: &Source,
    models: &'a [Model],
    problems: &mut Vec<Problem>,
) -> Vec<&'a Model> {
    let Some(train) = &spec.train else {
        if spec.command.is_none() {
            let problem = source.at_value(&[], "a spec needs [train] with a model, or [command]");
            problems.push(problem.hint("add [train] and model = \"random-forest-regressor\""));
        }
        return Vec::new();
    };
    let swept = spec.sweep.as_ref().and_then(|sweep| sweep.params.get("model"));
    let names: Vec<(Value, Vec<Step>)> = match (swept.and_then(Value::as_array), &train.model) {
        (Some(list), _) => {
            let place = |item: usize| path!["sweep", "params", "model", item].to_vec();
            list.iter().enumerate().map(|(item, name)| (name.clone(), place(item))).collect()
        }
        (None, Some(name)) => vec![(name.as_str().into(), path!["train", "model"].to_vec())],
        (None, None) => {
            let problem = source.at_key(path!["train"], "[train] needs the key `model`");
            problems.push(problem.hint("such as model = \"random-forest-regressor\""));
            return Vec::new();
        }
    };
    let mut chosen: Vec<&Model> = Vec::new();
    for (name, place) in &names {
        match models.iter().find(|model| Some(model.name) == name.as_str()) {
            Some(model) if chosen.first().is_some_and(|first| first.task != model.task) => {
                let message =
                    format!("`{}` learns another task than `{}`", model.name, chosen[0].name);
                problems.push(source.at_value(place, message).hint("write a spec for each task"));
            }
            Some(model) => chosen.push(model),
            None => problems.push(unknown(name, place, source, models)),
        }
    }
    chosen.dedup_by_key(|model| model.name);
    chosen
}

fn unknown(name: &Value, place: &[Step], source: &Source, models: &[Model]) -> Problem {
    let names = || models.iter().map(|model| model.name);
    let Some(name) = name.as_str() else {
        return source.at_value(place, format!("`model` takes names, found {}", found(name)));
    };
    let problem = source.at_value(place, format!("there is no model \"{name}\""));
    problem.hint(match nearest(name, names()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("models: {}", names().collect::<Vec<_>>().join(", ")),
    })
}

/// Checks every param value the spec writes, once each.
pub(super) fn check_params(
    spec: &Spec,
    source: &Source,
    model: &Model,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in &spec.params {
        check_param(name, value, path!["params", name.as_str()], source, model, problems);
    }
    let swept = spec.sweep.iter().flat_map(|sweep| &sweep.params);
    for (name, values) in swept {
        let place = path!["sweep", "params", name.as_str()];
        let own = name == "seed" || name == "model";
        if values.is_table() && !own && model.parameter(name).is_none() {
            problems.push(unknown_param(name, place, source, model));
        }
        for (item, value) in values.as_array().into_iter().flatten().enumerate() {
            let place = path!["sweep", "params", name.as_str(), item];
            if name == "seed" {
                if !value.is_integer() {
                    let message = format!("`seed` takes a whole number, found {}", found(value));
                    problems.push(source.at_value(place, message));
                }
            } else if name == "model" {
                // Which models there are was checked when they were chosen.
            } else if !check_param(name, value, place, source, model, problems) {
                break;
            }
        }
    }
}

/// Checks one value; false when the param itself is unknown, which is reported once.
fn check_param(
    name: &str,
    value: &Value,
    place: &[Step],
    source: &Source,
    model: &Model,
    problems: &mut Vec<Problem>,
) -> bool {
    let Some(parameter) = model.parameter(name) else {
        let key =
            &place[..place.iter().position(|step| *step == name.into()).map_or(0, |at| at + 1)];
        problems.push(unknown_param(name, key, source, model));
        return false;
    };
    if let Err(wanted) = parameter.check(value) {
        let message = format!("`{name}` takes {wanted}; found {}", found(value));
        problems.push(source.at_value(place, message));
    }
    true
}

fn unknown_param(name: &str, key: &[Step], source: &Source, model: &Model) -> Problem {
    let known = || model.parameters.iter().map(|parameter| parameter.name);
    let problem = source.at_key(key, format!("`{}` has no param `{name}`", model.name));
    problem.hint(match nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if name == "seed" => "the seed belongs into [train]".into(),
        None => format!("its params: {}", known().collect::<Vec<_>>().join(", ")),
    })
}
