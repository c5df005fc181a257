//! From the events of a model to what it is, now or at any earlier time.

use std::collections::BTreeMap;

use super::event::{Event, EventKind};
use super::version::VersionId;
use crate::ledger::time::Timestamp;

/// What the events of a model say of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// The last description; `None` when no event gave one.
    pub description: Option<String>,
    /// The last value of each tag; an empty one removes the tag.
    pub tags: BTreeMap<String, String>,
    /// When it was deleted, unless it was restored since.
    pub deleted: Option<Timestamp>,
    /// The versions in order; the first has number 1.
    pub versions: Vec<Registered>,
    /// Where each alias points.
    pub aliases: BTreeMap<String, VersionId>,
    /// Every move of an alias, oldest first.
    pub moves: Vec<Move>,
    /// What clones said without knowing of each other.
    pub ties: Vec<Tie>,
    /// Where each alias pointed before, the present last.
    trails: BTreeMap<String, Vec<VersionId>>,
}

/// What the events say of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    /// The version.
    pub id: VersionId,
    /// Its number, from 1.
    pub number: u64,
    /// The number it had when it was registered.
    pub said: u64,
    /// When it was registered.
    pub time: Timestamp,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it was deleted, unless it was restored since.
    pub deleted: Option<Timestamp>,
}

/// A move of an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// When.
    pub time: Timestamp,
    /// The alias.
    pub alias: String,
    /// Where it points since; `None` when it was taken away.
    pub to: Option<VersionId>,
    /// Whether it went back to where it pointed before.
    pub back: bool,
}

/// An alias that two clones moved without knowing of each other; the later move counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The alias.
    pub alias: String,
    /// When the later of both moves was made.
    pub time: Timestamp,
    /// Where the alias points.
    pub counts: Option<VersionId>,
    /// Where the other clone had moved it.
    pub other: Option<VersionId>,
}

/// Folds events, in the order of [`crate::ledger::journal::merge`].
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Model {
    let mut model = Model::default();
    for event in events {
        model.add(event);
    }
    model
}

impl Model {
    /// The version of a name.
    pub fn version(&self, id: &VersionId) -> Option<&Registered> {
        self.versions.iter().find(|version| version.id == *id)
    }

    /// The aliases that point at a version.
    pub fn aliases_of(&self, id: &VersionId) -> Vec<String> {
        let own = self.aliases.iter().filter(|(_, version)| *version == id);
        own.map(|(alias, _)| alias.clone()).collect()
    }

    /// Where an alias pointed before it pointed where it does.
    pub(super) fn before(&self, alias: &str) -> Option<&VersionId> {
        let trail = self.trails.get(alias)?;
        trail.len().checked_sub(2).and_then(|at| trail.get(at))
    }

    fn add(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Register { version, number } => self.register(version, *number, event.time),
            EventKind::Describe { version, text } => match version {
                None => self.description = Some(text.clone()),
                Some(id) => self.change(id, |version| version.description.clone_from(text)),
            },
            EventKind::Tag { version, key, value } => match version {
                None => drop(self.tags.insert(key.clone(), value.clone())),
                Some(id) => self.change(id, |version| {
                    if value.is_empty() {
                        version.tags.remove(key);
                    } else {
                        version.tags.insert(key.clone(), value.clone());
                    }
                }),
            },
            EventKind::Alias { alias, version, was, back } => {
                self.point(event.time, alias, (version.as_ref(), was.as_ref()), *back);
            }
            EventKind::Delete { version } => self.hide(version.as_ref(), Some(event.time)),
            EventKind::Restore { version } => self.hide(version.as_ref(), None),
            EventKind::Other(_) => {}
        }
    }

    fn register(&mut self, id: &VersionId, said: u64, time: Timestamp) {
        if self.version(id).is_some() {
            return;
        }
        self.versions.push(Registered {
            id: id.clone(),
            number: self.versions.len() as u64 + 1,
            said,
            time,
            description: String::new(),
            tags: BTreeMap::new(),
            deleted: None,
        });
    }

    fn change(&mut self, id: &VersionId, change: impl FnOnce(&mut Registered)) {
        self.versions.iter_mut().find(|version| version.id == *id).map(change);
    }

    fn hide(&mut self, version: Option<&VersionId>, deleted: Option<Timestamp>) {
        match version {
            None => self.deleted = deleted,
            Some(id) => self.change(id, |version| version.deleted = deleted),
        }
    }

    fn point(
        &mut self,
        time: Timestamp,
        alias: &str,
        (to, was): (Option<&VersionId>, Option<&VersionId>),
        back: bool,
    ) {
        let current = self.aliases.get(alias);
        // Whoever moves it knowing where it points settles what was open.
        self.ties.retain(|tie| tie.alias != alias);
        // A bundle of some versions brings no move to one that it does not hold: whoever moved the alias knew of one.
        let is_known = was.is_none_or(|was| self.version(was).is_some());
        if current != was && current != to && is_known {
            let (counts, other) = (to.cloned(), current.cloned());
            self.ties.push(Tie { alias: alias.to_owned(), time, counts, other });
        }
        let trail = self.trails.entry(alias.to_owned()).or_default();
        match to {
            None => drop(self.aliases.remove(alias)),
            Some(id) => {
                let is_back = back && trail.len() > 1 && trail[trail.len() - 2] == *id;
                if is_back {
                    trail.pop();
                } else if trail.last() != Some(id) {
                    trail.push(id.clone());
                }
                self.aliases.insert(alias.to_owned(), id.clone());
            }
        }
        self.moves.push(Move { time, alias: alias.to_owned(), to: to.cloned(), back });
    }
}
