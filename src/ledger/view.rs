//! What people and programs are shown of a run: the fields of `show --json`, and the context of pages.
//!
//! The names of these fields are a promise to scripts: they are added to, never renamed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attempt::{DataFile, GitState, Host, Status};
use super::cell::Replicates;
use super::config::ReportConfig;
use super::digest::Digest;
use super::exit::CommandRecord;
use super::fair::about::About;
use super::fair::swhid::Swhids;
use super::foreign::Tracker;
use super::id::{AttemptId, CellId, RunId};
use super::importance::Importance;
use super::metric::{Direction, MetricPoint};
use super::number;
use super::registry::ModelView;
use super::time::Timestamp;

/// A run with the attempt that stands for it: the newest finished one, else the newest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// The run's id, 32 hex digits.
    pub id: RunId,
    /// The digits of the id that people are shown.
    pub short: String,
    /// Its label in the experiment it is shown for.
    pub label: String,
    /// The experiment it is shown for.
    pub experiment: String,
    /// Every experiment that asked for it, that one included.
    pub experiments: Vec<String>,
    /// File name of the spec that asked for it.
    pub spec: String,
    /// How the attempt ended.
    pub status: Status,
    /// Why it did not finish.
    pub cause: Option<String>,
    /// The spec's description.
    pub description: String,
    /// Tags, the user's own over the spec's.
    pub tags: BTreeMap<String, String>,
    /// Notes, oldest first.
    pub notes: Vec<NoteView>,
    /// Whether it has a star.
    #[serde(default)]
    pub star: bool,
    /// The trainer's name.
    pub trainer: String,
    /// The trainer's version.
    pub trainer_version: i64,
    /// The seed.
    pub seed: i64,
    /// The id, 32 hex digits, that it shares with the runs that differ in nothing but the seed.
    pub cell: CellId,
    /// What those runs tell together; `None` when the experiment has no other.
    pub replicates: Option<Replicates>,
    /// Every param, defaults filled in.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The final value of each metric.
    #[serde(with = "number::json_map")]
    pub metrics: BTreeMap<String, f64>,
    /// Digest of the columns it used.
    pub data_digest: Digest,
    /// The data file.
    pub data: Option<DataFile>,
    /// The feature columns.
    pub features: Vec<String>,
    /// The target column.
    pub target: String,
    /// How rows were divided, in words.
    pub split: String,
    /// Seconds spent, by phase.
    #[serde(with = "number::json_map")]
    pub timings: BTreeMap<String, f64>,
    /// Plain facts about the trained model.
    pub model: BTreeMap<String, serde_json::Value>,
    /// When the attempt started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Where it ran.
    pub host: Host,
    /// The commit of the repository around the ledger.
    pub git: Option<GitState>,
    /// The command that executed it, unless a built-in trainer did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandRecord>,
    /// The other tracker that recorded it, if it was brought from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracker: Option<Tracker>,
    /// Versions of the programs that took part.
    pub versions: BTreeMap<String, String>,
    /// The result digest of a finished attempt.
    pub result: Option<Digest>,
    /// False when two finished attempts on one target disagree in their result digests.
    pub deterministic: bool,
    /// The attempt that stands for the run.
    pub attempt: AttemptId,
    /// Its directory in the ledger.
    pub directory: String,
    /// All attempts, oldest first.
    pub attempts: Vec<AttemptView>,
    /// The files of the attempt.
    pub artifacts: Vec<ArtifactView>,
}

/// One attempt in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Its id.
    pub attempt: AttemptId,
    /// How it ended.
    pub status: Status,
    /// Why it did not finish.
    pub cause: Option<String>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The result digest of a finished attempt.
    pub result: Option<Digest>,
}

/// A note on a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    /// When it was written.
    pub time: Timestamp,
    /// What it says.
    pub text: String,
}

/// A file of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactView {
    /// The path below the attempt's directory.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// BLAKE3 of the content.
    pub blake3: Digest,
    /// SHA-256 of the content.
    pub sha256: String,
    /// Whether it is here.
    pub state: FileState,
}

/// Whether a file of an attempt is on this disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileState {
    /// Here, of the recorded size, and unchanged since it was last hashed.
    Present,
    /// Too large for git and not copied here.
    Absent,
    /// Missing or changed.
    Damaged,
}

impl FileState {
    /// The word on pages and in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Damaged => "damaged",
        }
    }
}

