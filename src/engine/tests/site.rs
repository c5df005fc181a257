//! A site that grew with its ledger is, byte for byte, the one that is built from nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::growth::{Operation, World, operation};
use crate::engine::ledger::Ledger;
use crate::ledger::view::RunView;

/// Every file below a folder.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// The site of a copy of a ledger, elsewhere but in a folder of the same name, built from nothing.
fn from_nothing(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join(root.file_name().unwrap());
    for (name, bytes) in files(root) {
        let derived = ["site/", ".fairledger/", "away-"];
        if !derived.iter().any(|folder| name.starts_with(folder)) {
            let path = copy.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    for experiment in ["first", "second"] {
        fs::create_dir_all(copy.join("experiments").join(experiment)).unwrap();
    }
    Ledger::open(&copy).unwrap().build_site().unwrap();
    files(&copy.join("site"))
}

/// What else may happen to a ledger and to what is derived of it.
fn meddle(world: &World, number: u64) {
    let root = world.root();
    let view = world.ledger().outline().unwrap();
    let runs: Vec<&RunView> = view.experiments.iter().flat_map(|it| &it.runs).collect();
    let picked = (!runs.is_empty()).then(|| runs[number as usize % runs.len()]);
    match number % 8 {
        0 | 1 => {
            // A sealed file is damaged, and somebody looks at it.
            let Some(run) = picked else { return };
            fs::write(root.join(&run.directory).join("metrics.jsonl"), "spoilt").unwrap();
            let mut run = run.clone();
            world.ledger().complete(&mut run).unwrap();
        }
        2 => {
            let Some(run) = picked else { return };
            let page = root.join("site").join(crate::report::run_folder(&run.id));
            drop(fs::remove_dir_all(page));
        }
        3 => drop(fs::remove_file(root.join("site/data/runs-0001.js"))),
        4 => drop(fs::remove_file(root.join(".fairledger/index.sqlite"))),
        5 => {
            let text = format!("format = 1\ndescription = \"{}\"\n", number / 16 % 2);
            fs::write(root.join("ledger.toml"), text).unwrap();
        }
        6 => {
            let text = format!("# Method {number}\n");
            fs::write(root.join("experiments/first/README.md"), text).unwrap();
        }
        _ => fs::write(root.join(".fairledger/index.sqlite"), "garbage").unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_site_that_grew_equals_one_built_from_nothing(
        steps in proptest::collection::vec((operation(), any::<u64>()), 90),
    ) {
        let mut world = World::new();
        for (at, (operation, number)) in steps.iter().enumerate() {
            world.does(operation);
            if at % 4 == 3 {
                meddle(&world, number / 3);
                world.does(&Operation::Reopen);
            }
            if at % 3 == 2 {
                world.ledger().bring_site().unwrap().1.unwrap();
            }
            if at % 30 == 29 {
                world.does(&Operation::Reopen);
                world.ledger().bring_site().unwrap().1.unwrap();
                let grown = files(&world.root().join("site"));
                let anew = from_nothing(world.root());
                let differ = |name: &&String| grown.get(*name) != anew.get(*name);
                let differ: Vec<&String> = grown.keys().chain(anew.keys()).filter(differ).collect();
                prop_assert!(differ.is_empty(), "after {} steps: {differ:?}", at + 1);
                let again = world.ledger().bring_site().unwrap().1.unwrap();
                prop_assert_eq!(again.written, 0);
            }
        }
    }
}
