//! What a command left, to look at: pictures, sounds, the beginnings of texts and tables.
//!
//! Nothing of it can run: pictures are `img` elements, which execute no script, an SVG is in the page as the
//! data of one so that it is never a document of its own, and HTML is named, not shown.

use serde::Serialize;

use crate::ledger::number;
use crate::ledger::percent;
use crate::ledger::view::{FileState, RunFiles, RunView};

use super::table::{Cell, Table};
use super::{Page, csv, path, text};

/// How many files of a kind are shown.
const FILES: usize = 24;

/// How much is shown of a text and of a table.
const LINES: usize = 30;
const LETTERS: usize = 2_000;
const ROWS: usize = 8;
const COLUMNS: usize = 12;

/// The largest SVG in bytes that is put into the page.
const SVG: usize = 24 << 10;

/// Tables that the pictures of a run are drawn from.
const DRAWN: [&str; 9] = [
    "predictions.csv",
    "clusters.csv",
    "feature_importance.csv",
    "confusion_matrix.csv",
    "roc.csv",
    "precision_recall.csv",
    "calibration.csv",
    "learning_curve.csv",
    "permutation_importance.csv",
];

/// The artifacts of a run that its page shows.
#[derive(Default, Serialize)]
pub(super) struct Artifacts {
    images: Vec<Medium>,
    sounds: Vec<Medium>,
    texts: Vec<Beginning>,
    tables: Vec<Sheet>,
    /// What is not shown, and where it is.
    left: Vec<String>,
}

/// A picture or a sound: its name and its address, seen from the page.
#[derive(Serialize)]
struct Medium {
    name: String,
    source: String,
}

/// The first lines of a text.
#[derive(Serialize)]
struct Beginning {
    title: String,
    text: String,
}

/// The first rows of a table.
#[derive(Serialize)]
struct Sheet {
    title: String,
    table: Table,
}

impl Artifacts {
    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        let shown = self.images.len() + self.sounds.len() + self.texts.len() + self.tables.len();
        shown + self.left.len() == 0
    }
}

/// The artifacts of a run of a command, and the files beside its page in `folder` that show them. Those of
/// built-in trainers are drawn as pictures.
pub(super) fn of(folder: &str, run: &RunView, files: &RunFiles) -> (Artifacts, Vec<Page>) {
    let (mut shown, mut pages) = (Artifacts::default(), Vec::new());
    if run.command.is_none() {
        return (shown, pages);
    }
    for (name, bytes) in &files.media {
        medium(&mut shown, &mut pages, folder, name, bytes);
    }
    for (name, content) in &files.texts {
        if DRAWN.contains(&name.as_str()) {
            continue;
        }
        match csv::rows(content).filter(|rows| extension(name) == "csv" && rows.len() > 1) {
            Some(rows) if shown.tables.len() < FILES => shown.tables.push(sheet(name, &rows)),
            None if shown.texts.len() < FILES => shown.texts.push(beginning(name, content)),
            _ => {}
        }
    }
    for file in &run.artifacts {
        let name = file.path.strip_prefix("artifacts/").unwrap_or_default();
        if file.state == FileState::Present && matches!(extension(name).as_str(), "html" | "htm") {
            let place = format!("{}/{}", run.directory, file.path);
            shown.left.push(format!("{name} may hold scripts and is not shown; it is {place}"));
        }
    }
    (shown, pages)
}

fn medium(shown: &mut Artifacts, pages: &mut Vec<Page>, folder: &str, name: &str, bytes: &[u8]) {
    let kind = extension(name);
    let sound = matches!(kind.as_str(), "wav" | "mp3" | "ogg" | "flac" | "m4a");
    let list = if sound { &mut shown.sounds } else { &mut shown.images };
    if list.len() >= FILES {
        return;
    }
    let source = if kind == "svg" {
        if bytes.len() > SVG {
            let size = number::bytes_for_people(bytes.len() as u64);
            shown.left.push(format!("{name}, {size}, is too large for the page"));
            return;
        }
        format!("data:image/svg+xml,{}", percent::encoded(bytes, b" -_.,:;=/()!*"))
    } else {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let source = format!("artifact-{}.{kind}", path::stem(stem));
        pages.push(Page { path: format!("{folder}/{source}"), bytes: bytes.to_vec() });
        source
    };
    list.push(Medium { name: name.to_owned(), source });
}

/// The extension in lower case; empty where there is none.
fn extension(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_lowercase())
}

