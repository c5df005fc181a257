//! The templates, embedded in the program and parsed once.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Context, Tera};

use crate::ledger::digest::{Digest, StreamDigest};
use crate::ledger::view::LedgerView;

use super::trusted::Trusted;
use super::{Page, ReportError, chart, described, path};

/// Every template by name. What a name ends in does not matter: all of them escape what they print.
const TEMPLATES: [(&str, &str); 17] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("components.html", include_str!("../../templates/components.html")),
    ("trusted.html", include_str!("../../templates/trusted.html")),
    ("overview.html", include_str!("../../templates/overview.html")),
    ("experiment.html", include_str!("../../templates/experiment.html")),
    ("runs.html", include_str!("../../templates/runs.html")),
    ("sections.html", include_str!("../../templates/sections.html")),
    ("compare.html", include_str!("../../templates/compare.html")),
    ("leaderboard.html", include_str!("../../templates/leaderboard.html")),
    ("analysis.html", include_str!("../../templates/analysis.html")),
    ("models.html", include_str!("../../templates/models.html")),
    ("single.html", include_str!("../../templates/single.html")),
    ("data-sets.html", include_str!("../../templates/data-sets.html")),
    ("provenance.html", include_str!("../../templates/provenance.html")),
    ("failures.html", include_str!("../../templates/failures.html")),
    ("fair.html", include_str!("../../templates/fair.html")),
    ("run.html", include_str!("../../templates/run.html")),
];

/// The navigation: word, page, and the template whose pages it leads to.
const NAVIGATION: [(&str, &str, &str); 9] = [
    ("Overview", path::OVERVIEW, "overview.html"),
    ("Runs", path::RUNS, "runs.html"),
    ("Compare", path::COMPARE, "compare.html"),
    ("Leaderboard", path::LEADERBOARD, "leaderboard.html"),
    ("Analysis", "analysis/index.html", "analysis.html"),
    ("Models", path::MODELS, "models.html"),
    ("Data sets", path::DATA_SETS, "data-sets.html"),
    ("Provenance", path::PROVENANCE, "provenance.html"),
    ("Failures", path::FAILURES, "failures.html"),
];

/// The templates whose pages describe themselves; the others are described by their frame.
const DESCRIBED: [&str; 3] = ["overview.html", "experiment.html", "run.html"];

/// How many characters a description of a page has at most; search engines cut longer ones.
const DESCRIPTION: usize = 160;

/// Before the names of our own templates; a theme extends `builtin/base.html` to change one block.
const BUILT_IN: &str = "builtin/";

/// Before the names of a theme's templates.
const OF_THEME: &str = "theme/";

/// The style sheet of a theme, put behind our own.
const CUSTOM_STYLE: &str = "custom.css";

/// The files of a theme by name: templates in place of our own, and `custom.css`.
pub type Theme = BTreeMap<String, String>;

const STYLE: &str = include_str!("../../templates/app.css");

/// Every script by name, as it is written; [`script`] gives what is published.
const SCRIPTS: [(&str, &str); 9] = [
    ("app.js", include_str!("../../templates/app.js")),
    ("filter.js", include_str!("../../templates/filter.js")),
    ("match.js", include_str!("../../templates/match.js")),
    ("data.js", include_str!("../../templates/data.js")),
    ("table.js", include_str!("../../templates/table.js")),
    ("compare.js", include_str!("../../templates/compare.js")),
    ("canvas.js", include_str!("../../templates/canvas.js")),
    ("curves.js", include_str!("../../templates/curves.js")),
    ("plots.js", include_str!("../../templates/plots.js")),
];

/// The script of pages that are served, which the files of the site do not load.
const LIVE: &str = include_str!("../../templates/live.js");

/// The parsed templates and the addresses of what pages load.
pub(super) struct Templates {
    tera: Tera,
    style: String,
    style_text: String,
    /// The addresses of scripts by name without `.js`.
    scripts: BTreeMap<&'static str, String>,
}

