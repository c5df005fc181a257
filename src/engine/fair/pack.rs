//! The files that go into a crate, each read when its turn comes.

use std::sync::Arc;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::ledger::attempt::{Attempt, DataFile};
use crate::ledger::digest::Digest;
use crate::ledger::fair::anonymous;
use crate::ledger::fair::contents::CrateFile;
use crate::ledger::fair::swhid::Swhids;
use crate::ledger::layout::{LOG, MANIFEST, PATCH, RUN};
use crate::ledger::view::RunView;
use crate::store::Entry;

/// Where the bytes of a packed file come from.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// These.
    Bytes(Vec<u8>),
    /// A file of an attempt, as it was sealed.
    Sealed(Arc<Entry>, String),
    /// The manifest of an attempt.
    Manifest(Arc<Entry>),
    /// A file of the ledger that must have this digest.
    Data(String, Digest),
}

/// What is packed, in order: path in the crate, and where its bytes come from.
pub(super) type Packed = Vec<(String, From)>;

/// The files of a run, described and ready to be packed below no folder.
pub(super) struct RunFiles {
    pub(super) described: Vec<CrateFile>,
    pub(super) packed: Packed,
    /// What is not packed, a line each.
    pub(super) left_out: Vec<String>,
    /// Whether one of them is damaged.
    pub(super) damaged: bool,
}

impl Ledger {
    /// The bytes of a packed file.
    pub(super) fn packed_bytes(&self, from: From) -> Result<Vec<u8>, Error> {
        Ok(match from {
            From::Bytes(bytes) => bytes,
            From::Sealed(entry, path) => self.store.read_file(&entry, &path)?,
            From::Manifest(entry) => self.store.read_manifest(&entry)?,
            From::Data(path, digest) => match self.data_bytes(&path, digest) {
                Ok(bytes) => bytes,
                Err(why) => return Err(Error::Changed(format!("{path} {why}"))),
            },
        })
    }

    /// The bytes of a data file with a digest, or what is wrong, in words that follow its name.
    fn data_bytes(&self, path: &str, digest: Digest) -> Result<Vec<u8>, &'static str> {
        let bytes = self.store.own_bytes(path).map_err(|_| "is not in the ledger")?;
        if Digest::of(&bytes) == digest { Ok(bytes) } else { Err("changed since the run read it") }
    }

    /// The files of a completed run. Without names of users and machines its log and patch stay out, and so
    /// does the manifest, which would no longer hold.
    pub(super) fn run_files(
        &self,
        run: &RunView,
        swhids: &Swhids,
        anonymous: bool,
    ) -> Result<RunFiles, Error> {
        let mut files = RunFiles {
            described: Vec::new(),
            packed: Vec::new(),
            left_out: Vec::new(),
            damaged: false,
        };
        let Some(entry) = self.store.entry(&run.directory)? else { return Ok(files) };
        for artifact in &run.artifacts {
            if anonymous && [LOG, PATCH, RUN].contains(&artifact.path.as_str()) {
                continue;
            }
            let file = CrateFile::of_run(artifact, swhids.files.get(&artifact.path));
            if let Some(why) = &file.missing {
                files.left_out.push(format!("{}/{}: {why}", run.directory, file.path));
                files.damaged |= artifact.state == crate::ledger::view::FileState::Damaged;
            } else {
                let from = From::Sealed(entry.clone(), file.path.clone());
                files.packed.push((file.path.clone(), from));
            }
            files.described.push(file);
        }
        if anonymous {
            let text = without_names(&entry.attempt)?;
            files.described.push(CrateFile::of_bytes(
                RUN,
                "The record of the attempt",
                text.as_bytes(),
            ));
            files.packed.push((RUN.into(), From::Bytes(text.into_bytes())));
        } else if let Ok(bytes) = self.store.read_manifest(&entry) {
            let mut file = CrateFile::of_bytes(
                MANIFEST,
                "Sizes and digests of the files of the attempt",
                &bytes,
            );
            file.swhid = swhids.files.get(MANIFEST).cloned();
            files.described.push(file);
            files.packed.push((MANIFEST.into(), From::Manifest(entry)));
        }
        Ok(files)
    }

    /// The data file a run read; it is packed where the ledger still has it.
    pub(super) fn run_data(&self, data: &DataFile) -> (CrateFile, Option<(String, From)>) {
        match self.data_bytes(&data.path, data.blake3) {
            Ok(bytes) => {
                let mut file = CrateFile::of_data(data, None);
                let blob = crate::git::blob_id(&bytes);
                file.swhid = blob.map(|blob| crate::ledger::fair::swhid::content(&blob));
                let from = From::Data(data.path.clone(), data.blake3);
                (file, Some((data.path.clone(), from)))
            }
            Err(why) => (CrateFile::of_data(data, Some(why.to_owned())), None),
        }
    }
}

/// `run.toml` without the names of users and machines.
fn without_names(attempt: &Attempt) -> Result<String, Error> {
    let mut attempt = attempt.clone();
    let host = std::mem::take(&mut attempt.host.name);
    attempt.origin = None;
    let text = attempt.to_text().map_err(|error| Error::Changed(error.to_string()))?;
    Ok(anonymous::text(&text, &host))
}
