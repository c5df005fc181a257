//! The views of the table of runs that `ledger.toml` keeps: links for scripts, commands for everybody.

use crate::ledger::percent;
use crate::ledger::view::{KeptView, LedgerView};

use super::table::{Cell, Table};
use super::text;

/// The kept views, a line each; the links lead to the page of all runs, on which the table stands.
pub(super) fn table(ledger: &LedgerView) -> Table {
    let mut table = Table::new("Views").text("view").text("filter").text("command");
    for view in &ledger.views {
        let filter = if view.filter.is_empty() { text::MISSING } else { &view.filter };
        table.row(
            Cell::text(&view.name).link("", &format!("#{}", fragment(view))),
            vec![Cell::code(filter).class("wrap"), Cell::code(command(view)).class("wrap")],
        );
    }
    table
}

/// The view as the fragment of an address, as the table's script writes it.
fn fragment(view: &KeptView) -> String {
    let columns: Vec<String> = view.columns.iter().map(|name| listed(name)).collect();
    let (columns, runs) = (columns.join(","), view.runs.join(","));
    let parts = [
        ("q", &view.filter),
        ("sort", &view.sort),
        ("cols", &columns),
        ("group", &view.group),
        ("base", &view.baseline),
        ("sel", &runs),
    ];
    let parts = parts.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> =
        parts.map(|(key, value)| format!("{key}={}", escaped(value))).collect();
    if parts.is_empty() { "q=".into() } else { parts.join("&") }
}

/// A name in a list: a comma would end it.
fn listed(name: &str) -> String {
    name.replace('%', "%25").replace(',', "%2C")
}

/// Text of a fragment: what scripts call `encodeURIComponent`, but for commas and colons.
fn escaped(text: &str) -> String {
    percent::encoded(text.as_bytes(), b"-_.!~*'(),:")
}

/// The command that lists the same runs. Groups and differences to a baseline are the page's own.
fn command(view: &KeptView) -> String {
    let mut words = vec!["fairledger list".to_owned()];
    if !view.filter.is_empty() {
        words.push(text::shell_word(&view.filter));
    }
    let sort = match view.sort.strip_prefix('-') {
        Some(name) => format!("{name} desc"),
        None => view.sort.clone(),
    };
    if !sort.is_empty() {
        words.push(format!("--sort {}", text::shell_word(&sort)));
    }
    if !view.columns.is_empty() {
        words.push(format!("--columns {}", text::shell_word(&view.columns.join(","))));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_a_fragment_and_a_command() {
        let view = KeptView {
            name: "deep".into(),
            filter: "metrics.r2 > 0.7 and tags.a = 'é&#'".into(),
            sort: "-metrics.r2".into(),
            columns: vec!["params.max_depth".into(), "tags.a,b".into()],
            ..KeptView::default()
        };
        let parts = [
            "q=metrics.r2%20%3E%200.7%20and%20tags.a%20%3D%20'%C3%A9%26%23'",
            "sort=-metrics.r2",
            "cols=params.max_depth,tags.a%252Cb",
        ];
        assert_eq!(fragment(&view), parts.join("&"));
        let quoted = r"'metrics.r2 > 0.7 and tags.a = '\''é&#'\'''";
        let sort = "--sort 'metrics.r2 desc'";
        let columns = "--columns params.max_depth,tags.a,b";
        assert_eq!(command(&view), format!("fairledger list {quoted} {sort} {columns}"));
        assert_eq!(fragment(&KeptView::default()), "q=");
    }
}
