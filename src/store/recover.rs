//! What crashes leave behind, and what is being executed now.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::ledger::attempt::{Attempt, Status};
use crate::ledger::layout::{AttemptPath, LOG, METRICS, PARAMS, PATCH, RUN};
use crate::ledger::metric::{self, MetricPoint};
use crate::ledger::time::Timestamp;

use super::entry::{Broken, Entry, read, read_request};
use super::error::{At, StoreError, found};
use super::file;
use super::files;
use super::lease::Lease;
use super::open::Store;
use super::recorder::Unsealed;
use super::seal::{Sealing, bring};

/// The largest file git carries of a recovered attempt, in bytes: the default of `[snapshot] max_file`.
const MAX_FILE: u64 = 1024 * 1024;

/// An attempt whose process died, and what became of it.
#[derive(Debug)]
pub struct Recovered {
    /// The experiment, run and attempt.
    pub place: AttemptPath,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an attempt whose process died.
#[derive(Debug)]
pub enum Fate {
    /// Sealed as interrupted, with the metrics it had.
    Interrupted(Arc<Entry>),
    /// Only its last step was missing, and was done.
    Completed(Arc<Entry>),
    /// Not readable; the remains were moved.
    Lost {
        /// Where they are now.
        folder: PathBuf,
        /// What is wrong with them.
        what: String,
    },
    /// Left as it is for the next time, because the disk refuses.
    Failed(StoreError),
}

/// An attempt that is being executed now.
#[derive(Clone, Debug)]
pub struct RunningAttempt {
    /// The experiment it will lie in.
    pub experiment: String,
    /// Its record so far.
    pub attempt: Attempt,
    /// The folder it is written in; its metrics can be read while it grows.
    pub folder: PathBuf,
}

impl RunningAttempt {
    /// What its trainer printed so far, as far as it reached the disk.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.join(LOG)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The metric points that reached the disk so far.
    pub fn points(&self) -> Vec<MetricPoint> {
        let bytes = fs::read(self.folder.join(METRICS)).unwrap_or_default();
        metric::read_lines(&bytes).points
    }
}

impl Store {
    /// Records the attempts of dead processes as interrupted; `now` bounds when they can have ended.
    ///
    /// # Errors
    /// When the folder of unsealed attempts cannot be listed or locks do not work.
    pub fn recover(&self, now: Timestamp) -> Result<Vec<Recovered>, StoreError> {
        let mut recovered = Vec::new();
        for (place, folder) in self.unsealed()? {
            if !folder.is_dir() {
                continue;
            }
            let Some(lease) = self.claim(place.run)? else { continue };
            // Between the listing and the lease its owner may have sealed it.
            if folder.is_dir() {
                let fate = self.settle(&place, folder, lease, now).unwrap_or_else(Fate::Failed);
                recovered.push(Recovered { place, fate });
            }
        }
        self.sweep_leases()?;
        self.sweep_workspaces()?;
        Ok(recovered)
    }

    /// The attempts that are being executed now, oldest first.
    pub fn running(&self) -> Result<Vec<RunningAttempt>, StoreError> {
        let mut attempts: Vec<RunningAttempt> = Vec::new();
        for (place, folder) in self.unsealed()? {
            // A run has one lease, so only the newest of its unsealed attempts can be alive.
            attempts.retain(|other| other.attempt.run != place.run);
            if self.is_leased(place.run)?
                && let Ok(attempt) = read_attempt(&folder, &place)
            {
                let experiment = place.experiment;
                attempts.push(RunningAttempt { experiment, attempt, folder });
            }
        }
        Ok(attempts)
    }

    /// The unsealed attempts, oldest first, with their folders.
    fn unsealed(&self) -> Result<Vec<(AttemptPath, PathBuf)>, StoreError> {
        let mut all = Vec::new();
        let top = self.state("tmp");
        for experiment in file::list_folders(&top)? {
            let folder = top.join(&experiment);
            for name in file::list_folders(&folder)? {
                let Some((run, attempt)) = name.split_once('.') else { continue };
                if let (Ok(run), Ok(attempt)) = (run.parse(), attempt.parse()) {
                    let place = AttemptPath { experiment: experiment.clone(), run, attempt };
                    all.push((place, folder.join(name)));
                }
            }
        }
        all.sort_by_key(|(place, _)| place.attempt);
        Ok(all)
    }

