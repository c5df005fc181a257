//! `ledger.toml` and `experiment.toml`: what is said once for a ledger and for an experiment.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::filter::like_pattern;
use super::metric::Direction;

/// `ledger.toml`: the file that makes a folder a ledger.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerConfig {
    /// Version of the ledger's format; 1.
    pub format: i64,
    /// Title of the ledger.
    #[serde(default)]
    pub title: String,
    /// What the ledger is about, in a paragraph.
    #[serde(default)]
    pub description: String,
    /// Who answers for it.
    #[serde(default)]
    pub authors: Vec<Author>,
    /// Licence of its content, as an SPDX expression such as `CC-BY-4.0`.
    #[serde(default)]
    pub licence: String,
    /// Who publishes it.
    pub publisher: Option<Publisher>,
    /// Web address where its site is published, such as `https://ada.example.org/housing`.
    #[serde(default)]
    pub url: String,
    /// DOI of its deposited copy, such as `10.5281/zenodo.1234567`.
    #[serde(default)]
    pub doi: String,
    /// IANA time zone in which days begin, such as `Asia/Seoul`; default `UTC`.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// What specs get when they do not say.
    #[serde(default)]
    pub defaults: Defaults,
    /// How the ledger is committed to git.
    #[serde(default)]
    pub snapshot: SnapshotConfig,
    /// Comparisons of runs that the site keeps a page of.
    #[serde(default)]
    pub compare: Vec<Comparison>,
    /// Views of the table of all runs that the site keeps a link to.
    #[serde(default)]
    pub view: Vec<View>,
    /// What pages and comparisons show.
    #[serde(default)]
    pub report: ReportConfig,
}

/// What pages and comparisons show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportConfig {
    /// Params, metrics and tags that comparisons leave out unless asked, such as `_*` or `system.*`: a star
    /// stands for any characters, a question mark for one.
    #[serde(default)]
    pub ignore: Vec<String>,
}

impl ReportConfig {
    /// Whether a part of a run, such as `params.depth`, is to be left out.
    pub fn ignores(&self, part: &str) -> bool {
        let kinds = ["params.", "metrics.", "tags.", "versions."];
        let Some(name) = kinds.iter().find_map(|kind| part.strip_prefix(kind)) else {
            return false;
        };
        self.ignore.iter().any(|pattern| {
            like_pattern(name, pattern, ('*', '?')) || like_pattern(part, pattern, ('*', '?'))
        })
    }
}

/// A view of the table of all runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Its name.
    pub name: String,
    /// Which runs, in the filter language of `list`; default: all.
    #[serde(default)]
    pub filter: String,
    /// The column to sort by, a hyphen before it for the largest first.
    #[serde(default)]
    pub sort: String,
    /// The columns, such as `metrics.r2`; default: the usual ones.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The column whose equal values make groups.
    #[serde(default)]
    pub group: String,
    /// The run to show differences to: an id or its beginning.
    #[serde(default)]
    pub baseline: String,
    /// Runs that are selected: ids or their beginnings.
    #[serde(default)]
    pub runs: Vec<String>,
}

/// Runs that the site shows side by side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Its name, which becomes part of the page's address.
    pub name: String,
    /// Its heading; the name when there is none.
    #[serde(default)]
    pub title: String,
    /// The runs: ids, unique beginnings of ids, or unique labels.
    pub runs: Vec<String>,
    /// The run to compare with; default: the first.
    pub baseline: Option<String>,
}

fn utc() -> String {
    "UTC".into()
}

/// An author of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// Full name.
    pub name: String,
    /// ORCID identifier, such as `0000-0002-1825-0097`.
    #[serde(default)]
    pub orcid: String,
    /// E-mail address.
    #[serde(default)]
    pub email: String,
    /// Institution.
    #[serde(default)]
    pub affiliation: String,
    /// ROR address of the institution, such as `https://ror.org/02mhbdp94`.
    #[serde(default)]
    pub affiliation_ror: String,
}

/// Who publishes a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// Name of the institution or person.
    pub name: String,
    /// ROR address of the institution, such as `https://ror.org/02mhbdp94`.
    #[serde(default)]
    pub ror: String,
    /// Web address.
    #[serde(default)]
    pub url: String,
}

/// What specs get when they do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Seed of a spec that names none; 0 when this is absent too.
    pub seed: Option<i64>,
    /// Metrics of a spec that names none.
    pub metrics: Option<Vec<String>>,
}

/// How the ledger is committed to git.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotConfig {
    /// Where snapshots go; absent means off, with a line of advice.
    pub mode: Option<SnapshotMode>,
    /// Largest file in bytes that git carries; a larger one stays on this disk. Default 1 MiB.
    #[serde(default = "one_mebibyte")]
    #[schemars(range(min = 0))]
    pub max_file: u64,
}

impl Default for SnapshotConfig {
    fn default() -> Self {
        Self { mode: None, max_file: one_mebibyte() }
    }
}

fn one_mebibyte() -> u64 {
    1 << 20
}

/// Where snapshots go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SnapshotMode {
    /// Commits on the current branch, so that plain `git push` carries them.
    Branch,
    /// Commits on a ref of their own, carried by `fairledger push`.
    Ref,
    /// None.
    Off,
}

/// `experiment.toml`: a named question.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExperimentConfig {
    /// Title of the experiment.
    #[serde(default)]
    pub title: String,
    /// The question, in a sentence.
    #[serde(default)]
    pub description: String,
    /// Tags of the experiment.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The metric that decides which run is best.
    pub goal: Option<Goal>,
}

/// The metric that decides which run is best.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Name of the metric.
    pub metric: String,
    /// Whether larger or smaller is better; default: as is usual for the metric.
    pub direction: Option<Direction>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_named_with_or_without_its_kind() {
        let report = ReportConfig { ignore: vec!["_*".into(), "metrics.system.?pu*".into()] };
        let ignored = ["params._host", "tags._", "metrics.system.gpu_0"];
        assert!(ignored.iter().all(|part| report.ignores(part)));
        let kept = ["params.depth_", "metrics.system.memory", "data._digest", "_host"];
        assert!(!kept.iter().any(|part| report.ignores(part)));
        assert!(!ReportConfig::default().ignores("params._host"));
    }
}
