//! How FAIR the ledger is: the table of `fairledger fair` as a page.

use crate::ledger::fair::indicators::{Indicator, Standing, indicators, summary};
use crate::ledger::view::LedgerView;

use super::sections::{Section, Sections};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, path};

/// Renders `fair/index.html`.
pub(super) fn page(templates: &Templates, ledger: &LedgerView) -> Result<Page, ReportError> {
    let all = indicators(ledger);
    let mut sections = Vec::new();
    for (letter, title) in
        [("F", "Findable"), ("A", "Accessible"), ("I", "Interoperable"), ("R", "Reusable")]
    {
        let own = all.iter().filter(|it| it.id.starts_with(&format!("RDA-{letter}")));
        sections.push(Section::new(title.to_lowercase(), title).table(table(title, own)));
    }
    let lead = "By the 41 indicators of the FAIR Data Maturity Model of the Research Data Alliance \
                (doi 10.15497/rda00050), as far as ledger.toml and the runs tell.";
    let mut page = Sections {
        title: "How FAIR it is".into(),
        lead: format!("{}. {lead}", summary(&all)),
        parts: sections,
        ..Sections::default()
    };
    if let Some(last) = page.parts.last_mut() {
        last.commands = vec!["fairledger fair --missing".into()];
    }
    page.page(templates, "fair.html", path::FAIR.into(), ledger)
}

fn table<'a>(title: &str, indicators: impl Iterator<Item = &'a Indicator>) -> Table {
    let mut table = Table::new(title)
        .text("indicator")
        .text("priority")
        .text("standing")
        .text("by what, or what to write")
        .text("asks for");
    for it in indicators {
        let class = if matches!(it.standing, Standing::NotMet { .. }) { "bad" } else { "" };
        table.row(
            Cell::text(&it.id),
            vec![
                Cell::text(it.priority.word()),
                Cell::text(it.standing.word()).class(class),
                Cell::text(it.standing.line()),
                Cell::text(it.asks),
            ],
        );
    }
    table
}
