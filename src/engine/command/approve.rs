//! Approving what specs would execute, listing it, and taking it back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::ledger::digest::Digest;
use crate::ledger::layout::MONITORS;
use crate::ledger::schema;
use crate::ledger::settle::FileStamp;
use crate::ledger::source::Source;
use crate::ledger::spec::Spec;
use crate::ledger::trust::{Approval, CommandState, Doubt, Standpoint, differences, newest};
use crate::store::{APPROVALS, approved_text, change_approvals};
use crate::watch::stamp;

use super::look::Commands;
use super::trust::{Trust, folder};
use crate::engine::error::{Error, Mistakes};
use crate::engine::ledger::Ledger;
use crate::engine::reading::SpecName;
use crate::engine::surroundings::now;

/// A larger file is approved by its digest alone; a change of it is named, not shown.
const KEPT: u64 = 256 * 1024;

/// What a spec would execute, beside what was approved before.
#[derive(Debug)]
pub struct Approved {
    /// The path of the spec or the monitor.
    pub path: String,
    /// What would be executed.
    pub state: CommandState,
    /// Why it does not start by itself; `None` when it is approved already.
    pub doubt: Option<Doubt>,
    /// Whether something was approved before.
    pub before: bool,
    /// What differs from what was approved before.
    pub parts: Vec<String>,
    /// The texts that differ, the spec's first.
    pub changes: Vec<Change>,
    texts: Vec<Vec<u8>>,
    /// Where the repository stood before anything was looked at: what comes later is not approved.
    repository: Standpoint,
}

/// A text that is not what was approved.
#[derive(Debug)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// What was approved, empty when it is new; `None` when it was not kept.
    pub before: Option<String>,
    /// What it is now, empty when it is gone; `None` when it is too large or no text.
    pub after: Option<String>,
}

/// An approval as it is listed.
#[derive(Debug)]
pub struct Listed {
    /// The approval.
    pub approval: Approval,
    /// Whether it is of this ledger, where it lies now.
    pub here: bool,
}

/// What a spec would execute now.
struct Looked {
    text: String,
    state: CommandState,
    doubt: Option<Doubt>,
    /// The files it names, absolute.
    files: BTreeSet<PathBuf>,
    trust: Trust,
    /// Where the repository stood before anything was looked at.
    repository: Standpoint,
}

impl Ledger {
    /// What a spec would execute, beside what was approved before; `None` for a spec without a command.
    ///
    /// # Errors
    /// When the spec or what it names has mistakes.
    pub fn to_approve(&self, spec: &SpecName) -> Result<Option<Approved>, Error> {
        let looked = self.look_over(spec)?;
        looked.map(|looked| self.beside_approved(&spec.path(), looked)).transpose()
    }

    /// What a monitor would execute for an alert, beside what was approved before; `None` for a monitor that
    /// tells nobody.
    ///
    /// # Errors
    /// When there is no such monitor, or it has mistakes.
    pub fn monitor_to_approve(&self, monitor: &str) -> Result<Option<Approved>, Error> {
        let file = format!("{MONITORS}/{monitor}.toml");
        let trust = Trust::read(self)?;
        let repository = trust.standpoint()?;
        let (text, config) = self.monitor_text(monitor)?;
        let Some(notify) = &config.notify else { return Ok(None) };
        let state = self.notify_state(&text, notify)?;
        let doubt = trust.doubt(&file, &state);
        let files = state.files.keys().map(|path| self.root().join(path)).collect();
        let looked = Looked { text, state, doubt, files, trust, repository };
        self.beside_approved(&file, looked).map(Some)
    }

    /// What a spec would execute, nothing of it read but its digests; `None` for a spec without a
    /// command.
    fn look_over(&self, spec: &SpecName) -> Result<Option<Looked>, Error> {
        let file = spec.path();
        let text = self.store.read_text(&file)?;
        let refuse = |problems| {
            let mut mistakes = Mistakes::default();
            mistakes.add(&file, &text, problems);
            Error::Mistakes(mistakes)
        };
        let source = Source::parse(&file, &text).map_err(refuse)?;
        let read = schema::read::<Spec>(&source);
        let Some(value) = read.value.filter(|_| read.problems.is_empty()) else {
            return Err(refuse(read.problems));
        };
        let Some(command) = &value.command else { return Ok(None) };
        let trust = Trust::read(self)?;
        let repository = trust.standpoint()?;
        let look = Commands::unasked(self).look(spec, &source, &value, command)?;
        let Some(state) = look.state else {
            return Err(refuse(look.facts.err().unwrap_or_default()));
        };
        Ok(Some(Looked { text, state, doubt: look.doubt, files: look.files, trust, repository }))
    }

