//! The mistakes a sweep can have: keys of another method, ranges that hold nothing, values that
//! stand in two places.

use toml::Value;

use super::{MAX_POINTS, combinations, lists, parzen, resource};
use crate::ledger::model::{Model, Parameter};
use crate::ledger::problem::Problem;
use crate::ledger::replicates;
use crate::ledger::schema::found;
use crate::ledger::source::Source;
use crate::ledger::spec::{ChoiceRange, Method, Spec, Sweep};
use crate::path;

/// Each key that only some methods read, and what it is for.
const KEYS: [(&str, &[Method], &str); 9] = [
    ("samples", &[Method::Random, Method::Halving, Method::Tpe], "the number of points to draw"),
    ("seed", &[Method::Random, Method::Halving, Method::Tpe], "the seed of the draw"),
    ("metric", &[Method::Halving, Method::Tpe], "what the next points are chosen by"),
    ("direction", &[Method::Halving, Method::Tpe], "what the next points are chosen by"),
    ("resource", &[Method::Halving], "what grows from rung to rung of halving"),
    ("min_resource", &[Method::Halving], "what grows from rung to rung of halving"),
    ("max_resource", &[Method::Halving], "what grows from rung to rung of halving"),
    ("factor", &[Method::Halving], "how halving thins out its points"),
    ("batch", &[Method::Tpe], "the points of TPE that are trained side by side"),
];

/// Every mistake of a spec's sweep, its values against the models' params apart.
pub(in crate::ledger) fn check(spec: &Spec, source: &Source, models: &[&Model]) -> Vec<Problem> {
    let Some(sweep) = &spec.sweep else { return Vec::new() };
    let mut problems = keys(sweep, source);
    problems.extend(params(spec, sweep, source));
    problems.extend(twice(spec, sweep, source));
    if sweep.method == Method::Zip {
        problems.extend(uneven(&lists(sweep), source));
    }
    let points = match sweep.method {
        Method::Grid => combinations(&lists(sweep)),
        _ => sweep.samples.map_or(0, |samples| usize::try_from(samples).unwrap_or(usize::MAX)),
    };
    let most = if sweep.method == Method::Tpe { parzen::MOST } else { MAX_POINTS };
    if points > most {
        let place = if sweep.method == Method::Grid { "params" } else { "samples" };
        let message = format!("this sweep has more than {most} points");
        problems.push(source.at_key(path!["sweep", place], message));
    }
    problems.extend(ranges(sweep, source, models));
    problems.extend(resource::check(spec, sweep, source, models));
    problems
}

/// Keys that the method does not read, and those it needs.
fn keys(sweep: &Sweep, source: &Source) -> Vec<Problem> {
    let given = |key: &str| source.table.get("sweep").is_some_and(|table| table.get(key).is_some());
    let mut problems = Vec::new();
    for (key, methods, what) in KEYS {
        if given(key) && !methods.contains(&sweep.method) {
            let message = format!("`{key}` is {what}; {} has none", name(sweep.method));
            let words: Vec<String> =
                methods.iter().map(|it| format!("\"{}\"", it.word())).collect();
            let mut cure = format!("leave it out, or use method = {}", words.join(" or "));
            if key == "seed" {
                cure.push_str("; the seed of the models stands in [train]");
            }
            problems.push(source.at_key(path!["sweep", key], message).hint(cure));
        }
    }
    if sweep.method == Method::Halving && given("seed") && !given("samples") {
        let message = "`seed` draws points, and without `samples` halving takes every combination";
        let problem = source.at_key(path!["sweep", "seed"], message);
        problems
            .push(problem.hint("leave it out, or add samples; the models' seed stands in [train]"));
    }
    if matches!(sweep.method, Method::Random | Method::Tpe) && !given("samples") {
        let message =
            format!("{} needs `samples`, the number of points to draw", name(sweep.method));
        problems.push(source.at_key(path!["sweep"], message).hint("such as samples = 20"));
    }
    problems
}

/// A method as the subject of a sentence.
pub(super) fn name(method: Method) -> &'static str {
    match method {
        Method::Zip => "zip",
        Method::Grid => "a grid",
        Method::Random => "a random sweep",
        Method::Halving => "halving",
        Method::Tpe => "TPE",
    }
}

/// Empty lists, ranges where there is no draw, and no param at all.
fn params(spec: &Spec, sweep: &Sweep, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, values) in &sweep.params {
        let place = path!["sweep", "params", name.as_str()];
        match values {
            Value::Array(values) if values.is_empty() => {
                problems.push(source.at_value(place, format!("the list of `{name}` is empty")));
            }
            Value::Table(_) if !draws(sweep) => {
                let message =
                    format!("{} takes lists; `{name}` is a range", self::name(sweep.method));
                let cure = "write a list of values, or use method = \"random\" with samples";
                problems.push(source.at_value(place, message).hint(cure));
            }
            _ => {}
        }
        if spec.params.contains_key(name) {
            let message = format!("`{name}` stands in [params] and in [sweep.params]");
            problems.push(source.at_key(place, message).hint("leave one of them out"));
        }
    }
    let written = source.table.get("sweep").and_then(|table| table.get("params"));
    if written.and_then(Value::as_table).is_some_and(toml::Table::is_empty) {
        problems.push(source.at_key(path!["sweep", "params"], "a sweep needs at least one param"));
    }
    problems
}

