//! Executing one run of a command.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::exec::{Ended, Group, Job};
use crate::ledger::attempt::{Attempt, Status};
use crate::ledger::command::{ByCommand, filled, time_limit};
use crate::ledger::exit::{CommandRecord, Exit};
use crate::ledger::outcome::{Outcome, Reporter};
use crate::ledger::plan::Planned;
use crate::ledger::schema;
use crate::ledger::secret;
use crate::ledger::source::Source;
use crate::ledger::spec::{Command, Spec};
use crate::ledger::value::json;
use crate::store::{Ending, Recorder};

use super::look::{Commands, Look};
use crate::engine::cancel::Cancel;
use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::reading::SpecName;
use crate::engine::surroundings::{base_environment, now, secrets};

/// How long a command may go on after it was asked to end.
const GRACE: Duration = Duration::from_secs(10);

/// A run of a command that is about to start.
pub(in crate::engine) struct Run<'a> {
    pub(in crate::engine) ledger: &'a Ledger,
    pub(in crate::engine) cancel: &'a Cancel,
    pub(in crate::engine) planned: &'a Planned,
    pub(in crate::engine) command: &'a Command,
}

impl Run<'_> {
    /// The files it names, if it may start and still is what was planned; else why not. Between the
    /// plan and its turn hours may have passed.
    pub(in crate::engine) fn check(&self) -> Result<Result<Vec<PathBuf>, String>, Error> {
        let Some(request) = self.planned.request.to_command() else {
            return Ok(Err("its request names no command".to_owned()));
        };
        let Some(look) = self.look()? else {
            return Ok(Err("its spec cannot be read any more".to_owned()));
        };
        if let Some(doubt) = look.doubt {
            return Ok(Err(format!("not approved: {doubt}")));
        }
        let changed = changed(&request, &look);
        if changed.is_empty() {
            return Ok(Ok(look.files.into_iter().collect()));
        }
        Ok(Err(format!("{} changed since it was planned; run again", changed.join(", "))))
    }

    /// What the command is now; `None` when its spec is gone or broken.
    fn look(&self) -> Result<Option<Look>, Error> {
        let planned = self.planned;
        let name = SpecName { experiment: planned.experiment.clone(), file: planned.spec.clone() };
        let Ok(text) = self.ledger.store.read_text(name.path()) else { return Ok(None) };
        let Ok(source) = Source::parse(&name.path(), &text) else { return Ok(None) };
        let spec = schema::read::<Spec>(&source).value;
        let Some((spec, command)) = spec.and_then(|spec| Some((spec.clone(), spec.command?)))
        else {
            return Ok(None);
        };
        Commands::new(self.ledger).look(&name, &source, &spec, &command).map(Some)
    }

    /// Adds to the record of an attempt what is known before it starts.
    pub(in crate::engine) fn prepare(&self, attempt: &mut Attempt) {
        let Some(request) = self.planned.request.to_command() else { return };
        let directory = self.command.directory.clone().unwrap_or_else(|| ".".to_owned());
        if let (Some(program), Some(version)) =
            (self.command.version.first(), request.command.version.lines().next())
        {
            attempt.versions.insert(program.clone(), version.to_owned());
        }
        attempt.command = Some(CommandRecord {
            run: filled(&request, &self.data()),
            directory,
            env_pass: self.command.env_pass.clone(),
            changed: Vec::new(),
            tags: BTreeMap::new(),
            exit: None,
            peak_memory: None,
            other: BTreeMap::new(),
        });
    }

    /// The data file as the command's words name it.
    fn data(&self) -> String {
        let data = &self.planned.data;
        let moved = self.command.directory.as_deref().is_some_and(|it| it != ".");
        if moved && !data.is_empty() {
            return self.ledger.root().join(data).display().to_string();
        }
        data.clone()
    }

    /// Executes it and says how it ended; the error is the disk's.
    pub(in crate::engine) fn execute(
        &self,
        recorder: &Recorder,
        record: Option<CommandRecord>,
        reporter: &dyn Reporter,
        max_file: u64,
    ) -> Result<Ending, Error> {
        let request = self.planned.request.to_command();
        let (Some(request), Some(mut record)) = (request, record) else {
            return Ok(failed("its request names no command".to_owned(), None, max_file));
        };
        let params: serde_json::Map<String, serde_json::Value> =
            request.params.iter().map(|(name, value)| (name.clone(), json(value))).collect();
        let params = serde_json::to_vec_pretty(&params).unwrap_or_default();
        let workspace = recorder.workspace(&params)?;
        let own: [(&str, OsString); 7] = [
            ("PARAMS", workspace.params().into()),
            ("METRICS", workspace.metrics().into()),
            ("TAGS", workspace.tags().into()),
            ("ARTIFACTS", workspace.artifacts().into()),
            ("RUN_ID", self.planned.request.id().to_string().into()),
            ("SEED", request.seed.to_string().into()),
            ("DATA", self.data_path().into()),
        ];
        let mut environment = base_environment(self.command);
        environment.extend(
            own.into_iter().map(|(name, value)| (format!("FAIRLEDGER_{name}").into(), value)),
        );
        let job = Job {
            run: record.run.clone(),
            directory: self.ledger.root().join(&record.directory),
            environment,
            input: recorder.hold(),
            metrics: workspace.metrics(),
            tags: workspace.tags(),
            printed: self.command.metrics.is_some(),
            timeout: self.command.timeout.as_deref().and_then(time_limit),
            grace: GRACE,
            secrets: secrets(&self.command.env_pass),
        };
        let started = Instant::now();
        // Without the note only the ending of orphans is lost.
        let note = |group: Group| drop(workspace.note_group(group.number()));
        let ended = self.cancel.supervise(&job, reporter, &note);
        let seconds = started.elapsed().as_secs_f64();
        drop(workspace);
        record.changed = match self.look() {
            Ok(look) => look.map(|look| changed(&request, &look)).unwrap_or_default(),
            // What the command did is there all the same.
            Err(error) => {
                let what = "whether its inputs changed meanwhile cannot be found out";
                reporter.line(&format!("fairledger: {what}: {error}"));
                Vec::new()
            }
        };
        let mut ending = match ended {
            Ok(ended) => ending(ended, record, max_file),
            Err(error) => failed(error.to_string(), Some(record), max_file),
        };
        ending.outcome.timings.insert("command".to_owned(), seconds);
        Ok(ending)
    }

    /// Keeps what is not committed, so that the commit and it give the code back.
    pub(in crate::engine) fn keep_patch(
        &self,
        files: &[PathBuf],
        recorder: &Recorder,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        let Ok(Some(repository)) = self.ledger.repository() else { return Ok(()) };
        match repository.patch(files) {
            Ok(patch) => {
                let lines = patch.split_inclusive('\n').map(secret::redacted);
                recorder.keep_patch(&lines.collect::<String>())?;
            }
            Err(error) => {
                let text = format!("fairledger: uncommitted changes are not recorded: {error}");
                reporter.line(&text);
            }
        }
        Ok(())
    }

    fn data_path(&self) -> PathBuf {
        let data = &self.planned.data;
        if data.is_empty() { PathBuf::new() } else { self.ledger.root().join(data) }
    }
}