    /// What a spec would execute, beside what was approved before.
    fn beside_approved(&self, file: &str, looked: Looked) -> Result<Approved, Error> {
        let Looked { text, state, doubt, files, trust, repository } = looked;
        let before = newest(trust.all(), &trust.place, file);
        let mut texts = vec![text.clone().into_bytes()];
        let mut named = BTreeMap::new();
        for path in &files {
            if let Some(bytes) = self.store.small_input(path, KEPT) {
                named.insert(Digest::of(&bytes), bytes.clone());
                texts.push(bytes);
            }
        }
        let mut approved = Approved {
            path: file.to_owned(),
            state,
            doubt,
            before: before.is_some(),
            parts: Vec::new(),
            changes: Vec::new(),
            texts,
            repository,
        };
        if let Some(before) = before {
            approved.parts = differences(&before.state, &approved.state);
            approved.changes = self.changes(&before.state, &approved.state, file, &text, &named)?;
        }
        Ok(approved)
    }

    fn changes(
        &self,
        before: &CommandState,
        after: &CommandState,
        file: &str,
        text: &str,
        named: &BTreeMap<Digest, Vec<u8>>,
    ) -> Result<Vec<Change>, Error> {
        let folder = folder(self)?;
        let kept = |digest: &Digest| approved_text(&folder, digest).and_then(as_text);
        let mut changes = Vec::new();
        if before.spec != after.spec {
            let (before, after) = (kept(&before.spec), Some(text.to_owned()));
            changes.push(Change { path: file.to_owned(), before, after });
        }
        let digest = |written: Option<&String>| {
            let digits = written?.split(' ').next()?;
            digits.parse::<Digest>().ok()
        };
        let mut paths: Vec<&String> = before.files.keys().chain(after.files.keys()).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let (old, new) = (before.files.get(path), after.files.get(path));
            if old == new {
                continue;
            }
            let of = |written: Option<&String>, text: &dyn Fn(&Digest) -> Option<String>| {
                digest(written).map_or_else(|| Some(String::new()), |digest| text(&digest))
            };
            let now = |digest: &Digest| named.get(digest).cloned().and_then(as_text);
            let (before, after) = (of(old, &kept), of(new, &now));
            changes.push(Change { path: path.clone(), before, after });
        }
        Ok(changes)
    }

    /// Approves what a spec would execute, as it was shown.
    pub fn approve(&self, approved: &Approved, follow_edits: bool) -> Result<(), Error> {
        let approval = Approval {
            ledger: self.store.place()?,
            spec: approved.path.clone(),
            approved: now(),
            follow_edits,
            repository: approved.repository.clone(),
            state: approved.state.clone(),
        };
        let same = |it: &Approval| it.ledger == approval.ledger && it.spec == approval.spec;
        change_approvals(&folder(self)?, &approved.texts, &mut |approvals| {
            approvals.all.retain(|it| !same(it));
            approvals.all.push(approval.clone());
        })?;
        Ok(())
    }

    /// Approves the state of specs that the user named to run them; those with mistakes are left to
    /// the reading, which reports them. An approval that follows edits goes on doing so.
    pub(in crate::engine) fn approve_named(&self, specs: &[SpecName]) -> Result<(), Error> {
        for spec in specs {
            match self.look_over(spec) {
                Ok(Some(looked)) if looked.doubt.is_some() => {
                    self.approve(&self.beside_approved(&spec.path(), looked)?, false)?;
                }
                Ok(_) | Err(Error::Mistakes(_)) => {}
                // A spec that cannot be read is reported when it is read.
                Err(Error::Store(_)) if self.store.read_text(spec.path()).is_err() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The stamp of the file of approvals, `None` when there is none.
    pub(in crate::engine) fn approvals_stamp(&self) -> Option<FileStamp> {
        stamp(&folder(self).ok()?.join(APPROVALS))
    }

    /// Every approval of this user, those of this ledger first.
    pub fn approvals(&self) -> Result<Vec<Listed>, Error> {
        let trust = Trust::read(self)?;
        let mut listed: Vec<Listed> = trust
            .all()
            .iter()
            .map(|approval| Listed {
                here: approval.ledger == trust.place,
                approval: approval.clone(),
            })
            .collect();
        listed.sort_by_key(|it| (!it.here, it.approval.ledger.clone(), it.approval.spec.clone()));
        Ok(listed)
    }

    /// Takes approvals of this ledger back, those of some specs or all; gives their number.
    pub fn revoke(&self, specs: &[String], all: bool) -> Result<usize, Error> {
        let place = self.store.place()?;
        let mut number = 0;
        change_approvals(&folder(self)?, &[], &mut |approvals| {
            let before = approvals.all.len();
            let own = |it: &Approval| it.ledger == place || it.ledger.path == place.path;
            approvals.all.retain(|it| !(own(it) && (all || specs.contains(&it.spec))));
            number = before - approvals.all.len();
        })?;
        Ok(number)
    }
}

/// Bytes as the text they are, if they are one.
fn as_text(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}
