//! The errors of the engine: what stops a command, with its cure.

use std::collections::BTreeMap;

use crate::git::GitError;
use crate::import::ImportError;
use crate::ledger::attempt::DataFile;
use crate::ledger::digest::Digest;
use crate::ledger::encode::EncodeError;
use crate::ledger::filter::FilterError;
use crate::ledger::problem::Problem;
use crate::ledger::registry::RegistryError;
use crate::report::ReportError;
use crate::store::StoreError;
use crate::train::TrainError;
use crate::watch::WatchError;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No folder from here upwards holds a `ledger.toml`.
    #[error("no ledger here: neither {0} nor a folder above it holds a ledger.toml")]
    NoLedger(String),
    /// Files of the user's with mistakes in them.
    #[error("{} in the ledger's files", count(.0.problems.len(), "mistake"))]
    Mistakes(Mistakes),
    /// No run has an id or label that fits.
    #[error("no run fits '{0}'")]
    NoRun(String),
    /// What was written is no date.
    #[error("'{0}' is no date")]
    NoDate(String),
    /// Several runs have an id that begins so.
    #[error("'{text}' fits {} runs: {}", matches.len(), matches.join(", "))]
    Ambiguous {
        /// What was written.
        text: String,
        /// The ids that fit.
        matches: Vec<String>,
    },
    /// No experiment has this name.
    #[error("no experiment is called '{name}'")]
    NoExperiment {
        /// What was written.
        name: String,
        /// The nearest name.
        near: Option<String>,
    },
    /// What was named as a spec is none.
    #[error("no spec at '{0}'")]
    NoSpec(String),
    /// The experiment has no run that could be the best.
    #[error("'{what}' has no finished run with a value of {metric}{}",
        if *filtered { " that meets the filter" } else { "" })]
    NoBest {
        /// The experiment or spec.
        what: String,
        /// The metric.
        metric: String,
        /// Whether a filter chose among its runs.
        filtered: bool,
        /// What to write instead, if finished runs have other metrics.
        instead: Option<String>,
    },
    /// The best run was asked for in an order that is none of one metric.
    #[error("the best run goes by one metric")]
    NotRanked,
    /// The folder for a new ledger is in use.
    #[error("{0} already holds a {1}")]
    Occupied(String, String),
    /// No run was chosen.
    #[error("nothing to export: no run {}", if .0.is_empty() { "is in the ledger".into() } else { format!("fits '{}'", .0) })]
    NothingToExport(String),
    /// What was named is no data file of the ledger.
    #[error("there is no data file {0} in the ledger")]
    NoDataFile(String),
    /// A file became another while it was exported.
    #[error("{0}; export again")]
    Changed(String),
    /// There is nothing to push from.
    #[error("{0} lies in no git repository")]
    NoRepository(String),
    /// The run has no model.
    #[error("'{label}' has no model: {cause}")]
    NoModel {
        /// The run.
        label: String,
        /// Why.
        cause: String,
    },
    /// A model file that cannot be used.
    #[error("{name}: {source}")]
    Model {
        /// Its path.
        name: String,
        /// Why.
        source: TrainError,
    },
    /// What was named as a model is neither a run nor a file.
    #[error("no run fits '{0}', and there is no file of that name")]
    NoRunOrFile(String),
    /// No monitor has this name.
    #[error("no monitor is called '{name}'")]
    NoMonitor {
        /// What was written.
        name: String,
        /// The nearest name.
        near: Option<String>,
    },
    /// What the registry refuses.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// New rows that cannot be predicted.
    #[error("{name}: {source}")]
    Rows {
        /// Where they come from.
        name: String,
        /// What is wrong with them.
        source: TrainError,
    },
    /// A run that cannot be executed again here.
    #[error("'{label}' cannot be reproduced: {cause}")]
    NotReproducible {
        /// The run.
        label: String,
        /// Why.
        cause: String,
    },
    /// No file of the ledger has the content a run was trained on.
    #[error("the data of '{label}' is not in the ledger: {}", data(recorded.as_deref(), digest))]
    NoData {
        /// The run.
        label: String,
        /// The content digest of the columns in use.
        digest: Digest,
        /// The file it was trained on.
        recorded: Option<Box<DataFile>>,
    },
    /// A run that finished when it was sealed, and does not now.
    #[error("'{label}' finished when it was sealed, and now it fails: {cause}")]
    FailsNow {
        /// The run.
        label: String,
        /// Why.
        cause: String,
    },
    /// A file the user named cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// As it was written.
        path: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// A filter that cannot be read.
    #[error("the filter cannot be read: {0}")]
    Filter(#[from] FilterError),
    /// What was to be stopped does not run.
    #[error("no run under way fits '{0}'")]
    NotRunning(String),
    /// The site is for this machine only.
    #[error("{0} can be called from other machines; the site is served on this one alone")]
    NotLoopback(std::net::IpAddr),
    /// An address that cannot be listened on.
    #[error("nothing can be served at {address}: {source}")]
    Serve {
        /// The address.
        address: std::net::SocketAddr,
        /// The system's error.
        source: std::io::Error,
    },
    /// The system names no folder for this user's settings.
    #[error("there is no folder for approvals: neither HOME nor XDG_CONFIG_HOME is set")]
    NoSettings,
    /// What is approved in a ledger could have come with it.
    #[error("approvals do not count in {}: that is inside the ledger", .0.display())]
    SettingsInside(std::path::PathBuf),
    /// What was named to be approved executes nothing.
    #[error("{0} has no command to approve; built-in models need no approval")]
    NoCommand(String),
    /// A part of the work panicked; the rest goes on.
    #[error("a pass stopped on a defect of this program: {0}")]
    Defect(String),
    /// Another tracker's store.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Another daemon works on this ledger.
    #[error("another `fairledger watch` already works on this ledger")]
    Watched,
    /// A request has no canonical form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A trainer, outside a run.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The site.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// File events.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The asynchronous runtime could not start.
    #[error("cannot start waiting for signals: {0}")]
    Runtime(std::io::Error),
}

