//! What a filter can ask of a run, under our names, MLflow's and scikit-learn's.

/// Where a value is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The final value of a metric.
    Metric(String),
    /// A param.
    Param(String),
    /// A tag.
    Tag(String),
    /// Something every run has.
    Attribute(Attribute),
    /// A name alone that is no attribute: a metric, else a param, else a tag of that name.
    Any(String),
}

/// Something every run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The run's id; texts compare with its beginning where they are shorter.
    Id,
    /// Its label.
    Label,
    /// The experiment.
    Experiment,
    /// The spec's file name, with or without `.toml`.
    Spec,
    /// How it ended; MLflow's words are understood.
    Status,
    /// Why it did not finish.
    Cause,
    /// Whether it has a star.
    Star,
    /// When it started.
    Started,
    /// When it ended.
    Ended,
    /// Seconds from start to end.
    Duration,
    /// The trainer's name.
    Trainer,
    /// The seed.
    Seed,
    /// The spec's description.
    Description,
    /// Its notes.
    Note,
    /// The directory of its files.
    Directory,
    /// The host's name.
    Host,
    /// The commit of the repository around the ledger.
    Commit,
    /// The path of the data file.
    Data,
    /// Digest of the columns it used.
    DataDigest,
    /// The target column.
    Target,
}

/// Every name of an attribute; the first of each is ours, the others are MLflow's.
const ATTRIBUTES: [(Attribute, &[&str]); 20] = [
    (Attribute::Id, &["id", "run_id", "run id"]),
    (Attribute::Label, &["label", "run_name", "run name", "name"]),
    (Attribute::Experiment, &["experiment", "experiment_id", "experiment_name"]),
    (Attribute::Spec, &["spec"]),
    (Attribute::Status, &["status"]),
    (Attribute::Cause, &["cause"]),
    (Attribute::Star, &["star", "starred"]),
    (Attribute::Started, &["started", "start_time", "created"]),
    (Attribute::Ended, &["ended", "end_time"]),
    (Attribute::Duration, &["duration"]),
    (Attribute::Trainer, &["trainer"]),
    (Attribute::Seed, &["seed"]),
    (Attribute::Description, &["description"]),
    (Attribute::Note, &["note", "notes"]),
    (Attribute::Directory, &["directory", "artifact_uri"]),
    (Attribute::Host, &["host", "user_id", "user"]),
    (Attribute::Commit, &["commit"]),
    (Attribute::Data, &["data"]),
    (Attribute::DataDigest, &["data_digest"]),
    (Attribute::Target, &["target"]),
];

/// Tags that MLflow sets itself, and what they mean here.
const SYSTEM_TAGS: [(&str, Attribute); 5] = [
    ("mlflow.runName", Attribute::Label),
    ("mlflow.note.content", Attribute::Note),
    ("mlflow.source.git.commit", Attribute::Commit),
    ("mlflow.source.name", Attribute::Spec),
    ("mlflow.user", Attribute::Host),
];

/// Metrics as scikit-learn's functions and MLflow call them.
const METRICS: [(&str, &str); 13] = [
    ("r2_score", "r2"),
    ("mean_squared_error", "mse"),
    ("root_mean_squared_error", "rmse"),
    ("mean_absolute_error", "mae"),
    ("mean_absolute_percentage_error", "mape"),
    ("explained_variance_score", "explained_variance"),
    ("accuracy_score", "accuracy"),
    ("balanced_accuracy_score", "balanced_accuracy"),
    ("precision_score", "precision"),
    ("recall_score", "recall"),
    ("f1_score", "f1"),
    ("roc_auc_score", "roc_auc"),
    ("average_precision_score", "average_precision"),
];

impl Attribute {
    /// The attribute of one of its names, which have no case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        ATTRIBUTES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(it, _)| *it)
    }

    /// All names, for a did-you-mean.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ATTRIBUTES.iter().flat_map(|(_, names)| names.iter().copied())
    }

    /// Our name of it.
    pub fn name(self) -> &'static str {
        ATTRIBUTES.iter().find(|(it, _)| *it == self).map_or("", |(_, names)| names[0])
    }
}

/// Our name of a metric that scikit-learn's functions and MLflow call otherwise, such as `r2` for
/// `r2_score`.
pub fn metric_alias(name: &str) -> Option<&'static str> {
    METRICS.iter().find(|(other, _)| *other == name).map(|(_, own)| *own)
}

impl Key {
    /// The key of a name with or without its kind; `Err` holds an unknown attribute.
    pub fn named(name: &str) -> Result<Self, String> {
        let (kind, rest) = name.split_once('.').unwrap_or(("", name));
        Ok(match kind.to_lowercase().as_str() {
            "metrics" | "metric" => Self::Metric(rest.to_owned()),
            "params" | "param" | "parameters" | "parameter" => Self::Param(rest.to_owned()),
            "tags" | "tag" => {
                let system = SYSTEM_TAGS.iter().find(|(tag, _)| *tag == rest);
                system.map_or(Self::Tag(rest.to_owned()), |(_, it)| Self::Attribute(*it))
            }
            "attributes" | "attribute" | "attr" | "run" => {
                Self::Attribute(Attribute::named(rest).ok_or_else(|| rest.to_owned())?)
            }
            "dataset" | "datasets" => Self::Attribute(match rest {
                "name" => Attribute::Data,
                "digest" => Attribute::DataDigest,
                other => return Err(other.to_owned()),
            }),
            _ => Attribute::named(name).map_or(Self::Any(name.to_owned()), Self::Attribute),
        })
    }
}
