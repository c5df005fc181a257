//! Whether attempts came or went, without reading any.

use std::fmt::Write as _;
use std::path::Path;

use crate::ledger::digest::Digest;
use crate::ledger::layout;

use super::error::StoreError;
use super::file;
use super::open::Store;
use super::scan::stamp_of;

impl Store {
    /// A digest of what the folders that hold attempts look like. It differs as soon as an attempt came or went, also
    /// when one that was being copied here became whole.
    pub fn runs_stamp(&self) -> Result<Digest, StoreError> {
        let mut text = String::new();
        for experiment in file::list_folders(&self.path(layout::EXPERIMENTS))? {
            let runs = layout::runs(&experiment);
            for shard in file::list_folders(&self.path(&runs))? {
                add(&mut text, &self.path(&format!("{runs}/{shard}")))?;
            }
        }
        let broken = self.index().with(|connection| {
            let mut query = connection.prepare_cached("SELECT directory FROM fault ORDER BY 1")?;
            let names = query.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<Vec<String>, _>>()?)
        })?;
        broken.iter().try_for_each(|directory| add(&mut text, &self.path(directory)))?;
        Ok(Digest::of(text.as_bytes()))
    }
}

fn add(text: &mut String, folder: &Path) -> Result<(), StoreError> {
    if let Some(stamp) = stamp_of(folder)? {
        let _ = writeln!(text, "{} {}", folder.display(), stamp.to_text());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_differs_when_an_attempt_comes_goes_or_becomes_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(layout::LEDGER), "format = 1\n").unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mut seen = vec![store.runs_stamp().unwrap()];
        let mut differs = |store: &Store| {
            let now = store.runs_stamp().unwrap();
            assert!(!seen.contains(&now));
            seen.push(now);
        };
        let shard = folder.path().join("experiments/h/runs/ab");
        let attempt = shard.join(format!("{}.01ARZ3NDEKTSV4RRFFQ69G5FAV", "0".repeat(30)));
        fs::create_dir_all(&shard).unwrap();
        differs(&store);
        fs::create_dir(&attempt).unwrap();
        differs(&store);
        // The index learns that it is no whole attempt, and from then on it is looked at itself.
        assert_eq!(store.faults().unwrap().len(), 1);
        differs(&store);
        fs::write(attempt.join("manifest.toml"), "").unwrap();
        differs(&store);
        fs::remove_dir_all(&attempt).unwrap();
        differs(&store);
        assert_eq!(store.runs_stamp().unwrap(), store.runs_stamp().unwrap());
    }
}
