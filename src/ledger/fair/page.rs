//! The schema.org description of a page, JSON-LD with its context inside, so that no reader has to fetch one.

use serde_json::{Map, Value, json};

use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::about::Organization;
use super::describe::{keywords, number, urn};
use super::graph;
use super::licence::licences;
use super::swhid::{self, Swhids};

/// How many parts and how many measured values a page names.
const MOST: usize = 50;

/// A page of the site and what is beside it.
#[derive(Clone, Copy, Debug)]
pub struct PageOf<'a> {
    /// The ledger.
    pub ledger: &'a LedgerView,
    /// The page's path below the site.
    pub path: &'a str,
    /// The way from the page up to the site: `../` for each folder.
    pub root: &'a str,
}

/// A file beside a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its path below the site.
    pub path: String,
    /// Size in bytes.
    pub size: usize,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl PageOf<'_> {
    /// The description of the ledger, on its first page. `experiments` has the path of each one's page.
    pub fn ledger(&self, experiments: &[(&ExperimentView, String)]) -> String {
        let ledger = self.ledger;
        let runs = || experiments.iter().flat_map(|(experiment, _)| &experiment.runs);
        let mut page = self.dataset(&ledger.title, &ledger.description);
        self.say_of_runs(&mut page, runs(), &[]);
        let part = |(experiment, path): &(&ExperimentView, String)| json!({ "@type": "Dataset", "@id": self.address(path), "name": experiment.title });
        set(&mut page, "hasPart", experiments.iter().take(MOST).map(part).collect());
        shown(page)
    }

    /// The description of an experiment. `runs` has the path of each one's page.
    pub fn experiment(&self, experiment: &ExperimentView, runs: &[(&RunView, String)]) -> String {
        let mut page = self.dataset(&experiment.title, &experiment.description);
        self.say_of_runs(&mut page, runs.iter().map(|(run, _)| *run), &[]);
        let part = |(run, path): &(&RunView, String)| json!({ "@type": "Dataset", "@id": self.address(path), "name": label(run) });
        set(&mut page, "hasPart", runs.iter().take(MOST).map(part).collect());
        self.part_of(&mut page, &self.ledger.title, "index.html");
        shown(page)
    }

    /// The description of a run. `experiment` is the path of its experiment's page.
    pub fn run(
        &self,
        run: &RunView,
        swhids: &Swhids,
        (experiment, title): (&str, &str),
        beside: &[Beside],
    ) -> String {
        let described = if run.description.is_empty() {
            format!("A {} run of {}, seed {}", run.status.word(), run.trainer, run.seed)
        } else {
            run.description.clone()
        };
        let mut page = self.dataset(&format!("{} ({})", label(run), run.short), &described);
        let mut identifiers = vec![format!("urn:fairledger:run:{}", run.id)];
        identifiers.extend(swhids.directory.clone());
        self.say_of_runs(&mut page, std::iter::once(run), &identifiers);
        let value = |(name, value): (&String, &f64)| json!({ "@type": "PropertyValue", "name": name, "value": number(*value) });
        set(&mut page, "variableMeasured", run.metrics.iter().take(MOST).map(value).collect());
        set(&mut page, "distribution", beside.iter().map(|file| self.download(file)).collect());
        page.insert("prov:wasGeneratedBy".into(), activity(run));
        let revision = swhids.revision.as_deref().map(swhid::address);
        set(&mut page, "isBasedOn", revision.map(|id| json!({ "@id": id })).into_iter().collect());
        self.part_of(&mut page, title, experiment);
        shown(page)
    }

    /// The description of a page that shows several things, such as a leaderboard: a page of the ledger.
    pub fn view(&self, title: &str) -> String {
        let mut page = self.begun("WebPage", title);
        let about = &self.ledger.about;
        set(&mut page, "publisher", about.publisher.iter().map(organization).collect());
        set(&mut page, "license", self.licences());
        self.part_of(&mut page, &self.ledger.title, "index.html");
        shown(page)
    }

    /// What every page says: what it is, and where.
    fn begun(&self, kind: &str, name: &str) -> Map<String, Value> {
        let mut page = Map::new();
        let context =
            json!({ "@vocab": "https://schema.org/", "prov": "http://www.w3.org/ns/prov#" });
        page.insert("@context".into(), context);
        page.insert("@type".into(), kind.into());
        let local = self.ledger.about.url.is_empty();
        let id = if local { "#this".to_owned() } else { self.address(self.path) };
        if !local {
            page.insert("url".into(), id.clone().into());
        }
        page.insert("@id".into(), id.into());
        page.insert("name".into(), name.into());
        page
    }

    fn licences(&self) -> Vec<Value> {
        let licences = licences(&self.ledger.licence).unwrap_or_default();
        licences.iter().map(|it| json!(it.address())).collect()
    }

    /// What pages of data say: what they are, who answers for them, and under which terms.
    fn dataset(&self, name: &str, description: &str) -> Map<String, Value> {
        let about = &self.ledger.about;
        let mut page = self.begun("Dataset", name);
        let described = if description.is_empty() { name } else { description };
        page.insert("description".into(), described.into());
        let person = |creator: &super::about::Creator| {
            let mut person = Map::new();
            person.insert("@type".into(), "Person".into());
            person.insert("name".into(), creator.name.clone().into());
            if !creator.orcid.is_empty() {
                person.insert("@id".into(), format!("https://orcid.org/{}", creator.orcid).into());
            }
            person.extend(
                creator.affiliation.iter().map(|it| ("affiliation".into(), organization(it))),
            );
            Value::Object(person)
        };
        set(&mut page, "creator", about.creators.iter().map(person).collect());
        set(&mut page, "publisher", about.publisher.iter().map(organization).collect());
        let licences = self.licences();
        if !licences.is_empty() {
            page.insert("isAccessibleForFree".into(), true.into());
            let open = "http://purl.org/coar/access_right/c_abf2";
            page.insert("conditionsOfAccess".into(), open.into());
        }
        set(&mut page, "license", licences);
        page
    }

    fn say_of_runs<'r>(
        &self,
        page: &mut Map<String, Value>,
        runs: impl Iterator<Item = &'r RunView> + Clone,
        identifiers: &[String],
    ) {
        let (about, own) = (&self.ledger.about, page.get("@id").cloned());
        let doi = (!about.doi.is_empty()).then(|| json!(format!("https://doi.org/{}", about.doi)));
        let mut all: Vec<Value> = doi.into_iter().collect();
        all.extend(identifiers.iter().map(|id| json!(id)));
        if all.is_empty() {
            all.extend(own.filter(|own| own != "#this"));
        }
        set(page, "identifier", all);
        set(page, "keywords", keywords(runs.clone()).into_iter().map(Value::from).collect());
        let date = runs.clone().map(|run| run.ended).max();
        let date = date.map(|date| json!(date.date(&self.ledger.time_zone)));
        set(page, "datePublished", date.into_iter().collect());
        let names: std::collections::BTreeSet<&String> =
            runs.flat_map(|run| run.metrics.keys()).collect();
        set(
            page,
            "variableMeasured",
            names.into_iter().take(MOST).map(|name| json!(name)).collect(),
        );
    }

    fn part_of(&self, page: &mut Map<String, Value>, name: &str, path: &str) {
        let whole = json!({ "@type": "Dataset", "@id": self.address(path), "name": name });
        page.insert("isPartOf".into(), whole);
    }

    fn download(&self, file: &Beside) -> Value {
        json!({
            "@type": "DataDownload",
            "contentUrl": self.address(&file.path),
            "encodingFormat": super::format::of(&file.path).media,
            "contentSize": file.size.to_string(),
            "sha256": file.sha256,
        })
    }

    /// Where a file of the site is: absolute where the ledger says where it is published, else from this page.
    fn address(&self, path: &str) -> String {
        match self.ledger.about.url.as_str() {
            "" => format!("{}{}", self.root, graph::address(path)),
            url => format!("{url}/{}", graph::address(path)),
        }
    }
}

