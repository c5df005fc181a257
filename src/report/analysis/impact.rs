//! What params have to do with the goal, as bars and numbers: measured by a surrogate, and each by itself.

use std::fmt::Write as _;

use crate::ledger::importance::{Importance, Measured, Share};
use crate::ledger::number;
use crate::ledger::view::ExperimentView;

use super::super::chart::{self, Bar};
use super::super::sections::Section;
use super::super::table::{Cell, Table};
use super::super::{ReportError, runs, text};
use super::{Study, picture, too_little};

/// How many params are shown.
const PARAMS: usize = 20;

/// Adds the impact of an experiment's params.
pub(in crate::report) fn tell(
    study: &Study<'_>,
    mut section: Section,
) -> Result<Section, ReportError> {
    let experiment = study.experiment;
    match &experiment.importance {
        Some(Importance::Measured(measured)) => {
            section = of_surrogate(experiment, measured, section)?;
        }
        Some(Importance::TooFew { runs, needed }) => {
            let words = format!(
                "Too few runs to measure importance: {} with a value of {}, {needed} are needed.",
                text::count(*runs, "finished run"),
                experiment.goal.metric
            );
            section = section.say(words);
        }
        Some(Importance::Nothing) => {
            section = section.say("No importance to measure: no param changes what comes out.");
        }
        None => {}
    }
    alone(study, section)
}

/// The importances by a surrogate.
fn of_surrogate(
    experiment: &ExperimentView,
    measured: &Measured,
    mut section: Section,
) -> Result<Section, ReportError> {
    let metric = &experiment.goal.metric;
    let varying: Vec<&Share> = measured.params.iter().filter(|it| it.values > 1).collect();
    let shown = &varying[..varying.len().min(PARAMS)];
    let bar = |label: &str, value: f64, strong: bool| Bar {
        label: label.to_owned(),
        value,
        text: number::deviation_for_people(value),
        spread: 0.0,
        strong,
    };
    let mut bars: Vec<Bar> =
        shown.iter().enumerate().map(|(at, it)| bar(&it.param, it.share, at == 0)).collect();
    bars.push(bar("only together", measured.together, false));
    let title = format!("Importance for {metric}");
    let svg = chart::bars(&format!("{title} in {}", experiment.title), &bars)?;
    let mut caption = format!("fANOVA over a forest of {}", text::count(measured.runs, "run"));
    if measured.runs < measured.of {
        let _ = write!(caption, ", a sample of {}", measured.of);
    }
    if shown.len() < varying.len() {
        let _ = write!(caption, "; the first {PARAMS} of {} params", varying.len());
    }
    section.pictures.push(picture(title, caption + ".", svg));
    let mut table = Table::new(format!("Importance of the params of {}", experiment.title))
        .text("param")
        .number("importance", "")
        .number("values", "");
    for share in shown {
        let value = Cell::number(number::deviation_for_people(share.share));
        table.row(Cell::text(&share.param), vec![value, Cell::number(share.values.to_string())]);
    }
    Ok(section.say(trust(measured.explained)).table(table))
}

/// How far the surrogate is to be believed.
fn trust(explained: Option<f64>) -> String {
    match explained {
        Some(explained) if explained > 0.0 => format!(
            "The surrogate explains {} of the variance of runs that it did not see (R², out of bag).",
            number::deviation_for_people(explained)
        ),
        _ => "The surrogate explains nothing of runs that it did not see: do not rely on these \
              importances."
            .to_owned(),
    }
}

/// What each param tells by itself.
fn alone(study: &Study<'_>, mut section: Section) -> Result<Section, ReportError> {
    let Study { experiment, impacts: found, .. } = study;
    let metric = &experiment.goal.metric;
    if found.is_empty() {
        return Ok(too_little(section, "a param needs two values and more runs than values"));
    }
    let shown = &found[..found.len().min(PARAMS)];
    let bar = |impact: &crate::ledger::impact::Impact| Bar {
        label: impact.param.clone(),
        value: impact.share,
        text: number::deviation_for_people(impact.share),
        spread: 0.0,
        strong: impact.param == found[0].param,
    };
    let bars: Vec<_> = shown.iter().map(bar).collect();
    let title = format!("Share of the variance of {metric}");
    let svg = chart::bars(&format!("{title} in {}", experiment.title), &bars)?;
    let caption = if shown.len() < found.len() {
        format!("Each param by itself; the first {PARAMS} of {} params.", found.len())
    } else {
        "Each param by itself; every param with two or more values.".to_owned()
    };
    section.pictures.push(picture(title, caption, svg));
    let mut table = Table::new(format!("Impact of the params of {}", experiment.title))
        .text("param")
        .number("share of variance", "")
        .number("correlation", "")
        .number("runs", "")
        .number("groups", "");
    for impact in shown {
        let signed = |it: f64| number::deviation_for_people(it).replace('-', "−");
        let correlation = impact.correlation.map(signed);
        table.row(
            Cell::text(&impact.param),
            vec![
                Cell::number(number::deviation_for_people(impact.share)),
                correlation.map_or_else(runs::missing, Cell::number),
                Cell::number(impact.runs.to_string()),
                Cell::number(impact.groups.to_string()),
            ],
        );
    }
    Ok(section.table(table))
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    fn told(importance: Importance) -> Section {
        let experiment = ExperimentView { importance: Some(importance), ..sample::experiment() };
        tell(&Study::of(&experiment), Section::default()).unwrap()
    }

    fn measured(explained: Option<f64>) -> Importance {
        let share = |param: &str, share, values| Share { param: param.into(), share, values };
        let params = vec![share("depth", 0.75, 4), share("trees", 0.15, 3), share("same", 0.0, 1)];
        Importance::Measured(Measured { params, together: 0.1, explained, runs: 30, of: 30 })
    }

    #[test]
    fn measured_importance_stands_before_what_params_tell_alone() {
        let section = told(measured(Some(0.9)));
        assert_eq!(section.pictures[0].title, "Importance for r2");
        assert!(section.pictures[0].svg.as_str().contains("only together"));
        assert_eq!((section.pictures.len(), section.tables.len()), (2, 2));
        assert!(section.words[0].contains("explains 0.9 of"), "{:?}", section.words);
        assert!(told(measured(Some(-0.2))).words[0].contains("do not rely"));
    }

    #[test]
    fn too_few_runs_have_no_importance() {
        let section = told(Importance::TooFew { runs: 5, needed: 10 });
        assert!(section.words[0].contains("5 finished runs with a value of r2, 10 are needed"));
        assert_eq!((section.pictures.len(), section.tables.len()), (1, 1));
    }
}
