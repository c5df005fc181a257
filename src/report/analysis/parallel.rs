//! Params and goal side by side, a line a run.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ledger::number;
use crate::ledger::view::RunView;

use super::super::chart::{self, Axis, Upright};
use super::super::sections::Section;
use super::super::{standing, text};
use super::{Study, too_little};

/// How many params have an axis, and how many runs a line.
const PARAMS: usize = 7;
const LINES: usize = 150;

/// Words on one axis; a param with more is drawn without them.
const WORDS: usize = 12;

/// Adds the drawing of an experiment.
pub(super) fn tell(study: &Study<'_>, mut section: Section) -> Section {
    let Study { experiment, measured: all, impacts } = study;
    let drawn = chosen(all);
    let runs: Vec<&RunView> = all.iter().map(|(run, _)| *run).collect();
    let mut names: Vec<String> = impacts.iter().map(|it| it.param.clone()).collect();
    for name in standing::varying(&runs) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    if drawn.len() < 2 || names.is_empty() {
        return too_little(section, "two finished runs that differ in a param are needed");
    }
    let left = names.len().saturating_sub(PARAMS);
    names.truncate(PARAMS);
    let mut axes: Vec<Upright> = names.iter().map(|name| param_axis(name, &drawn)).collect();
    let goals: Vec<_> = drawn.iter().map(|(_, value)| Some(*value)).collect();
    axes.push(number_axis(&experiment.goal.metric, &goals));
    section.drawing = Some(chart::parallel(&format!("Runs of {}", experiment.title), &axes));
    let mut words = text::count(drawn.len(), "finished run");
    if drawn.len() < all.len() {
        words = format!("The best {} of {} and every so many of the others", LINES / 2, all.len());
    }
    if left > 0 {
        words = format!("{words}; the {PARAMS} params with the most impact, {left} left out");
    }
    section.say(words + ".")
}

/// The runs that get a line, best first: the best, and of the others as many at equal distances.
fn chosen<'a>(all: &[(&'a RunView, f64)]) -> Vec<(&'a RunView, f64)> {
    if all.len() <= LINES {
        return all.to_vec();
    }
    let (best, others) = all.split_at(LINES / 2);
    let every = others.len().div_ceil(LINES / 2);
    best.iter().chain(others.iter().step_by(every)).copied().collect()
}

fn param_axis(name: &str, drawn: &[(&RunView, f64)]) -> Upright {
    let values: Vec<Option<&Value>> = drawn.iter().map(|(run, _)| run.params.get(name)).collect();
    if values.iter().flatten().all(|value| value.is_number()) {
        let numbers: Vec<_> = values.iter().map(|value| value.and_then(Value::as_f64)).collect();
        return number_axis(name, &numbers);
    }
    let words: BTreeSet<String> = values.iter().flatten().map(|value| text::param(value)).collect();
    let words: Vec<String> = words.into_iter().collect();
    let last = words.len().saturating_sub(1).max(1) as f64;
    let place =
        |value: &Value| words.binary_search(&text::param(value)).ok().map(|at| at as f64 / last);
    let labels = words.iter().enumerate().map(|(at, word)| (at as f64 / last, word.clone()));
    Upright {
        name: name.to_owned(),
        labels: if words.len() > WORDS { Vec::new() } else { labels.collect() },
        places: values.iter().map(|value| value.and_then(place)).collect(),
    }
}

fn number_axis(name: &str, values: &[Option<f64>]) -> Upright {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let (low, high) = known
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(*it), high.max(*it)));
    let wide = Axis::for_param(&known, 5).is_some_and(|axis| !axis.note().is_empty());
    let scale = |value: f64| if wide { value.log10() } else { value };
    let place = |value: f64| {
        let share = (scale(value) - scale(low)) / (scale(high) - scale(low));
        if share.is_finite() { share } else { 0.5 }
    };
    let mut labels = vec![(place(low), number::deviation_for_people(low))];
    if high > low {
        labels.push((place(high), number::deviation_for_people(high)));
    }
    Upright {
        name: if wide { format!("{name} (log)") } else { name.to_owned() },
        labels: if known.is_empty() { Vec::new() } else { labels },
        places: values.iter().map(|value| value.map(place)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn ten_thousand_runs_are_a_drawing_of_the_usual_size() {
        let experiment = sample::many(10_000);
        let section = tell(&Study::of(&experiment), Section::default());
        let drawing = section.drawing.unwrap();
        assert!(drawing.as_str().len() < 40_000, "{}", drawing.as_str().len());
        assert!(drawing.as_str().matches("<polyline").count() <= LINES);
        assert!(section.words[0].contains("of 10000"), "{:?}", section.words);
    }
}
