//! Tables as values. One template prints all of them, so every table is marked up the same way.

use serde::Serialize;

/// A table: its name for those who cannot see it, its head and its rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Table {
    label: String,
    class: &'static str,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Column {
    name: String,
    note: &'static str,
    class: &'static str,
}

/// A row; its first cell heads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    head: Cell,
    cells: Vec<Cell>,
}

/// A cell: its text, and what it needs beyond.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Cell {
    text: String,
    class: String,
    link: Option<String>,
    note: Option<String>,
    /// A small drawing: the data of an SVG path, and what it shows.
    drawing: Option<Drawing>,
}

/// A small drawing of 80 × 18.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Drawing {
    /// The data of its path.
    pub(super) path: String,
    /// What it shows, for those who cannot see it.
    pub(super) label: String,
}

impl Table {
    /// A table with a name.
    pub(super) fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// Gives the table a class of the style sheet.
    pub(super) fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// Adds a column of text.
    pub(super) fn text(self, name: impl Into<String>) -> Self {
        self.column(name, "", "")
    }

    /// Adds a column of numbers; the note says which way they are better.
    pub(super) fn number(self, name: impl Into<String>, note: &'static str) -> Self {
        self.column(name, note, "n")
    }

    fn column(mut self, name: impl Into<String>, note: &'static str, class: &'static str) -> Self {
        self.columns.push(Column { name: name.into(), note, class });
        self
    }

    /// Adds a row with as many cells as there are columns.
    pub(super) fn row(&mut self, head: Cell, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len() + 1, self.columns.len(), "{}", self.label);
        self.rows.push(Row { head, cells });
    }

    /// The same for a file that has no page to lead to.
    pub(super) fn without_links(mut self) -> Self {
        for row in &mut self.rows {
            row.head.link = None;
            row.cells.iter_mut().for_each(|cell| cell.link = None);
        }
        self
    }
}

impl Cell {
    /// Text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number, aligned with others.
    pub(super) fn number(text: impl Into<String>) -> Self {
        Self::text(text).class("n")
    }

    /// An id, a digest, a path.
    pub(super) fn code(text: impl Into<String>) -> Self {
        Self::text(text).class("c")
    }

    /// Adds a class.
    pub(super) fn class(mut self, class: &str) -> Self {
        if !self.class.is_empty() {
            self.class.push(' ');
        }
        self.class.push_str(class);
        self
    }

    /// Makes the text a link to a page, seen from the page it is on.
    pub(super) fn link(mut self, root: &str, page: &str) -> Self {
        self.link = Some(format!("{root}{page}"));
        self
    }

    /// A small drawing of a shape, as `data::shape` writes it; a cell without a value where it is none.
    pub(super) fn shape(shape: &str, label: impl Into<String>) -> Self {
        match super::data::shape::path(shape) {
            Some(path) => {
                Self { drawing: Some(Drawing { path, label: label.into() }), ..Self::default() }
            }
            None => Self::text(super::text::MISSING),
        }
    }

    /// Adds a quiet word behind the text.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}
