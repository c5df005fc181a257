//! The mistakes a spec with a command can have, what it names on disk apart.

use toml::Value;

use super::fill::{bytes, placeholders, time_limit};
use crate::ledger::manifest::is_inside;
use crate::ledger::plan::check_placeholders;
use crate::ledger::problem::{Problem, nearest};
use crate::ledger::secret;
use crate::ledger::source::{Source, Step};
use crate::ledger::spec::{Command, Spec};
use crate::path;

/// Every mistake of a spec with a command.
pub(super) fn check(spec: &Spec, command: &Command, source: &Source) -> Vec<Problem> {
    let mut problems = sections(spec, source);
    problems.extend(words(spec, command, source));
    problems.extend(files(command, source));
    problems.extend(variables(command, source));
    problems.extend(secrets(source));
    let timeout = command.timeout.as_deref();
    if timeout.is_some_and(|text| time_limit(text).is_none()) {
        let message = "`timeout` is a duration such as \"90s\", \"30m\" or \"2h\"";
        problems.push(source.at_value(path!["command", "timeout"], message));
    }
    if command.memory.as_deref().is_some_and(|text| bytes(text).is_none()) {
        let message = "`memory` is a size such as \"500 MB\" or \"4 GiB\"";
        problems.push(source.at_value(path!["command", "memory"], message));
    }
    if spec.params.contains_key("seed") {
        let problem = source.at_key(path!["params", "seed"], "the seed belongs into [command]");
        problems.push(problem.hint("write seed = … there, or sweep over it"));
    }
    let mut known = params(spec);
    known.push("seed");
    check_placeholders(spec, source, &known, &mut problems);
    problems
}

/// The names of the params, swept ones included.
fn params(spec: &Spec) -> Vec<&str> {
    let swept = spec.sweep.iter().flat_map(crate::ledger::sweep::swept);
    spec.params.keys().map(String::as_str).chain(swept).collect()
}

/// Sections and keys that are for built-in models.
fn sections(spec: &Spec, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    if spec.train.is_some() {
        let problem = source.at_key(path!["train"], "a spec has [train] or [command], not both");
        problems.push(problem.hint("write a spec for each"));
    }
    for section in ["prepare", "evaluate", "artifacts"] {
        if source.table.contains_key(section) {
            let message = format!("[{section}] is for built-in models");
            let problem = source.at_key(path![section], message);
            problems.push(problem.hint("the program does that itself; hand it params"));
        }
    }
    let data = source.table.get("data").and_then(Value::as_table);
    for key in data.into_iter().flat_map(toml::Table::keys).filter(|key| *key != "path") {
        let message = format!("`{key}` is for built-in models; a command reads the whole file");
        let problem = source.at_key(path!["data", key.as_str()], message);
        problems.push(problem.hint("hand it to the program as a param"));
    }
    problems
}

/// The program and its arguments.
fn words(spec: &Spec, command: &Command, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, words) in [("run", &command.run), ("version", &command.version)] {
        if words.first().is_some_and(|program| program.trim().is_empty()) {
            problems.push(source.at_value(path!["command", key, 0], "a program has a name"));
        }
        let nul = words.iter().position(|word| word.contains('\0'));
        problems.extend(nul.map(|at| {
            source.at_value(path!["command", key, at], "no program takes the character NUL")
        }));
    }
    if command.run.len() == 1 && command.run[0].contains(' ') {
        let problem = source.at_value(
            path!["command", "run", 0],
            "there is no shell that would divide this into words",
        );
        problems.push(problem.hint("write each word by itself: [\"python\", \"train.py\"]"));
    }
    let mut known = params(spec);
    known.extend(["seed", "data"]);
    for (at, word) in command.run.iter().enumerate() {
        for name in placeholders(word).into_iter().filter(|name| !known.contains(name)) {
            let place = path!["command", "run", at];
            let problem = source.at_value(place, format!("no param is called {{{name}}}"));
            let near = nearest(name, known.iter().copied());
            problems.push(problem.suggest(near.map(|near| format!("{{{near}}}"))));
        }
    }
    let no_data = spec.data.is_none()
        && command.run.iter().any(|word| placeholders(word).contains(&"data"))
        && !params(spec).contains(&"data");
    if no_data {
        let problem = source.at_key(path!["command", "run"], "{data} needs [data] with a path");
        problems.push(problem.hint("add [data] and path = \"data/…\""));
    }
    problems
}

