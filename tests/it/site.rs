//! The site as it grows: what a new run rewrites, and that the same ledger gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use super::session::Session;

/// Every file of a folder with its content and the time it was written.
fn files(root: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            found.insert(name, (fs::read(&path).unwrap(), time));
        }
    }
    found
}

fn bytes(root: &Path) -> BTreeMap<String, Vec<u8>> {
    files(root).into_iter().map(|(name, (bytes, _))| (name, bytes)).collect()
}

#[test]
fn one_new_run_rewrites_its_own_pages_and_the_indexes() {
    let session = Session::small();
    session.write("experiments/other/forest.toml", &session.read("experiments/quick/forest.toml"));
    session.edit("experiments/other/forest.toml", "[2, 3]", "[4]");
    session.ok(&["run"]);
    let site = session.root().join("site");
    let before = files(&site);
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 3, 5]");
    session.ok(&["run"]);
    let after = files(&site);
    let runs = session.runs();
    let newest = runs.iter().find(|run| run["label"] == "small-5").unwrap();
    let id = newest["id"].as_str().unwrap().to_owned();
    let touched: BTreeSet<&str> = after
        .iter()
        .filter(|(name, file)| before.get(*name) != Some(file))
        .map(|(name, _)| name.as_str())
        .collect();
    let own = format!("r/{}/{id}/", &id[..2]);
    assert!(touched.contains(format!("{own}index.html").as_str()), "{touched:?}");
    let rest: Vec<&str> = touched.into_iter().filter(|name| !name.starts_with(&own)).collect();
    assert_eq!(
        rest,
        [
            "analysis/distributions.html",
            "analysis/impact.html",
            "analysis/index.html",
            "analysis/parallel.html",
            "analysis/scatter.html",
            "compare/index.html",
            "data-sets/index.html",
            "data/manifest.js",
            "data/runs-0001.js",
            "index.html",
            "leaderboard/index.html",
            "provenance/index.html",
            "runs/index.html",
            "runs/p/0001.html",
            "x/quick/index.html",
        ]
    );
    assert!(before.keys().all(|name| after.contains_key(name)));
    session.ok(&["report"]);
    assert_eq!(bytes(&site), after.into_iter().map(|(name, (it, _))| (name, it)).collect());
}

#[test]
fn a_page_that_was_lost_or_changed_comes_back() {
    let session = Session::small();
    session.ok(&["run"]);
    let site = session.root().join("site");
    let before = bytes(&site);
    let page =
        before.keys().find(|name| name.starts_with("r/") && name.ends_with("/index.html")).unwrap();
    fs::remove_file(site.join(page)).unwrap();
    let is_picture = |name: &&String| {
        name.starts_with("r/") && Path::new(name.as_str()).extension() == Some("svg".as_ref())
    };
    let beside = before.keys().find(is_picture).unwrap();
    fs::remove_file(site.join(beside)).unwrap();
    session.write("site/mine.txt", "not a page of ours");
    let run = session.runs()[0]["id"].as_str().unwrap().to_owned();
    session.ok(&["tag", &run, "a=b"]);
    assert!(site.join(page).is_file() && site.join(beside).is_file());
    fs::write(site.join(page), "edited").unwrap();
    session.ok(&["report"]);
    assert!(fs::read_to_string(site.join(page)).unwrap().contains("</html>"));
    assert_eq!(session.read("site/mine.txt"), "not a page of ours");
}

#[test]
fn pages_of_what_is_gone_go_too_and_no_other() {
    let session = Session::small();
    session.ok(&["run"]);
    session.write("site/x/quick/notes.txt", "mine");
    fs::remove_dir_all(session.root().join("experiments/quick")).unwrap();
    session.ok(&["report"]);
    let left = bytes(&session.root().join("site"));
    assert!(!left.keys().any(|name| name.starts_with("r/")), "{:?}", left.keys());
    assert!(!left.contains_key("x/quick/index.html"));
    assert_eq!(left["x/quick/notes.txt"], b"mine");
}

#[test]
fn elsewhere_and_in_another_time_zone_the_bytes_are_the_same() {
    let session = Session::small();
    session.ok(&["run"]);
    let first = bytes(&session.root().join("site"));
    let far = session.root().parent().unwrap().join("far/away/ledger");
    fs::create_dir_all(far.parent().unwrap()).unwrap();
    fs::rename(session.root(), &far).unwrap();
    let session = session.at(far);
    for (threads, zone) in [("1", "Asia/Seoul"), ("3", "America/New_York")] {
        fs::remove_dir_all(session.root().join("site")).unwrap();
        fs::remove_dir_all(session.root().join(".fairledger")).unwrap();
        let variables = [("RAYON_NUM_THREADS", threads), ("TZ", zone)];
        session.with(&variables, &["report"]).ok();
        assert!(bytes(&session.root().join("site")) == first, "{zone}");
    }
}

