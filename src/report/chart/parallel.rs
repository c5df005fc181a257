//! Parallel coordinates: an axis a column, a line a run, those that rank best drawn last and strongest.

use std::fmt::Write as _;

use super::super::trusted::Trusted;
use super::svg::{escape, label};

/// One upright axis.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Upright {
    /// Its name.
    pub(in super::super) name: String,
    /// What its lower and upper ends say; for words, what each place says.
    pub(in super::super) labels: Vec<(f64, String)>,
    /// Where each line crosses it, from 0 (low) to 1; `None` where the run has no value.
    pub(in super::super) places: Vec<Option<f64>>,
}

const STEP: usize = 150;
const LEFT: usize = 16;
const TOP: usize = 40;
const HEIGHT: usize = 220;
const MISSING: usize = 26;

/// Draws lines, the best first in the list; every axis has a place for what is missing.
pub(in super::super) fn parallel(title: &str, axes: &[Upright]) -> Trusted {
    let lines = axes.first().map_or(0, |axis| axis.places.len());
    let missing = axes.iter().any(|axis| axis.places.iter().any(Option::is_none));
    let width = LEFT + axes.len() * STEP;
    let height = TOP + HEIGHT + if missing { MISSING + 16 } else { 16 };
    let title = escape(title);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>\n"
    );
    for line in (0..lines).rev() {
        let points: Vec<String> = axes
            .iter()
            .enumerate()
            .map(|(at, axis)| {
                let down = match axis.places[line] {
                    Some(place) => (1.0 - place) * HEIGHT as f64,
                    None => (HEIGHT + MISSING) as f64,
                };
                format!("{},{:.1}", LEFT + at * STEP, TOP as f64 + down)
            })
            .collect();
        let (ink, wide, strength) = if line == 0 {
            ("var(--c2,#d55e00)", "2.5", 1.0)
        } else {
            // The better half can be told from the rest, however many lines there are.
            let rank = line as f64 / lines as f64;
            ("var(--c1,#0072b2)", "1", (0.75 - 0.65 * rank).max(0.1))
        };
        let _ = writeln!(
            text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{wide}\" \
             stroke-opacity=\"{strength:.2}\"/>",
            points.join(" ")
        );
    }
    for (at, axis) in axes.iter().enumerate() {
        upright(&mut text, axis, LEFT + at * STEP);
    }
    if missing {
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" font-size=\"11\" fill=\"var(--muted,#5a6166)\">no value</text>",
            LEFT + 4,
            TOP + HEIGHT + MISSING + 13
        );
    }
    Trusted::drawn(text + "</svg>")
}

fn upright(text: &mut String, axis: &Upright, x: usize) {
    let _ = writeln!(
        text,
        "<path d=\"M{x} {TOP}V{}\" stroke=\"currentColor\"/>\
         <text x=\"{x}\" y=\"16\" font-size=\"12\" fill=\"currentColor\">{}</text>",
        TOP + HEIGHT,
        escape(&label(&axis.name, 20))
    );
    for (place, words) in &axis.labels {
        let y = TOP as f64 + (1.0 - place) * HEIGHT as f64;
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{:.1}\" font-size=\"11\" fill=\"var(--muted,#5a6166)\">{}</text>",
            x + 5,
            y + match *place {
                place if place > 0.99 => -3.0,
                place if place < 0.01 => 13.0,
                _ => 4.0,
            },
            escape(&label(words, 18))
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_value_is_drawn_all_the_same() {
        let axis = |name: &str, places: &[Option<f64>]| Upright {
            name: name.into(),
            labels: vec![(0.0, "<low>".into()), (1.0, "high".into())],
            places: places.to_vec(),
        };
        let axes = [axis("a & b", &[Some(0.0), Some(1.0)]), axis("c", &[None, Some(0.5)])];
        let svg = parallel("all", &axes);
        assert_eq!(svg.as_str().matches("<polyline").count(), 2);
        assert!(svg.as_str().contains("no value") && svg.as_str().contains("&lt;low&gt;"));
        assert!(parallel("none", &[]).as_str().ends_with("</svg>"));
    }
}
