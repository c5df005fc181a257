//! A square of counts: rows are what is, columns what is said, darker for a larger share of its row.

use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, FontTransform};

use super::super::{ReportError, trusted::Trusted};
use super::WIDTH;
use super::svg::{Canvas, DrawingError, Ink, SCALE, draw, label, letters, width};

const LONGEST_NAME: usize = 16;
const MARGIN: i32 = 6;
const ROW: i32 = 30;
const HEADING: i32 = 22;

/// Draws counts, a row of them for each name, with the names beside and above them.
pub(in super::super) fn matrix(
    title: &str,
    names: &[String],
    counts: &[Vec<u64>],
) -> Result<Trusted, ReportError> {
    let names: Vec<String> = names.iter().map(|name| label(name, LONGEST_NAME)).collect();
    let layout = Layout::of(&names);
    let height = layout.top + names.len() as i32 * ROW + MARGIN;
    draw((WIDTH, height), title, |canvas| {
        layout.names(canvas, &names)?;
        for (row, counts) in counts.iter().enumerate() {
            let all = counts.iter().sum::<u64>().max(1) as f64;
            for (column, count) in counts.iter().enumerate() {
                layout.cell(canvas, (row, column), *count, *count as f64 / all)?;
            }
        }
        Ok(())
    })
}

/// Where things stand, in pixels.
struct Layout {
    left: i32,
    top: i32,
    cell: i32,
    /// Whether the names of the columns are turned to fit.
    turned: bool,
}

impl Layout {
    fn of(names: &[String]) -> Self {
        let widest = names.iter().map(|name| width(name)).fold(0.0, f64::max) as i32;
        let left = (widest + 12).max(64);
        let cell = ((WIDTH - left - MARGIN) / names.len().max(1) as i32).min(90);
        let turned = widest + 8 > cell;
        let top = HEADING + if turned { widest + 8 } else { 22 };
        Self { left, top, cell, turned }
    }

    fn names(&self, canvas: &Canvas<'_>, names: &[String]) -> Result<(), DrawingError> {
        let heading = |text: &'static str, x: i32, y: i32, side| {
            Text::new(text, (x * SCALE, y * SCALE), letters(Ink::Muted, side, VPos::Top))
        };
        canvas.draw(&heading("predicted", self.left, 2, HPos::Left))?;
        canvas.draw(&heading("actual", self.left - 8, self.top - 20, HPos::Right))?;
        for (at, name) in names.iter().enumerate() {
            let middle = (self.top + at as i32 * ROW + ROW / 2) * SCALE;
            let style = letters(Ink::Text, HPos::Right, VPos::Center);
            canvas.draw(&Text::new(name.clone(), ((self.left - 8) * SCALE, middle), style))?;
            let middle = (self.left + at as i32 * self.cell + self.cell / 2) * SCALE;
            let (style, end) = if self.turned {
                let style = letters(Ink::Text, HPos::Left, VPos::Center);
                (style.transform(FontTransform::Rotate270), self.top - 6)
            } else {
                (letters(Ink::Text, HPos::Center, VPos::Bottom), self.top - 5)
            };
            canvas.draw(&Text::new(name.clone(), (middle, end * SCALE), style))?;
        }
        Ok(())
    }

    /// A count; right ones and wrong ones have colours of their own.
    fn cell(
        &self,
        canvas: &Canvas<'_>,
        (row, column): (usize, usize),
        count: u64,
        share: f64,
    ) -> Result<(), DrawingError> {
        let (x, y) = (self.left + column as i32 * self.cell, self.top + row as i32 * ROW);
        let corners = [
            ((x + 1) * SCALE, (y + 1) * SCALE),
            ((x + self.cell - 1) * SCALE, (y + ROW - 1) * SCALE),
        ];
        if count > 0 {
            let ink = if row == column { Ink::Series(0) } else { Ink::Series(1) };
            // Never so dark that the number on it could not be read.
            let strength = ((0.08 + 0.42 * share) * 50.0).round() / 50.0;
            canvas.draw(&Rectangle::new(corners, ink.color().mix(strength).filled()))?;
        } else {
            canvas.draw(&Rectangle::new(corners, Ink::Line.color().stroke_width(SCALE as u32)))?;
        }
        let middle = ((x + self.cell / 2) * SCALE, (y + ROW / 2) * SCALE);
        let style = letters(Ink::Text, HPos::Center, VPos::Center);
        canvas.draw(&Text::new(count.to_string(), middle, style))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_written_and_wrong_ones_have_another_colour() {
        let names = ["no".to_owned(), "</svg><script>".to_owned()];
        let svg = matrix("confusion", &names, &[vec![30, 1], vec![0, 12]]).unwrap();
        let svg = svg.as_str();
        for count in ["30", "1", "0", "12"] {
            assert!(svg.contains(&format!(">{count}</text>")), "{count}: {svg}");
        }
        assert_eq!(svg.matches("var(--c1").count(), 2);
        assert_eq!(svg.matches("var(--c2").count(), 1);
        assert!(!svg.contains("<script"));
    }

    #[test]
    fn long_names_of_many_columns_are_turned() {
        let names: Vec<String> = (0..10).map(|at| format!("a long class {at}")).collect();
        let svg = matrix("confusion", &names, &vec![vec![7; 10]; 10]).unwrap();
        assert_eq!(svg.as_str().matches("rotate(270").count(), 10);
        assert!(svg.as_str().len() < 40_000, "{}", svg.as_str().len());
        assert!(matrix("none", &[], &[]).is_ok());
    }
}
