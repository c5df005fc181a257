//! What leaves a ledger for outside programs. The validators themselves judge it in `tests/e2e/fair/`.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::session::Session;

fn trained() -> Session {
    let session = Session::small();
    session.licensed();
    session.ok(&["run", "-j", "1"]);
    session
}

fn json(session: &Session, path: &str) -> Value {
    serde_json::from_str(&session.read(path)).unwrap()
}

/// Every `@id` that is referred to is described, or is an address elsewhere.
fn closed(document: &Value) {
    fn walk<'v>(value: &'v Value, top: bool, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::Object(map) => {
                if !top && map.len() == 1 {
                    found.extend(map.get("@id").and_then(Value::as_str));
                }
                map.values().for_each(|value| walk(value, false, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, false, found)),
            _ => {}
        }
    }
    let graph = document["@graph"].as_array().unwrap();
    let described: BTreeSet<&str> = graph.iter().map(|it| it["@id"].as_str().unwrap()).collect();
    assert_eq!(described.len(), graph.len(), "each entity is described once");
    let mut found = BTreeSet::new();
    for entity in graph {
        walk(entity, true, &mut found);
    }
    for id in found.difference(&described) {
        assert!(id.starts_with("https://w3id.org/ro/crate/"), "{id} is not described");
    }
}

