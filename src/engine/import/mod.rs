//! Bringing what another tracker recorded into the ledger. Doing it again adds nothing.

mod models;
mod record;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::import::{Experiment, ImportError, Mlflow, Run, RunKey};
use crate::ledger::annotation::{Annotation, AnnotationKind};
use crate::ledger::attempt::Status;
use crate::ledger::id::RunId;
use crate::ledger::layout;
use crate::ledger::portable;
use crate::ledger::time::Timestamp;

use super::error::Error;
use super::ledger::Ledger;

use models::Sources;
use record::Record;
pub use tally::Imported;

/// The tag of MLflow with what people wrote about a run or an experiment.
const NOTE: &str = "mlflow.note.content";

/// What is wanted of an import.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Whether everything is read and nothing written.
    pub dry_run: bool,
}

impl Ledger {
    /// Brings the experiments and runs of an MLflow store into the ledger; `progress` is told the runs done and their number.
    ///
    /// # Errors
    /// When the store or the ledger cannot be read or written at all. A run that cannot be brought is named in what is
    /// returned, and the others are brought.
    pub fn import_mlflow(
        &self,
        path: &Path,
        wanted: Wanted,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Imported, Error> {
        let store = Mlflow::open(path)?;
        let (experiments, models) = (store.experiments()?, store.models()?);
        let total = experiments.iter().map(|it| it.runs.len() as u64).sum();
        let mut import = Import {
            ledger: self,
            store: &store,
            wanted,
            held: self.held()?,
            sources: Sources::of(&models),
            tally: Imported::new(store.path()),
        };
        let (mut folders, mut done) = (BTreeSet::new(), 0);
        for experiment in &experiments {
            let folder = unused(&experiment.name, &mut folders);
            import.experiment(experiment, &folder)?;
            for key in &experiment.runs {
                import.run(experiment, &folder, key)?;
                done += 1;
                progress(done, total);
            }
        }
        let Import { sources, mut tally, .. } = import;
        for model in &models {
            self.import_model(model, &sources, &mut tally, wanted.dry_run)?;
        }
        tally.left.extend(store.left()?);
        if !wanted.dry_run {
            self.bring_site()?.1?;
            self.take_snapshot();
        }
        Ok(tally)
    }

    /// How each attempt of each run ended, and when.
    fn held(&self) -> Result<BTreeMap<RunId, Vec<(Status, Timestamp)>>, Error> {
        let mut held: BTreeMap<RunId, Vec<_>> = BTreeMap::new();
        for entry in self.store.attempts()? {
            let attempt = &entry.attempt;
            held.entry(attempt.run).or_default().push((attempt.status, attempt.ended));
        }
        Ok(held)
    }
}

/// The folder of an experiment: its name's, with a number when another of the same store has it.
fn unused(name: &str, taken: &mut BTreeSet<String>) -> String {
    let folder = portable::folder(name);
    let numbered = (2..).map(|number| format!("{folder}-{number}"));
    let free = std::iter::once(folder.clone()).chain(numbered).find(|it| taken.insert(it.clone()));
    free.unwrap_or(folder)
}

/// An import under way.
struct Import<'a> {
    ledger: &'a Ledger,
    store: &'a Mlflow,
    wanted: Wanted,
    held: BTreeMap<RunId, Vec<(Status, Timestamp)>>,
    sources: Sources,
    tally: Imported,
}

impl Import<'_> {
    /// Describes an experiment, unless its folder already says what it is.
    fn experiment(&mut self, experiment: &Experiment, folder: &str) -> Result<(), Error> {
        let note = experiment.tags.get(NOTE);
        let tags: toml::Table = (experiment.tags.iter())
            .filter(|(name, _)| *name != NOTE)
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        if experiment.runs.is_empty() && tags.is_empty() && note.is_none() {
            self.tally
                .left
                .push(format!("the experiment '{}', which has no runs", experiment.name));
            return Ok(());
        }
        self.tally.experiments += 1;
        let mut text =
            toml::Table::from_iter([("title".to_owned(), experiment.name.clone().into())]);
        if let Some(note) = note {
            text.insert("description".into(), note.clone().into());
        }
        if !tags.is_empty() {
            text.insert("tags".into(), tags.into());
        }
        if !self.wanted.dry_run {
            let path = format!("{}/{folder}/{}", layout::EXPERIMENTS, layout::EXPERIMENT);
            self.ledger.store.add_own(&path, &text.to_string())?;
        }
        Ok(())
    }

    /// Brings one run, if it can be read.
    fn run(&mut self, experiment: &Experiment, folder: &str, key: &RunKey) -> Result<(), Error> {
        let run = match self.store.run(key) {
            Ok(run) => run,
            Err(error @ (ImportError::Shape { .. } | ImportError::File { .. })) => {
                self.tally.refused.push(format!("run {}: {error}", key.id));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let record = match Record::of(&run) {
            Ok(record) => record,
            Err(why) => {
                self.tally.refused.push(format!("run {}: {why}", key.id));
                return Ok(());
            }
        };
        self.sources.note(&run, &record);
        let same = (record.status, record.ended);
        if self.held.get(&record.request.id()).is_some_and(|held| held.contains(&same)) {
            self.tally.held += 1;
            return Ok(());
        }
        self.tally.run(&run, &record);
        if self.wanted.dry_run {
            return Ok(());
        }
        let Some(lease) = self.ledger.store.claim(record.request.id())? else {
            self.tally.refused.push(format!("run {}: another process brings it", key.id));
            return Ok(());
        };
        // What is said of a run comes before it: an import that is cut off goes on with the run.
        self.annotate(experiment, folder, &run, &record)?;
        record.write(self.ledger, lease, folder, &run)
    }

    /// Writes the note of a run, and that it is deleted, each under an id that is the same in every import.
    fn annotate(
        &self,
        experiment: &Experiment,
        folder: &str,
        run: &Run,
        record: &Record,
    ) -> Result<(), Error> {
        let note = run.tags.get(NOTE).filter(|note| !note.is_empty());
        let note = note.map(|text| AnnotationKind::Note { text: text.clone() });
        let deleted = (run.deleted || experiment.deleted).then_some(AnnotationKind::Delete);
        let id = record.request.id();
        let annotation = |(number, kind): (u8, AnnotationKind)| Annotation {
            id: record.annotation(number),
            // A deletion means attempts that started before it.
            time: Timestamp::from_microseconds(record.ended.max(run.started).microseconds() + 1),
            run: id,
            kind,
        };
        let kinds = [(1, note), (2, deleted)].into_iter();
        let records: Vec<_> =
            kinds.filter_map(|(number, kind)| Some(annotation((number, kind?)))).collect();
        if !records.is_empty() {
            self.ledger.store.annotate(folder, &records)?;
        }
        Ok(())
    }
}
