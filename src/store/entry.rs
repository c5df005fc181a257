//! One sealed attempt, as its files say.

use std::fs;
use std::path::Path;

use crate::ledger::attempt::{Attempt, Status};
use crate::ledger::digest::Digest;
use crate::ledger::layout::{AttemptPath, MANIFEST, PARAMS, RUN};
use crate::ledger::manifest::Manifest;
use crate::ledger::request::Request;

/// One sealed attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The experiment it lies in.
    pub experiment: String,
    /// Its directory in the ledger, with forward slashes.
    pub directory: String,
    /// What `run.toml` says.
    pub attempt: Attempt,
    /// What `params.toml` says.
    pub request: Request,
    /// What `manifest.toml` says.
    pub manifest: Manifest,
}

/// Why a directory is no sealed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The file below the directory.
    pub(super) file: String,
    /// What is wrong, in words that follow the file's name.
    pub(super) what: String,
}

impl Broken {
    pub(super) fn new(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), what: what.into() }
    }
}

impl Entry {
    /// Reads an attempt from a folder, which need not be at its place yet, and checks that its three TOML
    /// files agree with each other and with the place. Other files are not looked at.
    pub(super) fn read(folder: &Path, place: &AttemptPath) -> Result<Self, Broken> {
        let manifest = Manifest::from_text(&read(folder, MANIFEST)?)
            .map_err(|error| Broken::new(MANIFEST, error.to_string()))?;
        let run = read_sealed(folder, &manifest, RUN)?;
        let params = read_sealed(folder, &manifest, PARAMS)?;
        Self::from_texts(place, &run, &params, manifest)
    }

    /// Builds an attempt from the texts of its files.
    pub(super) fn from_texts(
        place: &AttemptPath,
        run: &str,
        params: &str,
        manifest: Manifest,
    ) -> Result<Self, Broken> {
        let attempt =
            Attempt::from_text(run).map_err(|error| Broken::new(RUN, error.to_string()))?;
        let request = read_request(params).map_err(|what| Broken::new(PARAMS, what))?;
        let entry = Self {
            experiment: place.experiment.clone(),
            directory: place.directory(),
            attempt,
            request,
            manifest,
        };
        entry.check(place).map_or(Ok(entry), Err)
    }

    fn check(&self, place: &AttemptPath) -> Option<Broken> {
        let Self { attempt, request, manifest, .. } = self;
        if (manifest.run, manifest.attempt) != (place.run, place.attempt) {
            return Some(Broken::new(MANIFEST, "is of another attempt than its directory's name"));
        }
        if (attempt.run, attempt.attempt) != (place.run, place.attempt) {
            return Some(Broken::new(RUN, "is of another attempt than its directory's name"));
        }
        if request.id() != place.run {
            let what = format!("digests to {}, not to the run of its directory", request.id());
            return Some(Broken::new(PARAMS, what));
        }
        (attempt.status == Status::Running)
            .then(|| Broken::new(RUN, "says that the attempt is running, but it is sealed"))
    }
}

/// Reads the text of `params.toml`.
pub(super) fn read_request(text: &str) -> Result<Request, String> {
    let parts: toml::Table =
        text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    Request::from_table(parts).map_err(|error| error.to_string())
}

/// Reads a small text file of an attempt.
pub(super) fn read(folder: &Path, name: &str) -> Result<String, Broken> {
    let path = folder.join(name);
    let is_file = fs::symlink_metadata(&path).map(|metadata| metadata.is_file());
    if matches!(is_file, Ok(false)) {
        return Err(Broken::new(name, "is no regular file"));
    }
    match fs::read(&path) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| Broken::new(name, "is not UTF-8")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Broken::new(name, "is missing"))
        }
        Err(error) => Err(Broken::new(name, format!("cannot be read: {error}"))),
    }
}

fn read_sealed(folder: &Path, manifest: &Manifest, name: &str) -> Result<String, Broken> {
    let sealed = manifest.file(name).ok_or_else(|| {
        Broken::new(MANIFEST, format!("does not name {name}, which every attempt has"))
    })?;
    let text = read(folder, name)?;
    if Digest::of(text.as_bytes()) == sealed.blake3 {
        Ok(text)
    } else {
        Err(Broken::new(name, "was changed after it was sealed"))
    }
}
