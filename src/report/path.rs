//! Where pages are and how they link: always relative, always to a file, safe on every file system.

use crate::ledger::digest::Digest;
use crate::ledger::id::RunId;

/// The overview.
pub(super) const OVERVIEW: &str = "index.html";

/// What scripts read first of the runs.
pub(super) const MANIFEST: &str = "data/manifest.js";

/// The newest runs.
pub(super) const RUNS: &str = "runs/index.html";

/// A page of all runs, numbered from the oldest, from 1.
pub(super) fn runs(number: usize) -> String {
    format!("runs/p/{number:04}.html")
}

/// Who leads by the goal of each experiment.
pub(super) const LEADERBOARD: &str = "leaderboard/index.html";

/// What did not finish.
pub(super) const FAILURES: &str = "failures/index.html";

/// The data that runs used.
pub(super) const DATA_SETS: &str = "data-sets/index.html";

/// The registered models.
pub(super) const MODELS: &str = "models/index.html";

/// The page of a registered model.
pub(super) fn model(name: &str) -> String {
    format!("models/{}/index.html", slug(name))
}

/// What follows from what.
pub(super) const PROVENANCE: &str = "provenance/index.html";

/// How FAIR the ledger is.
pub(super) const FAIR: &str = "fair/index.html";

/// The description of the ledger that every page names.
pub(super) const DESCRIPTION: &str = "metadata.jsonld";

/// Any runs side by side.
pub(super) const COMPARE: &str = "compare/index.html";

/// The page of a comparison that is kept.
pub(super) fn comparison(name: &str) -> String {
    format!("compare/{}/index.html", slug(name))
}

/// The pages of the analysis in their order.
pub(super) fn analysis(number: usize) -> String {
    let names = ["index", "distributions", "impact", "parallel", "scatter"];
    format!("analysis/{}.html", names[number.min(names.len() - 1)])
}

/// The page of an experiment.
pub(super) fn experiment(name: &str) -> String {
    format!("x/{}/index.html", slug(name))
}

/// The page of a run.
pub(super) fn run(id: &RunId) -> String {
    format!("{}index.html", run_folder(id))
}

/// The folder of the page of a run and of what lies beside it, with a slash at its end.
pub fn run_folder(id: &RunId) -> String {
    let id = id.to_string();
    format!("r/{}/{id}/", &id[..2])
}

/// The run in whose folder a file of the site lies.
pub fn run_of(file: &str) -> Option<RunId> {
    let (_, rest) = file.strip_prefix("r/")?.split_once('/')?;
    rest.split_once('/')?.0.parse().ok()
}

/// The way from a page up to the folder of the site: `../` for each folder it lies in.
pub(super) fn root(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

/// Names that Windows keeps for devices.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The longest name that is kept as it is.
const LONGEST: usize = 48;

/// A name as one folder of an address: `[a-z0-9-]`, different for different names.
///
/// A name that is not already such gets its digest behind two hyphens; as no name with two hyphens
/// in a row is kept as it is, the two kinds never meet.
pub(super) fn slug(name: &str) -> String {
    safe(name, |letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
}

/// A name as the name of a file without its ending: like [`slug`], with underscores.
pub(super) fn stem(name: &str) -> String {
    safe(name, |letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn safe(name: &str, plain: impl Fn(char) -> bool) -> String {
    let kept = !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(|letter| plain(letter) || letter == '-')
        && !name.contains("--")
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !DEVICES.contains(&name);
    if kept {
        return name.to_owned();
    }
    let mut start = String::new();
    for letter in name.chars().flat_map(char::to_lowercase).take(LONGEST) {
        if plain(letter) {
            start.push(letter);
        } else if !start.is_empty() && !start.ends_with('-') {
            start.push('-');
        }
    }
    let digest = Digest::of(name.as_bytes()).to_string();
    let start = start.trim_end_matches('-');
    format!("{}--{}", if start.is_empty() { "x" } else { start }, &digest[..10])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_names_stay() {
        assert_eq!(slug("housing"), "housing");
        assert_eq!(slug("2026-q4"), "2026-q4");
        assert_eq!(stem("param-max_depth"), "param-max_depth");
    }

    #[test]
    fn other_names_are_made_safe_and_stay_apart() {
        let names = [
            "Housing", "housing ", "nul", "CON", "..", "a/../b", "a--b", "-a", "é", "", "<script>",
        ];
        let mut slugs: Vec<_> = names.iter().map(|name| slug(name)).collect();
        for slug in &slugs {
            assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(slug.contains("--") && !slug.starts_with('-'), "{slug}");
        }
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), names.len());
    }

    #[test]
    fn a_slug_is_never_the_slug_of_another_name() {
        let made = slug("Housing");
        assert_ne!(slug(&made), made);
    }

    #[test]
    fn pages_know_the_way_up() {
        assert_eq!(root(OVERVIEW), "");
        assert_eq!(root(&experiment("housing")), "../../");
    }
}
