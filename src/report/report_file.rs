//! `REPORT.md` of an experiment, for hosts that show Markdown and pictures but no HTML.

use std::fmt::Write as _;

use crate::ledger::view::ExperimentView;

use super::experiment_pictures::Pictures;
use super::{Page, ReportError, experiment_table};
use super::{path, picture::Picture, standing, text};

/// How many lines of runs the table has.
const LINES: usize = 20;

/// `x/<slug>/REPORT.md` and the pictures it shows beside it.
pub(super) fn pages(experiment: &ExperimentView) -> Result<Vec<Page>, ReportError> {
    let folder = format!("x/{}", path::slug(&experiment.name));
    let Pictures { comparisons: mut pictures, params, best_so_far } = Pictures::of(experiment)?;
    pictures.extend(best_so_far);
    pictures.extend(params);
    let mut pages: Vec<Page> = pictures.iter().map(|picture| picture.file(&folder)).collect();
    let bytes = text(experiment, &pictures).into_bytes();
    pages.push(Page { path: format!("{folder}/REPORT.md"), bytes });
    Ok(pages)
}

fn text(experiment: &ExperimentView, pictures: &[Picture]) -> String {
    let goal = &experiment.goal;
    let mut text = format!("# {}\n\n", escaped(&experiment.title));
    if !experiment.description.is_empty() {
        let _ = writeln!(text, "{}\n", escaped(&experiment.description));
    }
    let direction = text::direction(Some(goal.direction));
    let _ = writeln!(text, "Goal: {}, {direction}.\n", escaped(&goal.metric));
    let mut lines = standing::lines(experiment);
    lines.retain(|line| standing::goal_mean(goal, line).is_some());
    let _ = writeln!(text, "| run | {} | seeds | trainer |", escaped(&goal.metric));
    text.push_str("|---|---:|---:|---|\n");
    for line in lines.iter().take(LINES) {
        let run = experiment_table::standing(line, experiment);
        let value = line.summary(&goal.metric).map(|summary| summary.for_people());
        let _ = writeln!(
            text,
            "| [{} `{}`](../../{}) | {} | {} | {} |",
            escaped(line.label()),
            run.short,
            path::run(&run.id),
            value.unwrap_or_else(|| text::MISSING.into()),
            line.runs.len(),
            escaped(&run.trainer),
        );
    }
    if lines.len() > LINES {
        let _ = writeln!(text, "\nThe best {LINES} of {}.", lines.len());
    }
    for picture in pictures {
        let title = escaped(&picture.title);
        let file = path::stem(&picture.stem);
        let _ = writeln!(
            text,
            "\n## {title}\n\n![{title}]({file}.svg)\n\n{}",
            escaped(&picture.caption)
        );
    }
    text
}

/// Text that Markdown shows as it is, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            letter if letter.is_control() => escaped.push(' '),
            letter if letter.is_ascii_punctuation() && !",.:;%()".contains(letter) => {
                escaped.push('\\');
                escaped.push(letter);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_report_has_a_table_and_its_pictures() {
        let pages = pages(&sample::experiment()).unwrap();
        let report = pages.last().unwrap();
        assert_eq!(report.path, "x/housing/REPORT.md");
        let text = std::str::from_utf8(&report.bytes).unwrap();
        assert!(text.starts_with("# Housing prices\n"));
        for page in &pages[..pages.len() - 1] {
            let file = page.path.strip_prefix("x/housing/").unwrap();
            assert!(text.contains(&format!("]({file})")), "{file}");
        }
    }

    #[test]
    fn a_line_leads_to_the_run_that_pages_lead_to() {
        let mut experiment = sample::replicated();
        let line = standing::lines(&experiment).remove(0);
        let best = line.runs.last().unwrap().id;
        assert_ne!(line.finished().next().unwrap().id, best);
        experiment.best = Some(best);
        let report = text(&experiment, &[]);
        assert!(report.contains(&path::run(&best)), "{report}");
    }

    #[test]
    fn hostile_text_is_no_markup() {
        let text = escaped("</td><script>alert(1)</script> | [x](javascript:y) `z`\n# no");
        assert!(!text.contains("<script") && !text.contains('\n'), "{text}");
        let rest = ["\\[", "\\]", "\\`"].iter().fold(text, |rest, part| rest.replace(part, ""));
        assert!(!rest.contains(['[', ']', '`']), "{rest}");
    }
}
