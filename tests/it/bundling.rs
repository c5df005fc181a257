//! `export bundle` and `import bundle`: what goes from ledger to ledger in one file, and what is refused of it.

use std::fs::{self, File};
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use fairledger::ledger::digest::sha256_hex;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::assert_shows;
use crate::session::{SMALL_SPEC, Session};

/// A ledger with two trained forests, a tag, a note, a registered model and its alias.
fn trained() -> Session {
    let session = Session::small();
    session.write("experiments/quick/README.md", "Which *forest*?\n");
    session.ok(&["run"]);
    session.ok(&["tag", "small-2", "stage=tried"]);
    session.ok(&["note", "small-2", "few trees"]);
    session.ok(&["model", "register", "house", "small-2", "--description", "first"]);
    session.ok(&["model", "register", "house", "small-3"]);
    session.ok(&["model", "alias", "house@champion", "1"]);
    session.ok(&["model", "alias", "house@champion", "2"]);
    session
}

fn empty() -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session
}

/// The bundle that a session writes of some runs.
fn bundle(session: &Session, words: &[&str]) -> PathBuf {
    let path = session.root().join("../bundle.zip");
    session.ok(&[&["export", "bundle", "-o", path.to_str().unwrap()], words].concat());
    path
}

fn import(session: &Session, path: &Path) -> Value {
    session.run(&["import", "bundle", path.to_str().unwrap(), "--json"]).json()
}

/// Everything in a ledger but its local state and its repository, by path.
fn content(session: &Session) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut files, mut folders) = (Vec::new(), vec![session.root().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                files.push((path.clone(), fs::read(path).unwrap()));
            } else if !path.ends_with(".git") && !path.ends_with(".fairledger") {
                folders.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The import is refused in one line that names the bundle and says why, and nothing changes.
#[track_caller]
fn assert_refused(session: &Session, path: &Path, why: &str) {
    let before = content(session);
    let refused = session.run(&["import", "bundle", path.to_str().unwrap()]);
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains(why), "{why}\n{}", refused.err);
    assert!(refused.err.contains(path.to_str().unwrap()), "{}", refused.err);
    assert_eq!(refused.err.trim_end().lines().count(), 1, "{}", refused.err);
    assert_eq!(content(session), before, "{why}");
    assert!(!session.root().join(".fairledger/bundle").exists());
}

/// The files of an archive.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let length = archive.len();
    let read = |at| {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    };
    (0..length).map(read).collect()
}

fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// An archive of files with a list that is right about all of them, but for what a test changes in it.
fn forged(files: &[(String, Vec<u8>)], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let listed = files.iter().map(|(path, bytes)| {
        json!({ "path": path, "size": bytes.len(), "blake3": blake3::hash(bytes).to_hex().as_str(), "sha256": sha256_hex(bytes) })
    });
    let mut list = json!({ "format": 1, "title": "", "filter": "", "runs": 1, "files": listed.collect::<Vec<_>>() });
    change(&mut list);
    let list = ("bundle.json".to_owned(), list.to_string().into_bytes());
    zipped(&[vec![list], files.to_vec()].concat())
}

