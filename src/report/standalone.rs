//! One HTML file that needs no other: no script, no link, its style inside.

use serde::Serialize;

use crate::ledger::view::{ExperimentView, LedgerView};

use super::sections::Section;
use super::template::Templates;
use super::trusted::Trusted;
use super::{Page, ReportError, path};

/// What such a file may load: nothing, but for the style it holds.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// What the file says.
pub(super) struct Standalone {
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) parts: Vec<Section>,
    /// Where it is from, below everything; empty for a digest, whose pictures stand as on the site.
    pub(super) about: String,
}

/// What the template prints.
#[derive(Serialize)]
struct Content {
    policy: &'static str,
    style: Trusted,
    title: String,
    lead: String,
    parts: Vec<Section>,
    about: String,
}

impl Standalone {
    /// Renders the file under a name.
    pub(super) fn page(
        self,
        templates: &Templates,
        name: &str,
        ledger: &LedgerView,
    ) -> Result<Page, ReportError> {
        let Self { title, lead, parts, about } = self;
        let style = templates.style();
        let content = Content { policy: POLICY, style, title, lead, parts, about };
        templates.page("single.html", name.to_owned(), &content.title, ledger, &content)
    }
}

/// A section about an experiment, by a word that no other section of it has.
pub(super) fn section(experiment: &ExperimentView, word: &str, title: &str) -> Section {
    let slug = path::slug(&experiment.name);
    Section::new(format!("{slug}-{word}"), format!("{}: {title}", experiment.title))
}
