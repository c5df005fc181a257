//! Horizontal bars from zero, one a line, with the label before and the value behind.

use plotters::prelude::{PathElement, Rectangle, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::super::{ReportError, trusted::Trusted};
use super::WIDTH;
use super::svg::{Canvas, DrawingError, Ink, SCALE, draw, label, letters, thin, width};

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Bar {
    /// What it stands for.
    pub(in super::super) label: String,
    /// Its length; a value that is not finite is written out and has no bar.
    pub(in super::super) value: f64,
    /// The value as it is written.
    pub(in super::super) text: String,
    /// How far a thin line reaches to both sides of its end; 0 for none.
    pub(in super::super) spread: f64,
    /// Whether it is the one to look at.
    pub(in super::super) strong: bool,
}

const ROW: i32 = 24;
const THICK: i32 = 14;
const MARGIN: i32 = 6;
const LONGEST_LABEL: usize = 20;

/// Draws bars in the order given.
pub(in super::super) fn bars(title: &str, bars: &[Bar]) -> Result<Trusted, ReportError> {
    let height = bars.len() as i32 * ROW + 2 * MARGIN;
    draw((WIDTH, height), title, |canvas| {
        let layout = Layout::of(bars);
        for (index, bar) in bars.iter().enumerate() {
            layout.bar(canvas, bar, MARGIN + index as i32 * ROW)?;
        }
        let ends = vec![(layout.zero, MARGIN * SCALE), (layout.zero, (height - MARGIN) * SCALE)];
        canvas.draw(&PathElement::new(ends, thin(Ink::Text)))?;
        Ok(())
    })
}

/// Where things stand from left to right, in canvas units.
struct Layout {
    label_end: i32,
    zero: i32,
    per_value: f64,
}

impl Layout {
    fn of(bars: &[Bar]) -> Self {
        let most = |widths: &mut dyn Iterator<Item = f64>| widths.fold(0.0, f64::max) as i32 + 10;
        let labels = most(&mut bars.iter().map(|bar| width(&label(&bar.label, LONGEST_LABEL))));
        let texts = most(&mut bars.iter().map(|bar| width(&bar.text)));
        let ends = |sign: f64| {
            let ends = bars.iter().map(move |bar| bar.value + sign * bar.spread);
            ends.filter(|end| end.is_finite())
        };
        let (low, high) = (ends(-1.0).fold(0.0, f64::min), ends(1.0).fold(0.0, f64::max));
        // A negative bar has its value behind its tip, so both ends need the room.
        let before = if low < 0.0 { texts } else { 0 };
        let room = f64::from((WIDTH - labels - texts - before).max(40) * SCALE);
        // Halves first: the difference of two huge ends is no number.
        let span = high / 2.0 - low / 2.0;
        let per_value = if span > 0.0 { room / span / 2.0 } else { 0.0 };
        let zero = (labels + before) * SCALE + (-low * per_value) as i32;
        Self { label_end: labels * SCALE, zero, per_value }
    }

    fn bar(&self, canvas: &Canvas<'_>, bar: &Bar, top: i32) -> Result<(), DrawingError> {
        let middle = (top + ROW / 2) * SCALE;
        let place = (self.label_end - 6 * SCALE, middle);
        canvas.draw(&Text::new(
            label(&bar.label, LONGEST_LABEL),
            place,
            letters(Ink::Text, HPos::Right, VPos::Center),
        ))?;
        let mut end = self.zero;
        if bar.value.is_finite() {
            end += (bar.value * self.per_value) as i32;
            let half = THICK * SCALE / 2;
            let fill = Ink::Series(0).color().mix(if bar.strong { 1.0 } else { 0.55 }).filled();
            let corners =
                [(self.zero.min(end), middle - half), (self.zero.max(end), middle + half)];
            canvas.draw(&Rectangle::new(corners, fill))?;
            if bar.spread > 0.0 {
                let reach = (bar.spread * self.per_value) as i32;
                let line = vec![(end - reach, middle), (end + reach, middle)];
                canvas.draw(&PathElement::new(line, thin(Ink::Text)))?;
                end += if end < self.zero { -reach } else { reach };
            }
        }
        let (gap, side) =
            if end < self.zero { (-5 * SCALE, HPos::Right) } else { (5 * SCALE, HPos::Left) };
        canvas.draw(&Text::new(
            bar.text.clone(),
            (end + gap, middle),
            letters(Ink::Text, side, VPos::Center),
        ))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: f64) -> Bar {
        Bar {
            label: label.into(),
            value,
            text: format!("{value}"),
            spread: 0.0,
            strong: value > 0.7,
        }
    }

    #[test]
    fn any_value_can_be_drawn() {
        let values = [0.5, -0.2, f64::NAN, f64::MAX, f64::MIN, 0.0];
        let some: Vec<_> = values.iter().map(|value| bar("run", *value)).collect();
        for count in 0..=some.len() {
            let svg = bars("r2", &some[..count]).unwrap();
            let rects = svg.as_str().matches("<rect").count();
            assert_eq!(rects, some[..count].iter().filter(|b| b.value.is_finite()).count());
            assert!(!svg.as_str().contains("width=\"-"), "{}", svg.as_str());
        }
    }

    #[test]
    fn a_spread_is_a_line_that_stays_inside() {
        let some = [(0.5, 0.4), (-0.1, 0.3), (0.2, 0.0)]
            .map(|(value, spread)| Bar { spread, ..bar("column", value) });
        let svg = bars("importance", &some).unwrap();
        let lines: Vec<&str> = svg.as_str().split("<polyline").skip(1).collect();
        assert_eq!(lines.len(), 3, "two spreads and the line at zero");
        for line in lines {
            let points = line.split_once("points=\"").unwrap().1.split('"').next().unwrap();
            for x in points.split([' ', ',']).step_by(2) {
                assert!((0.0..=f64::from(WIDTH)).contains(&x.parse::<f64>().unwrap()), "{points}");
            }
        }
    }

    #[test]
    fn two_bars() {
        let svg = bars("r2 <of> runs", &[bar("a & b", 0.75), bar("c", 0.5)]).unwrap();
        insta::assert_snapshot!(svg.as_str());
    }
}
