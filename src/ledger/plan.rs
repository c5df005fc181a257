//! From a spec to the runs it asks for. Pure: what the plan needs to know comes in as values.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::command::{self, CommandFacts};
use super::config::{Defaults, Goal};
use super::data_check::{self, Chosen};
use super::digest::Digest;
use super::evaluate::RequestEvaluate;
use super::evaluate_check;
use super::facts::DataFacts;
use super::id::RunId;
use super::label;
use super::model::{Model, Parameter, Task};
use super::model_choice;
use super::problem::{Problem, nearest};
use super::replicates;
use super::request::{BuiltIn, Request, RequestData, Trainer};
use super::source::Source;
use super::spec::{Command, Method, Spec};
use super::sweep::{self, Guide, Look, Results};
use crate::path;

/// What is known around a spec.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The built-in models.
    pub models: &'a [Model],
    /// The metrics of a task by name.
    pub metrics: fn(Task) -> &'static [&'static str],
    /// Those of them that a spec gets which names none.
    pub default_metrics: fn(Task) -> &'static [&'static str],
    /// What the ledger says for specs that do not.
    pub defaults: &'a Defaults,
    /// What the experiment is about, if it says so.
    pub goal: Option<&'a Goal>,
    /// The results of runs, for sweeps that go by them.
    pub results: &'a Results<'a>,
    /// The facts of the spec's data file, or why there are none and a hint.
    pub facts: Result<&'a DataFacts, &'a (String, Option<String>)>,
    /// The facts of the spec's command, or what is wrong with what it names; `None` without one.
    pub command: Option<&'a Result<CommandFacts, Vec<Problem>>>,
}

/// A run that a spec asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The experiment the spec belongs to.
    pub experiment: String,
    /// The spec's file name.
    pub spec: String,
    /// The label.
    pub label: String,
    /// The spec's description.
    pub description: String,
    /// The spec's tags.
    pub tags: BTreeMap<String, String>,
    /// Path of the data file in the ledger, empty where a command has none.
    pub data: String,
    /// The command that executes it; `None` for a built-in trainer.
    pub command: Option<Command>,
    /// What determines the result.
    pub request: Request,
}

/// The runs a spec asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The runs that can be decided now, in order, each once.
    pub runs: Vec<Planned>,
    /// How many further runs follow at most, chosen by the results of these; 0 for most sweeps.
    pub following: usize,
    /// What they are chosen by, in a sweep that goes by results.
    pub guide: Option<Guide>,
}

/// The runs a spec asks for, as far as the results so far decide them.
///
/// # Errors
/// Every mistake of the spec, in file order.
pub fn plan(
    experiment: &str,
    source: &Source,
    spec: &Spec,
    around: Surroundings<'_>,
) -> Result<Plan, Vec<Problem>> {
    if let Some(command) = &spec.command {
        return command::plan(experiment, source, spec, command, around);
    }
    let mut problems = Vec::new();
    let models = model_choice::choose(spec, source, around.models, &mut problems);
    let task = models.first().map_or(Task::Regression, |model| model.task);
    let chosen = data_check::choose(spec, source, task, around.facts, &mut problems);
    let before = problems.len();
    let evaluate = match models.first() {
        Some(model) => evaluate_check::choose(spec, source, model.task, around, &mut problems),
        None => RequestEvaluate::of(Vec::new()),
    };
    // A metric that is misspelt would be reported a second time as not measured.
    let guide = (problems.len() == before && !models.is_empty())
        .then(|| guide(spec, source, &evaluate, around, &mut problems))
        .flatten();
    problems.extend(replicates::check(spec, around.defaults.seed, source));
    problems.extend(sweep::check(spec, source, &models));
    for model in &models {
        model_choice::check_params(spec, source, model, &mut problems);
    }
    check_label(spec, source, &models, &mut problems);
    let (Some(chosen), true) = (chosen, problems.is_empty()) else {
        problems.sort_by_key(|problem| problem.span.start);
        problems.dedup();
        return Err(problems);
    };
    let resolve =
        Resolve { experiment, source, spec, around, chosen: &chosen, evaluate: &evaluate };
    walk(spec, source, guide, around.results, &|point| resolve.point(&models, point))
}

/// Plans the runs of each point of a spec that can be decided now.
///
/// # Errors
/// The first mistake that planning a point gives.
pub(super) fn walk(
    spec: &Spec,
    source: &Source,
    guide: Option<Guide>,
    results: &Results<'_>,
    plan_point: &dyn Fn(&Table) -> Result<Vec<Planned>, Problem>,
) -> Result<Plan, Vec<Problem>> {
    let mut seen: BTreeSet<RunId> = BTreeSet::new();
    let mut runs = Vec::new();
    let mut look = |points: &[Table]| {
        let own = points.iter().map(plan_point);
        let own: Vec<Vec<Planned>> = own.collect::<Result<_, _>>()?;
        let looks = looks(&own, guide.as_ref(), results);
        let new = own.into_iter().flatten().filter(|planned| seen.insert(planned.request.id()));
        runs.extend(new);
        if runs.len() > sweep::MAX_POINTS {
            let message = format!("this spec asks for more than {} runs", sweep::MAX_POINTS);
            return Err(source.at_key(path![replicates::asked(spec).0, "replicates"], message));
        }
        Ok(looks)
    };
    let following = sweep::walk(spec, &mut look).map_err(|problem| vec![problem])?;
    let following = following * replicates::count(spec);
    Ok(Plan { runs, following, guide })
}

