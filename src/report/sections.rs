//! Pages that are a list of sections: words, tables, pictures, in this order.

use serde::Serialize;

use crate::ledger::view::LedgerView;

use super::picture::Picture;
use super::table::Table;
use super::template::Templates;
use super::trusted::Trusted;
use super::{Page, ReportError};

/// What the template `sections.html` prints.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Sections {
    /// The heading.
    pub(super) title: String,
    /// What the page tells, in a sentence.
    pub(super) lead: String,
    /// Links to pages and places that belong together.
    pub(super) links: Vec<Link>,
    /// Where scripts find the runs, seen from the page; empty on a page without such scripts.
    pub(super) manifest: String,
    /// The sections.
    pub(super) parts: Vec<Section>,
}

/// One part of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Section {
    /// The place on the page that links lead to.
    pub(super) id: String,
    /// The heading.
    pub(super) title: String,
    /// A page the heading leads to, seen from this page; empty for none.
    pub(super) link: String,
    /// Sentences, a paragraph each.
    pub(super) words: Vec<String>,
    /// Tables, one under another.
    pub(super) tables: Vec<Table>,
    /// Pictures side by side.
    pub(super) pictures: Vec<Picture>,
    /// A drawing as wide as the page.
    pub(super) drawing: Option<Trusted>,
    /// Text as a program printed it.
    pub(super) log: String,
    /// Command lines to copy.
    pub(super) commands: Vec<String>,
}

/// A word that leads somewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Link {
    /// The word.
    pub(super) text: String,
    /// Where to, seen from the page.
    pub(super) link: String,
}

impl Link {
    /// A word and where it leads.
    pub(super) fn new(text: impl Into<String>, link: impl Into<String>) -> Self {
        Self { text: text.into(), link: link.into() }
    }
}

impl Section {
    /// A section with a heading that links can lead to.
    pub(super) fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), ..Self::default() }
    }

    /// Adds a sentence, unless it is empty.
    pub(super) fn say(mut self, words: impl Into<String>) -> Self {
        let words = words.into();
        if !words.is_empty() {
            self.words.push(words);
        }
        self
    }

    /// Adds a table.
    pub(super) fn table(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }
}

impl Sections {
    /// Renders the page by its template, which extends `sections.html`.
    pub(super) fn page(
        &self,
        templates: &Templates,
        template: &str,
        path: String,
        ledger: &LedgerView,
    ) -> Result<Page, ReportError> {
        templates.page(template, path, &self.title, ledger, self)
    }
}
