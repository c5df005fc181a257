//! What run crates and crates of several runs have in common.

use serde_json::{Value, json};

use crate::ledger::attempt::Status;
use crate::ledger::exit::CommandRecord;
use crate::ledger::id::AttemptId;
use crate::ledger::view::{LedgerView, RunView};

use super::contents::CrateFile;
use super::graph::{Entity, Graph, address, reference};
use super::{anonymous, format, swhid, who};

/// The file of a crate's metadata.
pub const METADATA: &str = "ro-crate-metadata.json";

/// The identity of Process Run Crate 0.5.
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";

/// The contexts of RO-Crate 1.1 and of the terms for runs, which have `sha256` and `environment`.
pub(super) fn context() -> Value {
    json!([
        "https://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/terms/workflow-run/context"
    ])
}

/// What a crate says of itself.
pub(super) struct Root<'a> {
    pub(super) name: String,
    pub(super) description: String,
    /// Day of publication, such as `2026-11-23`.
    pub(super) date: String,
    pub(super) identifiers: Vec<String>,
    pub(super) keywords: Vec<String>,
    pub(super) parts: Vec<String>,
    pub(super) actions: Vec<String>,
    pub(super) creators: &'a [String],
}

/// Adds the descriptor, the profile and the root.
pub(super) fn root(graph: &mut Graph, ledger: &LedgerView, root: Root<'_>) {
    graph.add(
        Entity::new(METADATA, "CreativeWork")
            .set("conformsTo", reference("https://w3id.org/ro/crate/1.1"))
            .set("about", reference("./")),
    );
    graph.add(
        Entity::new(PROFILE, "CreativeWork").set("name", "Process Run Crate").set("version", "0.5"),
    );
    let licence = who::licence(graph, &ledger.licence);
    let publisher = who::publisher(graph, &ledger.about);
    let mut identifiers = root.identifiers;
    if !ledger.about.doi.is_empty() {
        identifiers.insert(0, format!("https://doi.org/{}", ledger.about.doi));
    }
    let texts = |texts: Vec<String>| texts.into_iter().map(Value::from).collect();
    graph.add(
        Entity::new("./", "Dataset")
            .set("name", root.name)
            .set("description", root.description)
            .set("datePublished", root.date)
            .set("conformsTo", reference(PROFILE))
            .set_all("identifier", texts(identifiers))
            .set("keywords", root.keywords.join(", "))
            .set("url", ledger.about.url.as_str())
            .refer("license", &licence)
            .refer("author", root.creators)
            .refer("publisher", &Vec::from_iter(publisher))
            .refer("hasPart", &root.parts)
            .refer("mentions", &root.actions),
    );
}

/// Adds a file; gives its `@id`. One that is not in the crate is no part of it, and is known by its digest.
pub(super) fn file(graph: &mut Graph, file: &CrateFile) -> String {
    let format = format::of(&file.path);
    let page = graph.add(Entity::new(format.page, "WebSite").set("name", format.name));
    let (id, kind) = match &file.missing {
        None => (address(&file.path), "File"),
        Some(_) => (format!("nih:sha-256;{}", file.sha256), "CreativeWork"),
    };
    let mut identifiers = vec![json!(format!("blake3:{}", file.blake3))];
    identifiers.extend(file.swhid.iter().map(|swhid| json!(swhid)));
    let missing = file.missing.as_ref().map(|why| format!("{}: {why}", file.path));
    graph.add(
        Entity::new(id, kind)
            .set("name", file.name.as_str())
            .set("description", missing.unwrap_or_default())
            .set("contentSize", file.size.to_string())
            .set("sha256", file.sha256.as_str())
            .set_all("identifier", identifiers)
            .set_all("encodingFormat", vec![json!(format.media), reference(&page)]),
    )
}

/// Adds a named value; gives its `@id`. What JSON has no number for is text.
pub(super) fn value(graph: &mut Graph, kind: &str, name: &str, value: Value) -> String {
    let id = format!("#{kind}-{}", address(name));
    let value =
        if value.is_array() || value.is_object() { json!(value.to_string()) } else { value };
    graph.add(Entity::new(id, "PropertyValue").set("name", name).set("value", value))
}

/// A metric value.
pub(super) fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(|| json!(value.to_string()), Value::Number)
}

/// Adds the software that executed a run; gives its `@id`.
///
/// It is what lies in the repository at the commit it ran from, by the resolver of the Software Heritage archive: a
/// command's code, or the spec that a built-in trainer followed. Without a repository it is the program, by its package
/// URL (ECMA-427).
pub(super) fn instrument(graph: &mut Graph, run: &RunView) -> String {
    let program = run.versions.get("fairledger").map_or(env!("CARGO_PKG_VERSION"), String::as_str);
    let (id, version) = match &run.git {
        Some(git) => (swhid::address(&swhid::revision(&git.commit)), git.commit.clone()),
        None => (format!("pkg:cargo/fairledger@{program}"), program.to_owned()),
    };
    let what = match &run.command {
        Some(_) => format!("A command that fairledger {program} executed"),
        None => format!("{} version {} of fairledger {program}", run.trainer, run.trainer_version),
    };
    graph.add(
        Entity::new(format!("{id}#{}", address(&run.trainer)), "SoftwareApplication")
            .set("name", run.trainer.as_str())
            .set("description", what)
            .set("url", id)
            .set("version", version),
    )
}

/// A command as one would write it in a shell.
pub(super) fn line(command: &CommandRecord, run: &RunView, anonymous: bool) -> String {
    let line = command.line();
    if anonymous { anonymous::text(&line, &run.host.name) } else { line }
}

/// The action of a run without what it used and what came out.
pub(super) fn action(run: &RunView, anonymous: bool) -> Entity {
    let what = match &run.command {
        Some(command) => line(command, run, anonymous),
        None => format!("{} version {}, seed {}", run.trainer, run.trainer_version, run.seed),
    };
    let finished = run.status == Status::Finished;
    let status = if finished { "CompletedActionStatus" } else { "FailedActionStatus" };
    let cause = run.cause.clone().unwrap_or_else(|| run.status.word().to_owned());
    let cause = if anonymous { anonymous::text(&cause, &run.host.name) } else { cause };
    let label = if run.label.is_empty() { &run.short } else { &run.label };
    Entity::new(urn(run.attempt), "CreateAction")
        .set("name", format!("Run {label} of {}", run.experiment))
        .set("description", what)
        .set("startTime", run.started.with_offset())
        .set("endTime", run.ended.with_offset())
        // As plain text: a reference reads as natural JSON-LD, and validators refuse it.
        .set("actionStatus", format!("http://schema.org/{status}"))
        .set("error", if finished { String::new() } else { cause })
}

/// An attempt as a UUID, whose 128 bits its id is.
pub(super) fn urn(attempt: AttemptId) -> String {
    let digits = format!("{:032x}", attempt.bits());
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    format!("urn:uuid:{}", parts.join("-"))
}

/// Words to find a run by: the trainer, the experiments, and what its tags say.
pub(super) fn keywords<'a>(runs: impl IntoIterator<Item = &'a RunView>) -> Vec<String> {
    let mut words = std::collections::BTreeSet::new();
    for run in runs {
        words.insert(run.trainer.clone());
        words.extend(run.experiments.iter().cloned());
        words.extend(run.tags.values().filter(|value| !value.is_empty()).cloned());
    }
    let mut all = vec!["machine learning".to_owned()];
    all.extend(words.into_iter().filter(|word| word != "machine learning").take(24));
    all
}
