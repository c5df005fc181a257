//! The evaluation section of a spec: what it asks for, decided, and every mistake in it.

use std::collections::BTreeSet;

use super::data_check::Columns;
use super::encode::nfc;
use super::evaluate::{CrossValidation, FoldKind, Folds, RequestEvaluate, RequestFolds};
use super::model::Task;
use super::plan::Surroundings;
use super::problem::{Problem, nearest};
use super::source::Source;
use super::spec::Spec;
use super::split::Split;
use crate::path;

/// Metrics of one class, and what to name where there are more than two.
const OF_TWO_CLASSES: [(&str, &str); 4] = [
    ("precision", "precision_macro"),
    ("recall", "recall_macro"),
    ("f1", "f1_macro"),
    ("roc_auc", "roc_auc_ovr"),
];

/// The metric of clusters that needs a target.
const OF_KNOWN_GROUPS: &str = "adjusted_rand";

/// Decides how the runs of a spec are judged, adding every mistake to `problems`.
pub(super) fn choose(
    spec: &Spec,
    source: &Source,
    task: Task,
    around: Surroundings<'_>,
    problems: &mut Vec<Problem>,
) -> RequestEvaluate {
    let check = Check { spec, source, task, around };
    let metrics = check.metrics(problems);
    let cv = match &spec.evaluate.cv {
        None => None,
        Some(CrossValidation::Count(count)) => {
            let folds = Folds {
                folds: count.0,
                kind: None,
                shuffle: false,
                seed: 0,
                group: None,
                time: None,
            };
            Some(check.folds(&folds, problems))
        }
        Some(CrossValidation::Folds(folds)) => Some(check.folds(folds, problems)),
    };
    check.has_target(problems);
    let (permutation, learning_curve) = (spec.evaluate.permutation, spec.evaluate.learning_curve);
    RequestEvaluate { metrics, cv, permutation, learning_curve }
}

struct Check<'a> {
    spec: &'a Spec,
    source: &'a Source,
    task: Task,
    around: Surroundings<'a>,
}