fn beginning(name: &str, content: &str) -> Beginning {
    let total = content.lines().count();
    let lines: Vec<&str> = content.lines().take(LINES).collect();
    let shown: String = lines.join("\n").chars().take(LETTERS).collect();
    let whole = total <= LINES && shown.len() >= lines.join("\n").len();
    let note = if whole { String::new() } else { ", its beginning".to_owned() };
    Beginning { title: format!("{name}{note}"), text: shown }
}

fn sheet(name: &str, rows: &[Vec<String>]) -> Sheet {
    let (head, body) = rows.split_first().map_or((&[][..], &[][..]), |(head, body)| (head, body));
    let mut table = Table::new(name);
    for column in head.iter().take(COLUMNS) {
        table = table.text(column.as_str());
    }
    for row in body.iter().take(ROWS) {
        let mut cells = row.iter().take(COLUMNS).map(|cell| Cell::text(shortened(cell)));
        if let Some(first) = cells.next() {
            table.row(first, cells.collect());
        }
    }
    let mut title = name.to_owned();
    if body.len() > ROWS || head.len() > COLUMNS {
        let rows = text::count(body.len(), "row");
        title =
            format!("{name}, the beginning of {rows} and {}", text::count(head.len(), "column"));
    }
    Sheet { title, table }
}

fn shortened(cell: &str) -> String {
    if cell.chars().count() <= 60 {
        return cell.to_owned();
    }
    cell.chars().take(59).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::sample;
    use super::*;
    use crate::ledger::exit::CommandRecord;

    fn left(media: &[(&str, &str)], texts: &[(&str, &str)]) -> (Artifacts, Vec<Page>) {
        let runs = sample::experiment().runs;
        let mut run = runs.into_iter().find(|run| !run.artifacts.is_empty()).unwrap();
        run.command = Some(CommandRecord {
            peak_memory: None,
            run: vec!["train".into()],
            directory: ".".into(),
            env_pass: Vec::new(),
            changed: Vec::new(),
            exit: None,
            tags: BTreeMap::new(),
            other: BTreeMap::new(),
        });
        run.artifacts[0].path = "artifacts/report.html".into();
        run.artifacts[0].state = FileState::Present;
        let files = RunFiles {
            media: media
                .iter()
                .map(|(name, it)| ((*name).into(), it.as_bytes().to_vec()))
                .collect(),
            texts: texts.iter().map(|(name, it)| ((*name).into(), (*it).into())).collect(),
            ..RunFiles::default()
        };
        of("r/aa/bb", &run, &files)
    }

    #[test]
    fn pictures_are_files_but_an_svg_is_data() {
        let svg = "<svg onload=\"alert(1)\"><script>alert(2)</script></svg>";
        let large = "x".repeat(SVG + 1);
        let media = [("A b.PNG", "png"), ("dir/c.svg", svg), ("d.svg", &large), ("e.wav", "wave")];
        let (shown, pages) = left(&media, &[]);
        let paths: Vec<_> = pages.iter().map(|page| page.path.as_str()).collect();
        assert_eq!(paths.len(), 2, "{paths:?}");
        assert!(paths[0].starts_with("r/aa/bb/artifact-a-b--") && paths[0].ends_with("png"));
        assert_eq!(shown.sounds[0].source, "artifact-e.wav");
        let data = &shown.images[1].source;
        assert!(data.starts_with("data:image/svg+xml,%3Csvg onload=%22"), "{data}");
        assert!(!data.contains(['<', '"', '\'']));
        assert!(shown.left[0].contains("d.svg") && shown.left[0].contains("too large"));
        assert!(shown.left[1].contains("report.html may hold scripts"));
    }

    #[test]
    fn texts_and_tables_are_shown_by_their_beginnings() {
        let long = "line\n".repeat(100);
        let table = format!("a,b\n{}", "1,2\n".repeat(100));
        let texts = [("log.txt", &*long), ("t.csv", &*table), ("odd.csv", "a\nb,c\n")];
        let (shown, pages) = left(&[], &[texts[0], texts[1], texts[2], ("roc.csv", "a,b\n1,2")]);
        assert!(pages.is_empty());
        assert_eq!(shown.tables[0].title, "t.csv, the beginning of 100 rows and 2 columns");
        let titles: Vec<_> = shown.texts.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["log.txt, its beginning", "odd.csv"]);
        assert_eq!(shown.texts[0].text.lines().count(), LINES);
    }
}
