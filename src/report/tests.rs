//! What holds of every page together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ledger::attempt::Status;
use crate::ledger::config::ReportConfig;
use crate::ledger::fair::about::About;
use crate::ledger::registry::ModelView;
use crate::ledger::view::{
    ComparisonView, ExperimentView, KeptView, LedgerView, RunFiles, RunView,
};

use super::template::tests::{GIVEN, names, quoted};
use super::{Page, Parts, Site, Standings, Theme, experiment_pictures, run_pictures, sample};

/// Every page and asset of a ledger; each run has the same files.
fn site(ledger: &LedgerView, files: &RunFiles) -> Vec<Page> {
    let site = Site::new(&Theme::new()).unwrap();
    let mut pages = site.assets();
    pages.push(site.overview(ledger, None).unwrap());
    let log = |run: &RunView| (run.id, files.log.clone());
    let logs = super::failed(ledger).into_iter().map(log).collect();
    let parts = Parts::default();
    pages.extend(site.across(ledger, &BTreeMap::new(), &logs, &parts).unwrap());
    for experiment in &ledger.experiments {
        pages.extend(site.experiment(ledger, experiment, &parts).unwrap());
        for run in &experiment.runs {
            let none = RunFiles::default();
            let files = if run.status == Status::Finished { files } else { &none };
            pages.extend(
                site.run(ledger, experiment, &Standings::of(experiment), run, files).unwrap(),
            );
        }
    }
    pages
}

fn experiment_page(site: &Site, ledger: &LedgerView, experiment: &ExperimentView) -> Page {
    let mut pages = site.experiment(ledger, experiment, &Parts::default()).unwrap();
    pages.pop().unwrap()
}

fn is_html(page: &Page) -> bool {
    page.path.rsplit('.').next() == Some("html")
}

fn text(page: &Page) -> &str {
    std::str::from_utf8(&page.bytes).unwrap()
}

/// What a reader sees: the page without tags, character references resolved.
fn words(page: &Page) -> String {
    let mut words = String::new();
    for part in text(page).split('<').skip(1) {
        words.push_str(part.split_once('>').unwrap().1);
        words.push('\n');
    }
    unescape(&words)
}

fn unescape(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn scalars(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|field| scalars(field, found)),
        Value::Array(items) => items.iter().for_each(|item| scalars(item, found)),
        Value::String(text) => found.push(text.clone()),
        other => found.push(other.to_string()),
    }
}

fn missing(page: &Page, value: &Value) -> Vec<String> {
    let words = words(page);
    let mut found = Vec::new();
    scalars(value, &mut found);
    found.retain(|scalar| !words.contains(scalar.as_str()));
    found
}

