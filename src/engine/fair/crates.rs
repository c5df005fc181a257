//! `export crate`: runs as RO-Crates, folders or archives that outside programs understand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::engine::error::Error;
use crate::engine::find;
use crate::engine::ledger::Ledger;
use crate::engine::listing::ListOf;
use crate::ledger::fair::anonymous;
use crate::ledger::fair::citation::CITATION;
use crate::ledger::fair::collection::{Collection, folder};
use crate::ledger::fair::contents::CrateFile;
use crate::ledger::fair::run_crate::{METADATA, RunCrate};
use crate::ledger::layout::LEDGER;
use crate::ledger::view::{LedgerView, RunView};
use crate::store::write_archive;

use super::pack::{From, Packed};

/// Which crate is made.
#[derive(Clone, Copy, Debug)]
pub struct CrateOf<'a> {
    /// A run, else what [`ListOf`] takes: experiments or a filter.
    pub words: &'a [String],
    /// The folder, or the archive where it ends in `.zip`.
    pub output: &'a Path,
    /// Whether only the metadata is written.
    pub metadata_only: bool,
    /// Whether the names of users and machines are left out.
    pub anonymous: bool,
}

/// A crate that was made.
#[derive(Clone, Debug)]
pub struct MadeCrate {
    /// Where it is.
    pub path: PathBuf,
    /// Number of runs in it.
    pub runs: usize,
    /// Number of files in it.
    pub files: usize,
    /// What is described but not in it, a line each.
    pub left_out: Vec<String>,
    /// Whether a file is left out because it is damaged.
    pub damaged: bool,
}

/// A crate on its way out.
#[derive(Default)]
struct Making {
    packed: Packed,
    left_out: Vec<String>,
    damaged: bool,
}

impl Ledger {
    /// Writes one run, or several with a crate around them.
    ///
    /// # Errors
    /// When the ledger declares no licence or something mistaken, when nothing is chosen, and when the folder
    /// is somebody else's.
    pub fn export_crate(&self, asked: CrateOf<'_>) -> Result<MadeCrate, Error> {
        self.must_be_declared()?;
        let names = self.store.experiments()?;
        let one = match asked.words {
            [word] if find::name(&names, word).is_err() => self.find_run(word).ok(),
            _ => None,
        };
        let (making, runs) = match one {
            Some(run) => (self.crate_of_run(&run, asked, asked.metadata_only)?, 1),
            None => self.crate_of_several(asked)?,
        };
        let path = std::path::absolute(asked.output).unwrap_or_else(|_| asked.output.to_owned());
        let mut packed = making.packed;
        packed.sort_by(|(a, _), (b, _)| (a != METADATA, a).cmp(&(b != METADATA, b)));
        if asked.metadata_only {
            packed.truncate(1);
        }
        let mut files = packed.into_iter().map(|(path, from)| Ok((path, self.packed_bytes(from)?)));
        let files = write_archive::<Error>(&path, METADATA, &mut files)?;
        let (left_out, damaged) = (making.left_out, making.damaged);
        Ok(MadeCrate { path, runs, files, left_out, damaged })
    }

    /// The crate of one run; data and citation are beside it where it stands alone.
    fn crate_of_run(&self, run: &RunView, asked: CrateOf<'_>, bare: bool) -> Result<Making, Error> {
        let mut run = run.clone();
        self.complete(&mut run)?;
        let swhids = self.swhids(&run)?;
        let files = self.run_files(&run, &swhids, asked.anonymous)?;
        let mut making =
            Making { packed: files.packed, left_out: files.left_out, damaged: files.damaged };
        let data = run.data.as_ref().map(|data| self.run_data(data));
        if let Some((file, packed)) = &data {
            making.left_out.extend(file.missing.iter().map(|why| format!("{} {why}", file.path)));
            making.packed.extend(packed.clone());
        }
        let mut beside = Vec::new();
        if !bare {
            self.cite(&mut making, &mut beside, &[&run])?;
        }
        let metadata = RunCrate {
            ledger: &self.empty_view(),
            run: &run,
            files: &files.described,
            data: data.as_ref().map(|(file, _)| file),
            beside: &beside,
            swhids: &swhids,
            anonymous: asked.anonymous,
        };
        making.packed.push((METADATA.into(), From::Bytes(metadata.metadata())));
        Ok(making)
    }

    fn crate_of_several(&self, asked: CrateOf<'_>) -> Result<(Making, usize), Error> {
        let listing = self.list(ListOf { words: asked.words, ..ListOf::default() })?;
        let mut seen = BTreeSet::new();
        let runs: Vec<&RunView> =
            listing.runs().into_iter().filter(|run| seen.insert(run.id)).collect();
        if runs.is_empty() {
            return Err(Error::NothingToExport(asked.words.join(" ")));
        }
        let (mut making, mut data, mut beside) = (Making::default(), Vec::new(), Vec::new());
        let mut states = BTreeSet::new();
        for file in runs.iter().filter_map(|run| run.data.as_ref()) {
            if states.insert(file.blake3) {
                let (described, packed) = self.run_data(file);
                let why = described.missing.iter().map(|why| format!("{} {why}", file.path));
                making.left_out.extend(why);
                // Of two states that have one name, only the present one is packed.
                making.packed.extend(packed);
                data.push(described);
            }
        }
        for run in runs.iter().filter(|_| !asked.metadata_only) {
            self.nest(run, asked, &mut making)?;
        }
        self.lay_beside(&runs, asked, &mut making, &mut beside)?;
        let (title, description) = self.words_of(&runs);
        let identifiers = Vec::from_iter(self.snapshot_swhid()?);
        let metadata = Collection {
            ledger: &self.empty_view(),
            title: &title,
            description: &description,
            runs: &runs,
            data: &data,
            beside: &beside,
            identifiers: &identifiers,
            anonymous: asked.anonymous,
            with_files: !asked.metadata_only,
        };
        making.packed.push((METADATA.into(), From::Bytes(metadata.metadata())));
        Ok((making, runs.len()))
    }

