//! A plane with two axes, and layers of marks and lines on it.

use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::element::{Circle, Cross, PathElement, Polygon, Rectangle, Text, TriangleMarker};
use plotters::prelude::{Cartesian2d, SVGBackend};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, ShapeStyle};

use super::super::{ReportError, trusted::Trusted};
use super::WIDTH;
use super::axis::Axis;
use super::bins::{CELL, bins};
use super::svg::{Canvas, DrawingError, Ink, SCALE, draw, label, letters, thin, width};

/// What is drawn on the plane. Series are counted from 0 and have their own colour, shape and dash.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Layer {
    /// A mark for each point.
    Marks { series: usize, points: Vec<(f64, f64)> },
    /// A line through the points.
    Line { series: usize, points: Vec<(f64, f64)> },
    /// The room between two lines: place, lower and upper end.
    Band { series: usize, edges: Vec<(f64, f64, f64)> },
    /// Upright boxes from zero: from, to, height.
    Boxes { series: usize, boxes: Vec<(f64, f64, f64)> },
    /// A thin line that only guides the eye.
    Guide([(f64, f64); 2]),
    /// How many points lie where, darker for more.
    Density(Vec<(f64, f64)>),
}

/// A picture with two axes.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Plot<'a> {
    /// What it shows, for those who cannot see it.
    pub(in super::super) title: &'a str,
    /// The horizontal axis.
    pub(in super::super) x: Axis,
    /// The vertical axis.
    pub(in super::super) y: Axis,
    /// What the horizontal axis measures.
    pub(in super::super) x_name: &'a str,
    /// What the vertical axis measures.
    pub(in super::super) y_name: &'a str,
    /// Names of the series; shown when there are two or more.
    pub(in super::super) series: &'a [String],
    /// The layers, the lowest first.
    pub(in super::super) layers: Vec<Layer>,
}

const HEIGHT: i32 = 270;
const TOP: i32 = 34;
const LEGEND_ROW: i32 = 20;
const BOTTOM: i32 = 46;
const LONGEST_NAME: usize = 26;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

impl Plot<'_> {
    /// Draws the picture.
    pub(in super::super) fn svg(&self) -> Result<Trusted, ReportError> {
        let legend = self.legend();
        let rows = legend.last().map_or(0, |(_, row, _)| row + 1);
        // A little room keeps the last row off the highest tick.
        let room = if rows > 0 { rows * LEGEND_ROW + LEGEND_ROW / 3 } else { 0 };
        let top = TOP + room;
        draw((WIDTH, HEIGHT + room), self.title, |canvas| {
            self.names(canvas, &legend, HEIGHT + room)?;
            let right =
                self.x.labels().next_back().map_or(0.0, |text| width(text) / 2.0) as i32 + 4;
            let widest = self.y.labels().map(width).fold(0.0, f64::max);
            let mut chart = ChartBuilder::on(canvas)
                .margin_top(top * SCALE)
                .margin_right(right.max(12) * SCALE)
                .set_label_area_size(LabelAreaPosition::Left, (widest as i32 + 12) * SCALE)
                .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM * SCALE)
                .build_cartesian_2d(self.x.clone(), self.y.clone())?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                .bold_line_style(thin(Ink::Line))
                .light_line_style(thin(Ink::Line))
                .axis_style(thin(Ink::Muted))
                .set_all_tick_mark_size(4 * SCALE)
                .label_style(letters(Ink::Muted, HPos::Center, VPos::Center))
                .draw()?;
            self.layers.iter().try_for_each(|layer| self.layer(&mut chart, layer))
        })
    }

    /// The names of the axes: the vertical one's above its axis, so that it reads without turning.
    fn names(
        &self,
        canvas: &Canvas<'_>,
        legend: &[(usize, i32, i32)],
        height: i32,
    ) -> Result<(), DrawingError> {
        let text = label(self.y_name, 64);
        let style = letters(Ink::Text, HPos::Left, VPos::Top);
        canvas.draw(&Text::new(text, (0, 4 * SCALE), style))?;
        let place = ((WIDTH - 12) * SCALE, (height - 4) * SCALE);
        let text = format!("{}{}", label(self.x_name, 56), self.x.note());
        let style = letters(Ink::Text, HPos::Right, VPos::Bottom);
        canvas.draw(&Text::new(text, place, style))?;
        for (index, row, left) in legend {
            let middle = (TOP + row * LEGEND_ROW + LEGEND_ROW / 2 - 2) * SCALE;
            let has_line =
                |layer: &Layer| matches!(layer, Layer::Line { series, .. } if series == index);
            if self.layers.iter().any(has_line) {
                let ends = vec![(left * SCALE, middle), ((left + 20) * SCALE, middle)];
                canvas.draw(&PathElement::new(ends, stroke(*index)))?;
            } else {
                mark(*index, ((left + 8) * SCALE, middle), |element| {
                    match element {
                        Mark::Circle(it) => canvas.draw(&it),
                        Mark::Triangle(it) => canvas.draw(&it),
                        Mark::Cross(it) => canvas.draw(&it),
                    }
                    .map_err(Into::into)
                })?;
            }
            let text = Text::new(
                label(&self.series[*index], LONGEST_NAME),
                ((left + 25) * SCALE, middle),
                letters(Ink::Text, HPos::Left, VPos::Center),
            );
            canvas.draw(&text)?;
        }
        Ok(())
    }

    /// Series, row and left end of each entry of the legend; empty for a single series.
    fn legend(&self) -> Vec<(usize, i32, i32)> {
        if self.series.len() < 2 {
            return Vec::new();
        }
        let (mut row, mut left) = (0, 0);
        let place = |(index, name): (usize, &String)| {
            let wide = width(&label(name, LONGEST_NAME)) as i32 + 40;
            if left > 0 && left + wide > WIDTH {
                (row, left) = (row + 1, 0);
            }
            left += wide;
            (index, row, left - wide)
        };
        self.series.iter().enumerate().map(place).collect()
    }

    fn layer(&self, chart: &mut Chart<'_, '_>, layer: &Layer) -> Result<(), DrawingError> {
        match layer {
            Layer::Marks { series, points } => points.iter().try_for_each(|point| {
                mark(*series, *point, |element| {
                    match element {
                        Mark::Circle(it) => chart.plotting_area().draw(&it),
                        Mark::Triangle(it) => chart.plotting_area().draw(&it),
                        Mark::Cross(it) => chart.plotting_area().draw(&it),
                    }
                    .map_err(Into::into)
                })
            }),
            Layer::Line { series, points } => {
                let line = PathElement::new(points.clone(), stroke(*series));
                Ok(chart.plotting_area().draw(&line)?)
            }
            Layer::Band { series, edges } => {
                let lower = edges.iter().map(|(x, low, _)| (*x, *low));
                let upper = edges.iter().rev().map(|(x, _, high)| (*x, *high));
                let outline: Vec<(f64, f64)> = lower.chain(upper).collect();
                let fill = Ink::Series(*series).color().mix(0.16).filled();
                Ok(chart.plotting_area().draw(&Polygon::new(outline, fill))?)
            }
            Layer::Boxes { series, boxes } => boxes.iter().try_for_each(|(from, to, height)| {
                let fill = Ink::Series(*series).color().mix(0.6).filled();
                let corners = [(*from, *height), (*to, 0.0)];
                Ok(chart.plotting_area().draw(&Rectangle::new(corners, fill))?)
            }),
            Layer::Guide(ends) => {
                let line = PathElement::new(ends.to_vec(), thin(Ink::Text));
                Ok(chart.plotting_area().draw(&line)?)
            }
            Layer::Density(points) => self.density(chart, points),
        }
    }

    fn density(&self, chart: &Chart<'_, '_>, points: &[(f64, f64)]) -> Result<(), DrawingError> {
        let share = |(x, y): &(f64, f64)| (self.x.share(*x), self.y.share(*y));
        let cells = bins(points.iter().map(share));
        let most = cells.iter().map(|cell| cell.count).max().unwrap_or(1) as f64;
        for cell in cells {
            let corner = |column: usize, row: usize| {
                (self.x.value(column as f64 * CELL), self.y.value(row as f64 * CELL))
            };
            let corners = [corner(cell.column, cell.row + 1), corner(cell.column + 1, cell.row)];
            let strength = (0.12 + 0.88 * (cell.count as f64 / most).sqrt()) * 20.0;
            let fill = Ink::Series(0).color().mix(strength.round() / 20.0).filled();
            chart.plotting_area().draw(&Rectangle::new(corners, fill))?;
        }
        Ok(())
    }
}