/// The folder, the inputs and the lock files.
fn files(command: &Command, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, entries) in [("inputs", &command.inputs), ("lock", &command.lock)] {
        let outside = entries.iter().enumerate().filter(|(_, entry)| !is_inside(entry));
        problems.extend(outside.map(|(at, entry)| {
            let message = format!("\"{entry}\" leads out of the folder the command works in");
            let problem = source.at_value(path!["command", key, at], message);
            problem.hint("write paths with forward slashes from there; `directory` moves it")
        }));
    }
    if let Some(directory) = &command.directory {
        let rest = directory.split('/').skip_while(|part| *part == "..");
        let wrong = |part: &str| matches!(part, "" | "..") || part.contains(['\\', ':']);
        if directory.is_empty() || rest.into_iter().any(wrong) {
            let message = "`directory` is a path from the ledger's root, such as \"src\" or \"..\"";
            problems.push(source.at_value(path!["command", "directory"], message));
        }
    }
    problems
}

/// The names of environment variables.
fn variables(command: &Command, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, names) in [("env_key", &command.env_key), ("env_pass", &command.env_pass)] {
        for (at, name) in names.iter().enumerate() {
            let place = path!["command", key, at];
            if name.is_empty() || name.contains(['=', '\0', ' ']) {
                let message = format!("\"{name}\" is no name of an environment variable");
                problems.push(source.at_value(place, message));
            } else if name.to_ascii_uppercase().starts_with("FAIRLEDGER_") {
                problems.push(source.at_value(place, format!("{name} is set for every command")));
            } else if key == "env_key" && secret::is_name(name) {
                let message = format!("{name} looks like a secret, and env_key stores its value");
                problems.push(source.at_value(place, message).hint("put it into env_pass"));
            }
        }
    }
    let both = command.env_key.iter().enumerate().filter(|(_, it)| command.env_pass.contains(it));
    problems.extend(both.map(|(at, name)| {
        let message = format!("{name} stands in env_key and in env_pass");
        source.at_value(path!["command", "env_key", at], message).hint("leave one of them out")
    }));
    problems
}

/// Values that must not be stored: everything in a spec is, and is pushed with the ledger.
fn secrets(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    let table = &source.table;
    let mut steps = Vec::new();
    for section in ["name", "description", "tags", "command", "params", "sweep"] {
        let Some(value) = table.get(section) else { continue };
        steps.push(Step::from(section));
        walk(value, section, &mut steps, source, &mut problems);
        steps.pop();
    }
    problems
}

fn walk(
    value: &Value,
    name: &str,
    steps: &mut Vec<Step>,
    source: &Source,
    problems: &mut Vec<Problem>,
) {
    match value {
        Value::String(text) if secret::is_secret(name, text) => {
            let message = "this looks like a secret; what a spec says is stored and pushed";
            let cure = "hand it over by the environment, and name the variable in env_pass";
            problems.push(source.at_value(steps, message).hint(cure));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                steps.push(Step::from(at));
                walk(item, name, steps, source, problems);
                steps.pop();
            }
        }
        Value::Table(table) => {
            for (key, value) in table {
                steps.push(Step::from(key.as_str()));
                // The lists of names are about secrets by their nature, and hold none.
                if !matches!(key.as_str(), "env_pass" | "env_key") {
                    walk(value, key, steps, source, problems);
                }
                steps.pop();
            }
        }
        _ => {}
    }
}
