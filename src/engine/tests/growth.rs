//! An index that grew with a ledger tells the same as one that is made from its files.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Made, record};
use crate::engine::ledger::Ledger;
use crate::engine::membership::annotation;
use crate::ledger::annotation::AnnotationKind;
use crate::ledger::attempt::Status;
use crate::ledger::view::RunView;

/// What may happen to a ledger.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// A run is recorded, or tried again.
    Add(u64, Status),
    /// The user says something of a run.
    Say(u64, usize),
    /// The user deletes runs and purges them.
    Purge(u64),
    /// An attempt's directory goes, or comes back.
    Carry(u64),
    /// A file of an attempt is edited before anybody read it.
    Spoil(u64),
    /// Files that people edit are edited.
    Edit(u64),
    /// Another process opens the ledger.
    Reopen,
    /// Somebody asks.
    Ask,
}

/// Any of them.
pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let number = 0..400_u64;
    prop_oneof![
        4 => (number.clone(), prop_oneof![
            4 => Just(Status::Finished), 1 => Just(Status::Failed), 1 => Just(Status::Interrupted)
        ]).prop_map(|(number, status)| Operation::Add(number, status)),
        3 => (number.clone(), 0..5_usize).prop_map(|(number, what)| Operation::Say(number, what)),
        1 => number.clone().prop_map(Operation::Purge),
        1 => number.clone().prop_map(Operation::Carry),
        1 => number.clone().prop_map(Operation::Spoil),
        1 => number.prop_map(Operation::Edit),
        1 => Just(Operation::Reopen),
        2 => Just(Operation::Ask),
    ]
}

/// Everything that is told from the index, a line a thing. NaN is equal to itself in it.
fn told(ledger: &Ledger) -> Vec<String> {
    let experiments = ledger.outline().unwrap().experiments;
    let trash = ledger.trash().unwrap();
    let runs = || experiments.iter().flat_map(|experiment| &experiment.runs).chain(&trash);
    let directories: Vec<&str> = runs().map(|run| run.directory.as_str()).collect();
    let summaries = ledger.store.metric_summaries(&directories).unwrap();
    let faults = ledger.store.faults().unwrap();
    let heads = experiments.iter().map(|it| format!("{} {:?} {:?}", it.name, it.goal, it.best));
    let bodies = runs()
        .zip(&summaries)
        .map(|(run, summaries)| format!("{} {summaries:?}", serde_json::to_string(run).unwrap()));
    heads.chain(bodies).chain(faults.iter().map(ToString::to_string)).collect()
}

/// A ledger to which things happen.
pub(super) struct World {
    made: Made,
    ledger: Ledger,
    started: i64,
    /// Directories that were carried away, with where they belong.
    away: Vec<(PathBuf, PathBuf)>,
}

impl World {
    pub(super) fn new() -> Self {
        let made = Made::new();
        let ledger = made.opened();
        Self { made, ledger, started: 0, away: Vec::new() }
    }

    /// The directory of one of the attempts.
    fn pick(&self, number: u64) -> Option<(RunView, PathBuf)> {
        let view = self.ledger.outline().unwrap();
        let runs: Vec<&RunView> = view.experiments.iter().flat_map(|it| &it.runs).collect();
        let run = (!runs.is_empty()).then(|| runs[number as usize % runs.len()].clone())?;
        let directory = self.made.root().join(&run.directory);
        Some((run, directory))
    }

    /// The folder of the ledger.
    pub(super) fn root(&self) -> &Path {
        self.made.root()
    }

