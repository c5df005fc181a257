//! What follows from what: boxes in columns, a line from each box to those it led to, every box a link.

use std::fmt::Write as _;

use super::super::trusted::Trusted;
use super::svg::{escape, label};

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Node {
    /// Its column, counted from the left.
    pub(in super::super) column: usize,
    /// What it is called.
    pub(in super::super) text: String,
    /// A quiet word below.
    pub(in super::super) note: String,
    /// Where it leads, seen from the page; made by the module of paths.
    pub(in super::super) link: String,
}

const WIDTH: usize = 230;
const HEIGHT: usize = 40;
const GAP: usize = 12;
const BETWEEN: usize = 64;
const TOP: usize = 24;
const LETTERS: usize = 30;

/// Draws boxes in the order given, and lines between places in that list.
pub(in super::super) fn layers(
    title: &str,
    headings: &[&str],
    nodes: &[Node],
    lines: &[(usize, usize)],
) -> Trusted {
    let mut filled = vec![0_usize; headings.len()];
    let places: Vec<(usize, usize)> = nodes
        .iter()
        .map(|node| {
            let row = filled[node.column];
            filled[node.column] += 1;
            (node.column * (WIDTH + BETWEEN), row)
        })
        .collect();
    let most = filled.iter().copied().max().unwrap_or(0);
    // A column with fewer boxes stands in the middle.
    let top = |at: usize| {
        let free = most - filled[nodes[at].column];
        TOP + places[at].1 * (HEIGHT + GAP) + free * (HEIGHT + GAP) / 2
    };
    let width = headings.len() * (WIDTH + BETWEEN) - BETWEEN + 2;
    let height = TOP + most * (HEIGHT + GAP);
    let title = escape(title);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"-1 0 {width} {height}\" role=\"group\" aria-label=\"{title}\">\n"
    );
    for (column, heading) in headings.iter().enumerate() {
        let left = column * (WIDTH + BETWEEN);
        let heading = escape(heading);
        let _ = writeln!(
            text,
            "<text x=\"{left}\" y=\"14\" font-size=\"12\" fill=\"var(--muted,#5a6166)\">{heading}</text>"
        );
    }
    for (from, to) in lines {
        let (left, right) = (places[*from].0 + WIDTH, places[*to].0);
        let (start, end) = (top(*from) + HEIGHT / 2, top(*to) + HEIGHT / 2);
        let middle = usize::midpoint(left, right);
        let _ = writeln!(
            text,
            "<path d=\"M{left} {start}C{middle} {start} {middle} {end} {right} {end}\" fill=\"none\" \
             stroke=\"var(--muted,#5a6166)\" stroke-opacity=\"0.55\"/>"
        );
    }
    for (at, node) in nodes.iter().enumerate() {
        let (left, top) = (places[at].0, top(at));
        let (name, note) = (escape(&label(&node.text, LETTERS)), escape(&label(&node.note, 36)));
        let whole = escape(&format!("{} {}", node.text, node.note));
        let _ = writeln!(
            text,
            "<a href=\"{}\"><rect x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" \
             height=\"{HEIGHT}\" rx=\"3\" fill=\"var(--soft,#f1f1ec)\" stroke=\"var(--line,#dcdcd6)\">\
             <title>{whole}</title></rect>\
             <text x=\"{}\" y=\"{}\" font-size=\"13\" fill=\"var(--accent,#0b5cad)\">{name}</text> \
             <text x=\"{}\" y=\"{}\" font-size=\"11\" fill=\"var(--muted,#5a6166)\">{note}</text></a>",
            escape(&node.link),
            left + 10,
            top + 17,
            left + 10,
            top + 32,
        );
    }
    Trusted::drawn(text + "</svg>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_box_is_a_link_and_text_stays_text() {
        let node = |column, text: &str| Node {
            column,
            text: text.into(),
            note: "</svg><script>".into(),
            link: "../index.html".into(),
        };
        let nodes = [node(0, "a"), node(1, "\"><b"), node(1, "c")];
        let svg = layers("t", &["x", "y"], &nodes, &[(0, 1), (0, 2)]);
        assert_eq!(svg.as_str().matches("<a href=").count(), 3);
        assert_eq!(svg.as_str().matches("<path").count(), 2);
        assert!(!svg.as_str().contains("<script") && !svg.as_str().contains("\"><b"));
    }
}
