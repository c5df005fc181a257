//! The best of some runs by a metric, and how sure that is.

use std::cmp::Ordering;

use serde::Serialize;

use super::cell::{Cell, Replicate, cells};
use super::id::{CellId, RunId};
use super::metric::{Direction, deviation_of};
use super::statistics::{Noise, Summary};

/// The best of some runs: cells are ranked by the mean of a metric over their finished runs.
#[derive(Clone, Debug, Serialize)]
pub struct Selection {
    /// The metric they are ranked by.
    pub metric: String,
    /// Whether larger or smaller is better.
    pub direction: Direction,
    /// Whether the metric is cross-validated: then no row that was held back took part.
    pub cross_validated: bool,
    /// Number of runs that were compared.
    pub runs: usize,
    /// Standard deviation of the winner's metric over the folds of its cross-validation.
    pub deviation: Option<f64>,
    /// Number of other cells whose mean lies within that deviation of the winner's.
    pub within_one_deviation: Option<usize>,
    /// The first of these in the order of the runs given.
    pub first_within: Option<Named>,
    /// How far the winner is ahead of the next cell; `None` when there is none.
    pub lead: Option<Lead>,
    /// The cells with a value, best first; equals in the order of the runs given.
    pub cells: Vec<Ranked>,
}

/// A cell and the run of it that stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The cell.
    pub cell: CellId,
    /// Its label.
    pub label: String,
    /// The best of its runs.
    pub run: RunId,
}

/// A cell in its place.
#[derive(Clone, Debug, Serialize)]
pub struct Ranked {
    /// What it is.
    #[serde(flatten)]
    pub named: Named,
    /// The seeds of its finished runs, ascending.
    pub seeds: Vec<i64>,
    /// What its runs measured.
    #[serde(flatten)]
    pub summary: Summary,
    /// Its place in the order of the runs given.
    #[serde(skip)]
    place: usize,
}

/// How far the winner is ahead.
#[derive(Clone, Debug, Serialize)]
pub struct Lead {
    /// The next cell.
    pub over: Named,
    /// The distance between the means, never negative.
    pub difference: f64,
    /// Whether it is more than noise.
    pub noise: Noise,
}

/// Selects the best of some runs; `None` when no finished one has a value. Of equals the one given
/// first is better.
pub fn select<'r, R: Replicate + 'r>(
    runs: impl IntoIterator<Item = &'r R>,
    metric: &str,
    direction: Direction,
) -> Option<Selection> {
    let all = cells(runs);
    let number = all.iter().map(|cell| cell.runs.len()).sum();
    let mut ranked: Vec<Ranked> = all
        .iter()
        .enumerate()
        .filter_map(|(place, cell)| rank(cell, place, metric, direction))
        .collect();
    ranked.sort_by(|a, b| order(direction, a.summary.mean, b.summary.mean));
    let winner = ranked.first()?;
    let deviation = deviation(&all[winner.place], metric);
    let close = |other: &&Ranked| {
        deviation
            .is_some_and(|deviation| (other.summary.mean - winner.summary.mean).abs() <= deviation)
    };
    let within: Vec<&Ranked> = ranked[1..].iter().filter(close).collect();
    let lead = ranked.get(1).map(|next| Lead {
        over: next.named.clone(),
        difference: (winner.summary.mean - next.summary.mean).abs(),
        noise: Noise::between(&winner.summary, &next.summary),
    });
    Some(Selection {
        metric: metric.to_owned(),
        direction,
        cross_validated: metric.starts_with(CROSS_VALIDATED),
        runs: number,
        deviation,
        within_one_deviation: deviation.map(|_| within.len()),
        first_within: within.iter().min_by_key(|it| it.place).map(|it| it.named.clone()),
        lead,
        cells: ranked,
    })
}

/// How the names of cross-validated metrics begin.
pub const CROSS_VALIDATED: &str = "cv_";