/// An experiment with its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentView {
    /// The folder's name.
    pub name: String,
    /// The title, the name when none was given.
    pub title: String,
    /// One paragraph.
    pub description: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The metric the experiment is about.
    pub goal: GoalView,
    /// The text of its `README.md`, Markdown, empty when there is none.
    pub readme: String,
    /// Its runs, newest first (by start, then id).
    pub runs: Vec<RunView>,
    /// Id of the best finished run by the goal.
    pub best: Option<RunId>,
    /// How much each param decides of the goal; `None` where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
}

/// The metric an experiment is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalView {
    /// The metric's name.
    pub metric: String,
    /// Whether larger or smaller is better.
    pub direction: Direction,
    /// Whether nobody said so: neither the experiment nor the name of the metric.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
}

impl ExperimentView {
    /// Whether a run of this experiment counts here: one that several experiments list counts in the first.
    pub fn is_home_of(&self, run: &RunView) -> bool {
        run.experiments.first() == Some(&self.name)
    }
}

impl GoalView {
    /// A goal in the direction it was given, else in that which its name tells, else upwards.
    pub fn of(metric: String, direction: Option<Direction>) -> Self {
        let known = direction.or_else(|| Direction::of(&metric));
        Self { direction: known.unwrap_or(Direction::Maximize), assumed: known.is_none(), metric }
    }

    /// Which values of a metric are better: for the goal as the experiment says, else as the name tells;
    /// `None` where nobody says.
    pub fn direction_of(&self, metric: &str) -> Option<Direction> {
        let own = (metric == self.metric && !self.assumed).then_some(self.direction);
        own.or_else(|| Direction::of(metric))
    }
}

/// The whole ledger, as the site shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerView {
    /// The title.
    pub title: String,
    /// One paragraph.
    pub description: String,
    /// The authors.
    pub authors: Vec<String>,
    /// The licence, as an SPDX expression.
    pub licence: String,
    /// What else the ledger declares about itself.
    #[serde(default)]
    pub about: About,
    /// The IANA time zone in which its days begin.
    pub time_zone: String,
    /// The experiments by name.
    pub experiments: Vec<ExperimentView>,
    /// The comparisons that `ledger.toml` keeps.
    #[serde(default)]
    pub comparisons: Vec<ComparisonView>,
    /// The registered models that are not deleted, by name.
    #[serde(default)]
    pub models: Vec<ModelView>,
    /// The views of the table of runs that `ledger.toml` keeps.
    #[serde(default)]
    pub views: Vec<KeptView>,
    /// What comparisons leave out.
    #[serde(default)]
    pub report: ReportConfig,
}

/// A view of the table of all runs, as its user named things.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptView {
    /// Its name.
    pub name: String,
    /// A filter, empty for all runs.
    pub filter: String,
    /// The column to sort by, a hyphen before it for the largest first; empty for the newest first.
    pub sort: String,
    /// The columns, none for the usual ones.
    pub columns: Vec<String>,
    /// The column that makes groups, empty for none.
    pub group: String,
    /// The run to show differences to, empty for none.
    pub baseline: String,
    /// The runs that are selected.
    pub runs: Vec<String>,
}

/// Runs that are shown side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonView {
    /// Its name.
    pub name: String,
    /// Its heading, empty for the name.
    pub title: String,
    /// The runs as the user named them.
    pub runs: Vec<String>,
    /// The run to compare with.
    pub baseline: Option<String>,
}

/// What a run's page shows beyond [`RunView`]: contents of its files, each checked against its digest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFiles {
    /// The metric points in file order.
    pub points: Vec<MetricPoint>,
    /// The log, empty when there is none.
    pub log: String,
    /// Small text artifacts by path below `artifacts/`, such as `predictions.csv`.
    pub texts: BTreeMap<String, String>,
    /// Small pictures and sounds by path below `artifacts/`.
    pub media: BTreeMap<String, Vec<u8>>,
    /// The identifiers of its files in the Software Heritage archive.
    pub swhids: Swhids,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_is_told_by_the_goal_else_by_the_name_else_by_nobody() {
        let told = |goal: GoalView| ["r2", "rmse", "speed"].map(|name| goal.direction_of(name));
        let (up, down) = (Some(Direction::Maximize), Some(Direction::Minimize));
        let goal = |name: &str, direction| GoalView::of(name.into(), direction);
        assert_eq!(told(goal("r2", None)), [up, down, None]);
        assert_eq!(told(goal("r2", down)), [down, down, None]);
        assert_eq!(told(goal("speed", down)), [up, down, down]);
        assert_eq!(told(goal("speed", None)), [up, down, None]);
        assert_eq!(
            goal("speed", None).direction,
            Direction::Maximize,
            "runs are ranked all the same"
        );
    }
}