/// What is known of points by their runs.
fn looks(points: &[Vec<Planned>], guide: Option<&Guide>, results: &Results<'_>) -> Vec<Look> {
    let ids: Vec<RunId> = points.iter().flatten().map(|planned| planned.request.id()).collect();
    let known = guide.map_or_else(Vec::new, |_| results(&ids));
    let mut at = 0;
    let look = |runs: &Vec<Planned>| {
        let own = at..at + runs.len();
        at = own.end;
        let cost = guide.zip(known.get(own.clone())).and_then(|(guide, own)| guide.cost(own));
        Look { run: ids[own.start], cost }
    };
    points.iter().map(look).collect()
}

/// What the sweep of a spec goes by, if it goes by results.
pub(super) fn guide(
    spec: &Spec,
    source: &Source,
    evaluate: &RequestEvaluate,
    around: Surroundings<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Guide> {
    let sweep = spec.sweep.as_ref()?;
    if !matches!(sweep.method, Method::Halving | Method::Tpe) {
        return None;
    }
    match Guide::choose(sweep, evaluate, around.goal, source) {
        Ok(guide) => Some(guide),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

fn check_label(spec: &Spec, source: &Source, models: &[&Model], problems: &mut Vec<Problem>) {
    let own = models.iter().flat_map(|model| model.parameters.iter().map(|p| p.name));
    let known: Vec<&str> = own.chain(["seed", "model"]).collect();
    if !models.is_empty() {
        check_placeholders(spec, source, &known, problems);
    }
}

/// Reports each placeholder of the label that stands for nothing.
pub(super) fn check_placeholders(
    spec: &Spec,
    source: &Source,
    known: &[&str],
    problems: &mut Vec<Problem>,
) {
    let Some(name) = &spec.name else { return };
    for placeholder in label::placeholders(name) {
        if !known.contains(&placeholder) {
            let problem = source
                .at_value(path!["name"], format!("the label names no param: {{{placeholder}}}"));
            let near = nearest(placeholder, known.iter().copied());
            problems.push(problem.suggest(near.map(|near| format!("{{{near}}}"))));
        }
    }
}

/// Everything that is the same for all runs of a spec.
struct Resolve<'a> {
    experiment: &'a str,
    source: &'a Source,
    spec: &'a Spec,
    around: Surroundings<'a>,
    chosen: &'a Chosen,
    evaluate: &'a RequestEvaluate,
}

impl Resolve<'_> {
    /// The runs of one point, one for each seed; at least one.
    fn point(&self, models: &[&Model], point: &Table) -> Result<Vec<Planned>, Problem> {
        let named = point.get("model").and_then(Value::as_str);
        let model = models.iter().find(|model| named.is_none_or(|name| model.name == name));
        let model = model.ok_or_else(|| self.source.at_value(path!["train"], "no such model"))?;
        let seeds = replicates::seeds(self.spec, self.around.defaults.seed, point);
        seeds.map(|seed| self.run(model, point, seed)).collect()
    }

    /// Fills in defaults and fixes everything that determines one run.
    fn run(&self, model: &Model, point: &Table, seed: i64) -> Result<Planned, Problem> {
        let mut names = params(model, point);
        let params = digested(model, names.clone());
        names.insert("seed".into(), Value::Integer(seed));
        names.insert("model".into(), Value::String(model.name.into()));
        let label = label_of(self.spec, self.source, point, &names);
        let evaluate = self.evaluate.clone();
        let mut data = RequestData {
            digest: Digest::of(&[]),
            features: self.chosen.features.clone(),
            target: self.chosen.target.clone(),
            split: self.chosen.split.clone(),
        };
        let content =
            self.around.facts.ok().and_then(|facts| facts.content(&data.columns(&evaluate)));
        data.digest =
            content.ok_or_else(|| self.source.at_value(&[], "the data has other columns"))?;
        let request = Request::built_in(&BuiltIn {
            seed,
            trainer: Trainer { name: model.name.into(), version: model.version },
            params,
            data,
            prepare: self.spec.prepare.shortest(),
            evaluate,
            artifacts: self.spec.artifacts.clone(),
        })
        .map_err(|error| self.source.at_value(&[], error.to_string()))?;
        Ok(Planned {
            experiment: self.experiment.to_owned(),
            spec: file_of(self.source).to_owned(),
            label,
            description: self.spec.description.clone(),
            tags: self.spec.tags.clone(),
            data: self.chosen.path.clone(),
            command: None,
            request,
        })
    }
}

/// The file name of a spec.
pub(super) fn file_of(source: &Source) -> &str {
    source.file.rsplit('/').next().unwrap_or(&source.file)
}

/// The label of a point: the spec's template, else its file's name and the swept values.
pub(super) fn label_of(spec: &Spec, source: &Source, point: &Table, names: &Table) -> String {
    if let Some(template) = &spec.name {
        return label::fill(template, names);
    }
    let swept = spec.sweep.iter().flat_map(sweep::swept);
    let swept = swept.filter_map(|key| point.get(key)).map(label::plain);
    let file = file_of(source).trim_end_matches(".toml").to_owned();
    std::iter::once(file).chain(swept).collect::<Vec<_>>().join("-")
}

/// The params of a point, defaults filled in.
fn params(model: &Model, point: &Table) -> Table {
    let value = |parameter: &Parameter| match point.get(parameter.name) {
        Some(value) => parameter.check(value).unwrap_or_else(|_| value.clone()),
        None => parameter.default.value(),
    };
    model.parameters.iter().map(|it| (it.name.to_owned(), value(it))).collect()
}

/// Params in the form that is digested: without defaults of parameters that were added later.
fn digested(model: &Model, mut params: Table) -> Table {
    for parameter in model.parameters.iter().filter(|parameter| parameter.added_later) {
        if params.get(parameter.name) == Some(&parameter.default.value()) {
            params.remove(parameter.name);
        }
    }
    params
}
