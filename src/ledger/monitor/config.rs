//! `monitors/<name>.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::condition::Condition;
use crate::ledger::command::time_limit;
use crate::ledger::problem::Problem;
use crate::ledger::schema;
use crate::ledger::secret;
use crate::ledger::source::Source;
use crate::path;

/// `monitors/<name>.toml`: a registered model, data to judge it on, and when that is an alert.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonitorConfig {
    /// What it watches over, in a sentence.
    #[serde(default)]
    pub description: String,
    /// The registered model: `house`, `house@champion` or `house/3`.
    pub model: String,
    /// The data file, a path in the ledger; with the target column, metrics are measured too.
    pub data: String,
    /// The metrics; default: those usual for the model's task.
    pub metrics: Option<Vec<String>>,
    /// Limits of drift, of any column. Every measure is recorded; only those named here raise alerts.
    #[serde(default)]
    pub drift: Limits,
    /// Conditions that raise an alert, such as `r2 < 0.95 * training.r2` or `psi_area > 0.25`.
    #[serde(default)]
    pub alert: Vec<String>,
    /// What is told of each new alert.
    pub notify: Option<Notify>,
}

/// A command that is told of each new alert, once it was approved on the machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// The program and its arguments, no shell. It works in the ledger's folder, reads the alert as JSON from
    /// standard input, and finds the path of the same in the variable `FAIRLEDGER_ALERT`.
    pub command: Vec<String>,
    /// Names of environment variables that it is given, such as one with a secret address.
    #[serde(default)]
    pub env_pass: Vec<String>,
    /// How long it may take; default: `30s`.
    pub timeout: Option<String>,
}

/// Limits of drift, of any column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// An alert above this population stability index; 0.1 is some change, 0.25 much.
    #[schemars(range(min = 0))]
    pub psi: Option<f64>,
    /// An alert below this p-value of the Kolmogorov-Smirnov test, such as 0.01.
    #[schemars(range(min = 0, max = 1))]
    pub ks: Option<f64>,
    /// An alert below this p-value of the chi-square test, such as 0.01.
    #[schemars(range(min = 0, max = 1))]
    pub chi2: Option<f64>,
    /// An alert when the share of empty cells is above that in training by more than this.
    #[schemars(range(min = 0, max = 1))]
    pub missing: Option<f64>,
}

impl MonitorConfig {
    /// Reads a monitor.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let source = Source::parse(file, text)?;
        let read = schema::read::<Self>(&source);
        let mut problems = read.problems;
        let Some(config) = read.value else { return Err(problems) };
        for (at, condition) in config.alert.iter().enumerate() {
            if let Err(error) = Condition::parse(condition) {
                let problem = source.at_value(path!["alert", at], error.message);
                problems.push(match error.hint {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                });
            }
        }
        problems.extend(config.notify.iter().flat_map(|notify| notify.check(&source)));
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

impl Notify {
    /// Its mistakes.
    fn check(&self, source: &Source) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.command.first().is_none_or(String::is_empty) {
            let message = "`command` names no program";
            problems.push(source.at_value(path!["notify", "command"], message));
        }
        for (at, word) in self.command.iter().enumerate() {
            if secret::is_secret("command", word) {
                let message = "this looks like a secret; what a monitor says is stored and pushed";
                let cure = "hand it over by the environment, and name the variable in env_pass";
                problems.push(source.at_value(path!["notify", "command", at], message).hint(cure));
            }
        }
        if self.timeout.as_deref().is_some_and(|text| time_limit(text).is_none()) {
            let message = "`timeout` is a duration such as \"90s\", \"30m\" or \"2h\"";
            problems.push(source.at_value(path!["notify", "timeout"], message));
        }
        problems
    }
}
