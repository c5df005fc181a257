//! What an evaluation says, and what follows from it: tags, alerts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ledger::annotation::{AnnotationKind, fold};
use crate::ledger::attempt::Status;
use crate::ledger::drift::ColumnDrift;
use crate::ledger::id::RunId;
use crate::ledger::monitor::{ALERT, EVALUATED, MonitorConfig, raised};
use crate::ledger::number;
use crate::ledger::time::Timestamp;
use crate::store::{Entry, Notice, NoticeState};

use super::super::error::Error;
use super::super::ledger::Ledger;
use super::super::membership::annotation;
use super::super::registry::Found;
use super::super::surroundings::now;

/// The artifact that an evaluation is read back from.
pub(super) const REPORT: &str = "report.json";

/// An evaluation of a monitor, as `monitor run --json` shows it; fields are added, never renamed.
#[derive(Clone, Debug, Serialize)]
pub struct Monitored {
    /// The monitor.
    pub monitor: String,
    /// The model's version, `house/3`.
    pub model: String,
    /// The data file.
    pub data: String,
    /// The run that is the evaluation.
    pub run: RunId,
    /// The digits of its id that people are shown.
    pub short: String,
    /// The directory of its attempt.
    pub directory: String,
    /// Whether the ledger held it: neither data nor model had changed.
    pub hit: bool,
    /// Why the evaluation failed.
    pub cause: Option<String>,
    /// Its metrics, those of drift among them.
    #[serde(with = "number::json_map")]
    pub metrics: BTreeMap<String, f64>,
    /// Why it is an alert, a sentence a reason; empty when it is none.
    pub raised: Vec<String>,
    /// The file that holds the alert.
    pub alert: Option<String>,
    /// Whether the alert was raised just now.
    pub is_new: bool,
}

/// What `report.json` says.
#[derive(Serialize, Deserialize)]
pub(super) struct Report {
    /// The registered model.
    pub(super) model: String,
    /// Number of rows.
    pub(super) rows: u64,
    /// The measures of each column.
    pub(super) drift: Vec<ColumnDrift>,
}

impl Ledger {
    /// Judges an evaluation that is sealed by the limits of its monitor, and says so in tags and files.
    pub(super) fn conclude(
        &self,
        (monitor, config): (&str, &MonitorConfig),
        found: &Found,
        entry: &Arc<Entry>,
        hit: bool,
    ) -> Result<Monitored, Error> {
        let attempt = &entry.attempt;
        let mut done = Monitored {
            monitor: monitor.to_owned(),
            model: found.name(),
            data: config.data.clone(),
            run: attempt.run,
            short: attempt.run.short(),
            directory: entry.directory.clone(),
            hit,
            cause: attempt.cause.clone(),
            metrics: attempt.metrics.clone(),
            raised: Vec::new(),
            alert: None,
            is_new: false,
        };
        if attempt.status == Status::Finished {
            let bytes = self.store.read_file(entry, &format!("artifacts/{REPORT}"))?;
            let drift = serde_json::from_slice::<Report>(&bytes).map(|report| report.drift);
            let drift = drift.unwrap_or_default();
            done.raised = raised(config, &attempt.metrics, &drift, &found.version.metrics);
        }
        self.tag_evaluation(entry, &done.raised)?;
        if !done.raised.is_empty() {
            let text = alert_text(&done, found, entry);
            let (path, is_known) = self.store.alert(monitor, &text)?;
            if !is_known {
                if config.notify.is_some() && !self.store.has_notice(&path) {
                    // Before the alert: that is new only once.
                    self.store.keep_notice(&waiting(monitor, &path))?;
                }
                self.store.keep_alert(&path, &text)?;
            }
            (done.alert, done.is_new) = (Some(path), !is_known);
        }
        Ok(done)
    }

    /// Tags a run with why it is an alert, and as the one that its monitor last led to.
    fn tag_evaluation(&self, entry: &Entry, raised: &[String]) -> Result<(), Error> {
        let (experiment, run) = (&entry.experiment, entry.attempt.run);
        let said = fold(&self.store.annotations(experiment)?);
        let evaluated =
            |run: &RunId| -> Option<Timestamp> { said.get(run)?.tags.get(EVALUATED)?.parse().ok() };
        let last = said.keys().filter_map(|run| Some((evaluated(run)?, *run))).max();
        let mut kinds = Vec::new();
        if last.map(|(_, last)| last) != Some(run) {
            let (key, value) = (EVALUATED.to_owned(), now().to_string());
            kinds.push(AnnotationKind::Tag { key, value });
        }
        let value = raised.join("; ");
        let known = said.get(&run).and_then(|said| said.tags.get(ALERT));
        if known.map_or("", String::as_str) != value {
            kinds.push(AnnotationKind::Tag { key: ALERT.to_owned(), value });
        }
        if !kinds.is_empty() {
            let records: Vec<_> = kinds.into_iter().map(|kind| annotation(run, kind)).collect();
            self.store.annotate(experiment, &records)?;
        }
        Ok(())
    }
}

/// A notice that is to be told.
fn waiting(monitor: &str, alert: &str) -> Notice {
    let (monitor, alert) = (monitor.to_owned(), alert.to_owned());
    Notice { monitor, alert, state: NoticeState::Waiting, tries: 0, cause: None, time: now() }
}

/// The text of an alert's file: the same for the same evaluation and the same reasons.
fn alert_text(done: &Monitored, found: &Found, entry: &Entry) -> String {
    let alert = json!({
        "monitor": done.monitor,
        "model": found.model,
        "version": found.registered.id,
        "data": entry.attempt.data,
        "run": done.run,
        "attempt": entry.attempt.attempt,
        "time": entry.attempt.started,
        "raised": done.raised,
    });
    serde_json::to_string_pretty(&alert).unwrap_or_default() + "\n"
}