    fn settle(
        &self,
        place: &AttemptPath,
        folder: PathBuf,
        lease: Lease,
        now: Timestamp,
    ) -> Result<Fate, StoreError> {
        if let Ok(entry) = Entry::read(&folder, place)
            && files::all_intact(&folder, &entry.manifest)
        {
            file::rewrite_all(&folder, &self.beside(place))?;
            bring(self, &folder, place, &entry)?;
            return Ok(Fate::Completed(self.remember(entry)));
        }
        match read_parts(&folder, place) {
            Err(broken) => {
                let what = format!("{} {}", broken.file, broken.what);
                Ok(Fate::Lost { folder: self.set_aside(&folder, "")?, what })
            }
            Ok((attempt, request)) => {
                let (store, place) = (self.clone(), place.clone());
                let unsealed = Unsealed { store, place, folder, request, attempt, lease };
                interrupt(unsealed, now).map(Fate::Interrupted)
            }
        }
    }

    /// Where files of a dead attempt are written anew: one place an attempt, so that nothing piles up.
    fn beside(&self, place: &AttemptPath) -> PathBuf {
        self.state(&format!("again.{}", place.attempt))
    }

    /// Moves something that cannot be kept to `lost+found`.
    pub(super) fn set_aside(&self, path: &Path, below: &str) -> Result<PathBuf, StoreError> {
        let folder = self.state("lost+found").join(below);
        file::create_folder(&folder)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut target = folder.join(name.as_ref());
        let mut number = 0;
        while fs::symlink_metadata(&target).is_ok() {
            number += 1;
            target = folder.join(format!("{name}.{number}"));
        }
        fs::rename(path, &target).at("move", path)?;
        Ok(target)
    }
}

fn read_attempt(folder: &Path, place: &AttemptPath) -> Result<Attempt, Broken> {
    let attempt = Attempt::from_text(&read(folder, RUN)?)
        .map_err(|error| Broken::new(RUN, error.to_string()))?;
    if (attempt.run, attempt.attempt) == (place.run, place.attempt) {
        Ok(attempt)
    } else {
        Err(Broken::new(RUN, "is of another attempt"))
    }
}

fn read_parts(
    folder: &Path,
    place: &AttemptPath,
) -> Result<(Attempt, crate::ledger::request::Request), Broken> {
    let attempt = read_attempt(folder, place)?;
    let request = read_request(&read(folder, PARAMS)?).map_err(|what| Broken::new(PARAMS, what))?;
    if request.id() == place.run {
        Ok((attempt, request))
    } else {
        Err(Broken::new(PARAMS, "is of another run"))
    }
}

/// Seals an attempt as interrupted. What was half written beside its metrics and log is set aside.
fn interrupt(mut unsealed: Unsealed, now: Timestamp) -> Result<Arc<Entry>, StoreError> {
    let folder = &unsealed.folder;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for (other, _) in file::list(folder)? {
        if ![PARAMS, RUN, METRICS, LOG, PATCH].contains(&other.as_str()) {
            unsealed.store.set_aside(&folder.join(other), &name)?;
        }
    }
    let ended = last_sign_of_life(folder)
        .clamp(unsealed.attempt.started, now.max(unsealed.attempt.started));
    cut_torn_line(&folder.join(METRICS))?;
    if folder.join(LOG).exists() {
        cut_torn_line(&folder.join(LOG))?;
    }
    let beside = unsealed.store.beside(&unsealed.place);
    for path in [PARAMS, METRICS, LOG, PATCH].map(|name| folder.join(name)) {
        if path.exists() {
            file::rewrite(&path, &beside)?;
        }
    }
    unsealed.attempt.cause = Some(
        if unsealed.attempt.status == Status::Running {
            "its process died"
        } else {
            "its process died while its results were being written"
        }
        .to_owned(),
    );
    unsealed.attempt.status = Status::Interrupted;
    unsealed.attempt.ended = ended;
    Sealing::new(unsealed, MAX_FILE).seal()
}

/// Cuts a file after its last whole line; makes it when it is missing.
fn cut_torn_line(path: &Path) -> Result<(), StoreError> {
    let bytes = found(fs::read(path)).at("read", path)?.unwrap_or_default();
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(path).at("open", path)?;
    file.set_len(whole as u64).at("cut", path)
}

/// The latest instant at which the attempt is known to have been alive.
fn last_sign_of_life(folder: &Path) -> Timestamp {
    let point = fs::read(folder.join(METRICS))
        .ok()
        .and_then(|bytes| metric::read_lines(&bytes).points.pop())
        .map(|point| point.time.microseconds());
    let written = [METRICS, LOG, RUN].iter().filter_map(|name| {
        let age = fs::metadata(folder.join(name)).ok()?.modified().ok()?.duration_since(UNIX_EPOCH);
        i64::try_from(age.ok()?.as_micros()).ok()
    });
    Timestamp::from_microseconds(written.chain(point).max().unwrap_or(0))
}