    /// The ledger as it is opened.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Lets something happen.
    pub(super) fn does(&mut self, operation: &Operation) {
        match operation {
            Operation::Add(number, status) => {
                self.started += 1;
                let experiment = if number.is_multiple_of(2) { "first" } else { "second" };
                record(&self.ledger, experiment, *number, *status, self.started);
            }
            Operation::Say(number, what) => self.say(*number, *what),
            Operation::Purge(number) => {
                let Some((run, _)) = self.pick(*number) else { return };
                let records = [annotation(run.id, AnnotationKind::Delete)];
                self.ledger.store.annotate(&run.experiment, &records).unwrap();
                let purged = self.ledger.purgeable(&[]).unwrap();
                self.ledger.purge(&purged).unwrap();
            }
            Operation::Carry(number) => self.carry(*number),
            Operation::Spoil(number) => {
                self.started += 1;
                record(&self.made.opened(), "first", *number, Status::Finished, self.started);
                let Some(directory) = self.newest() else { return };
                fs::write(directory.join("run.toml"), format!("spoilt = {number}\n")).unwrap();
            }
            Operation::Edit(number) => self.edit(*number),
            Operation::Reopen => self.ledger = self.made.opened(),
            Operation::Ask => drop(told(&self.ledger)),
        }
    }

    fn say(&self, number: u64, what: usize) {
        let Some((run, _)) = self.pick(number) else { return };
        let kind = match what {
            0 => AnnotationKind::Tag { key: "a".into(), value: number.to_string() },
            1 => AnnotationKind::Note { text: number.to_string() },
            2 => AnnotationKind::Star { on: number.is_multiple_of(2) },
            3 => AnnotationKind::Delete,
            _ => AnnotationKind::Restore,
        };
        let run = match &kind {
            AnnotationKind::Restore => match self.ledger.trash().unwrap().first() {
                Some(run) => run.clone(),
                None => return,
            },
            _ => run,
        };
        self.ledger.store.annotate(&run.experiment, &[annotation(run.id, kind)]).unwrap();
    }

    fn carry(&mut self, number: u64) {
        if number.is_multiple_of(2)
            && let Some((from, to)) = self.away.pop()
        {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::rename(from, to).unwrap();
            return;
        }
        let Some((_, directory)) = self.pick(number) else { return };
        let to = self.made.root().join(format!("away-{}", self.away.len()));
        fs::rename(&directory, &to).unwrap();
        self.away.push((to, directory));
    }

    /// The directory with the newest attempt, read from the disk.
    fn newest(&self) -> Option<PathBuf> {
        let below = |folder: PathBuf| {
            let entries = fs::read_dir(folder).into_iter().flatten();
            entries.map(|entry| entry.unwrap().path())
        };
        let shards = below(self.made.root().join("experiments/first/runs"));
        let key = |path: &PathBuf| {
            path.to_str().and_then(|it| it.rsplit_once('.').map(|it| it.1.to_owned()))
        };
        shards.flat_map(below).max_by_key(key)
    }

    fn edit(&self, number: u64) {
        let folder = self.made.root().join("experiments/second");
        match number % 3 {
            0 => {
                let goal = if number.is_multiple_of(2) { "loss" } else { "r2" };
                let text = format!("[goal]\nmetric = \"{goal}\"\n");
                fs::write(folder.join("experiment.toml"), text).unwrap();
            }
            1 => fs::write(folder.join("spec.toml"), "name = \"a\"\n").unwrap(),
            _ => drop(fs::remove_file(folder.join("spec.toml"))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn an_index_that_grew_equals_one_made_anew(
        operations in proptest::collection::vec(operation(), 1000),
    ) {
        let mut world = World::new();
        for (at, operation) in operations.iter().enumerate() {
            world.does(operation);
            if at % 100 == 99 {
                let grown = told(&world.ledger);
                let other = told(&world.made.opened());
                fs::remove_file(world.made.root().join(".fairledger/index.sqlite")).unwrap();
                let anew = told(&world.made.opened());
                prop_assert_eq!(&grown, &anew, "after {} operations", at + 1);
                prop_assert_eq!(&other, &anew, "after {} operations", at + 1);
            }
            if at % 400 == 399 {
                // Only now are the stamps of folders believed.
                std::thread::sleep(std::time::Duration::from_millis(2100));
            }
        }
    }
}
