//! The events of a registered model.

use serde::{Deserialize, Serialize};

use super::version::VersionId;
use crate::ledger::journal::{Record, RecordId};
use crate::ledger::time::Timestamp;

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its own id.
    pub id: RecordId,
    /// When it was written.
    pub time: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened. Where a version may be left out, the model as a whole is meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EventKind {
    /// A version was registered.
    Register {
        /// The version.
        version: VersionId,
        /// The number it had then; another one since means that clones were merged.
        number: u64,
    },
    /// A description was given; an empty one removes it.
    Describe {
        /// The version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<VersionId>,
        /// The description, Markdown.
        text: String,
    },
    /// A tag was set; an empty value removes it.
    Tag {
        /// The version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<VersionId>,
        /// The tag's name.
        key: String,
        /// Its value.
        value: String,
    },
    /// An alias was moved.
    Alias {
        /// The alias.
        alias: String,
        /// Where it points now; `None` when it was taken away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<VersionId>,
        /// Where it pointed for whoever moved it: another place in the fold means that two moved it
        /// without knowing of each other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<VersionId>,
        /// Whether it went back to where it pointed before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        back: bool,
    },
    /// A version or the model was hidden.
    Delete {
        /// The version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<VersionId>,
    },
    /// A version or the model is shown again.
    Restore {
        /// The version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<VersionId>,
    },
    /// A kind that a newer version wrote: all its fields, `kind` among them.
    #[serde(untagged)]
    Other(serde_json::Map<String, serde_json::Value>),
}

impl Record for Event {
    fn place(&self) -> (Timestamp, RecordId) {
        (self.time, self.id)
    }
}