#[test]
fn a_broken_theme_is_one_error_and_the_last_pages_stay() {
    let session = Session::small();
    session.ok(&["run"]);
    let before = bytes(&session.root().join("site"));
    let block = "{% extends \"builtin/run.html\" %}{% block run_extra %}";
    for (text, told) in [("{{ page. }", "theme/run.html:1:"), ("{{ page.nothing }}", "`nothing`")] {
        session.write("theme/run.html", &format!("{block}{text}{{% endblock run_extra %}}"));
        session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 3, 9]");
        let printed = session.run(&["run"]);
        assert_eq!(printed.code, 1, "{}", printed.err);
        let count = |words: &str| printed.err.matches(words).count();
        assert_eq!((count(told), count("error: ")), (1, 2), "{}", printed.err);
        assert!(printed.err.contains("theme/run.html:1:"), "{}", printed.err);
        assert!(bytes(&session.root().join("site")) == before);
        session.edit("experiments/quick/forest.toml", "[2, 3, 9]", "[2, 3]");
    }
    session.write("theme/run.html", &format!("{block}<p>mine</p>{{% endblock run_extra %}}"));
    session.write("theme/custom.css", "body { color: red }\n");
    session.ok(&["report"]);
    let after = bytes(&session.root().join("site"));
    let runs: Vec<_> =
        after.iter().filter(|(name, _)| name.starts_with("r/") && name.ends_with("html")).collect();
    assert_eq!(runs.len(), 3, "what was trained meanwhile is there");
    for (name, page) in runs {
        let page = std::str::from_utf8(page).unwrap();
        assert!(page.contains("<p>mine</p>") && page.contains("id=\"record\""), "{name}");
    }
    assert!(after["app.css"].ends_with(b"body { color: red }\n"));
}

#[test]
fn the_seven_days_end_where_they_are_told_to() {
    let session = Session::small();
    session.ok(&["run"]);
    let overview = || session.read("site/index.html");
    assert!(overview().contains("2 attempts, 1 new best"));
    let before = overview();
    session.ok(&["report", "--as-of", "2020-02-29"]);
    assert!(overview().contains("Seven days to 2020-02-29 23:59 UTC"), "{}", overview());
    assert!(overview().contains("0 attempts"));
    session.ok(&["report"]);
    assert_eq!(overview(), before);
    let refused = session.run(&["report", "--as-of", "yesterday"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("'yesterday' is no date"), "{}", refused.err);
}

#[test]
fn publishing_leaves_the_users_branch_alone() {
    let session = Session::small();
    session.licensed();
    session.git(&["init", "-q"]);
    session.git(&["add", "-A"]);
    session.git(&["commit", "-q", "-m", "mine"]);
    session.ok(&["run"]);
    let head = session.git(&["rev-parse", "HEAD"]);
    let printed = session.ok(&["publish"]);
    assert!(printed.contains("next: git push origin gh-pages"), "{printed}");
    assert_eq!(session.git(&["rev-parse", "HEAD"]), head);
    let held = session.git(&["ls-tree", "-r", "--name-only", "gh-pages"]);
    for name in [".nojekyll", "index.html", "data/manifest.js", "x/quick/REPORT.md"] {
        assert!(held.lines().any(|line| line == name), "{name}: {held}");
    }
    assert!(!held.contains("ledger.toml"));
    assert!(session.ok(&["publish"]).contains("nothing new"));
    let refused = session.run(&["publish", "--branch", "main"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("--branch"), "{}", refused.err);
}

#[test]
fn publishing_into_a_folder_copies_the_site() {
    let session = Session::small();
    session.licensed();
    session.ok(&["run"]);
    session.ok(&["publish", "--to", "../public"]);
    let public = bytes(&session.root().parent().unwrap().join("public"));
    for (name, page) in bytes(&session.root().join("site")) {
        assert!(public[&name] == page, "{name}");
    }
    let report = std::str::from_utf8(&public["x/quick/REPORT.md"]).unwrap();
    assert!(report.contains("[small\\-2 "), "{report}");
}
