//! The published test vectors of identity: `vectors.toml` beside this file.

use std::collections::BTreeMap;
use std::path::Path;

use fairledger::ledger::command::{CommandFacts, files_digest};
use fairledger::ledger::config::Defaults;
use fairledger::ledger::digest::Digest;
use fairledger::ledger::plan::{Surroundings, plan};
use fairledger::ledger::request::Request;
use fairledger::ledger::schema;
use fairledger::ledger::source::Source;
use fairledger::ledger::spec::Spec;
use fairledger::train;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    spec: String,
    data: String,
    vector: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    id: String,
    /// The id is that of the vector named here.
    same: Option<String>,
    /// The id is not that of the vector named here.
    differs: Option<String>,
    /// A request as it stands in `params.toml`, instead of a spec.
    request: Option<String>,
    /// A spec in place of the common one.
    spec: Option<String>,
    /// What was found out about a spec's command.
    found: Option<Found>,
    /// Replacements in the common spec.
    #[serde(default)]
    edit: Vec<[String; 2]>,
    /// Replacements in the common data.
    #[serde(default)]
    edit_data: Vec<[String; 2]>,
}

/// What was found out about a command, as a vector writes it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Found {
    /// The files of each entry of `inputs`, their contents by path.
    inputs: BTreeMap<String, BTreeMap<String, String>>,
    /// Likewise of `lock`.
    lock: BTreeMap<String, BTreeMap<String, String>>,
    /// What the version command printed.
    version: String,
    /// The values of `env_key`.
    environment: BTreeMap<String, String>,
    /// The content of the data file.
    data: Option<String>,
}

impl Found {
    fn facts(&self) -> CommandFacts {
        let digests = |entries: &BTreeMap<String, BTreeMap<String, String>>| {
            let digest = |files: &BTreeMap<String, String>| {
                let files = files.iter();
                files_digest(files.map(|(path, text)| (path.as_str(), Digest::of(text.as_bytes()))))
            };
            entries.iter().map(|(entry, files)| (entry.clone(), digest(files))).collect()
        };
        CommandFacts {
            inputs: digests(&self.inputs),
            lock: digests(&self.lock),
            version: self.version.clone(),
            environment: self.environment.clone(),
            data: self.data.as_ref().map(|text| Digest::of(text.as_bytes())),
        }
    }
}

fn vectors() -> Vectors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/vectors.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn edited(text: &str, edits: &[[String; 2]], name: &str) -> String {
    edits.iter().fold(text.to_owned(), |text, [from, to]| {
        assert!(text.contains(from.as_str()), "{name}: nothing to replace: {from:?}");
        text.replace(from.as_str(), to)
    })
}

/// The id that the program derives for a vector.
fn derive(vectors: &Vectors, vector: &Vector) -> String {
    if let Some(request) = &vector.request {
        return Request::from_table(request.parse().unwrap()).unwrap().id().to_string();
    }
    let spec = vector.spec.as_ref().unwrap_or(&vectors.spec);
    let spec = edited(spec, &vector.edit, &vector.name);
    let data = edited(&vectors.data, &vector.edit_data, &vector.name);
    let facts = train::profile(Box::new(std::io::Cursor::new(data))).unwrap();
    let source = Source::parse("experiments/e/spec.toml", &spec).unwrap();
    let read = schema::read::<Spec>(&source);
    assert!(read.problems.is_empty(), "{}: {:?}", vector.name, read.problems);
    let command = vector.found.as_ref().map(|found| Ok(found.facts()));
    let around = Surroundings {
        models: train::models(),
        metrics: train::metrics,
        default_metrics: train::default_metrics,
        defaults: &Defaults::default(),
        goal: None,
        results: &|runs| vec![None; runs.len()],
        facts: Ok(&facts),
        command: command.as_ref(),
    };
    let planned = plan("e", &source, &read.value.unwrap(), around)
        .unwrap_or_else(|problems| panic!("{}: {problems:#?}", vector.name));
    assert_eq!(planned.runs.len(), 1, "{}", vector.name);
    planned.runs[0].request.id().to_string()
}

#[test]
fn every_published_vector_holds() {
    let vectors = vectors();
    assert!(vectors.vector.len() >= 30, "{} vectors", vectors.vector.len());
    let ids: BTreeMap<&str, String> = vectors
        .vector
        .iter()
        .map(|vector| (vector.name.as_str(), derive(&vectors, vector)))
        .collect();
    let wrong: Vec<String> = vectors
        .vector
        .iter()
        .filter(|vector| ids[vector.name.as_str()] != vector.id)
        .map(|vector| format!("{}: {}", vector.name, ids[vector.name.as_str()]))
        .collect();
    assert!(wrong.is_empty(), "ids that are not as published:\n{}", wrong.join("\n"));
    for vector in &vectors.vector {
        let own = &ids[vector.name.as_str()];
        if let Some(other) = &vector.same {
            assert_eq!(own, &ids[other.as_str()], "{} and {other}", vector.name);
        }
        if let Some(other) = &vector.differs {
            assert_ne!(own, &ids[other.as_str()], "{} and {other}", vector.name);
        }
    }
}