impl Check<'_> {
    /// The metrics by name, sorted.
    fn metrics(&self, problems: &mut Vec<Problem>) -> Vec<String> {
        let known = (self.around.metrics)(self.task);
        let mut names: BTreeSet<&str> = match &self.spec.evaluate.metrics {
            Some(asked) => {
                self.asked(asked, known, problems);
                asked.iter().map(String::as_str).filter(|name| known.contains(name)).collect()
            }
            None => self.default_metrics(known, problems),
        };
        names.retain(|name| *name != OF_KNOWN_GROUPS || self.names_target());
        names.into_iter().map(str::to_owned).collect()
    }

    /// Checks the metrics that the spec names.
    fn asked(&self, asked: &[String], known: &[&str], problems: &mut Vec<Problem>) {
        for (item, name) in asked.iter().enumerate() {
            let place = path!["evaluate", "metrics", item];
            if !known.contains(&name.as_str()) {
                let message = format!("there is no metric \"{name}\" for this model");
                let problem = self.source.at_value(place, message);
                problems.push(problem.hint(match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("metrics: {}", known.join(", ")),
                }));
            }
            let of_two = OF_TWO_CLASSES.iter().find(|(of_two, _)| of_two == name);
            if let (Some((_, instead)), Some(classes)) = (of_two, self.classes())
                && classes > 2
            {
                let message = format!("\"{name}\" is for two classes; the target has {classes}");
                let problem = self.source.at_value(place, message);
                problems.push(problem.hint(format!("use \"{instead}\"")));
            }
        }
        let of_groups = asked.iter().position(|name| name == OF_KNOWN_GROUPS);
        if let (Some(item), Task::Clustering, false) = (of_groups, self.task, self.names_target()) {
            let message = format!("\"{OF_KNOWN_GROUPS}\" compares with known groups");
            let problem = self.source.at_value(path!["evaluate", "metrics", item], message);
            problems.push(problem.hint("name their column as `target` in [data]"));
        }
        if asked.is_empty() {
            problems.push(self.source.at_value(path!["evaluate", "metrics"], "this list is empty"));
        }
    }

    /// Whether the data have a target.
    fn names_target(&self) -> bool {
        self.spec.data.as_ref().is_some_and(|data| !data.target.is_empty())
    }

    /// Number of classes, `None` unless they are few and the task is classification.
    fn classes(&self) -> Option<usize> {
        let (data, facts) = self.spec.data.as_ref().zip(self.around.facts.ok())?;
        let words = &facts.column(&nfc(&data.target))?.words;
        let classes: BTreeSet<&str> = words.iter().map(|word| word.trim_ascii()).collect();
        (self.task == Task::Classification && !classes.is_empty()).then_some(classes.len())
    }

    /// The metrics of a spec that names none: the ledger's as far as they are of the task, else the
    /// task's own.
    fn default_metrics<'a>(
        &'a self,
        known: &[&'static str],
        problems: &mut Vec<Problem>,
    ) -> BTreeSet<&'a str> {
        let own = || (self.around.default_metrics)(self.task).iter().copied().collect();
        let Some(defaults) = &self.around.defaults.metrics else { return own() };
        let tasks = [Task::Regression, Task::Classification, Task::Clustering];
        let exists = |name: &String| {
            tasks.iter().any(|task| (self.around.metrics)(*task).contains(&name.as_str()))
        };
        if defaults.is_empty() || !defaults.iter().all(exists) {
            let message = "the [defaults] of ledger.toml name no metrics of this model";
            let problem = self.source.at_key(path!["train"], message);
            problems.push(problem.hint(format!("metrics: {}", known.join(", "))));
        }
        let defaults = defaults.iter().map(String::as_str);
        let names: BTreeSet<&str> = defaults.filter(|name| known.contains(name)).collect();
        if names.is_empty() { own() } else { names }
    }

    /// What is measured against a target cannot be asked of a model without one.
    fn has_target(&self, problems: &mut Vec<Problem>) {
        let evaluate = &self.spec.evaluate;
        for (key, asked) in [
            ("cv", evaluate.cv.is_some()),
            ("permutation", evaluate.permutation.is_some()),
            ("learning_curve", evaluate.learning_curve),
        ] {
            if asked && !self.task.has_target() {
                let message = format!("a clustering model has no target that `{key}` could use");
                let problem = self.source.at_key(path!["evaluate", key], message);
                problems.push(problem.hint("remove the line"));
            }
        }
    }

    /// Decides folds: what they are divided by follows from the columns, the kind and the task.
    fn folds(&self, folds: &Folds, problems: &mut Vec<Problem>) -> RequestFolds {
        let kind = self.kind(folds, problems);
        for (key, name) in [("group", &folds.group), ("time", &folds.time)] {
            if let Some(name) = name {
                self.column(key, &nfc(name), folds.folds, problems);
            }
        }
        let mut refuse = |key: &str, message: &str, hint: &str| {
            let problem = self.source.at_key(path!["evaluate", "cv", key], message);
            problems.push(problem.hint(hint));
        };
        if folds.shuffle && kind == FoldKind::Time {
            refuse("shuffle", "folds by time keep the order of time", "remove `shuffle`");
        } else if folds.seed != 0 && !folds.shuffle {
            refuse("seed", "without a shuffle the seed changes nothing", "add shuffle = true");
        }
        self.enough_rows(folds.folds, kind, problems);
        RequestFolds {
            folds: folds.folds,
            kind,
            seed: folds.shuffle.then_some(folds.seed),
            column: folds.group.as_ref().or(folds.time.as_ref()).map(|name| nfc(name)),
        }
    }

    fn kind(&self, folds: &Folds, problems: &mut Vec<Problem>) -> FoldKind {
        let mut refuse = |key: &str, message: String, hint: &str| {
            let problem = self.source.at_key(path!["evaluate", "cv", key], message);
            problems.push(problem.hint(hint));
        };
        let implied = match (&folds.group, &folds.time) {
            (Some(_), Some(_)) => {
                let message = "rows go to folds by `group` or by `time`, not by both".into();
                refuse("time", message, "remove one of them");
                return FoldKind::Grouped;
            }
            (Some(_), None) => Some((FoldKind::Grouped, "group")),
            (None, Some(_)) => Some((FoldKind::Time, "time")),
            (None, None) => None,
        };
        match (folds.kind, implied) {
            (Some(kind), Some((implied, key))) if kind != implied => {
                let message = format!("`{key}` makes folds of another kind");
                refuse("kind", message, &format!("remove `kind` or `{key}`"));
                implied
            }
            (Some(FoldKind::Grouped), None) => {
                let message = "grouped folds need the column of the groups".into();
                refuse("kind", message, "add group = \"<column>\"");
                FoldKind::Grouped
            }
            (Some(FoldKind::Stratified), None) if self.task == Task::Regression => {
                let message = "stratified folds need classes, and this model predicts numbers";
                refuse("kind", message.into(), "remove `kind`, or use \"plain\"");
                FoldKind::Plain
            }
            (_, Some((implied, _))) => implied,
            (Some(kind), None) => kind,
            (None, None) if self.task == Task::Classification => FoldKind::Stratified,
            (None, None) => FoldKind::Plain,
        }
    }

    /// Checks a column that decides about folds.
    fn column(&self, key: &str, name: &str, folds: i64, problems: &mut Vec<Problem>) {
        let (Some(data), Ok(facts)) = (&self.spec.data, self.around.facts) else { return };
        let place = path!["evaluate", "cv", key];
        let columns = Columns { source: self.source, facts, path: &data.path };
        let Some(column) = columns.find(name, place, problems) else { return };
        let mut refuse = |message: String, hint: String| {
            problems.push(self.source.at_value(place, message).hint(hint));
        };
        if column.missing > 0 {
            let message = format!("the column `{name}` is empty in {} rows", column.missing);
            refuse(message, format!("fill or remove those rows in {}", data.path));
        }
        if name == nfc(&data.target) {
            return refuse(format!("`{name}` is the target"), "name another column".into());
        }
        let groups: BTreeSet<&str> = column.words.iter().map(|word| word.trim_ascii()).collect();
        if key == "group" && !groups.is_empty() && (groups.len() as i64) < folds {
            let message =
                format!("`{name}` has {} groups, too few for {folds} folds", groups.len());
            refuse(message, "ask for fewer folds".into());
        }
    }

    /// Checks that each fold has a row, as far as the number of training rows is known beforehand.
    fn enough_rows(&self, folds: i64, kind: FoldKind, problems: &mut Vec<Problem>) {
        let (Some(data), Ok(facts)) = (&self.spec.data, self.around.facts) else { return };
        let rows = match &data.split {
            Some(Split::Fraction(split)) if split.group.is_none() => {
                facts.rows - ((split.test * facts.rows as f64).ceil() as u64).min(facts.rows)
            }
            _ => facts.rows,
        };
        // By time the first stretch of rows is only trained on.
        let needed = folds + i64::from(kind == FoldKind::Time);
        if facts.rows > 0 && i64::try_from(rows).is_ok_and(|rows| rows < needed) {
            let key: &[_] = match &self.spec.evaluate.cv {
                Some(CrossValidation::Folds(_)) => path!["evaluate", "cv", "folds"],
                _ => path!["evaluate", "cv"],
            };
            let message = format!("{rows} rows are too few for {folds} folds");
            problems.push(self.source.at_value(key, message).hint("ask for fewer folds"));
        }
    }
}