    /// Puts the crate of a run into its folder, its data left to the crate around it.
    fn nest(&self, run: &RunView, asked: CrateOf<'_>, making: &mut Making) -> Result<(), Error> {
        let inner = self.crate_of_run_without_data(run, asked)?;
        let folder = folder(run);
        let inside = inner.packed.into_iter().map(|(path, from)| (format!("{folder}{path}"), from));
        making.packed.extend(inside);
        making.left_out.extend(inner.left_out);
        making.damaged |= inner.damaged;
        Ok(())
    }

    fn crate_of_run_without_data(
        &self,
        run: &RunView,
        asked: CrateOf<'_>,
    ) -> Result<Making, Error> {
        let mut run = run.clone();
        self.complete(&mut run)?;
        let swhids = self.swhids(&run)?;
        let files = self.run_files(&run, &swhids, asked.anonymous)?;
        let why = "in the crate around this one, or in the ledger".to_owned();
        let data = run.data.as_ref().map(|data| CrateFile::of_data(data, Some(why)));
        let metadata = RunCrate {
            ledger: &self.empty_view(),
            run: &run,
            files: &files.described,
            data: data.as_ref(),
            beside: &[],
            swhids: &swhids,
            anonymous: asked.anonymous,
        };
        let mut packed = files.packed;
        packed.push((METADATA.into(), From::Bytes(metadata.metadata())));
        Ok(Making { packed, left_out: files.left_out, damaged: files.damaged })
    }

    /// Adds the table of the runs, their experiments' files, the ledger's settings and how to cite it.
    fn lay_beside(
        &self,
        runs: &[&RunView],
        asked: CrateOf<'_>,
        making: &mut Making,
        beside: &mut Vec<CrateFile>,
    ) -> Result<(), Error> {
        if asked.metadata_only {
            return Ok(());
        }
        let mut table: Vec<RunView> = runs.iter().map(|run| (*run).clone()).collect();
        if asked.anonymous {
            table.iter_mut().for_each(hide);
        }
        let table = self.run_table(&table.iter().collect::<Vec<_>>())?.to_csv();
        let mut add = |path: String, name: &str, bytes: Vec<u8>| {
            beside.push(CrateFile::of_bytes(&path, name, &bytes));
            making.packed.push((path, From::Bytes(bytes)));
        };
        add("runs.csv".into(), "The table of the runs", table.into_bytes());
        let experiments: BTreeSet<&String> = runs.iter().flat_map(|run| &run.experiments).collect();
        let is_ours = |path: &String| {
            let inside = path.strip_prefix("experiments/").and_then(|path| path.split_once('/'));
            inside.is_some_and(|(name, rest)| {
                experiments.contains(&name.to_owned()) && !rest.starts_with("annotations/")
            })
        };
        let own = self.store.own_files(self.config.snapshot.max_file)?;
        for path in own.into_iter().filter(is_ours) {
            let bytes = self.store.own_bytes(&path)?;
            add(path.clone(), &format!("File {path} of the experiment"), bytes);
        }
        add(LEDGER.into(), "The settings of the ledger", self.store.own_bytes(LEDGER)?);
        self.cite(making, beside, runs)
    }

    fn cite(
        &self,
        making: &mut Making,
        beside: &mut Vec<CrateFile>,
        runs: &[&RunView],
    ) -> Result<(), Error> {
        let bytes = self.citation(runs.iter().map(|run| run.ended).max())?;
        beside.push(CrateFile::of_bytes(CITATION, "How to cite it", &bytes));
        making.packed.push((CITATION.into(), From::Bytes(bytes)));
        Ok(())
    }

    /// Title and description of some runs: their experiment's where they are of one, else the ledger's.
    fn words_of(&self, runs: &[&RunView]) -> (String, String) {
        let LedgerView { title, description, .. } = self.empty_view();
        let names: BTreeSet<&String> = runs.iter().map(|run| &run.experiment).collect();
        let (title, description) = match names.first() {
            Some(name) if names.len() == 1 => {
                let (config, _) = self.experiment(name);
                let own = if config.title.is_empty() { (*name).clone() } else { config.title };
                (format!("{own}, an experiment of {title}"), config.description)
            }
            _ => (title, description),
        };
        let number = crate::engine::count(runs.len(), "run");
        let description =
            if description.is_empty() { format!("{number} of {title}") } else { description };
        (title, description)
    }
}

/// Takes the names of users and machines from a run.
pub(in crate::engine) fn hide(run: &mut RunView) {
    let host = std::mem::take(&mut run.host.name);
    run.cause = run.cause.take().map(|cause| anonymous::text(&cause, &host));
    if let Some(command) = &mut run.command {
        command.run.iter_mut().for_each(|word| *word = anonymous::text(word, &host));
    }
}