#[test]
fn a_run_is_a_crate_with_its_data() {
    let session = trained();
    session.ok(&["export", "crate", "small-2", "-o", "out"]);
    let document = json(&session, "out/ro-crate-metadata.json");
    closed(&document);
    let graph = document["@graph"].as_array().unwrap();
    let root = graph.iter().find(|it| it["@id"] == "./").unwrap();
    let parts: BTreeSet<&str> =
        root["hasPart"].as_array().unwrap().iter().map(|it| it["@id"].as_str().unwrap()).collect();
    for part in &parts {
        assert!(session.root().join("out").join(part).is_file(), "{part}");
    }
    for part in ["data/small.csv", "params.toml", "manifest.toml", "CITATION.cff"] {
        assert!(parts.contains(part), "{part}");
    }
    assert_eq!(session.read("out/data/small.csv"), session.read("data/small.csv"));
    let action = graph.iter().find(|it| it["@type"] == "CreateAction").unwrap();
    assert_eq!(action["actionStatus"], "http://schema.org/CompletedActionStatus");
    assert!(action.get("error").is_none());
    // Again, and into a folder that is somebody else's.
    session.ok(&["export", "crate", "small-2", "-o", "out"]);
    let refused = session.run(&["export", "crate", "small-2", "-o", "data"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("holds no earlier export"), "{}", refused.err);
}

#[test]
fn an_archive_has_the_same_bytes_each_time() {
    let session = trained();
    session.ok(&["export", "crate", "-o", "a.zip"]);
    session.ok(&["export", "crate", "-o", "b.zip"]);
    let bytes = fs::read(session.root().join("a.zip")).unwrap();
    assert!(bytes == fs::read(session.root().join("b.zip")).unwrap());
    session.ok(&["export", "crate", "quick", "-o", "all"]);
    let document = json(&session, "all/ro-crate-metadata.json");
    closed(&document);
    let text = document.to_string();
    assert!(!text.contains("/ro-crate-metadata.json"), "the crates inside are not named");
    for run in session.runs() {
        let inner = format!("all/runs/{}/ro-crate-metadata.json", run["id"].as_str().unwrap());
        closed(&json(&session, &inner));
    }
    assert!(session.read("all/runs.csv").starts_with("run_id,"));
    assert!(session.read("all/experiments/quick/forest.toml").contains("small-"));
    session.ok(&["export", "crate", "metrics.r2 > -100", "--metadata-only", "-o", "meta"]);
    assert_eq!(fs::read_dir(session.root().join("meta")).unwrap().count(), 1);
    assert_eq!(session.run(&["export", "crate", "metrics.r2 > 9", "-o", "none"]).code, 1);
}

#[test]
fn what_is_not_there_is_described_and_named() {
    let session = Session::small();
    session.licensed();
    session.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 100");
    session.ok(&["run"]);
    let shown = session.run(&["show", "small-2", "--json"]).json();
    let model = format!("{}/artifacts/model.forest", shown["directory"].as_str().unwrap());
    fs::remove_file(session.root().join(model)).unwrap();
    session.edit("data/small.csv", "24.1", "24.2");
    let printed = session.run(&["export", "crate", "small-2", "-o", "out"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    let lines: Vec<&str> = printed.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", printed.err);
    assert!(lines[0].contains("model.forest: too large for git"), "{}", lines[0]);
    assert_eq!(lines[1], "left out: data/small.csv changed since the run read it");
    let document = json(&session, "out/ro-crate-metadata.json");
    closed(&document);
    assert!(!session.root().join("out/data").exists());
    fs::remove_file(session.root().join("data/small.csv")).unwrap();
    let printed = session.run(&["export", "crate", "small-2", "-o", "out"]);
    assert!(printed.err.contains("left out: data/small.csv is not in the ledger\n"));
    let printed = session.run(&["export", "croissant", "data/small.csv"]);
    assert_eq!(printed.code, 1);
    assert!(printed.err.starts_with("error: there is no data file data/small.csv in the ledger\n"));
}

#[test]
fn nothing_leaves_without_a_licence_or_under_a_wrong_name() {
    let session = Session::small();
    session.ok(&["run"]);
    for words in [
        vec!["publish", "--to", "../public"],
        vec!["export", "crate", "-o", "out"],
        vec!["export", "croissant", "data/small.csv"],
        vec!["export", "citation"],
    ] {
        let printed = session.run(&words);
        assert_eq!(printed.code, 3, "{words:?}");
        let line =
            "error: ledger.toml:8:11: no licence: nobody may use what is published without one\n";
        assert!(printed.err.contains(line), "{}", printed.err);
        let cure = "help: write licence = \"CC-BY-4.0\", or another SPDX expression\n";
        assert!(printed.err.contains(cure), "{}", printed.err);
    }
    session.licensed();
    session.edit(
        "ledger.toml",
        "authors = []",
        "authors = [{ name = \"Ada\", orcid = \"0000-0002-1825-0079\" }]",
    );
    let printed = session.run(&["export", "crate", "-o", "out"]);
    assert_eq!(printed.code, 3);
    assert!(
        printed.err.contains("ledger.toml:7:36: \"0000-0002-1825-0079\" is no ORCID"),
        "{}",
        printed.err
    );
    assert_eq!(session.run(&["list"]).code, 0, "nothing else stops");
    assert!(!session.root().join("out").exists());
}

#[test]
fn names_of_users_and_machines_can_be_left_out() {
    let session = trained();
    let host = session.run(&["show", "small-2", "--json"]).json()["host"]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    session.ok(&["export", "crate", "quick", "--anonymous", "-o", "out"]);
    session.ok(&["export", "crate", "quick", "-o", "named"]);
    let holds = |folder: &str| {
        let mut folders = vec![session.root().join(folder)];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(&host) {
                    found.push(path);
                }
            }
        }
        found
    };
    assert!(!holds("named").is_empty(), "the host is {host}");
    assert_eq!(holds("out"), Vec::<std::path::PathBuf>::new());
    session.ok(&["publish", "--to", "shown"]);
    session.ok(&["publish", "--anonymous", "--to", "hidden"]);
    assert!(!holds("shown").is_empty());
    assert_eq!(holds("hidden"), Vec::<std::path::PathBuf>::new());
    let page = |folder: &str| session.read(&format!("{folder}/leaderboard/index.html"));
    assert!(page("hidden").contains("small-2"), "all else is there");
}

#[test]
fn identifiers_are_those_of_git() {
    let session = trained();
    let shown = session.run(&["show", "small-2", "--json"]).json();
    let directory = shown["directory"].as_str().unwrap();
    let tree = session.git(&["rev-parse", &format!("HEAD:{directory}")]);
    assert_eq!(shown["swhid"]["directory"], format!("swh:1:dir:{}", tree.trim()));
    for name in ["params.toml", "manifest.toml", "artifacts/model.forest"] {
        let blob = session.git(&["rev-parse", &format!("HEAD:{directory}/{name}")]);
        assert_eq!(shown["swhid"]["files"][name], format!("swh:1:cnt:{}", blob.trim()));
    }
    let commit = shown["git"]["commit"].as_str().unwrap();
    assert_eq!(shown["swhid"]["revision"], format!("swh:1:rev:{commit}"));
}

#[test]
fn a_citation_of_the_users_own_stays() {
    let session = trained();
    session.ok(&["export", "citation"]);
    assert!(session.read("CITATION.cff").contains("license: \"CC-BY-4.0\""));
    session.write("CITATION.cff", "mine");
    assert_eq!(session.run(&["export", "citation"]).code, 1);
    session.ok(&["publish", "--to", "../public"]);
    let published = session.root().parent().unwrap().join("public/CITATION.cff");
    assert_eq!(fs::read_to_string(published).unwrap(), "mine");
    assert_eq!(session.read("CITATION.cff"), "mine");
}

#[test]
fn a_data_file_is_described_for_readers_elsewhere() {
    let session = trained();
    session.ok(&["export", "croissant", "data/small.csv", "-o", "out.json"]);
    let document = json(&session, "out.json");
    assert_eq!(document["distribution"][0]["contentUrl"], "data/small.csv");
    let fields = document["recordSet"][1]["field"].as_array().unwrap();
    let kinds: Vec<&str> = fields.iter().map(|field| field["dataType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["sc:Integer", "sc:Float", "sc:Text", "sc:Text"]);
    assert_eq!(document["recordSet"][0]["data"][1]["splits/name"], "test");
    assert_eq!(fields[1]["description"], "target of experiments/quick/forest.toml");
    session.ok(&["export", "croissant", "data/small.csv", "-o", "data/other.json"]);
    assert_eq!(json(&session, "data/other.json")["distribution"][0]["contentUrl"], "small.csv");
}

#[test]
fn the_ledger_says_what_to_write_to_be_fairer() {
    let session = Session::small();
    session.ok(&["run"]);
    let standing = |id: &str| {
        let all = session.run(&["fair", "--json"]).json();
        assert_eq!(all.as_array().unwrap().len(), 41);
        let found = all.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap().clone();
        (found["standing"].as_str().unwrap().to_owned(), found["write"].as_str().map(str::to_owned))
    };
    let printed = session.run(&["fair"]);
    assert_eq!(printed.code, 3);
    assert!(printed.out.contains("not met"), "{}", printed.out);
    assert!(printed.err.contains("no licence"), "{}", printed.err);
    let (word, write) = standing("RDA-R1.1-01M");
    assert_eq!(
        (word.as_str(), write.as_deref()),
        ("not-met", Some("licence = \"CC-BY-4.0\" in ledger.toml"))
    );
    session.licensed();
    assert_eq!(standing("RDA-R1.1-01M").0, "met");
    let line = "url = \"https://ada.example.org/l\"\ndescription = \"d\"\nauthors = [{ name = \"Ada\", \
                orcid = \"0000-0002-1825-0097\", affiliation = \"U\" }]\npublisher = { name = \"U\" }\n";
    session.edit("ledger.toml", "authors = []", "");
    session.edit("ledger.toml", "description = \"\"", line);
    session.ok(&["fair"]);
    let missing = session.run(&["fair", "--missing", "--json"]).json();
    assert_eq!(missing, serde_json::json!([]), "what it says to write is enough");
    session.ok(&["report"]);
    assert!(session.read("site/fair/index.html").contains("39 of 41 met, 0 not met, 2 not ours"));
}

#[test]
fn pages_describe_themselves() {
    let session = trained();
    session.ok(&["report"]);
    let run = session.run(&["show", "small-2", "--json"]).json();
    let id = run["id"].as_str().unwrap();
    let block = |page: &str| -> Value {
        let block = page.split("<script type=\"application/ld+json\">").nth(1).unwrap();
        serde_json::from_str(block.split("</script>").next().unwrap()).unwrap()
    };
    let leaderboard = block(&session.read("site/leaderboard/index.html"));
    assert_eq!(leaderboard["@type"], "WebPage");
    assert_eq!(leaderboard["isPartOf"]["@id"], "../index.html");
    let page = session.read(&format!("site/r/{}/{id}/index.html", &id[..2]));
    let block = block(&page);
    assert_eq!(block["@type"], "Dataset");
    assert_eq!(block["identifier"][1], run["swhid"]["directory"]);
    assert_eq!(block["license"], "https://spdx.org/licenses/CC-BY-4.0");
    assert!(page.contains(run["swhid"]["directory"].as_str().unwrap()));
    assert!(page.contains(
        "rel=\"describedby\" type=\"application/ld+json\" href=\"../../../metadata.jsonld\""
    ));
    let part = block["isPartOf"]["@id"].as_str().unwrap();
    assert!(session.root().join("site/r/aa/bb").join(part).components().count() > 0);
    assert_eq!(json(&session, "site/metadata.jsonld")["hasPart"]["@id"], "x/quick/index.html");
}
