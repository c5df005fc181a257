//! Writing a bundle: the list of its files first, then they, in the order of their paths.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use zip::result::ZipError;
use zip::write::{StreamWriter, ZipWriter};

use crate::ledger::bundle::{BundleList, LIST};
use crate::ledger::digest::StreamDigest;
use crate::ledger::layout::check_portable;
use crate::ledger::manifest::ManifestFile;

use crate::store::archive::{options, refused};
use crate::store::error::{At, StoreError};
use crate::store::file::{self, Digests};
use crate::store::open::Store;
use crate::store::outside::write_file;

/// A file on its way into a bundle.
#[derive(Clone, Debug)]
pub struct Bundled {
    /// Its path in the bundle.
    pub path: String,
    /// Where its bytes come from.
    pub source: BundleSource,
}

/// Where the bytes of a file come from.
#[derive(Clone, Debug)]
pub enum BundleSource {
    /// These.
    Bytes(Vec<u8>),
    /// The file of the same path in the ledger.
    Own,
    /// The file of the same path in the ledger, as it was sealed.
    Sealed(ManifestFile),
}

/// An archive under way.
type Archive<'a> = ZipWriter<StreamWriter<&'a mut dyn Write>>;

impl Store {
    /// Writes a bundle: `list` with the files, which it is given here. The archive is written whole or not at all; gives
    /// its number of files, the list not among them.
    ///
    /// # Errors
    /// When a file cannot be read, or has a path that not every system takes, or changes meanwhile.
    pub fn write_bundle(
        &self,
        output: &Path,
        mut list: BundleList,
        mut files: Vec<Bundled>,
    ) -> Result<usize, StoreError> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        check_portable(files.iter().map(|file| file.path.as_str()).chain([LIST]))?;
        for file in &files {
            list.files.push(self.listed(file)?);
        }
        write_file(output, |place| {
            let mut archive = ZipWriter::new_stream(place);
            let failed = |error: ZipError| refused(output, error);
            archive.start_file(LIST, options(0)).map_err(failed)?;
            archive.write_all(list.to_text().as_bytes()).at("write", output)?;
            for (file, listed) in files.iter().zip(&list.files) {
                archive.start_file(&file.path, options(listed.size)).map_err(failed)?;
                self.copy(file, listed, &mut archive, output)?;
            }
            archive.finish().map_err(failed)?;
            Ok::<(), StoreError>(())
        })?;
        Ok(list.files.len())
    }

    /// Size and digests of a file.
    fn listed(&self, file: &Bundled) -> Result<ManifestFile, StoreError> {
        let Digests { size, blake3, sha256 } = match &file.source {
            BundleSource::Bytes(bytes) => file::digests_of(bytes),
            BundleSource::Own => {
                let path = self.path(&file.path);
                file::digests_of_file(&path).at("read", &path)?
            }
            BundleSource::Sealed(sealed) => {
                return Ok(ManifestFile { path: file.path.clone(), ..sealed.clone() });
            }
        };
        Ok(ManifestFile { path: file.path.clone(), size, blake3, sha256 })
    }

    /// Copies a file into the archive; what arrives must be what is listed.
    fn copy(
        &self,
        file: &Bundled,
        listed: &ManifestFile,
        archive: &mut Archive<'_>,
        output: &Path,
    ) -> Result<(), StoreError> {
        if let BundleSource::Bytes(bytes) = &file.source {
            return archive.write_all(bytes).at("write", output);
        }
        let path = self.path(&file.path);
        let mut source = Digesting {
            source: File::open(&path).at("read", &path)?,
            digest: StreamDigest::default(),
        };
        io::copy(&mut source, archive).at("copy", &path)?;
        if source.digest.finish() == listed.blake3 {
            return Ok(());
        }
        let what = "is not what was listed: it is damaged, or was written meanwhile".to_owned();
        Err(StoreError::Damaged { file: file.path.clone(), what })
    }
}

/// A file that is digested while it is read.
struct Digesting {
    source: File,
    digest: StreamDigest,
}

impl Read for Digesting {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(piece)?;
        self.digest.update(&piece[..length]);
        Ok(length)
    }
}