/// Mistakes in the user's files, with the texts they point into.
#[derive(Clone, Debug, Default)]
pub struct Mistakes {
    /// The mistakes, by file and place.
    pub problems: Vec<Problem>,
    /// The text of each file named in a problem.
    pub texts: BTreeMap<String, String>,
}

impl Mistakes {
    /// Adds the mistakes of another reading, each once.
    pub(super) fn join(&mut self, other: Self) {
        self.texts.extend(other.texts);
        for problem in other.problems {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// Adds the mistakes of one file.
    pub(super) fn add(&mut self, file: &str, text: &str, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.texts.insert(file.to_owned(), text.to_owned());
            self.problems.extend(problems);
        }
    }
}

impl Error {
    /// What the user can do about it, if that is not in the message.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoLedger(_) => {
                Some("`fairledger init DIR` makes one; -C DIR looks elsewhere".into())
            }
            Self::NoData { .. } => Some(
                "put a file of that content anywhere below data/; its name does not matter".into(),
            ),
            Self::NoRun(_) | Self::NoRunOrFile(_) | Self::NothingToExport(_) => {
                Some("`fairledger list` shows the runs, `fairledger model list` the models".into())
            }
            Self::Registry(error) => error.hint(),
            Self::NoDate(_) => {
                Some("write it as 2026-11-16, or with a time: 2026-11-16T08:41".into())
            }
            Self::NoDataFile(_) => {
                Some("name a file of the ledger, such as data/housing.csv".into())
            }
            Self::NotLoopback(_) => {
                Some("use 127.0.0.1, or publish the folder site/ with any web server".into())
            }
            Self::Serve { .. } => Some("another port, such as --serve 127.0.0.1:4781".into()),
            Self::NotRunning(_) => Some("`fairledger status` shows what is under way".into()),
            Self::Ambiguous { .. } => Some("write more digits".into()),
            Self::NoMonitor { near: Some(near), .. }
            | Self::NoExperiment { near: Some(near), .. } => {
                Some(format!("did you mean '{near}'?"))
            }
            Self::NoMonitor { .. } => Some("monitors are the files in monitors/".into()),
            Self::NoExperiment { .. } => Some("experiments are the folders in experiments/".into()),
            Self::NoSpec(_) => {
                Some("name a file such as experiments/housing/forest.toml, or an experiment".into())
            }
            Self::NoBest { instead: Some(instead), .. } => Some(instead.clone()),
            Self::NoBest { filtered: true, .. } => Some("`fairledger list` shows the runs".into()),
            Self::NoBest { .. } => Some("`fairledger run` trains what its specs ask for".into()),
            Self::NotRanked => {
                Some("such as `order by metrics.rmse`; `fairledger list` takes any order".into())
            }
            Self::Occupied(..) => Some("choose another folder".into()),
            Self::NoRepository(_) => Some("git init makes one".into()),
            Self::Watched => Some("`fairledger status` shows what it does".into()),
            _ => None,
        }
    }
}

/// `1 mistake`, `3 mistakes`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// What is known of data that is not there.
fn data(recorded: Option<&DataFile>, digest: &Digest) -> String {
    match recorded {
        Some(file) => format!(
            "it read {}, {} rows, blake3 {}, which is gone or changed",
            file.path, file.rows, file.blake3
        ),
        None => format!("no file has the content {digest} in the columns it uses"),
    }
}
