//! Journals: each writer appends to its own file, readers take all of them.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::ledger::journal::{self, Record};
use crate::ledger::layout;

use super::error::{At, StoreError};
use super::file;
use super::open::Store;

impl Store {
    /// The records in a folder of journals, by all writers, in the order they are folded. Lines that are
    /// no record are left out here and named by [`Store::verify`].
    pub(super) fn read_journals<R: Record>(&self, folder: &str) -> Result<Vec<R>, StoreError> {
        let folder = self.path(folder);
        let mut records = Vec::new();
        for (name, kind) in file::list(&folder)? {
            if kind.is_file() && layout::is_journal(&name) {
                let path = folder.join(name);
                let bytes = fs::read(&path).at("read", &path)?;
                records.extend(journal::read_lines(&bytes).records);
            }
        }
        Ok(journal::merge(records))
    }

    /// The records in a folder of journals, each once and with the line it stands in, in the order they are folded.
    pub fn journal_lines<R: Record>(&self, folder: &str) -> Result<Vec<(R, String)>, StoreError> {
        let folder = self.path(folder);
        let mut lines = Vec::new();
        for (name, kind) in file::list(&folder)? {
            if kind.is_file() && layout::is_journal(&name) {
                let path = folder.join(name);
                lines.extend(journal::with_lines(&fs::read(&path).at("read", &path)?));
            }
        }
        lines.sort_by_key(|(record, _): &(R, String)| record.place());
        let mut seen = BTreeSet::new();
        lines.retain(|(record, _)| seen.insert(record.place().1));
        Ok(lines)
    }

    /// Appends records to this clone's own journal in a folder and syncs it; returns the file.
    pub(super) fn append_journal<R: Record>(
        &self,
        folder: &str,
        records: &[R],
    ) -> Result<PathBuf, StoreError> {
        let lines: Vec<String> = records.iter().map(Record::to_line).collect();
        self.append_lines(folder, &lines)
    }

    /// Appends lines, each a record with its newline, to this clone's own journal in a folder and syncs it; returns the file.
    pub fn append_lines(&self, folder: &str, lines: &[String]) -> Result<PathBuf, StoreError> {
        layout::check_portable([folder])?;
        let folder = self.path(folder);
        let path = folder.join(format!("{}.jsonl", self.writer()?));
        let _lock = self.lock()?;
        file::create_folder(&folder)?;
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .at("open", &path)?;
        let end = cut_torn_line(&mut file, &path)?;
        for line in lines {
            if let Err(error) = file.write_all(line.as_bytes()) {
                // All or nothing: half of what was asked for would be asked for again.
                let _ = file.set_len(end);
                return Err(StoreError::io("write", &path, error));
            }
        }
        file.sync_data().at("sync", &path)?;
        // Always: whoever made the file may have died before its name was synced.
        file::sync_folder(&folder)?;
        Ok(path)
    }
}

/// Cuts what a crash left after the last whole line: the next record would fuse into it. Returns the
/// file's length.
fn cut_torn_line(file: &mut File, path: &Path) -> Result<u64, StoreError> {
    let length = file.seek(SeekFrom::End(0)).at("read", path)?;
    let mut end = length;
    let mut piece = [0; 4096];
    while end > 0 {
        let start = end.saturating_sub(piece.len() as u64);
        let piece = &mut piece[..(end - start) as usize];
        file.seek(SeekFrom::Start(start)).at("read", path)?;
        file.read_exact(piece).at("read", path)?;
        if let Some(at) = piece.iter().rposition(|&byte| byte == b'\n') {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end).at("cut", path)?;
    }
    Ok(end)
}