#[test]
fn replicates_share_a_line_with_mean_and_interval() {
    let experiment = sample::replicated();
    let ledger = LedgerView { experiments: vec![experiment.clone()], ..sample::ledger() };
    let site = Site::new(&Theme::new()).unwrap();
    let page = words(&experiment_page(&site, &ledger, &experiment));
    for part in [
        "r2 0.760 ± 0.025",
        "the mean of 3 seeds ± half its 95 % confidence interval; its lead over rf-100-10, 0.03, is \
         inside the noise (p = 0.423)",
        "0.73 ± 0.13",
        "Runs that differ in nothing but the seed share a line",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let run = &experiment.runs[0];
    let page = words(
        &site
            .run(&ledger, &experiment, &Standings::of(&experiment), run, &RunFiles::default())
            .unwrap()[0],
    );
    assert!(!page.contains("Replicates:"), "a run by itself has none");
    let run = &experiment.runs[1];
    let page = words(
        &site
            .run(&ledger, &experiment, &Standings::of(&experiment), run, &RunFiles::default())
            .unwrap()[0],
    );
    assert!(page.contains("Replicates: 3 of 3 finished"), "{page}");
}

#[test]
fn a_runs_page_holds_every_value_of_the_run() {
    let ledger = sample::ledger();
    let experiment = &ledger.experiments[0];
    let site = Site::new(&Theme::new()).unwrap();
    for run in &experiment.runs {
        let page = site
            .run(&ledger, experiment, &Standings::of(experiment), run, &sample::files())
            .unwrap()
            .remove(0);
        assert_eq!(missing(&page, &serde_json::to_value(run).unwrap()), [""; 0], "{}", run.label);
    }
}

#[test]
fn overview_and_experiment_hold_what_they_list() {
    let ledger = sample::ledger();
    let experiment = &ledger.experiments[0];
    let site = Site::new(&Theme::new()).unwrap();
    let pages =
        [site.overview(&ledger, None).unwrap(), experiment_page(&site, &ledger, experiment)];
    for page in &pages {
        for run in &experiment.runs {
            let value = serde_json::to_value(run).unwrap();
            let listed: Vec<_> =
                ["short", "label", "status", "seed", "trainer", "params", "metrics"]
                    .map(|name| value[name].clone())
                    .into();
            assert_eq!(missing(page, &Value::Array(listed)), [""; 0], "{}", page.path);
        }
    }
}

#[test]
fn the_same_ledger_gives_the_same_bytes() {
    let ledger = sample::ledger();
    assert_eq!(site(&ledger, &sample::files()), site(&ledger, &sample::files()));
}

/// Every link of a page, resolved; `None` for one that leads out of the site.
fn links(page: &Page) -> Vec<String> {
    let folder: Vec<&str> = page.path.split('/').collect();
    let attributes =
        text(page).split(" href=\"").chain(text(page).split(" src=\"").skip(1)).skip(1);
    let mut found = Vec::new();
    for attribute in attributes {
        let address = attribute.split('"').next().unwrap();
        if address.starts_with("http") || address.starts_with('#') || address == "data:," {
            continue;
        }
        let address = address.split(['?', '#']).next().unwrap();
        let up = address.matches("../").count();
        let mut parts = folder[..folder.len() - 1 - up].to_vec();
        parts.extend(address.split('/').filter(|part| *part != ".."));
        found.push(parts.join("/"));
    }
    found
}

#[test]
fn every_link_leads_to_a_page() {
    let mut ledger = sample::ledger();
    let mut other = sample::experiment();
    other.name = "Second Try".into();
    other.runs.truncate(2);
    for run in &mut other.runs {
        run.experiments.push(other.name.clone());
    }
    other.best = None;
    ledger.experiments.push(other);
    let pages = site(&ledger, &sample::files());
    let paths: BTreeSet<_> = pages.iter().map(|page| page.path.clone()).collect();
    let found: Vec<_> = pages.iter().filter(|page| is_html(page)).flat_map(links).collect();
    assert!(found.len() > 100);
    for link in found {
        assert!(paths.contains(&link), "{link}");
    }
}

pub(super) const HOSTILE: [&str; 4] = [
    "</script><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "javascript:alert(1)",
    "{{ page }} {% raw %} '><svg onload=alert(1)>",
];

/// Puts a text into every field of a run that holds free text.
fn spoil(run: &mut RunView, text: &str) {
    let free = [
        &mut run.label,
        &mut run.experiment,
        &mut run.spec,
        &mut run.description,
        &mut run.trainer,
        &mut run.target,
        &mut run.split,
        &mut run.directory,
        &mut run.host.name,
        &mut run.host.target,
    ];
    for field in free {
        text.clone_into(field);
    }
    run.cause = Some(text.into());
    run.experiments = vec![text.into()];
    run.features = vec![text.into(); 2];
    for map in [&mut run.tags, &mut run.versions] {
        map.insert(text.into(), text.into());
    }
    for map in [&mut run.params, &mut run.model] {
        map.insert(text.into(), text.into());
    }
    for map in [&mut run.metrics, &mut run.timings] {
        map.insert(text.into(), 0.25);
    }
    run.notes.push(crate::ledger::view::NoteView { time: run.started, text: text.into() });
    run.artifacts.iter_mut().for_each(|file| file.path = text.into());
    run.attempts.iter_mut().for_each(|attempt| attempt.cause = Some(text.into()));
    if let Some((data, git)) = run.data.as_mut().zip(run.git.as_mut()) {
        data.path = text.into();
        git.commit = text.into();
    }
}

fn spoiled_model(text: &str) -> ModelView {
    let mut model = ModelView {
        name: text.into(),
        description: text.into(),
        tags: [(text.to_owned(), text.to_owned())].into(),
        aliases: [(text.to_owned(), 1)].into(),
        merged: vec![text.into()],
        ..sample::model()
    };
    for version in &mut model.versions {
        version.aliases = vec![text.into()];
        for field in [&mut version.description, &mut version.label, &mut version.directory] {
            text.clone_into(field);
        }
        version.tags.insert(text.into(), text.into());
        version.metrics.insert(text.into(), 0.5);
        version.file.path = text.into();
    }
    model.history.iter_mut().for_each(|moved| moved.alias = text.into());
    model
}

#[test]
fn a_model_has_a_page_with_its_versions_aliases_and_history() {
    let pages = site(&sample::ledger(), &sample::files());
    let page = |path: &str| pages.iter().find(|page| page.path == path).unwrap();
    let index = words(page("models/index.html"));
    assert!(index.contains("house") && index.contains("@champion → 1"), "{index}");
    let page = page("models/house/index.html");
    let words = words(page);
    for expected in
        ["2 versions, @champion is version 1.", "In dollars.", "rolled back", "stage = tried"]
    {
        assert!(words.contains(expected), "{expected}");
    }
    assert!(text(page).contains("href=\"../../r/"), "versions lead to their runs");
}

pub(super) fn spoiled(text: &str) -> (LedgerView, RunFiles) {
    let mut experiment = ExperimentView {
        name: text.into(),
        title: text.into(),
        description: text.into(),
        tags: [(text.to_owned(), text.to_owned())].into(),
        readme: format!("# {text}\n\n[x]({text}) ![x]({text}) <{text}>\n\n{text}\n"),
        ..sample::experiment()
    };
    experiment.goal.metric = text.into();
    experiment.runs.iter_mut().for_each(|run| spoil(run, text));
    let mut files = sample::files();
    files.log = text.into();
    for step in 0..3 {
        files.points.push(sample::point(text, 0.5, step));
    }
    let quoted = text.replace('"', "\"\"");
    let table = format!("feature,importance\n\"{quoted}\",0.5\n");
    files.texts.insert("feature_importance.csv".into(), table);
    for (file, table) in [
        ("confusion_matrix.csv", format!("actual,\"{quoted}\",b\n\"{quoted}\",3,1\nb,0,2\n")),
        (
            "roc.csv",
            format!("class,false_positive_rate,true_positive_rate\n\"{quoted}\",0,1\nb,0,0.5\n"),
        ),
        (
            "permutation_importance.csv",
            format!("feature,metric,mean,deviation\n\"{quoted}\",\"{quoted}\",0.5,0.1\n"),
        ),
    ] {
        files.texts.insert(file.into(), table);
    }
    let ledger = LedgerView {
        title: text.into(),
        description: text.into(),
        authors: vec![text.into()],
        licence: text.into(),
        about: About::default(),
        time_zone: text.into(),
        experiments: vec![experiment],
        comparisons: vec![ComparisonView {
            name: text.into(),
            title: text.into(),
            runs: vec![text.into(), "f".into(), "rf".into()],
            baseline: None,
        }],
        models: vec![spoiled_model(text)],
        views: vec![KeptView {
            name: text.into(),
            filter: text.into(),
            sort: text.into(),
            columns: vec![text.into()],
            group: text.into(),
            baseline: text.into(),
            runs: vec![text.into()],
        }],
        report: ReportConfig { ignore: vec![text.into()] },
    };
    (ledger, files)
}

#[test]
fn hostile_text_stays_text() {
    for hostile in HOSTILE {
        let (ledger, files) = spoiled(hostile);
        let experiment = &ledger.experiments[0];
        let mut pages = site(&ledger, &files);
        pages.retain(is_html);
        pages.extend(experiment_pictures(experiment).unwrap());
        pages.extend(run_pictures(experiment, &experiment.runs[1], &files).unwrap());
        for page in &pages {
            let text = text(page);
            assert!(page.path.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.".contains(c)));
            let scripts = text.matches("<script").count();
            let own = ["app", "filter", "match", "data", "table", "compare", "canvas", "curves", "plots"]
                    .iter()
                    .map(|name| text.matches(&format!("/{name}.js?v=")).count())
                    .sum::<usize>()
                    + text.matches("src=\"app.js?v=").count()
                    // Data, which no browser executes.
                    + text.matches("<script type=\"application/ld+json\">").count();
            assert_eq!(scripts, own, "{}", page.path);
            assert!(own >= usize::from(is_html(page)), "{}", page.path);
            for tag in text.split('<').skip(1).filter_map(|part| part.split('>').next()) {
                let quotes = tag.matches('"').count();
                assert!(quotes.is_multiple_of(2), "{tag}");
                let outside: String = tag.split('"').step_by(2).collect();
                assert!(!outside.contains(" on"), "{tag}");
                assert!(!tag.contains("href=\"javascript"), "{tag}");
                assert!(!outside.contains("style="), "{tag}");
            }
        }
    }
}

#[test]
fn the_words_of_hostile_text_are_still_there() {
    let (ledger, files) = spoiled(HOSTILE[0]);
    let experiment = &ledger.experiments[0];
    let page = Site::new(&Theme::new())
        .unwrap()
        .run(&ledger, experiment, &Standings::of(experiment), &experiment.runs[1], &files)
        .unwrap()
        .remove(0);
    assert_eq!(missing(&page, &serde_json::to_value(&experiment.runs[1]).unwrap()), [""; 0]);
}

/// The page without its pictures.
fn without_pictures(page: &Page) -> String {
    let parts = text(page).split("<svg").enumerate();
    parts
        .map(|(index, part)| if index == 0 { part } else { part.split_once("</svg>").unwrap().1 })
        .collect()
}

#[test]
fn pages_stay_small() {
    let ledger = sample::ledger();
    for page in site(&ledger, &sample::files()) {
        let (budget, whole) = match page.path.split(['/', '.']).next().unwrap() {
            "r" => (21_000, 120_000),
            "app" => (12_500, 12_500),
            _ => (24_000, 120_000),
        };
        let length = without_pictures(&page).len();
        assert!(length <= budget, "{}: {length} bytes without pictures", page.path);
        assert!(page.bytes.len() <= whole, "{}: {} bytes", page.path, page.bytes.len());
    }
}

#[test]
fn the_documented_context_is_what_templates_are_given() {
    let mut ledger = sample::ledger();
    let runs = vec!["rf-300-20".into(), "linear".into()];
    ledger.comparisons =
        vec![ComparisonView { name: "a".into(), title: String::new(), runs, baseline: None }];
    site(&ledger, &sample::files());
    let mut given = GIVEN.lock().unwrap().clone();
    // A file of its own takes no part in themes.
    given.remove("single.html");
    let document = include_str!("context.md");
    let part = |name: &str| document.split(name).nth(1).unwrap().split("\n## ").next().unwrap();
    let mut documented = BTreeMap::new();
    let frame = part("## frame\n").split(" (").flat_map(quoted).collect::<BTreeSet<_>>();
    for line in part("## page\n").split("\n- ").skip(1) {
        let (templates, names) = line.split("\n\n").next().unwrap().split_once("`: ").unwrap();
        for template in quoted(&format!("{templates}`")) {
            documented.insert(template, quoted(names));
        }
    }
    for (template, names) in &given {
        if template == "frame" {
            assert!(names.is_subset(&frame), "{names:?} {frame:?}");
        } else {
            assert_eq!(documented.get(template), Some(names), "{template}");
        }
    }
    assert_eq!(documented.len() + 1, given.len());
    let shapes = part("## Shapes\n");
    let table = names(&super::table::Table::new("x"));
    let section = names(&super::sections::Section::new("a", "b"));
    let link = names(&super::sections::Link::new("a", "b"));
    for shape in [table, section, link] {
        let listed: Vec<_> = shape.iter().map(|name| format!("`{name}`")).collect();
        assert!(shapes.contains(&listed.join(", ")), "{listed:?}");
    }
}

#[test]
fn pages_load_the_scripts_that_they_use() {
    for page in site(&sample::ledger(), &sample::files()).iter().filter(|page| is_html(page)) {
        let drawn = ["runs/index.html", "analysis/parallel.html", "analysis/scatter.html"];
        let data = drawn.contains(&page.path.as_str()) || page.path == "compare/index.html";
        assert_eq!(text(page).contains("/data.js?v="), data, "{}", page.path);
        assert_eq!(text(page).contains("data-manifest"), data, "{}", page.path);
    }
}

#[test]
fn an_empty_ledger_has_an_overview() {
    let ledger = LedgerView {
        title: String::new(),
        description: String::new(),
        authors: Vec::new(),
        licence: String::new(),
        about: About::default(),
        time_zone: String::new(),
        experiments: vec![ExperimentView { runs: Vec::new(), best: None, ..sample::experiment() }],
        comparisons: Vec::new(),
        models: Vec::new(),
        views: Vec::new(),
        report: ReportConfig::default(),
    };
    for page in site(&ledger, &RunFiles::default()) {
        assert!(!page.bytes.is_empty());
    }
}

/// The versions of style sheet and scripts, which say nothing of a page.
const VERSIONS: [(&str, &str); 1] = [(r"\?v=[0-9a-f]{8}", "?v=[VERSION]")];

#[test]
fn the_page_of_a_failed_run() {
    let ledger = sample::ledger();
    let experiment = &ledger.experiments[0];
    let run = experiment.runs.iter().find(|run| run.status == Status::Failed).unwrap();
    let page = Site::new(&Theme::new())
        .unwrap()
        .run(&ledger, experiment, &Standings::of(experiment), run, &RunFiles::default())
        .unwrap()
        .remove(0);
    insta::with_settings!({filters => VERSIONS}, { insta::assert_snapshot!(text(&page)) });
}

#[test]
fn the_overview_of_a_ledger() {
    let mut ledger = sample::ledger();
    ledger.experiments[0].runs.truncate(2);
    let page = Site::new(&Theme::new()).unwrap().overview(&ledger, None).unwrap();
    insta::with_settings!({filters => VERSIONS}, { insta::assert_snapshot!(text(&page)) });
}

/// Writes the sample site to a folder to be looked at: `SITE=/somewhere cargo test -- --ignored site`.
#[test]
#[ignore = "for looking at pages"]
fn write_the_sample_site() {
    let folder = std::path::PathBuf::from(std::env::var("SITE").unwrap());
    let ledger = sample::ledger();
    let mut pages = site(&ledger, &sample::files());
    let experiment = &ledger.experiments[0];
    pages.extend(experiment_pictures(experiment).unwrap());
    pages.extend(run_pictures(experiment, &experiment.runs[5], &sample::files()).unwrap());
    for page in pages {
        let file = folder.join(&page.path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &page.bytes).unwrap();
    }
}
