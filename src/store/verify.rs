//! Verification: every file of every sealed attempt is read and every claim is computed again. The index
//! is not asked.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use crate::ledger::annotation::{Annotation, Record};
use crate::ledger::attempt::Status;
use crate::ledger::layout::{self, AttemptPath, MANIFEST, METRICS, RUN};
use crate::ledger::manifest::ManifestFile;
use crate::ledger::{journal, metric};

use super::entry::{Broken, Entry};
use super::error::{At, StoreError};
use super::file;
use super::files::{Check, inspect};
use super::open::Store;
use super::seal::result_of;

/// What systems drop into folders when people look at them.
const DROPPINGS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Something that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The directory in the ledger.
    pub directory: String,
    /// The file below it.
    pub file: String,
    /// What is wrong, in words that follow the file's name.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {}", self.directory, self.file, self.what)
    }
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Number of attempts.
    pub attempts: u64,
    /// Number of files that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that git does not carry and that are not here, by path in the ledger.
    pub absent: Vec<String>,
    /// Everything that is wrong, sorted.
    pub faults: Vec<Fault>,
}

impl Store {
    /// Reads everything and computes every digest and id again. `progress` is told how many bytes of how
    /// many are done.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verification, StoreError> {
        let mut verification = Verification::default();
        let mut attempts = Vec::new();
        for experiment in self.experiments()? {
            let folder = layout::annotations(&experiment);
            self.verify_journals::<Annotation>(&folder, "annotation", &mut verification)?;
            attempts.extend(self.places(&experiment, &mut verification)?);
        }
        self.verify_models(&mut verification)?;
        let (mut todo, mut total) = (Vec::new(), 0);
        for place in attempts {
            verification.attempts += 1;
            match Entry::read(&self.path(&place.directory()), &place) {
                Ok(entry) => {
                    total += entry.manifest.files.iter().map(|file| file.size).sum::<u64>();
                    todo.push(entry);
                }
                Err(Broken { file, what }) => {
                    verification.fault(&place.directory(), &file, what);
                }
            }
        }
        let mut done = 0;
        progress(done, total);
        for entry in todo {
            self.verify_attempt(&entry, &mut verification, &mut |bytes| {
                done += bytes;
                progress(done, total);
            })?;
        }
        verification.faults.sort();
        Ok(verification)
    }

    /// The directories of an experiment's attempts; whatever else lies there is a fault.
    fn places(
        &self,
        experiment: &str,
        verification: &mut Verification,
    ) -> Result<Vec<AttemptPath>, StoreError> {
        let mut places = Vec::new();
        let runs = layout::runs(experiment);
        for (name, kind) in list(&self.path(&runs))? {
            if !kind.is_dir() || !layout::is_shard(&name) {
                verification.fault(&runs, &name, "does not belong among the runs");
                continue;
            }
            let shard = format!("{runs}/{name}");
            for (name, kind) in list(&self.path(&shard))? {
                match AttemptPath::parse(&format!("{shard}/{name}")) {
                    Some(place) if kind.is_dir() => places.push(place),
                    _ => verification.fault(&shard, &name, "does not belong among the runs"),
                }
            }
        }
        Ok(places)
    }

    fn verify_attempt(
        &self,
        entry: &Entry,
        verification: &mut Verification,
        read: &mut dyn FnMut(u64),
    ) -> Result<(), StoreError> {
        let folder = self.path(&entry.directory);
        for sealed in &entry.manifest.files {
            match inspect_whole(&folder, entry, sealed) {
                Check::Intact(_) => {
                    verification.files += 1;
                    verification.bytes += sealed.size;
                }
                Check::Absent => {
                    verification.absent.push(format!("{}/{}", entry.directory, sealed.path));
                }
                Check::Damaged(what) => {
                    verification.fault(&entry.directory, &sealed.path, what);
                }
            }
            read(sealed.size);
        }
        let mut extra = Vec::new();
        collect_extra(&folder, "", entry, &mut extra)?;
        for path in extra {
            verification.fault(&entry.directory, &path, "was not there when it was sealed");
        }
        if let Some(what) = check_result(&folder, entry) {
            verification.fault(&entry.directory, RUN, what);
        }
        Ok(())
    }

    /// Names the lines of the journals in a folder that are no records, each called by a word.
    pub(super) fn verify_journals<R: Record>(
        &self,
        folder: &str,
        word: &str,
        verification: &mut Verification,
    ) -> Result<(), StoreError> {
        for (name, kind) in list(&self.path(folder))? {
            if !kind.is_file() || !layout::is_journal(&name) {
                continue;
            }
            let path = self.path(&format!("{folder}/{name}"));
            let lines = journal::read_lines::<R>(&fs::read(&path).at("read", &path)?);
            for line in lines.unreadable {
                verification.fault(folder, &name, format!("has no {word} in line {line}"));
            }
        }
        Ok(())
    }
}

impl Verification {
    pub(super) fn fault(&mut self, directory: &str, file: &str, what: impl Into<String>) {
        let (directory, file) = (directory.to_owned(), file.to_owned());
        self.faults.push(Fault { directory, file, what: what.into() });
    }
}

fn list(path: &Path) -> Result<Vec<(String, fs::FileType)>, StoreError> {
    let mut names = file::list(path)?;
    names.retain(|(name, _)| !DROPPINGS.contains(&name.as_str()));
    Ok(names)
}

/// Looks at a file and computes both of its digests.
fn inspect_whole(folder: &Path, entry: &Entry, sealed: &ManifestFile) -> Check {
    let check = inspect(folder, &entry.manifest, sealed, Some(""));
    let Check::Intact(_) = check else { return check };
    match file::digests_of_file(&file::join(folder, &sealed.path)) {
        Ok(digests) if digests.sha256 == sealed.sha256 => check,
        Ok(_) => Check::Damaged("has another SHA-256 than its manifest says".into()),
        Err(error) => Check::Damaged(format!("cannot be read: {error}")),
    }
}

/// Collects the paths below a folder that the manifest does not name.
fn collect_extra(
    folder: &Path,
    below: &str,
    entry: &Entry,
    extra: &mut Vec<String>,
) -> Result<(), StoreError> {
    let sealed: BTreeSet<&str> =
        entry.manifest.files.iter().map(|file| file.path.as_str()).collect();
    for (name, kind) in list(&file::join(folder, below))? {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let inside = format!("{path}/");
        if kind.is_dir()
            && sealed.range(inside.as_str()..).next().is_some_and(|next| next.starts_with(&inside))
        {
            collect_extra(folder, &path, entry, extra)?;
        } else if !sealed.contains(path.as_str()) && path != MANIFEST {
            extra.push(path);
        }
    }
    Ok(())
}

/// Computes the result digest and the final metrics again; what is wrong with them, if anything.
pub(super) fn check_result(folder: &Path, entry: &Entry) -> Option<String> {
    let points = metric::read_lines(&fs::read(folder.join(METRICS)).ok()?).points;
    let bits = |(name, value): (&String, &f64)| {
        (name.clone(), if value.is_nan() { 0 } else { value.to_bits() })
    };
    let (final_values, attempt) = (metric::final_values(&points), &entry.attempt);
    if !final_values.iter().map(bits).eq(attempt.metrics.iter().map(bits)) {
        return Some(format!("has other final metrics than {METRICS}"));
    }
    let finished = attempt.status == Status::Finished;
    let result = finished.then(|| result_of(&entry.request, &points, &entry.manifest.files));
    (attempt.result != result)
        .then(|| "has a result digest that is not of its metrics and artifacts".into())
}
