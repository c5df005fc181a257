//! Which runs belong to an experiment, and under which label: its own attempts, and what it asked for.

use std::collections::BTreeMap;

use crate::ledger::annotation::{
    Annotated, Annotation, AnnotationId, AnnotationKind, Member, Record as _, fold,
};
use crate::ledger::id::RunId;
use crate::ledger::layout;
use crate::ledger::plan::Planned;
use crate::ledger::settle::FileStamp;
use crate::store::{Entry, random};
use crate::watch::stamp;

use super::error::Error;
use super::flow::Done;
use super::ledger::Ledger;
use super::surroundings::now;

/// What the annotations of one experiment say of each run.
#[derive(Debug, Default)]
pub(super) struct Memberships(pub(super) BTreeMap<RunId, Annotated>);

impl Memberships {
    /// How each spec of an experiment asks for a run, by spec; the attempt's own record among them.
    pub(super) fn of(&self, experiment: &str, entry: &Entry) -> BTreeMap<String, Member> {
        let mut members = BTreeMap::new();
        if entry.experiment == experiment {
            members.insert(entry.attempt.spec.clone(), own(entry));
        }
        if let Some(annotated) = self.0.get(&entry.attempt.run) {
            members.extend(annotated.members.clone());
        }
        members
    }

    /// Whether the files already say that a spec asks for a run as planned.
    pub(super) fn holds(&self, entry: &Entry, planned: &Planned) -> bool {
        self.of(&planned.experiment, entry).get(&planned.spec) == Some(&member(planned))
    }
}

/// How a planned run's spec asks for it.
pub(super) fn member(planned: &Planned) -> Member {
    Member {
        spec: planned.spec.clone(),
        label: planned.label.clone(),
        description: planned.description.clone(),
        tags: planned.tags.clone(),
    }
}

fn own(entry: &Entry) -> Member {
    let attempt = &entry.attempt;
    Member {
        spec: attempt.spec.clone(),
        label: attempt.label.clone(),
        description: attempt.description.clone(),
        tags: attempt.tags.clone(),
    }
}

/// What was appended to an annotations file, and nothing else: who watches the file knows it already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    /// The file, from the ledger's root.
    pub(super) path: String,
    /// What it was before; `None` when there was none.
    pub(super) before: Option<FileStamp>,
    /// What it is now.
    pub(super) after: FileStamp,
}

impl Ledger {
    /// Notes in an experiment that it asked for a run under a label, where its files do not say so.
    pub(super) fn remember(&self, runs: &[Done]) -> Result<Vec<Noted>, Error> {
        let mut known: Option<(&str, Memberships)> = None;
        let mut records: Vec<(&str, Annotation)> = Vec::new();
        for done in runs {
            let Some(entry) = done.result.entry() else { continue };
            let planned = &done.planned;
            if known.as_ref().is_none_or(|(name, _)| *name != planned.experiment) {
                known = Some((&planned.experiment, self.memberships(&planned.experiment)?));
            }
            let Some((_, memberships)) = &known else { continue };
            if !memberships.holds(entry, planned) {
                let kind = AnnotationKind::Member(member(planned));
                let record = annotation(planned.request.id(), kind);
                records.push((&planned.experiment, record));
            }
        }
        let mut noted = Vec::new();
        for experiment in self.store.experiments()? {
            let own: Vec<Annotation> = records
                .iter()
                .filter(|(name, _)| *name == experiment)
                .map(|(_, record)| record.clone())
                .collect();
            if !own.is_empty() {
                noted.extend(self.note(&experiment, &own)?);
            }
        }
        Ok(noted)
    }

    /// Appends annotations. Gives what became of the file, unless somebody else wrote into it meanwhile.
    fn note(&self, experiment: &str, records: &[Annotation]) -> Result<Option<Noted>, Error> {
        let path = format!("{}/{}.jsonl", layout::annotations(experiment), self.store.writer()?);
        let before = stamp(&self.root().join(&path));
        let after = stamp(&self.store.annotate(experiment, records)?);
        let length: usize = records.iter().map(|record| record.to_line().len()).sum();
        let alone =
            |after: &FileStamp| after.size == before.map_or(0, |it| it.size) + length as u64;
        Ok(after.filter(alone).map(|after| Noted { path, before, after }))
    }

    /// What the annotations of an experiment say of each run.
    pub(super) fn memberships(&self, experiment: &str) -> Result<Memberships, Error> {
        let records = self.store.annotations(experiment)?;
        Ok(Memberships(fold(&records)))
    }
}

/// A new record about a run, written now.
pub(super) fn annotation(run: RunId, kind: AnnotationKind) -> Annotation {
    let time = now();
    Annotation { id: AnnotationId::new(time.milliseconds(), random()), time, run, kind }
}
