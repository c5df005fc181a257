//! What a spec's command is now: its facts for the request, its state for the approval.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::exec;
use crate::ledger::command::{CommandFacts, files_digest};
use crate::ledger::digest::Digest;
use crate::ledger::manifest::is_inside;
use crate::ledger::problem::Problem;
use crate::ledger::secret;
use crate::ledger::source::Source;
use crate::ledger::spec::{Command, Spec};
use crate::ledger::trust::{CommandState, Doubt};
use crate::path;
use crate::store::InputFile;

use super::trust::Trust;
use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::reading::SpecName;
use crate::engine::surroundings::{base_environment, variable};

/// How long a program may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_mins(1);

/// A spec whose command does not start by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The spec.
    pub spec: SpecName,
    /// Why it waits.
    pub doubt: Doubt,
    /// Number of runs that wait; `None` while the version of its program is not known.
    pub runs: Option<usize>,
}

/// What a spec's command is now.
#[derive(Debug)]
pub(in crate::engine) struct Look {
    /// The facts for its requests, or what is wrong with what it names.
    pub(in crate::engine) facts: Result<CommandFacts, Vec<Problem>>,
    /// What would be executed; `None` when something it names is wrong.
    pub(in crate::engine) state: Option<CommandState>,
    /// Why it does not start by itself.
    pub(in crate::engine) doubt: Option<Doubt>,
    /// Whether the program was not asked for its version, because it may not start or nobody asks.
    pub(in crate::engine) undecided: bool,
    /// The files it names, absolute.
    pub(in crate::engine) files: BTreeSet<PathBuf>,
}

/// Looks at the commands of specs; what costs something is found out once.
pub(in crate::engine) struct Commands<'a> {
    ledger: &'a Ledger,
    trust: RefCell<Option<Trust>>,
    versions: RefCell<Versions>,
    /// Whether programs are asked for their versions.
    asks: bool,
}

/// What programs said as their versions, or why not, by words and folder.
type Versions = BTreeMap<(Vec<String>, PathBuf), Result<String, String>>;