/// The name of a metric's cross-validated mean.
pub fn cross_validated(metric: &str) -> String {
    format!("{CROSS_VALIDATED}{metric}")
}

/// The cell's place by the mean of a metric, none where that is not a number.
fn rank<R: Replicate>(
    cell: &Cell<'_, R>,
    place: usize,
    metric: &str,
    direction: Direction,
) -> Option<Ranked> {
    let summary = cell.summary(metric).filter(|summary| !summary.mean.is_nan())?;
    let value = |run: &R| run.measured(metric).unwrap_or(f64::NAN);
    let best = cell
        .finished()
        .reduce(|best, run| if direction.better(value(run), value(best)) { run } else { best })?;
    Some(Ranked {
        named: Named { cell: cell.id, label: cell.label().to_owned(), run: best.id() },
        seeds: cell.finished().map(Replicate::seed).collect(),
        summary,
        place,
    })
}

fn order(direction: Direction, a: f64, b: f64) -> Ordering {
    match (direction.better(a, b), direction.better(b, a)) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// The deviation over the folds that a cell's runs recorded beside the metric, their mean.
fn deviation<R: Replicate>(cell: &Cell<'_, R>, metric: &str) -> Option<f64> {
    let recorded = cell.summary(&deviation_of(metric))?.mean;
    Some(recorded).filter(|deviation| deviation.is_finite())
}

#[cfg(test)]
mod tests {
    use super::super::cell::tests::run;
    use super::super::statistics::Verdict;
    use super::*;

    #[test]
    fn cells_are_ranked_by_their_means() {
        let runs = [
            run("lucky", "a", 1, &[("r2", 0.99)]),
            run("lucky", "a", 2, &[("r2", 0.01)]),
            run("steady", "b", 1, &[("r2", 0.7)]),
            run("steady", "b", 2, &[("r2", 0.8)]),
            run("diverged", "c", 1, &[("r2", f64::NAN)]),
            run("other", "d", 1, &[("rmse", 1.0)]),
        ];
        let selection = select(&runs, "r2", Direction::Maximize).unwrap();
        let labels: Vec<_> = selection.cells.iter().map(|it| it.named.label.as_str()).collect();
        assert_eq!(labels, ["steady", "lucky"]);
        assert_eq!(selection.cells[0].named.run, runs[3].id);
        assert_eq!((selection.runs, selection.cells[0].seeds.as_slice()), (6, &[1, 2][..]));
        let lead = selection.lead.unwrap();
        assert_eq!((lead.over.label.as_str(), lead.noise.verdict), ("lucky", Verdict::Inside));
        assert!((lead.difference - 0.25).abs() < 1e-12);
        assert!(select(&runs, "mae", Direction::Minimize).is_none());
    }

    #[test]
    fn the_first_of_equals_wins() {
        let runs = [
            run("first", "a", 1, &[("rmse", 2.0)]),
            run("second", "b", 1, &[("rmse", 2.0)]),
            run("third", "c", 1, &[("rmse", 3.0)]),
        ];
        let selection = select(&runs, "rmse", Direction::Minimize).unwrap();
        assert_eq!(selection.cells[0].named.label, "first");
        assert_eq!(selection.within_one_deviation, None);
        assert_eq!(selection.lead.unwrap().noise.verdict, Verdict::Unknown);
    }

    #[test]
    fn the_cells_within_one_deviation_are_counted() {
        let point = |label: &str, mean: f64| {
            run(label, label, 1, &[("cv_rmse", mean), ("cv_rmse_std", 0.5)])
        };
        let runs = [point("far", 3.0), point("near", 1.5), point("best", 1.0), point("too", 1.1)];
        let selection = select(&runs, "cv_rmse", Direction::Minimize).unwrap();
        assert!(selection.cross_validated);
        assert_eq!(selection.deviation, Some(0.5));
        assert_eq!(selection.within_one_deviation, Some(2));
        assert_eq!(selection.first_within.unwrap().label, "near");
    }
}
