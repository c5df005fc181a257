//! Pictures as SVG: numbers in, one escaped `svg` element out, the same bytes for the same numbers.

mod axis;
mod bars;
mod bins;
mod layers;
mod matrix;
mod parallel;
mod plot;
mod svg;

pub(super) use axis::Axis;
pub(super) use bars::{Bar, bars};
pub(super) use bins::envelope;
pub(super) use layers::{Node, layers};
pub(super) use matrix::matrix;
pub(super) use parallel::{Upright, parallel};
pub(super) use plot::{Layer, Plot};
pub(super) use svg::{label, standalone};

/// How many marks a picture may have; more are drawn together.
pub(super) const MARKS: usize = 400;

/// Width of a picture in pixels; pages show it at about this size.
const WIDTH: i32 = 400;
