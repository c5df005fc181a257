//! The floors of `ARCHITECTURE.md`, held: direction, one home per outside crate, file length.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with its floor and what it may import.
const ROOMS: [(&str, &[&str]); 10] = [
    ("ledger", &[]),
    ("store", &["ledger"]),
    ("train", &["ledger"]),
    ("exec", &["ledger"]),
    ("watch", &["ledger"]),
    ("report", &["ledger"]),
    ("git", &["ledger"]),
    ("import", &["ledger"]),
    ("engine", &["ledger", "store", "train", "exec", "watch", "report", "git", "import"]),
    ("cli", &["ledger", "store", "git", "engine"]),
];

/// Each outside crate with its only home; those named `any` are the common tongue.
const HOMES: [(&str, &[&str]); 48] = [
    ("annotate_snippets", &["cli"]),
    ("bytes", &["train"]),
    ("clap", &["cli"]),
    ("comfy_table", &["cli"]),
    ("console", &["cli"]),
    ("csv", &["train"]),
    ("gethostname", &["engine"]),
    ("getrandom", &["store"]),
    ("glob", &["store"]),
    ("git2", &["git"]),
    ("indicatif", &["cli"]),
    ("jiff", &["ledger"]),
    ("linfa", &["train"]),
    ("linfa_bayes", &["train"]),
    ("linfa_clustering", &["train"]),
    ("linfa_elasticnet", &["train"]),
    ("linfa_linalg", &["train"]),
    ("linfa_linear", &["train"]),
    ("linfa_logistic", &["train"]),
    ("linfa_nn", &["train"]),
    ("linfa_trees", &["train"]),
    ("mimalloc", &["cli"]),
    ("ndarray", &["train"]),
    ("notify", &["watch"]),
    ("open", &["cli"]),
    ("parquet", &["train"]),
    ("plotters", &["report"]),
    ("postcard", &["train"]),
    ("prost", &["train"]),
    ("pulldown_cmark", &["report"]),
    ("rand_core", &["ledger"]),
    ("rand_xoshiro", &["train"]),
    ("rayon", &["train"]),
    ("rusqlite", &["store", "import"]),
    ("rustix", &["git", "exec", "store"]),
    ("schemars", &["ledger"]),
    ("serde_saphyr", &["import"]),
    ("sha2", &["ledger"]),
    ("similar", &["cli"]),
    ("spdx", &["ledger"]),
    ("statrs", &["ledger"]),
    ("strsim", &["ledger"]),
    ("tera", &["report"]),
    ("tokio", &["engine"]),
    ("tpe", &["ledger"]),
    ("ulid", &["ledger"]),
    ("wait4", &["exec"]),
    ("zip", &["store"]),
];
const COMMON: [&str; 6] =
    ["blake3", "serde", "serde_json", "thiserror", "toml", "unicode_normalization"];

const MAX_LINES: usize = 600;

struct File {
    path: PathBuf,
    room: String,
    text: String,
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let name = match inside.components().count() {
                    1 => String::new(),
                    _ => inside.components().next().unwrap().as_os_str().to_str().unwrap().into(),
                };
                let text = fs::read_to_string(&path).unwrap();
                found.push(File { path: inside.to_owned(), room: name, text });
            }
        }
    }
    found
}

/// The code of a file without comments and text in quotes, so that prose imports nothing.
fn code(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let mut quoted = false;
        code.extend(line.chars().filter(|c| {
            if *c == '"' {
                quoted = !quoted;
            }
            !quoted
        }));
        code.push('\n');
    }
    code
}

/// The words that stand before `::` at the beginning of a path, such as `tokio` in `tokio::sync::Notify`.
fn first_words(code: &str) -> BTreeSet<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices("::")
        .filter_map(|(at, _)| {
            let word = &code[code[..at].rfind(|c| !is_word(c)).map_or(0, |start| start + 1)..at];
            let before = &code[..at - word.len()];
            (!word.is_empty() && !before.ends_with(':')).then_some(word)
        })
        .collect()
}

/// The rooms a file's `crate::` paths lead to, `use crate::{a, b}` included.
fn rooms_used(code: &str) -> BTreeSet<&str> {
    let word =
        |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split_once(';').map_or(group, |(group, _)| group);
            used.extend(group.split(',').map(str::trim).map(|item| &item[..word(item)]));
        } else {
            used.insert(&rest[..word(rest)]);
        }
    }
    used
}

#[test]
fn every_folder_is_a_room_and_every_room_is_on_the_map() {
    let map =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    for file in files().iter().filter(|file| !file.room.is_empty()) {
        assert!(
            ROOMS.iter().any(|(room, _)| *room == file.room),
            "{}: src/{} is no room of ARCHITECTURE.md",
            file.path.display(),
            file.room
        );
        assert!(
            map.contains(&format!("`{}`", file.room)),
            "ARCHITECTURE.md misses `{}`",
            file.room
        );
    }
}

#[test]
fn imports_only_point_down() {
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| !file.room.is_empty()) {
        let (_, may) = ROOMS.iter().find(|(room, _)| *room == file.room).unwrap();
        let code = code(&file.text);
        for used in rooms_used(&code) {
            let is_room = ROOMS.iter().any(|(room, _)| *room == used);
            if is_room && used != file.room && !may.contains(&used) {
                wrong.push(format!("{} imports crate::{used}", file.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_outside_crate_has_one_home() {
    let (mut wrong, files) = (Vec::new(), files());
    for file in &files {
        let code = code(&file.text);
        for word in first_words(&code) {
            let own = file.path.with_file_name(format!("{word}.rs"));
            let is_module = files.iter().any(|other| other.path == own);
            if let Some((_, homes)) = HOMES.iter().find(|(name, _)| *name == word)
                && !homes.contains(&file.room.as_str())
                && !is_module
            {
                wrong.push(format!("{} uses {word}, whose home is {homes:?}", file.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_dependency_has_a_home() {
    let manifest: toml::Table =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
            .unwrap()
            .parse()
            .unwrap();
    let linux = &manifest["target"]["cfg(target_os = \"linux\")"];
    let tables = [&manifest["dependencies"], &linux["dependencies"]];
    let names: BTreeSet<String> = tables
        .iter()
        .flat_map(|table| table.as_table().unwrap().keys())
        .map(|name| name.replace('-', "_"))
        .collect();
    let known: BTreeSet<String> =
        HOMES.iter().map(|(name, _)| *name).chain(COMMON).map(str::to_owned).collect();
    assert_eq!(names, known);
}

#[test]
fn files_stay_short() {
    let mut lengths: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for file in files() {
        lengths.insert(file.path, file.text.lines().count());
    }
    let long: Vec<_> = lengths.iter().filter(|(_, lines)| **lines > MAX_LINES).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:?}");
    let mut sorted: Vec<usize> = lengths.values().copied().collect();
    sorted.sort_unstable();
    assert!(sorted[sorted.len() * 9 / 10] <= 350, "a tenth of the files is over 350 lines");
    assert!(sorted[sorted.len() / 2] <= 120, "half of the files is over 120 lines");
}

#[test]
fn the_scanner_sees_what_it_should() {
    let text = "use crate::{store::Store, git};\n// crate::cli is prose\nlet x = tokio::spawn(\"clap::Arg\");";
    let code = code(text);
    assert_eq!(rooms_used(&code), BTreeSet::from(["store", "git"]));
    assert!(first_words(&code).contains("tokio"));
    assert!(!first_words(&code).contains("clap"));
}