#[test]
fn a_bundle_brings_runs_with_all_that_belongs_to_them() {
    let (from, to) = (trained(), empty());
    let path = bundle(&from, &[]);
    let printed = from.ok(&["export", "bundle", "--output", "../again.zip"]);
    assert!(
        printed.starts_with("2 runs in 2 attempts with 2 versions of registered models, "),
        "{printed}"
    );
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes, fs::read(from.root().join("../again.zip")).unwrap(), "the same ledger");
    let printed = to.ok(&["import", "bundle", path.to_str().unwrap()]);
    assert_shows!(to, printed, @r"
    2 attempts brought
    2 annotations, 2 versions, 5 events of models, 3 files
    next: fairledger list, or fairledger report --open
    ");
    assert_eq!(to.run(&["list", "--json"]).json(), from.run(&["list", "--json"]).json());
    let shown = |session: &Session| session.run(&["show", "small-2", "--json"]).json();
    let (mut brought, made) = (shown(&to), shown(&from));
    assert_eq!(brought["imported"], true, "whoever has another key did not make it");
    brought["imported"] = made["imported"].clone();
    assert_eq!(brought, made);
    assert_eq!(shown(&to)["notes"][0]["text"], "few trees");
    let model = |session: &Session| session.run(&["model", "show", "house", "--json"]).json();
    assert_eq!(model(&to), model(&from));
    let predicted = |session: &Session| session.ok(&["predict", "house@champion", "x=3.5"]);
    assert_eq!(predicted(&to), predicted(&from));
    assert!(to.ok(&["verify"]).contains(" 0 faults, 0 absent"));
    assert!(to.ok(&["run"]).contains("2 runs, 0 trained"), "nothing is trained that came along");
    assert!(to.read("site/index.html").contains("quick"));
    let (attempts, before) = (to.attempts(), content(&to));
    assert!(
        to.ok(&["import", "bundle", path.to_str().unwrap()])
            .contains("2 attempts held already\nnothing new")
    );
    assert_eq!((to.attempts(), content(&to)), (attempts, before));
}