/// The version of what templates are given, which `context.md` documents: raised when a name there goes.
const CONTEXT_VERSION: u32 = 1;

/// What every page is framed by.
#[derive(Serialize)]
struct Frame<'a> {
    version: u32,
    root: &'a str,
    style: &'a str,
    script: &'a str,
    scripts: &'a BTreeMap<&'static str, String>,
    ledger: &'a str,
    licence: &'a str,
    title: &'a str,
    description: String,
    described: Option<Trusted>,
    navigation: Vec<Place>,
}

/// A word of the navigation.
#[derive(Serialize)]
struct Place {
    text: &'static str,
    link: String,
    here: bool,
}

impl Templates {
    /// Parses the templates, those of the theme before our own of the same name; an undefined name
    /// or an unknown component is found here.
    pub(super) fn new(theme: &Theme) -> Result<Self, ReportError> {
        let mut tera = Tera::new();
        tera.set_fallback_prefixes([OF_THEME, BUILT_IN])
            .map_err(|reason| ReportError::Template(reason.into()))?;
        // Every name ends in the empty suffix, so nothing is printed unescaped by accident.
        tera.autoescape_on([""]);
        let own = TEMPLATES.iter().map(|(name, text)| (format!("{BUILT_IN}{name}"), *text));
        let theirs = theme.iter().filter(|(name, _)| *name != CUSTOM_STYLE);
        let theirs = theirs.map(|(name, text)| (format!("{OF_THEME}{name}"), text.as_str()));
        tera.add_raw_templates(own.chain(theirs))
            .map_err(|reason| ReportError::Template(reason.into()))?;
        let custom = theme.get(CUSTOM_STYLE).map(|text| format!("\n{text}")).unwrap_or_default();
        let style_text = format!("{STYLE}{custom}");
        let address = |file: &str, text: &str| {
            format!("{file}?v={}", &Digest::of(text.as_bytes()).to_string()[..8])
        };
        let style = address("app.css", &style_text);
        let scripts = SCRIPTS
            .iter()
            .map(|(name, text)| (name.trim_end_matches(".js"), address(name, &script(text))));
        Ok(Self { tera, style, style_text, scripts: scripts.collect() })
    }

    /// Renders one page of the ledger; `title` is what the browser shows.
    pub(super) fn page(
        &self,
        template: &str,
        path: String,
        title: &str,
        ledger: &LedgerView,
        content: &impl Serialize,
    ) -> Result<Page, ReportError> {
        let root = path::root(&path);
        let own = DESCRIBED.contains(&template);
        let frame = Frame {
            version: CONTEXT_VERSION,
            root: &root,
            style: &self.style,
            script: self.scripts.get("app").map_or("", String::as_str),
            scripts: &self.scripts,
            ledger: name(ledger),
            licence: &ledger.licence,
            title,
            description: description(ledger, title),
            described: (!own).then(|| described::view(ledger, &path, title)),
            navigation: NAVIGATION
                .iter()
                .map(|(text, page, of)| Place {
                    text,
                    link: format!("{root}{page}"),
                    here: *of == template,
                })
                .collect(),
        };
        #[cfg(test)]
        tests::note(template, &frame, content);
        let mut values = Context::new();
        values.insert("frame", &frame);
        values.insert("page", content);
        match self.tera.render(template, &values) {
            Ok(text) => Ok(Page { path, bytes: text.into_bytes() }),
            Err(reason) => Err(ReportError::Render { page: path, reason: reason.into() }),
        }
    }

    /// The style sheet, for a file that holds it itself.
    pub(super) fn style(&self) -> Trusted {
        Trusted::written(self.style_text.clone())
    }

    /// The files that pages load.
    pub(super) fn assets(&self) -> Vec<Page> {
        let asset = |path: &str, text: &str| Page { path: path.into(), bytes: text.into() };
        let scripts = SCRIPTS.iter().map(|(name, text)| asset(name, &script(text)));
        [asset("app.css", &self.style_text)].into_iter().chain(scripts).collect()
    }
}

