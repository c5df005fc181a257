//! Executing a run again and comparing with what was sealed. Nothing is written into the ledger.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::ledger::attempt::Status;
use crate::ledger::digest::Digest;
use crate::ledger::id::RunId;
use crate::ledger::layout::{ARTIFACTS, METRICS, PARAMS, RUN};
use crate::ledger::metric::{self, MetricPoint};
use crate::ledger::model::Model;
use crate::ledger::outcome::{Outcome, Reporter};
use crate::ledger::reproduction::{Reproduced, SealedArtifact, Stored, TOLERANCE, compare};
use crate::ledger::request::{BuiltIn, Trainer};
use crate::ledger::result::result_digest;
use crate::ledger::view::RunView;
use crate::store::{Entry, StoreError};
use crate::train;

use super::cancel::Cancel;
use super::error::Error;
use super::execute::{Stopped, read_data};
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::reading::take_facts;
use super::surroundings::{host, now};

impl Ledger {
    /// Executes the request of a run again and compares with the attempt that stands for it; `None`
    /// when it was cancelled.
    ///
    /// # Errors
    /// When the run did not finish, this program trains another version, the data is not in the
    /// ledger, the record or the metrics are damaged, or the run fails now.
    pub fn reproduce(
        &self,
        run: &RunView,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Option<Reproduced>, Error> {
        let cannot = |cause: String| Error::NotReproducible { label: run.label.clone(), cause };
        if run.status != Status::Finished {
            return Err(cannot(format!("it {}", run.status.word())));
        }
        let entry = self.entry(run.id, &run.directory)?;
        let entry = entry.ok_or_else(|| cannot("its folder is gone".into()))?;
        if entry.request.to_command().is_some() {
            let cause =
                "a command made it, and only its spec may start one; fairledger run --force SPEC";
            return Err(cannot(cause.into()));
        }
        if let Some(foreign) = entry.request.to_foreign() {
            return Err(cannot(format!("{} recorded it, elsewhere", foreign.tracker.name)));
        }
        let request = entry.request.to_built_in();
        let request = request.map_err(|error| cannot(error.message().to_owned()))?;
        check_trainer(&request.trainer, train::models()).map_err(cannot)?;
        for file in [PARAMS, RUN] {
            self.store.read_file(&entry, file)?;
        }
        let sealed = metric::read_lines(&self.store.read_file(&entry, METRICS)?).points;
        let data = self.find_data(&entry, &request, &run.label)?;
        tell(News::Started { run: run.id, label: run.label.clone() });
        let reporter = Collector { points: Mutex::default(), cancel, tell, run: run.id };
        let outcome = match self.train_again(&request, &data, &reporter) {
            Ok(outcome) => outcome,
            Err(Stopped::Cancelled) => return Ok(None),
            Err(Stopped::Failed(cause)) => {
                return Err(Error::FailsNow { label: run.label.clone(), cause });
            }
        };
        let points = reporter.points.into_inner().unwrap_or_else(PoisonError::into_inner);
        let target = host().target;
        let tolerance = if target == entry.attempt.host.target { 0.0 } else { TOLERANCE };
        let artifacts = outcome.artifacts.iter();
        let artifacts = artifacts.map(|made| (made.path.as_str(), Digest::of(&made.bytes)));
        let result_now = result_digest(&points, artifacts);
        let sealed = (&sealed[..], self.sealed_artifacts(&entry)?);
        Ok(Some(Reproduced {
            id: run.id,
            label: run.label.clone(),
            attempt: entry.attempt.attempt,
            directory: entry.directory.clone(),
            ended: entry.attempt.ended,
            target: entry.attempt.host.target.clone(),
            target_now: target,
            data,
            result: entry.attempt.result,
            result_now,
            comparison: compare(sealed, (&points, &outcome.artifacts), tolerance),
        }))
    }

    fn train_again(
        &self,
        request: &BuiltIn,
        data: &str,
        reporter: &Collector<'_>,
    ) -> Result<Outcome, Stopped> {
        let loaded = read_data(self, data, &train::wanted(request))?;
        if loaded.digest != request.data.digest {
            return Err(Stopped::Failed(format!("{data} changed while it was read; try again")));
        }
        // A defect in one trainer ends as it would in a run.
        catch_unwind(AssertUnwindSafe(|| train::train(request, &loaded.table, reporter)))
            .map_err(|_| Stopped::Failed("the trainer stopped on a defect of its own".into()))?
            .map_err(Stopped::from)
    }

    /// A data file with the content of a request, wherever it lies by now.
    pub(super) fn find_data(
        &self,
        entry: &Entry,
        request: &BuiltIn,
        label: &str,
    ) -> Result<String, Error> {
        let columns = request.data.columns(&request.evaluate);
        let recorded = entry.attempt.data.as_ref();
        let mut files: Vec<String> = recorded.iter().map(|data| data.path.clone()).collect();
        files.extend(self.store.data_files()?);
        let holds = |path: &String| {
            let facts = self.store.data_facts(path, &mut |file| take_facts(path, file)).ok();
            facts.and_then(|facts| facts.content(&columns)) == Some(request.data.digest)
        };
        files.into_iter().find(holds).ok_or_else(|| Error::NoData {
            label: label.to_owned(),
            digest: request.data.digest,
            recorded: recorded.cloned().map(Box::new),
        })
    }

    /// The artifacts of an attempt, each checked against the manifest.
    fn sealed_artifacts(&self, entry: &Entry) -> Result<Vec<SealedArtifact>, Error> {
        let mut artifacts = Vec::new();
        for file in &entry.manifest.files {
            let below = file.path.strip_prefix(ARTIFACTS).and_then(|path| path.strip_prefix('/'));
            let Some(path) = below else { continue };
            let (stored, bytes) = match self.store.read_file(entry, &file.path) {
                Ok(bytes) => (Stored::Present, Some(bytes)),
                Err(StoreError::Absent { .. }) => (Stored::Absent, None),
                Err(StoreError::Damaged { .. }) => (Stored::Damaged, None),
                Err(error) => return Err(error.into()),
            };
            artifacts.push(SealedArtifact {
                path: path.to_owned(),
                blake3: file.blake3,
                stored,
                bytes,
            });
        }
        Ok(artifacts)
    }
}

/// Checks that this program trains a model in the version that was asked for.
fn check_trainer(trainer: &Trainer, models: &[Model]) -> Result<(), String> {
    let Trainer { name, version } = trainer;
    match models.iter().find(|model| model.name == name) {
        None => Err(format!("this program has no model {name}")),
        Some(model) if model.version != *version => Err(format!(
            "it was trained by {name} version {version}, and this program has version {}",
            model.version
        )),
        Some(_) => Ok(()),
    }
}

/// Keeps the metric points in memory.
struct Collector<'a> {
    points: Mutex<Vec<MetricPoint>>,
    cancel: &'a Cancel,
    tell: Tell<'a>,
    run: RunId,
}

impl Reporter for Collector<'_> {
    fn metric(&self, name: &str, value: f64, step: u64) {
        let point = MetricPoint { name: name.to_owned(), value, step, time: now() };
        self.points.lock().unwrap_or_else(PoisonError::into_inner).push(point);
    }

    fn line(&self, _text: &str) {}

    fn progress(&self, done: u64, total: u64) {
        (self.tell)(News::Progress { run: self.run, done, total });
    }

    fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_of_the_trainer_is_refused() {
        let check = |name: &str, version| {
            check_trainer(&Trainer { name: name.into(), version }, train::models())
        };
        assert_eq!(check("ridge", 1), Ok(()));
        assert_eq!(
            check("ridge", 2).unwrap_err(),
            "it was trained by ridge version 2, and this program has version 1"
        );
        assert_eq!(check("oracle", 1).unwrap_err(), "this program has no model oracle");
    }
}
