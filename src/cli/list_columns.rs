//! The columns that a person chooses for a list.

use crate::engine::{Error, Ledger};
use crate::ledger::filter::{Attribute, FilterError, Key};
use crate::ledger::frame::{Column, Frame, SummaryPart, Values, picked, summarised};
use crate::ledger::metric;
use crate::ledger::problem::nearest;
use crate::ledger::sparkline::sparkline;
use crate::ledger::view::RunView;

/// Characters of a sparkline.
const SPARKLINE: usize = 16;

/// One column.
#[derive(Clone, Debug)]
enum Shown {
    /// A value of the run.
    Key(Key),
    /// The shape of a metric over its steps.
    Curve(String),
    /// What the points of a metric come to.
    Summary(SummaryPart, String),
    /// Whether its files are here.
    Files,
}

/// The columns of a list.
#[derive(Debug)]
pub(super) struct Columns {
    /// Whether they come after the usual ones.
    added: bool,
    chosen: Vec<(String, Shown)>,
}

impl Columns {
    /// Reads names of columns; none means the usual ones.
    pub(super) fn parse(names: &[String]) -> Result<Self, Error> {
        let added = names.iter().any(|name| name.starts_with('+'));
        let chosen = names.iter().map(|name| {
            let name = name.trim_start_matches('+').trim();
            Ok((name.to_owned(), shown(name)?))
        });
        let chosen = chosen.collect::<Result<_, Error>>()?;
        Ok(Self { added, chosen })
    }

    /// Whether nobody chose any.
    pub(super) fn are_usual(&self) -> bool {
        self.chosen.is_empty()
    }

    /// The columns of some runs.
    pub(super) fn frame(&self, ledger: &Ledger, runs: &[&RunView]) -> Result<Frame, Error> {
        let mut wanted = Vec::new();
        if self.added || self.are_usual() {
            wanted = usual(runs);
        }
        for (name, shown) in &self.chosen {
            if !wanted.iter().any(|(known, _)| known == name) {
                wanted.push((name.clone(), shown.clone()));
            }
        }
        let summarises = |(_, shown): &(_, Shown)| matches!(shown, Shown::Summary(..));
        let summaries =
            if wanted.iter().any(summarises) { ledger.metric_summaries(runs)? } else { Vec::new() };
        let mut frame = Frame::default();
        for (name, shown) in wanted {
            frame.columns.push(match shown {
                Shown::Key(key) => picked(runs, name, &key),
                Shown::Summary(of, metric) => {
                    let experiment = runs.first().map_or("", |run| run.experiment.as_str());
                    let better = ledger.better(experiment, &metric);
                    summarised(runs, &summaries, name, (of, &metric), better)
                }
                Shown::Curve(metric) => {
                    let line = |run: &&RunView| {
                        let points = ledger.points(run).unwrap_or_default();
                        Some(sparkline(&points, &metric, SPARKLINE))
                    };
                    Column { name, values: Values::Text(runs.iter().map(line).collect()) }
                }
                Shown::Files => {
                    let mut words = Vec::new();
                    for run in runs {
                        let mut run = (*run).clone();
                        ledger.complete(&mut run)?;
                        words.push(Some(super::show::files_in_words(&run)));
                    }
                    Column { name, values: Values::Text(words) }
                }
            });
        }
        Ok(frame)
    }
}

/// How the names of what the points of a metric come to begin.
const SUMMARIES: [(&str, SummaryPart); 4] = [
    ("min.", SummaryPart::Min),
    ("max.", SummaryPart::Max),
    ("mean.", SummaryPart::Mean),
    ("best_step.", SummaryPart::BestStep),
];

fn shown(name: &str) -> Result<Shown, Error> {
    if let Some(metric) = name.strip_prefix("curve.") {
        return Ok(Shown::Curve(metric.to_owned()));
    }
    for (prefix, of) in SUMMARIES {
        if let Some(metric) = name.strip_prefix(prefix) {
            return Ok(Shown::Summary(of, metric.to_owned()));
        }
    }
    match name {
        "files" => Ok(Shown::Files),
        "run" => Ok(Shown::Key(Key::Attribute(Attribute::Id))),
        _ => Key::named(name).map(Shown::Key).map_err(|unknown| {
            let near = nearest(&unknown, Attribute::names());
            Error::Filter(FilterError {
                text: name.to_owned(),
                span: 0..name.len(),
                message: format!("a run has no attribute `{unknown}`"),
                hint: near.map(|near| format!("did you mean attributes.{near}?")),
            })
        }),
    }
}

/// What is shown when nobody chooses: what names a run, how it ended, and the metrics on test rows.
fn usual(runs: &[&RunView]) -> Vec<(String, Shown)> {
    let attribute =
        |name: &str, attribute| (name.to_owned(), Shown::Key(Key::Attribute(attribute)));
    let mut columns = vec![attribute("run", Attribute::Id), attribute("label", Attribute::Label)];
    let mut experiments: Vec<&str> = runs.iter().map(|run| run.experiment.as_str()).collect();
    experiments.sort_unstable();
    experiments.dedup();
    if experiments.len() > 1 {
        columns.push(attribute("experiment", Attribute::Experiment));
    }
    columns.push(attribute("status", Attribute::Status));
    columns.push(attribute("started", Attribute::Started));
    let mut names: Vec<&str> = Vec::new();
    for name in runs.iter().flat_map(|run| run.metrics.keys()) {
        if metric::is_listed(name) && !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let metric = |name: &str| (name.to_owned(), Shown::Key(Key::Metric(name.to_owned())));
    columns.extend(names.into_iter().map(metric));
    columns
}