/// A script as pages load it: without indentation and without lines that are only a comment.
fn script(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The script that a server puts into pages: it loads a page again when it changed, and shows the curves of
/// runs under way.
pub fn live_script() -> String {
    script(LIVE)
}

/// Digest of everything that shapes pages besides what they show: our templates and the theme.
pub fn look(theme: &Theme) -> Digest {
    let mut stream = StreamDigest::default();
    let own = TEMPLATES.iter().chain(&SCRIPTS).copied().chain([("app.css", STYLE)]);
    let theirs = theme.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    for (name, text) in own.chain([("version", env!("CARGO_PKG_VERSION"))]).chain(theirs) {
        for part in [name, text] {
            stream.update(&(part.len() as u64).to_be_bytes());
            stream.update(part.as_bytes());
        }
    }
    stream.finish()
}

/// The ledger's title, or a word for one that has none.
pub(super) fn name(ledger: &LedgerView) -> &str {
    if ledger.title.is_empty() { "Ledger" } else { &ledger.title }
}

/// What a search engine may show below the title of a page.
fn description(ledger: &LedgerView, title: &str) -> String {
    let whole = if title == name(ledger) {
        format!("{title}, a ledger of machine-learning experiments")
    } else {
        format!("{title}, a page of {}", name(ledger))
    };
    let about = ledger.description.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = if about.is_empty() { whole } else { format!("{whole}: {about}") };
    chart::label(&all, DESCRIPTION)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use super::*;

    /// The names that each template was given so far, on whatever thread; `frame` has those of every page.
    pub(in super::super) static GIVEN: Mutex<BTreeMap<String, BTreeSet<String>>> =
        Mutex::new(BTreeMap::new());

    pub(super) fn note(template: &str, frame: &impl Serialize, page: &impl Serialize) {
        for (place, names) in [("frame", names(frame)), (template, names(page))] {
            GIVEN.lock().unwrap().entry(place.into()).or_default().extend(names);
        }
    }

    /// The names of a table of values.
    pub(in super::super) fn names(value: &impl Serialize) -> BTreeSet<String> {
        let value = serde_json::to_value(value).unwrap();
        value.as_object().unwrap().keys().cloned().collect()
    }

    /// The names in backticks of a text.
    pub(in super::super) fn quoted(text: &str) -> BTreeSet<String> {
        text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_documented_blocks_are_those_of_the_templates() {
        let blocks = TEMPLATES.iter().flat_map(|(_, text)| text.split("{% block ").skip(1));
        let blocks: BTreeSet<String> =
            blocks.map(|rest| rest.split(' ').next().unwrap().to_owned()).collect();
        let section = include_str!("context.md").split("## ").nth(1).unwrap();
        assert_eq!(quoted(section), blocks);
    }

    #[test]
    fn only_one_reviewed_place_prints_unescaped() {
        for (name, text) in TEMPLATES {
            let expected = usize::from(name == "trusted.html");
            assert_eq!(text.matches("safe").count(), expected, "{name}");
            assert!(!text.contains("style=") && !text.contains("onclick"), "{name}");
        }
        let (_, trusted) = TEMPLATES[2];
        assert!(trusted.contains("{{ markup | safe }}"));
    }

    #[test]
    fn scripts_have_no_line_that_goes_on_in_the_next() {
        for (name, text) in SCRIPTS.into_iter().chain([("live.js", LIVE)]) {
            // Only such texts and comments span lines, which would lose what looks like a comment.
            assert!(!text.contains("${") && !text.contains("/*"), "{name}");
            let lost = script(text);
            assert!(text.lines().count() > lost.lines().count() && lost.len() < text.len());
        }
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        let mut embedded: Vec<_> = TEMPLATES.iter().map(|(name, _)| (*name).to_owned()).collect();
        embedded.extend(["app.css", "live.js"].map(str::to_owned));
        embedded.extend(SCRIPTS.iter().map(|(name, _)| (*name).to_owned()));
        embedded.sort();
        assert_eq!(found, embedded);
    }
}
