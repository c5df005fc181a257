//! Why each thing in a ledger is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::ledger::attempt::Status;
use crate::ledger::id::RunId;
use crate::store::Entry;

use super::error::Error;
use super::ledger::Ledger;
use super::views::Records;

/// One thing on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its path in the ledger.
    pub path: String,
    /// Bytes of its files.
    pub bytes: u64,
    /// Why it is kept, or how it goes; the same words for the same reason.
    pub why: String,
    /// Whether it stays when trash is purged and what is derived is deleted.
    pub kept: bool,
    /// The run it belongs to, if any.
    pub run: Option<RunId>,
    /// What more can be said of this one.
    pub detail: String,
}

impl Ledger {
    /// Everything in the ledger that takes space, apart from what people edit, and why it is kept.
    pub fn kept(&self) -> Result<Vec<Kept>, Error> {
        let records = self.records()?;
        let asked = self.asked()?;
        let mut found = Vec::new();
        for entries in records.runs() {
            let standing = self.standing(entries);
            for entry in entries {
                let stands = standing.is_some_and(|standing| Arc::ptr_eq(standing, entry));
                let (why, kept, detail) = why_kept(&records, entries, stands, entry, &asked);
                found.push(Kept {
                    bytes: self.store.size_of(&entry.directory)?,
                    path: entry.directory.clone(),
                    why: why.to_owned(),
                    kept,
                    run: Some(entry.attempt.run),
                    detail,
                });
            }
        }
        for fault in self.store.faults()? {
            found.push(Kept {
                bytes: self.store.size_of(&fault.directory)?,
                why: "no sealed attempt; look at it and remove it by hand".into(),
                kept: true,
                run: None,
                detail: format!("{} {}", fault.file, fault.what),
                path: fault.directory,
            });
        }
        self.kept_apart(&mut found)?;
        Ok(found)
    }

    /// The runs that specs ask for, with the spec that does.
    fn asked(&self) -> Result<BTreeMap<RunId, String>, Error> {
        let reading = self.read(&self.select(&[])?)?;
        let name = |planned: &crate::ledger::plan::Planned| {
            (planned.request.id(), format!("{}/{}", planned.experiment, planned.spec))
        };
        Ok(reading.planned.iter().map(name).collect())
    }

    /// What lies beside the attempts.
    fn kept_apart(&self, found: &mut Vec<Kept>) -> Result<(), Error> {
        let running: BTreeSet<String> = self
            .store
            .running()?
            .iter()
            .filter_map(|it| it.folder.file_name()?.to_str().map(str::to_owned))
            .collect();
        let parts = [
            (
                ".fairledger/lost+found",
                true,
                "could not be recorded; look at it and remove it by hand",
            ),
            (".fairledger/trash", false, "what a purge was stopped at; the next one removes it"),
            (
                ".fairledger/index.sqlite",
                false,
                "derived: may be deleted at any moment and comes back",
            ),
            ("site", false, "derived: may be deleted at any moment and comes back"),
            ("export", false, "derived: may be deleted, `fairledger export parquet` makes it"),
        ];
        let detail = if running.is_empty() {
            "the next run records them as interrupted".to_owned()
        } else {
            running.into_iter().collect::<Vec<_>>().join(", ")
        };
        let tmp = (".fairledger/tmp", true, "attempts that are not sealed");
        for (path, kept, why) in parts.into_iter().chain([tmp]) {
            let bytes = self.store.size_of(path)?;
            if bytes > 0 {
                let detail = if path.ends_with("tmp") { detail.clone() } else { String::new() };
                let (path, why) = (path.to_owned(), why.to_owned());
                found.push(Kept { path, bytes, why, kept, run: None, detail });
            }
        }
        Ok(())
    }
}

/// Why an attempt is kept, whether it is, and what more can be said.
fn why_kept(
    records: &Records,
    entries: &[Arc<Entry>],
    stands: bool,
    entry: &Entry,
    asked: &BTreeMap<RunId, String>,
) -> (&'static str, bool, String) {
    let attempt = &entry.attempt;
    if records.said.is_deleted(entries) {
        return ("deleted; `fairledger purge` removes it", false, String::new());
    }
    if stands {
        let said = records.said.of_run(attempt.run).join(", ");
        return match asked.get(&attempt.run) {
            Some(spec) => ("stands for a run that a spec asks for", true, spec.clone()),
            None if said.is_empty() => {
                ("stands for a run that no spec asks for any more", true, String::new())
            }
            None => ("stands for a run that people wrote about", true, said),
        };
    }
    if attempt.status == Status::Finished {
        return ("finished too: shows whether the run is deterministic", true, String::new());
    }
    let cause = attempt.cause.clone().unwrap_or_default();
    ("did not finish: says why the run was tried again", true, cause)
}
