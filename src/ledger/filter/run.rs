//! Runs as what a filter is asked about.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::key::metric_alias;
use super::{Attribute, Key, Subject, Value};
use crate::ledger::attempt::Status;
use crate::ledger::view::RunView;

impl Subject for RunView {
    fn value(&self, key: &Key) -> Option<Value<'_>> {
        match key {
            Key::Metric(name) => self.metric(name),
            Key::Param(name) => self.param(name),
            Key::Tag(name) => self.tag(name),
            Key::Attribute(attribute) => self.attribute(*attribute),
            Key::Any(name) => {
                self.metric(name).or_else(|| self.param(name)).or_else(|| self.tag(name))
            }
        }
    }

    fn mentions(&self, word: &str) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(word);
        self.id.to_string().starts_with(word)
            || [&self.label, &self.experiment, &self.spec, &self.description]
                .into_iter()
                .any(|text| holds(text))
            || self.notes.iter().any(|note| holds(&note.text))
            || self.tags.iter().any(|(name, value)| holds(name) || holds(value))
    }
}

impl RunView {
    fn metric(&self, name: &str) -> Option<Value<'_>> {
        let known = |name: &str| self.metrics.get(name).copied();
        known(name).or_else(|| known(metric_alias(name)?)).map(Value::Number)
    }

    fn param(&self, name: &str) -> Option<Value<'_>> {
        Some(match self.params.get(name)? {
            Json::Number(number) => Value::Number(number.as_f64()?),
            Json::Bool(it) => Value::Boolean(*it),
            // A word of a param has no case, so that MLflow's 'None' finds "none".
            Json::String(text) if text.eq_ignore_ascii_case("none") => {
                Value::Word(Cow::Borrowed(text))
            }
            Json::String(text) => Value::Text(Cow::Borrowed(text)),
            other => Value::Text(Cow::Owned(other.to_string())),
        })
    }

    fn tag(&self, name: &str) -> Option<Value<'_>> {
        self.tags.get(name).map(|text| Value::Text(Cow::Borrowed(text)))
    }

    fn attribute(&self, attribute: Attribute) -> Option<Value<'_>> {
        let text =
            |text: &'_ str| (!text.is_empty()).then(|| Value::Text(Cow::Owned(text.to_owned())));
        Some(match attribute {
            Attribute::Id => Value::Prefix(Cow::Owned(self.id.to_string())),
            Attribute::Label => return text(&self.label),
            Attribute::Experiment => Value::Several(vec![Cow::Borrowed(&self.experiment)]),
            Attribute::Spec => {
                let short = self.spec.trim_end_matches(".toml");
                Value::Several(vec![Cow::Borrowed(&self.spec), Cow::Borrowed(short)])
            }
            Attribute::Status => Value::Several(
                status_words(self.status).iter().map(|word| Cow::Borrowed(*word)).collect(),
            ),
            Attribute::Cause => return self.cause.as_deref().and_then(text),
            Attribute::Star => Value::Boolean(self.star),
            Attribute::Started => Value::Time(self.started),
            Attribute::Ended if self.status == Status::Running => return None,
            Attribute::Ended => Value::Time(self.ended),
            Attribute::Duration => {
                let microseconds = self.ended.microseconds() - self.started.microseconds();
                Value::Number(microseconds as f64 / 1e6)
            }
            Attribute::Trainer => return text(&self.trainer),
            Attribute::Seed => Value::Number(self.seed as f64),
            Attribute::Description => return text(&self.description),
            Attribute::Note => {
                let notes: Vec<_> =
                    self.notes.iter().map(|note| Cow::Borrowed(&*note.text)).collect();
                return (!notes.is_empty()).then_some(Value::Several(notes));
            }
            Attribute::Directory => return text(&self.directory),
            Attribute::Host => return text(&self.host.name),
            Attribute::Commit => return self.git.as_ref().and_then(|git| text(&git.commit)),
            Attribute::Data => return self.data.as_ref().and_then(|data| text(&data.path)),
            Attribute::DataDigest => Value::Prefix(Cow::Owned(self.data_digest.to_string())),
            Attribute::Target => return text(&self.target),
        })
    }
}

/// Our word for a status, and MLflow's.
pub(super) fn status_words(status: Status) -> &'static [&'static str] {
    match status {
        Status::Running => &["running", "RUNNING"],
        Status::Finished => &["finished", "FINISHED"],
        Status::Failed => &["failed", "FAILED"],
        Status::Interrupted => &["interrupted", "INTERRUPTED", "killed", "KILLED"],
    }
}