/// Whether the points of a sweep are drawn, so that ranges make sense.
fn draws(sweep: &Sweep) -> bool {
    match sweep.method {
        Method::Zip | Method::Grid => false,
        Method::Random | Method::Tpe => true,
        Method::Halving => sweep.samples.is_some(),
    }
}

/// What stands in [train] or [command] and is swept all the same.
fn twice(spec: &Spec, sweep: &Sweep, source: &Source) -> Vec<Problem> {
    let (section, seed, _) = replicates::asked(spec);
    let model = spec.train.as_ref().is_some_and(|train| train.model.is_some());
    let given = [("seed", seed.is_some()), ("model", model)];
    let twice = given.iter().filter(|(name, given)| *given && sweep.params.contains_key(*name));
    twice
        .map(|(name, _)| {
            let message = format!("`{name}` stands in [{section}] and in [sweep.params]");
            source.at_key(path![section, *name], message).hint("leave one of them out")
        })
        .collect()
}

/// The lists of a zip whose length differs from the first one's.
fn uneven(lists: &[(&str, &[Value])], source: &Source) -> Vec<Problem> {
    let Some(((first, values), others)) = lists.split_first() else { return Vec::new() };
    others
        .iter()
        .filter(|(_, other)| !other.is_empty() && other.len() != values.len())
        .map(|(name, other)| {
            let message = format!(
                "`{name}` has {} values and `{first}` has {}; zip takes the lists side by side",
                other.len(),
                values.len()
            );
            source
                .at_value(path!["sweep", "params", *name], message)
                .hint("make the lists equally long, or use method = \"grid\"")
        })
        .collect()
}

/// Ranges that hold nothing, and ends that the models' params do not take.
fn ranges(sweep: &Sweep, source: &Source, models: &[&Model]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, values) in &sweep.params {
        let Some(range) = ChoiceRange::read(values) else { continue };
        let own = shape(name, &range, source);
        if !own.is_empty() {
            problems.extend(own);
            continue;
        }
        match name.as_str() {
            "model" => {
                let message = "`model` takes names, found a range";
                let place = path!["sweep", "params", "model"];
                problems.push(source.at_value(place, message).hint("write a list of models"));
            }
            "seed" if !range.integer => {
                let message = "`seed` takes whole numbers";
                let place = path!["sweep", "params", "seed"];
                problems.push(source.at_value(place, message).hint("add integer = true"));
            }
            _ => {
                let declared = models.iter().filter_map(|model| model.parameter(name));
                problems.extend(declared.flat_map(|parameter| ends(parameter, &range, source)));
            }
        }
    }
    problems
}

/// What is wrong with a range by itself.
fn shape(name: &str, range: &ChoiceRange, source: &Source) -> Vec<Problem> {
    let at =
        |key: &str, message: String| source.at_value(path!["sweep", "params", name, key], message);
    let mut problems = Vec::new();
    if range.low > range.high {
        let message = format!("`low` of `{name}` is above its `high`");
        problems.push(at("low", message).hint("exchange the two"));
    }
    if range.log && range.low <= 0.0 {
        let message = format!("a logarithmic range begins above 0, this one at {:?}", range.low);
        problems.push(at("low", message).hint("raise `low`, or leave `log` out"));
    }
    for (key, end) in [("low", range.low), ("high", range.high)] {
        if range.integer && end.fract() != 0.0 {
            let message = format!("`{name}` is drawn from whole numbers; {end:?} is none");
            problems.push(at(key, message).hint("write a whole number, or leave `integer` out"));
        } else if range.integer && end.abs() > MOST {
            let message = format!("whole numbers are drawn up to {MOST}; {end:?} is beyond");
            problems.push(at(key, message));
        }
    }
    problems
}

/// Above this not every whole number has a place among floating-point numbers.
const MOST: f64 = 9_007_199_254_740_992.0;

/// The ends of a range that a param does not take.
fn ends(parameter: &Parameter, range: &ChoiceRange, source: &Source) -> Vec<Problem> {
    let written = |end: f64, integer: bool| {
        if integer { Value::Integer(end as i64) } else { Value::Float(end) }
    };
    let name = parameter.name;
    let takes = |integer: bool| {
        [range.low, range.high].iter().all(|end| parameter.check(&written(*end, integer)).is_ok())
    };
    let whole = range.low.fract() == 0.0 && range.high.fract() == 0.0;
    if range.integer && parameter.takes_no_whole_numbers() && takes(false) {
        let message = format!("`{name}` takes any number, `integer` is for params that count");
        let place = path!["sweep", "params", name, "integer"];
        return vec![source.at_key(place, message).hint("leave `integer` out")];
    }
    let checked =
        [("low", range.low), ("high", range.high)].into_iter().filter_map(|(key, end)| {
            let end = written(end, range.integer);
            let wanted = parameter.check(&end).err()?;
            let message = format!("`{name}` takes {wanted}; found {}", found(&end));
            let problem = source.at_value(path!["sweep", "params", name, key], message);
            let cure = !range.integer && whole && takes(true);
            Some(if cure { problem.hint("add integer = true to the range") } else { problem })
        });
    checked.collect()
}