#[test]
fn an_unpacked_bundle_is_a_ledger_with_its_site() {
    let from = trained();
    let unpacked = Session::new();
    let path = bundle(&from, &["label = 'small-3'"]);
    let list: Value = serde_json::from_slice(&files(&path)[0].1).unwrap();
    assert_eq!((&list["filter"], &list["runs"]), (&"label = 'small-3'".into(), &1.into()));
    for (name, bytes) in files(&path) {
        if let Some(file) = list["files"].as_array().unwrap().iter().find(|it| it["path"] == *name)
        {
            assert_eq!(file["sha256"], sha256_hex(&bytes), "{name}");
        }
        let target = unpacked.root().join(&name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    assert_eq!(unpacked.attempts().len(), 1);
    assert_eq!(unpacked.run(&["show", "house", "--json"]).json()["label"], "small-3");
    assert!(unpacked.read("site/index.html").contains("small-3"));
    assert!(
        !unpacked.read("site/index.html").contains("small-2"),
        "what was not chosen is not shown"
    );
    unpacked.ok(&["verify"]);
    let model = unpacked.run(&["model", "show", "house", "--json"]).json();
    assert_eq!(model["versions"].as_array().unwrap().len(), 1);
    let merged = model["merged"].to_string();
    assert!(
        !merged.contains("two copies"),
        "moves to versions that are not in it are no tie: {merged}"
    );
}

#[test]
fn two_ledgers_become_the_union_of_both() {
    let (ada, ben) = (trained(), empty());
    import(&ben, &bundle(&ada, &[]));
    ben.ok(&["note", "small-2", "from ben"]);
    ben.ok(&["tag", "small-2", "owner=ben"]);
    ben.write("experiments/quick/more.toml", &SMALL_SPEC.replace("[2, 3]", "[4]"));
    ben.ok(&["run", "--force"]);
    ben.ok(&["model", "register", "house", "small-4"]);
    ada.ok(&["note", "small-2", "from ada"]);
    ada.edit("experiments/quick/README.md", "forest", "trees");
    let brought = import(&ada, &bundle(&ben, &[]));
    assert_eq!((&brought["attempts"], &brought["held"]), (&3.into(), &2.into()), "{brought}");
    assert_eq!(brought["kept"], json!(["experiments/quick/README.md"]));
    assert_eq!(brought["files"], json!(["experiments/quick/more.toml"]));
    import(&ben, &bundle(&ada, &[]));
    for session in [&ada, &ben] {
        let run = session.run(&["show", "small-2", "--json"]).json();
        let notes: Vec<&str> = run["notes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["text"].as_str().unwrap())
            .collect();
        assert_eq!(notes, ["few trees", "from ben", "from ada"]);
        assert_eq!(
            (&run["tags"]["owner"], &run["tags"]["stage"]),
            (&"ben".into(), &"tried".into())
        );
        assert_eq!(session.run(&["show", "house/3", "--json"]).json()["label"], "small-4");
        assert_eq!(session.attempts().len(), 5);
        session.ok(&["verify"]);
    }
    let list = |session: &Session| session.run(&["list", "--json"]).json();
    assert_eq!(list(&ada), list(&ben));
}

#[test]
fn data_of_a_taken_name_comes_under_another() {
    let (from, to) = (trained(), Session::small());
    to.edit("data/small.csv", "1,2.1", "1,2.2");
    let mine = to.read("data/small.csv");
    let dry = to
        .run(&["import", "bundle", bundle(&from, &[]).to_str().unwrap(), "--dry-run", "--json"])
        .json();
    assert_eq!(to.attempts().len(), 0);
    let brought = import(&to, &bundle(&from, &[]));
    assert_eq!(brought, dry);
    let renamed = brought["renamed"][0][1].as_str().unwrap();
    assert_eq!(to.read(renamed), from.read("data/small.csv"));
    assert_eq!(to.read("data/small.csv"), mine);
    assert!(to.ok(&["reproduce", "small-2"]).contains(renamed));
}

#[test]
fn other_bytes_under_a_name_that_is_held_are_refused() {
    let (from, to) = (trained(), empty());
    let path = bundle(&from, &[]);
    import(&to, &path);
    let attempt = to.attempts().remove(0);
    let manifest = attempt.join("manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let (above, _) = text.rsplit_once("\n[seal]").unwrap();
    let above = above.replacen("size = ", "size = 1", 1);
    let seal = blake3::hash(above.as_bytes()).to_hex();
    for other in [String::new(), format!("{above}\n[seal]\nblake3 = \"{seal}\"\n")] {
        fs::write(&manifest, other).unwrap();
        let name = attempt.strip_prefix(to.root()).unwrap().to_str().unwrap();
        assert_refused(&to, &path, &format!("the ledger holds other bytes of {name}"));
    }
    fs::write(&manifest, text).unwrap();
    let version = fs::read_dir(to.root().join("models/house")).unwrap();
    let mut profiles = version
        .map(|it| it.unwrap().path())
        .filter(|it| it.to_string_lossy().ends_with(".profile.json"));
    fs::write(profiles.next().unwrap(), "{}").unwrap();
    assert_refused(&to, &path, "the ledger holds other bytes of models/house/");
}

#[test]
fn a_bundle_that_is_not_whole_is_refused() {
    let (from, to) = (trained(), empty());
    let path = bundle(&from, &["label = 'small-2'"]);
    let whole = fs::read(&path).unwrap();
    for length in [0, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_refused(&to, &path, "is no whole zip archive");
    }
    for share in 1..24 {
        let mut bytes = whole.clone();
        let at = bytes.len() * share / 24;
        bytes[at] ^= 0x20;
        fs::write(&path, &bytes).unwrap();
        let before = content(&to);
        let printed = to.run(&["import", "bundle", path.to_str().unwrap(), "--dry-run"]);
        assert!(
            printed.code == 1 || printed.out.contains("1 attempt would be brought"),
            "{}",
            printed.err
        );
        assert!(
            printed.code == 0 || printed.err.trim_end().lines().count() == 1,
            "{}",
            printed.err
        );
        assert_eq!(content(&to), before);
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(import(&to, &path)["attempts"], 1);
}

/// Where the list is right about a file of the wrong content, seal, result and pins tell.
#[test]
fn a_list_that_is_right_about_wrong_files_is_no_help() {
    let (from, to) = (trained(), empty());
    let path = bundle(&from, &["label = 'small-2'"]);
    let all: Vec<_> = files(&path).into_iter().skip(1).collect();
    let changed = |end: &str, from: &str, to: &str| {
        let mut all = all.clone();
        let file = all.iter_mut().find(|(name, _)| name.ends_with(end)).unwrap();
        let text = String::from_utf8_lossy(&file.1).into_owned();
        assert!(text.contains(from), "{end}: {text}");
        file.1 = text.replace(from, to).into_bytes();
        forged(&all, |_| ())
    };
    for (bytes, why) in [
        (
            changed("metrics.jsonl", "\"step\":0", "\"step\":1"),
            "metrics.jsonl is not what its manifest says",
        ),
        (changed("manifest.toml", "size = ", "size = 1"), "its own digest does not match"),
        (changed("house/events/bundle.jsonl", "{", "["), "has no record in line 1"),
        (changed(".profile.json", "{", "{ "), "is not what the version pins"),
        (
            forged(&all[..all.len()], |list| list["format"] = 2.into()),
            "is of format 2; this version reads up to 1",
        ),
        (
            forged(&all, |list| list["files"][0]["size"] = 1.into()),
            "is not what its bundle.json says",
        ),
        (forged(&all, |list| list["files"][0]["size"] = json!(1_u64 << 60)), "it needs 115"),
        (
            forged(&all, |list| drop(list["files"].as_array_mut().unwrap().pop())),
            "is in the archive, but not in its bundle.json",
        ),
        (zipped(&all), "it has no bundle.json"),
        (b"<!doctype html>".to_vec(), "is no whole zip archive"),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_refused(&to, &path, why);
    }
    let without = |end: &str| {
        let rest: Vec<_> = all.iter().filter(|(name, _)| !name.ends_with(end)).cloned().collect();
        forged(&rest, |_| ())
    };
    for (end, why) in [
        ("manifest.toml", "is not whole: it has no "),
        ("/artifacts/predictions.csv", "is not whole: it has no "),
    ] {
        fs::write(&path, without(end)).unwrap();
        assert_refused(&to, &path, why);
    }
}

#[test]
fn hostile_names_are_refused_by_name() {
    let to = empty();
    let path = to.root().join("../hostile.zip");
    for (name, why) in [
        ("../outside.txt", "'../outside.txt' leads out of its folder"),
        ("data/../../outside.txt", "leads out of its folder"),
        ("/tmp/outside.txt", "leads out of its folder"),
        ("data\\..\\outside.txt", "leads out of its folder"),
        ("C:/outside.txt", "leads out of its folder"),
        ("data/aux.csv", "has a name that Windows or git reserve"),
        (".git/hooks/post-commit", "has a name that Windows or git reserve"),
        (".fairledger/writer", "is no place for a file of a bundle"),
        ("experiments/e/.envrc", "is no place for a file of a bundle"),
        ("experiments/e/runs/x", "is no place for a file of a bundle"),
        ("theme/run.html", "is no place for a file of a bundle"),
        ("models/a=b/model.toml", "a=b"),
        ("models/house/other.sh", "belongs to no version"),
    ] {
        let files = [(name.to_owned(), b"x".to_vec())];
        fs::write(&path, forged(&files, |_| ())).unwrap();
        assert_refused(&to, &path, why);
    }
    let two = |a: &str, b: &str| {
        forged(&[(a.to_owned(), b"x".to_vec()), (b.to_owned(), b"x".to_vec())], |_| ())
    };
    for bytes in
        [two("data/a.csv", "data/A.csv"), two("experiments/e/a.toml", "experiments/E/b.toml")]
    {
        fs::write(&path, bytes).unwrap();
        assert_refused(&to, &path, "are the same file on systems that ignore case");
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.add_symlink("data/link.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    fs::write(&path, archive.finish().unwrap().into_inner()).unwrap();
    assert_refused(&to, &path, "'data/link.csv' is a link or no regular file");
    // More bytes than the list says, well packed: reading ends at what it says.
    let bomb = [("data/a.csv".to_owned(), vec![0; 8 << 20])];
    fs::write(&path, forged(&bomb, |list| list["files"][0]["size"] = 10.into())).unwrap();
    assert_refused(&to, &path, "'data/a.csv' is not what its bundle.json says");
}

#[test]
fn what_git_did_not_carry_comes_with_a_bundle() {
    let from = Session::small();
    from.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 100");
    from.ok(&["run"]);
    let path = bundle(&from, &[]);
    from.git(&["clone", "-q", ".", "../clone"]);
    let root = from.root().to_owned();
    let clone = from.at(root.join("../clone"));
    let absent = clone.run(&["verify", "--json"]).json()["absent"].as_array().unwrap().len();
    assert!(absent > 0 && clone.run(&["predict", "small-2", "x=3"]).code != 0);
    let brought = import(&clone, &path);
    assert_eq!((&brought["attempts"], &brought["held"]), (&0.into(), &2.into()));
    assert_eq!(brought["filled"].as_array().unwrap().len(), absent);
    assert_eq!(clone.run(&["verify", "--json"]).json()["absent"], json!([]));
    clone.ok(&["predict", "small-2", "x=3"]);
    // A bundle of a clone says what it does not have.
    fs::remove_file(clone.root().join(brought["filled"][0].as_str().unwrap())).unwrap();
    let printed = clone.run(&["export", "bundle", "-o", "../less.zip"]);
    assert!(printed.err.contains("is not in this copy of the ledger"), "{}", printed.err);
    let to = empty();
    import(&to, &clone.root().join("../less.zip"));
    assert_eq!(to.run(&["verify", "--json"]).json()["absent"].as_array().unwrap().len(), 1);
}

#[test]
fn damage_does_not_leave_the_ledger() {
    let from = trained();
    let run = from.run(&["show", "small-2", "--json"]).json();
    from.write(
        &format!("{}/artifacts/predictions.csv", run["directory"].as_str().unwrap()),
        "forged\n",
    );
    let printed = from.run(&["export", "bundle", "-o", "../bundle.zip"]);
    assert_eq!(printed.code, 5, "{}", printed.out);
    assert!(printed.err.contains("artifacts/predictions.csv is damaged"), "{}", printed.err);
    let to = empty();
    assert_eq!(import(&to, &from.root().join("../bundle.zip"))["attempts"], 1);
    to.ok(&["verify"]);
    let nothing = from.run(&["export", "bundle", "metrics.r2 > 9", "-o", "../none.zip"]);
    assert_eq!(nothing.code, 1);
    assert!(nothing.err.contains("nothing to export") && !from.root().join("../none.zip").exists());
}

#[cfg(unix)]
#[test]
fn commands_that_come_in_a_bundle_wait_for_approval() {
    let scripted = |session: &Session, n: u8| {
        session.write(
            "experiments/e/script.toml",
            &format!("[command]\nrun = [\"sh\", \"experiments/e/train.sh\"]\ninputs = [\"experiments/e/*.sh\"]\nmetrics = \"stdout\"\n[params]\nn = {n}\n"),
        );
        session.write("experiments/e/train.sh", "touch executed\necho 'score: 1'\n");
    };
    let from = empty();
    scripted(&from, 1);
    from.ok(&["run", "e/script"]);
    let path = bundle(&from, &[]);
    let to = empty();
    let printed = to.ok(&["import", "bundle", path.to_str().unwrap()]);
    assert!(
        printed.contains("pending: experiments/e/script.toml; fairledger approve"),
        "{printed}"
    );
    to.edit("experiments/e/script.toml", "n = 1", "n = 2");
    assert!(to.ok(&["run"]).contains("pending: experiments/e/script.toml"));
    assert!(!to.root().join("executed").exists());
    // What one follows oneself is not followed any more once files of others come.
    let following = empty();
    scripted(&following, 3);
    following.ok(&["approve", "e/script", "--follow-edits"]);
    from.write("experiments/e/more.sh", "touch hostile\n");
    import(&following, &bundle(&from, &[]));
    assert!(following.ok(&["run"]).contains("pending: experiments/e/script.toml"));
    assert!(!following.root().join("executed").exists());
}
