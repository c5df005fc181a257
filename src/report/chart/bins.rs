//! Fewer marks from many points: counts in a grid, and the envelope of a curve.

/// Cells of a grid along each side.
const CELLS: usize = 20;

/// A cell of a grid that holds at least one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Cell {
    /// Column, counted from the low end.
    pub(super) column: usize,
    /// Row, counted from the low end.
    pub(super) row: usize,
    /// Number of points in it.
    pub(super) count: usize,
}

/// The share of a side that one cell takes.
pub(super) const CELL: f64 = 1.0 / CELLS as f64;

/// Counts points in a grid; each point is given by its place along both sides, from 0 to 1.
pub(in super::super) fn bins(places: impl IntoIterator<Item = (f64, f64)>) -> Vec<Cell> {
    let mut counts = vec![0; CELLS * CELLS];
    let cell = |place: f64| ((place * CELLS as f64) as usize).min(CELLS - 1);
    for (x, y) in places {
        counts[cell(y) * CELLS + cell(x)] += 1;
    }
    let filled = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
    filled.map(|(at, count)| Cell { column: at % CELLS, row: at / CELLS, count }).collect()
}

/// Reduces a curve to at most `most` points: of each stretch the lowest and the highest, in order.
pub(in super::super) fn envelope(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    if points.len() <= most {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil((most / 2).max(1));
    let mut kept = Vec::new();
    for part in points.chunks(stretch) {
        let by_height = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let Some((low, high)) = part.iter().min_by(by_height).zip(part.iter().max_by(by_height))
        else {
            continue;
        };
        kept.push(if low.0 <= high.0 { *low } else { *high });
        if low != high {
            kept.push(if low.0 <= high.0 { *high } else { *low });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_counted_once() {
        let places = (0..1000).map(|i| (f64::from(i) / 999.0, f64::from(i % 7) / 6.0));
        let cells = bins(places);
        assert_eq!(cells.iter().map(|cell| cell.count).sum::<usize>(), 1000);
        assert!(cells.len() <= CELLS * CELLS);
    }

    #[test]
    fn the_envelope_keeps_peaks_in_order() {
        let mut points: Vec<_> = (0..10_000).map(|i| (f64::from(i), 0.0)).collect();
        points[4321].1 = 9.0;
        points[4322].1 = -9.0;
        let kept = envelope(&points, 400);
        assert!(
            kept.len() <= 400 && kept.contains(&(4321.0, 9.0)) && kept.contains(&(4322.0, -9.0))
        );
        assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
