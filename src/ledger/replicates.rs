//! Replicates: one point trained with several seeds, counted up from the spec's.

use toml::{Table, Value};

use super::problem::Problem;
use super::source::Source;
use super::spec::Spec;
use crate::path;

/// More seeds than this are taken for a mistake.
const MOST: i64 = 1000;

/// What is wrong with the replicates a spec asks for.
pub(super) fn check(spec: &Spec, default_seed: Option<i64>, source: &Source) -> Option<Problem> {
    let (section, own, replicates) = asked(spec);
    let replicates = replicates?;
    let place = path![section, "replicates"];
    if spec.sweep.as_ref().is_some_and(|sweep| sweep.params.contains_key("seed")) {
        let message = "`replicates` counts up from one seed, and [sweep.params] names seeds";
        return Some(source.at_key(place, message).hint("leave one of them out"));
    }
    if replicates > MOST {
        let message = format!("at most {MOST} replicates are trained, found {replicates}");
        return Some(source.at_value(place, message));
    }
    let seed = own.or(default_seed).unwrap_or(0);
    if seed.checked_add(replicates - 1).is_none() {
        let message = format!("there are no {replicates} seeds from {seed} on");
        return Some(source.at_value(place, message).hint("choose a smaller seed"));
    }
    None
}

/// The section that says how a spec is trained, its seed and its number of replicates.
pub(super) fn asked(spec: &Spec) -> (&'static str, Option<i64>, Option<i64>) {
    match (&spec.train, &spec.command) {
        (None, Some(command)) => ("command", command.seed, command.replicates),
        (train, _) => {
            let train = train.as_ref();
            ("train", train.and_then(|it| it.seed), train.and_then(|it| it.replicates))
        }
    }
}

/// Number of seeds that each point is trained with.
pub(super) fn count(spec: &Spec) -> usize {
    let replicates = asked(spec).2.unwrap_or(1);
    usize::try_from(replicates).unwrap_or(1).max(1)
}

/// The seeds a point is trained with: its own, or as many as there are replicates.
pub(super) fn seeds(
    spec: &Spec,
    default_seed: Option<i64>,
    point: &Table,
) -> impl Iterator<Item = i64> {
    let own = point.get("seed").and_then(Value::as_integer);
    let first = own.or(asked(spec).1).or(default_seed).unwrap_or(0);
    (0..count(spec) as i64).map(move |place| first.saturating_add(place))
}