impl<'a> Commands<'a> {
    pub(in crate::engine) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, trust: RefCell::default(), versions: RefCell::default(), asks: true }
    }

    /// As [`Commands::new`], but no program is asked for its version: approvals do not go by it.
    pub(in crate::engine) fn unasked(ledger: &'a Ledger) -> Self {
        Self { asks: false, ..Self::new(ledger) }
    }

    /// Looks at the command of a spec, whose text is handed over.
    ///
    /// # Errors
    /// When the approvals cannot be read.
    pub(in crate::engine) fn look(
        &self,
        name: &SpecName,
        source: &Source,
        spec: &Spec,
        command: &Command,
    ) -> Result<Look, Error> {
        let mut found = Found::default();
        let directory = self.directory(command, source, &mut found);
        if let Some(directory) = &directory {
            self.find_files(directory, command, source, &mut found);
        }
        self.find_data(spec, source, &mut found);
        let mut look = Look {
            facts: Ok(CommandFacts::default()),
            state: None,
            doubt: None,
            undecided: !command.version.is_empty(),
            files: found.paths,
        };
        let Some(directory) = directory.filter(|_| found.problems.is_empty()) else {
            look.facts = Err(found.problems);
            return Ok(look);
        };
        let state = state(command, source, found.files);
        look.doubt = self.doubt(name, &state)?;
        look.state = Some(state);
        found.facts.environment = environment(command);
        if look.doubt.is_none() && look.undecided && self.asks {
            look.undecided = false;
            match self.version(command, &directory) {
                Ok(version) => found.facts.version = version,
                Err(what) => {
                    let place = source.at_value(path!["command", "version"], what);
                    look.facts = Err(vec![place]);
                    return Ok(look);
                }
            }
        }
        look.facts = Ok(found.facts);
        Ok(look)
    }

    fn doubt(&self, name: &SpecName, state: &CommandState) -> Result<Option<Doubt>, Error> {
        let mut trust = self.trust.borrow_mut();
        if trust.is_none() {
            *trust = Some(Trust::read(self.ledger)?);
        }
        Ok(trust.as_ref().and_then(|trust| trust.doubt(&name.path(), state)))
    }

    /// The folder the command works in: one of the ledger, or of the repository around it.
    fn directory(&self, command: &Command, source: &Source, found: &mut Found) -> Option<PathBuf> {
        let written = command.directory.as_deref().unwrap_or(".");
        let mut refuse = |what: String| {
            found.problems.push(source.at_value(path!["command", "directory"], what));
        };
        let root = self.ledger.root();
        let Ok(folder) = root.join(written).canonicalize() else {
            refuse(format!("there is no folder {written}"));
            return None;
        };
        let around = || self.ledger.repository().ok().flatten().map(|it| it.folder());
        let inside = folder.starts_with(root) || around().is_some_and(|it| folder.starts_with(it));
        if !inside || !folder.is_dir() {
            refuse(format!("{written} is no folder of the ledger or the repository around it"));
            return None;
        }
        Some(folder)
    }

    fn find_files(&self, directory: &Path, command: &Command, source: &Source, found: &mut Found) {
        for (key, entries) in [("inputs", &command.inputs), ("lock", &command.lock)] {
            for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| is_inside(entry)) {
                match self.ledger.store.inputs(directory, entry) {
                    Ok(files) => found.add(key, entry, directory, &files),
                    Err(error) => {
                        let place = path!["command", key, at];
                        found.problems.push(source.at_value(place, error.to_string()));
                    }
                }
            }
        }
    }

    fn find_data(&self, spec: &Spec, source: &Source, found: &mut Found) {
        let Some(data) = &spec.data else { return };
        let root = self.ledger.root();
        let place = path!["data", "path"];
        if !is_inside(&data.path) {
            let message = format!("\"{}\" leads out of the ledger", data.path);
            found.problems.push(source.at_value(place, message));
            return;
        }
        match self.ledger.store.inputs(root, &data.path) {
            Ok(files) => {
                found.facts.data = files.first().map(|file| file.digest);
                found.add("data", &data.path, root, &files);
            }
            Err(error) => found.problems.push(source.at_value(place, error.to_string())),
        }
    }

    /// What the program says as its version.
    fn version(&self, command: &Command, directory: &Path) -> Result<String, String> {
        let key = (command.version.clone(), directory.to_owned());
        let ask = || {
            let environment = base_environment(command);
            let asked = exec::output_of(&command.version, directory, &environment, VERSION_LIMIT);
            let (good, text) = asked.map_err(|error| error.to_string())?;
            if !good {
                return Err(format!("it ended badly: {}", text.lines().last().unwrap_or("")));
            }
            if secret::has_shape(&text) {
                return Err("what it prints looks like a secret, and is stored".to_owned());
            }
            Ok(text)
        };
        self.versions.borrow_mut().entry(key).or_insert_with(ask).clone()
    }
}

/// What was found on disk.
#[derive(Default)]
struct Found {
    facts: CommandFacts,
    files: BTreeMap<String, String>,
    paths: BTreeSet<PathBuf>,
    problems: Vec<Problem>,
}

impl Found {
    fn add(&mut self, key: &str, entry: &str, directory: &Path, files: &[InputFile]) {
        let digest = files_digest(files.iter().map(|file| (file.path.as_str(), file.digest)));
        match key {
            "inputs" => drop(self.facts.inputs.insert(entry.to_owned(), digest)),
            "lock" => drop(self.facts.lock.insert(entry.to_owned(), digest)),
            _ => {}
        }
        for file in files {
            let link = file.link.as_ref().map(|link| format!(" -> {link}")).unwrap_or_default();
            self.files.insert(file.path.clone(), format!("{}{link}", file.digest));
            self.paths.insert(directory.join(&file.path));
        }
    }
}

fn state(command: &Command, source: &Source, files: BTreeMap<String, String>) -> CommandState {
    let mut variables = [command.env_key.clone(), command.env_pass.clone()].concat();
    variables.sort_unstable();
    CommandState {
        run: command.run.clone(),
        version: command.version.clone(),
        directory: command.directory.clone().unwrap_or_else(|| ".".to_owned()),
        variables,
        spec: Digest::of(source.text.as_bytes()),
        files,
    }
}

/// The values of those variables of `env_key` that are set.
fn environment(command: &Command) -> BTreeMap<String, String> {
    let set = command.env_key.iter().filter_map(|name| {
        let value = variable(name)?;
        Some((name.clone(), value.to_string_lossy().into_owned()))
    });
    set.collect()
}