/// The mark of one point.
enum Mark<Coordinate> {
    Circle(Circle<Coordinate, i32>),
    Triangle(TriangleMarker<Coordinate, i32>),
    Cross(Cross<Coordinate, i32>),
}

/// Builds the mark of a series at a place and hands it over to be drawn.
fn mark<Coordinate>(
    series: usize,
    place: Coordinate,
    draw: impl FnOnce(Mark<Coordinate>) -> Result<(), DrawingError>,
) -> Result<(), DrawingError> {
    let color = Ink::Series(series).color();
    let outline = color.stroke_width(12);
    draw(match series % 4 {
        0 => Mark::Circle(Circle::new(place, 3 * SCALE + 4, color.mix(0.75).filled())),
        1 => Mark::Triangle(TriangleMarker::new(place, 4 * SCALE + 4, color.mix(0.85).filled())),
        2 => Mark::Cross(Cross::new(place, 3 * SCALE, outline)),
        _ => Mark::Circle(Circle::new(place, 3 * SCALE + 4, outline)),
    })
}

fn stroke(series: usize) -> ShapeStyle {
    Ink::Series(series).color().stroke_width(2 * SCALE as u32)
}

#[cfg(test)]
mod tests {
    use super::super::MARKS;
    use super::*;

    fn plot(layers: Vec<Layer>, series: &[String]) -> Trusted {
        let x = Axis::over([0.0, 10.0], 5).unwrap();
        let y = Axis::over([0.0, 1.0], 5).unwrap();
        Plot { title: "plot", x, y, x_name: "depth", y_name: "r2 & more", series, layers }
            .svg()
            .unwrap()
    }

    #[test]
    fn many_points_stay_small() {
        let points: Vec<_> =
            (0..50_000).map(|i| (f64::from(i % 100) / 10.0, f64::from(i % 37) / 36.0)).collect();
        let svg = plot(vec![Layer::Density(points)], &[]);
        assert!(svg.as_str().len() < 40_000, "{} bytes", svg.as_str().len());
        assert!(svg.as_str().matches("<rect").count() <= MARKS);
    }

    #[test]
    fn a_full_scatter_stays_small() {
        let points = (0..MARKS).map(|i| (i as f64 / 40.0, 0.5)).collect();
        let svg = plot(vec![Layer::Marks { series: 0, points }], &[]);
        assert!(svg.as_str().len() < 40_000, "{} bytes", svg.as_str().len());
    }

    #[test]
    fn two_series_differ_in_shape_and_have_a_legend() {
        let names = ["forest".to_owned(), "</svg><script>".to_owned()];
        let layers = (0..2)
            .map(|series| Layer::Marks { series, points: vec![(5.0, 0.5)] })
            .chain([Layer::Guide([(0.0, 0.0), (10.0, 1.0)])])
            .collect();
        insta::assert_snapshot!(plot(layers, &names).as_str());
    }
}
