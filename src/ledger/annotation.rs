//! Annotations: what people add to runs after they are sealed, one JSON record a line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::RunId;
use super::time::Timestamp;

pub use super::journal::{Lines, Record, RecordId as AnnotationId, merge, read_lines};

/// One record about one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Its own id.
    pub id: AnnotationId,
    /// When it was written.
    pub time: Timestamp,
    /// The run it is about.
    pub run: RunId,
    /// What it says.
    #[serde(flatten)]
    pub kind: AnnotationKind,
}

/// What an annotation says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum AnnotationKind {
    /// Sets a tag; an empty value removes it.
    Tag {
        /// The tag's name.
        key: String,
        /// Its value.
        value: String,
    },
    /// Adds a note.
    Note {
        /// The note, Markdown.
        text: String,
    },
    /// Puts a star on the run or takes it off.
    Star {
        /// Whether it has a star.
        on: bool,
    },
    /// Says that a spec of this experiment asks for the run too, wherever its attempts lie.
    Member(Member),
    /// Hides the run.
    Delete,
    /// Shows a hidden run again.
    Restore,
    /// A kind that a newer version wrote: all its fields, `kind` among them.
    #[serde(untagged)]
    Other(serde_json::Map<String, serde_json::Value>),
}

/// How one spec asks for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// File name of the spec.
    pub spec: String,
    /// The label the spec gives the run.
    pub label: String,
    /// The spec's description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The spec's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Record for Annotation {
    fn place(&self) -> (Timestamp, AnnotationId) {
        (self.time, self.id)
    }
}

/// Everything the annotations of one experiment say of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Annotated {
    /// The last value of each tag; an empty one removes the tag.
    pub tags: BTreeMap<String, String>,
    /// Notes with their times, oldest first.
    pub notes: Vec<(Timestamp, String)>,
    /// Whether it has a star.
    pub star: bool,
    /// How each spec asks for it, by the spec's file name.
    pub members: BTreeMap<String, Member>,
    /// When it was deleted, unless it was restored since. An attempt that started later is not meant.
    pub deleted: Option<Timestamp>,
}

impl Annotated {
    /// The tags to show: the user's over the spec's, removed ones left out.
    pub fn tags_over(&self, spec: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut tags = spec.clone();
        tags.extend(self.tags.clone());
        tags.retain(|_, value| !value.is_empty());
        tags
    }

    fn add(&mut self, time: Timestamp, kind: &AnnotationKind) {
        match kind {
            AnnotationKind::Tag { key, value } => {
                self.tags.insert(key.clone(), value.clone());
            }
            AnnotationKind::Note { text } => self.notes.push((time, text.clone())),
            AnnotationKind::Star { on } => self.star = *on,
            AnnotationKind::Member(member) => {
                self.members.insert(member.spec.clone(), member.clone());
            }
            AnnotationKind::Delete => self.deleted = Some(time),
            AnnotationKind::Restore => self.deleted = None,
            AnnotationKind::Other(_) => {}
        }
    }
}

/// Folds records, in the order of [`merge`], into what they say of each run.
pub fn fold<'a>(records: impl IntoIterator<Item = &'a Annotation>) -> BTreeMap<RunId, Annotated> {
    let mut runs: BTreeMap<RunId, Annotated> = BTreeMap::new();
    for record in records {
        runs.entry(record.run).or_default().add(record.time, &record.kind);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(time: i64, kind: AnnotationKind) -> Annotation {
        Annotation {
            id: AnnotationId::new(7, time.unsigned_abs().into()),
            time: Timestamp::from_microseconds(time),
            run: "00112233445566778899aabbccddeeff".parse().unwrap(),
            kind,
        }
    }

    fn tag(time: i64, key: &str, value: &str) -> Annotation {
        record(time, AnnotationKind::Tag { key: key.into(), value: value.into() })
    }

    #[test]
    fn a_line_is_plain_json() {
        assert_eq!(
            tag(1, "owner", "ada").to_line(),
            "{\"id\":\"00000000070000000000000001\",\"time\":\"1970-01-01T00:00:00.000001Z\",\
             \"run\":\"00112233445566778899aabbccddeeff\",\"kind\":\"tag\",\"key\":\"owner\",\
             \"value\":\"ada\"}\n"
        );
    }

    #[test]
    fn every_kind_is_read_back() {
        let member = Member {
            spec: "forest.toml".into(),
            label: "rf-1".into(),
            description: String::new(),
            tags: BTreeMap::from([("a".into(), "b".into())]),
        };
        let kinds = [
            AnnotationKind::Tag { key: "a".into(), value: String::new() },
            AnnotationKind::Note { text: "two\nlines".into() },
            AnnotationKind::Star { on: true },
            AnnotationKind::Member(member),
            AnnotationKind::Delete,
            AnnotationKind::Restore,
        ];
        for kind in kinds {
            let record = record(3, kind);
            assert_eq!(read_lines::<Annotation>(record.to_line().as_bytes()).records, [record]);
        }
    }

    #[test]
    fn a_newer_kind_is_kept() {
        let line = tag(1, "a", "b").to_line().replace("\"tag\"", "\"verdict\"");
        let lines: Lines<Annotation> = read_lines(line.as_bytes());
        let AnnotationKind::Other(fields) = &lines.records[0].kind else { panic!("{lines:?}") };
        assert_eq!((fields["kind"].as_str(), fields["key"].as_str()), (Some("verdict"), Some("a")));
        assert_eq!(fold(&lines.records).into_values().next(), Some(Annotated::default()));
    }

    #[test]
    fn torn_and_foreign_lines_cost_only_themselves() {
        let text = tag(1, "a", "b").to_line() + "\nnonsense\n" + "{\"id\":";
        let lines: Lines<Annotation> = read_lines(text.as_bytes());
        assert_eq!((lines.records.len(), lines.unreadable, lines.torn), (1, vec![3], true));
    }

    #[test]
    fn the_last_word_counts_whatever_the_order_of_files() {
        let records = [tag(3, "a", ""), tag(1, "a", "x"), tag(2, "b", "y"), tag(2, "b", "y")];
        let merged = merge(records);
        assert_eq!(merged.len(), 3);
        let spec = BTreeMap::from([("a".into(), "of the spec".into()), ("c".into(), "z".into())]);
        let tags = fold(&merged).into_values().next().unwrap().tags_over(&spec);
        assert_eq!(tags, BTreeMap::from([("b".into(), "y".into()), ("c".into(), "z".into())]));
    }

    #[test]
    fn notes_add_up_and_states_toggle() {
        let note = |time, text: &str| record(time, AnnotationKind::Note { text: text.into() });
        let folded = fold(&merge([
            note(2, "second"),
            note(1, "first"),
            record(3, AnnotationKind::Star { on: true }),
            record(4, AnnotationKind::Delete),
            record(5, AnnotationKind::Restore),
        ]));
        let run = folded.into_values().next().unwrap();
        let texts: Vec<_> = run.notes.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!((texts, run.star, run.deleted), (vec!["first", "second"], true, None));
    }
}
