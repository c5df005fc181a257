//! A picture with its words, for a page or for a file of its own.

use serde::Serialize;

use super::chart;
use super::trusted::Trusted;
use super::{Page, path};

/// A picture and what a reader should know about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Picture {
    /// Name of its file, without `.svg`.
    #[serde(skip)]
    pub(super) stem: String,
    /// Its heading.
    pub(super) title: String,
    /// What is drawn and what was left out.
    pub(super) caption: String,
    /// The drawing.
    pub(super) svg: Trusted,
    /// The file beside the page that holds it; empty where there is none.
    pub(super) file: String,
    /// What is drawn as CSV, where no artifact holds it.
    #[serde(skip)]
    pub(super) table: Option<String>,
    /// The file beside the page that holds the CSV; empty where there is none.
    pub(super) table_file: String,
}

/// What becomes of a picture whose data cannot be used: the picture, or a sentence.
pub(super) enum Drawn {
    /// The picture.
    Picture(Picture),
    /// Why there is none.
    Left(String),
}

impl Picture {
    /// A picture without files.
    pub(super) fn new(
        stem: impl Into<String>,
        title: impl Into<String>,
        caption: impl Into<String>,
        svg: Trusted,
    ) -> Self {
        Self {
            stem: stem.into(),
            title: title.into(),
            caption: caption.into(),
            svg,
            file: String::new(),
            table: None,
            table_file: String::new(),
        }
    }

    /// The same with what is drawn as CSV.
    #[must_use]
    pub(super) fn with_table(mut self, table: String) -> Self {
        self.table = Some(table);
        self
    }

    /// Names its files, for a page that stands beside them.
    pub(super) fn name_files(&mut self) {
        self.file = self.file_name("svg");
        if self.table.is_some() {
            self.table_file = self.file_name("csv");
        }
    }

    /// The name of its file with an extension.
    fn file_name(&self, extension: &str) -> String {
        format!("{}.{extension}", path::stem(&self.stem))
    }

    /// The picture as a file below a folder; its name is safe on every file system.
    pub(super) fn file(&self, folder: &str) -> Page {
        Page {
            path: format!("{folder}/{}", self.file_name("svg")),
            bytes: chart::standalone(&self.svg, &self.title),
        }
    }

    /// Its CSV as a file below a folder, where it has one.
    pub(super) fn table(&self, folder: &str) -> Option<Page> {
        let table = self.table.as_ref()?;
        let path = format!("{folder}/{}", self.file_name("csv"));
        Some(Page { path, bytes: table.clone().into_bytes() })
    }
}

/// The sentence in place of a picture whose file cannot be used.
pub(super) fn left(picture: &str, file: &str) -> Drawn {
    Drawn::Left(format!("No picture of {picture}: {file} does not hold what it needs."))
}

/// Divides what was drawn into pictures and sentences.
pub(super) fn divide(drawn: Vec<Drawn>) -> (Vec<Picture>, Vec<String>) {
    let (mut pictures, mut left) = (Vec::new(), Vec::new());
    for one in drawn {
        match one {
            Drawn::Picture(picture) => pictures.push(picture),
            Drawn::Left(sentence) => left.push(sentence),
        }
    }
    (pictures, left)
}