fn label(run: &RunView) -> &str {
    if run.label.is_empty() { &run.short } else { &run.label }
}

/// How a run came about, in the terms of schema.org and of PROV.
fn activity(run: &RunView) -> Value {
    let version = run.versions.get("fairledger").map_or("", String::as_str);
    let mut activity = json!({
        "@type": ["CreateAction", "prov:Activity"],
        "@id": urn(run.attempt),
        "startTime": run.started.with_offset(),
        "endTime": run.ended.with_offset(),
        "prov:startedAtTime": run.started.with_offset(),
        "prov:endedAtTime": run.ended.with_offset(),
        "instrument": { "@type": "SoftwareApplication", "name": run.trainer, "softwareVersion": version },
    });
    if let Some(data) = &run.data {
        activity["object"] = json!({
            "@type": "Dataset",
            "@id": format!("nih:sha-256;{}", data.sha256),
            "name": data.path,
            "identifier": format!("blake3:{}", data.blake3),
        });
    }
    activity
}

fn organization(organization: &Organization) -> Value {
    let Organization { name, ror, url } = organization;
    let mut value = Map::new();
    value.insert("@type".into(), "Organization".into());
    value.insert("name".into(), name.clone().into());
    let id = if ror.is_empty() { url } else { ror };
    for (key, address) in [("@id", id), ("url", if url.is_empty() { ror } else { url })] {
        if !address.is_empty() {
            value.insert(key.into(), address.clone().into());
        }
    }
    Value::Object(value)
}

/// Sets a property: nothing for none, the value itself for one.
fn set(page: &mut Map<String, Value>, name: &str, mut values: Vec<Value>) {
    match values.len() {
        0 => {}
        1 => drop(page.insert(name.into(), values.remove(0))),
        _ => drop(page.insert(name.into(), Value::Array(values))),
    }
}

/// JSON that may stand in a page: nothing in it ends the element it is in.
fn shown(page: Map<String, Value>) -> String {
    let text = Value::Object(page).to_string();
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