/// The entries of inputs and lock, and other parts, that are not what a request says.
fn changed(request: &ByCommand, look: &Look) -> Vec<String> {
    let Ok(facts) = &look.facts else { return vec!["something it names".to_owned()] };
    let mut changed = Vec::new();
    let asked = &request.command;
    for (before, now) in [(&asked.inputs, &facts.inputs), (&asked.lock, &facts.lock)] {
        let differs = before.iter().filter(|(entry, digest)| now.get(*entry) != Some(digest));
        changed.extend(differs.map(|(entry, _)| entry.clone()));
    }
    if request.data.as_ref().map(|data| data.digest) != facts.data {
        changed.push("the data".to_owned());
    }
    if !look.undecided && asked.version != facts.version {
        changed.push("the version of the program".to_owned());
    }
    changed
}

fn ending(ended: Ended, record: CommandRecord, max_file: u64) -> Ending {
    let Ended { exit, tags, last_error, peak_memory } = ended;
    let status = match &exit {
        exit if exit.is_good() => Status::Finished,
        Exit::Cancelled => Status::Interrupted,
        _ => Status::Failed,
    };
    let said = last_error.filter(|_| matches!(exit, Exit::Code { .. }));
    let said = said.map(|said| format!(": {}", said.trim().chars().take(300).collect::<String>()));
    let cause = format!("{}{}", exit.words(), said.unwrap_or_default());
    let record = CommandRecord { exit: Some(exit), peak_memory, tags, ..record };
    let outcome = Outcome { command: Some(record), ..Outcome::default() };
    let cause = (status != Status::Finished).then_some(cause);
    Ending { status, cause, ended: now(), outcome, max_file }
}

fn failed(cause: String, command: Option<CommandRecord>, max_file: u64) -> Ending {
    let outcome = Outcome { command, ..Outcome::default() };
    Ending { status: Status::Failed, cause: Some(cause), ended: now(), outcome, max_file }
}
