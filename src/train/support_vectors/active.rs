//! The rows a solver still moves, and the choice of the two it moves next.
//!
//! Every row has one coefficient β between a low and a high bound, and one error: the target less
//! Σ βK. Raising β by one pays `error + up`, lowering it costs `error + down`; `up` is −∞ where β
//! cannot rise, `down` is ∞ where it cannot fall.

use std::sync::Arc;

use super::cache::Cache;
use super::points::Points;
use super::solve::Problem;

/// Stands for a curvature that is not positive, as in libsvm.
const LEAST_CURVATURE: f64 = 1e-12;
/// Rows looked at together for a maximum before its place is sought.
const GROUP: usize = 64;

/// Rows by their place among the moved ones.
#[derive(Debug)]
pub(super) struct Active {
    /// The numbers of the rows in the problem, rising.
    pub(super) rows: Vec<usize>,
    pub(super) points: Arc<Points>,
    /// The kernel of each row with itself.
    pub(super) diagonal: Vec<f64>,
    pub(super) error: Vec<f64>,
    pub(super) up: Vec<f64>,
    pub(super) down: Vec<f64>,
    pub(super) cache: Cache,
}

/// The ends of what raising pays and lowering costs; apart by more than the tolerance, there is
/// something to gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ends {
    /// The most that raising a coefficient pays.
    pub(super) pays: f64,
    /// The least that lowering one costs.
    pub(super) costs: f64,
}

impl Active {
    /// All rows of a problem with their errors; nothing may move before it has its prices.
    pub(super) fn new(problem: &Problem, error: Vec<f64>, cache: usize) -> Self {
        let (points, rows) = (Arc::clone(&problem.points), problem.points.len());
        let squares = points.squares().iter();
        let diagonal = squares.map(|square| problem.kernel.with_itself(*square)).collect();
        Self {
            rows: (0..rows).collect(),
            points,
            diagonal,
            error,
            up: vec![f64::NEG_INFINITY; rows],
            down: vec![f64::INFINITY; rows],
            cache: Cache::new(rows, cache),
        }
    }

    /// The row whose coefficient pays most to raise: its place and what it pays.
    ///
    /// Of equal ones it is the last, here and in [`Self::second`]: so libsvm chooses, and where a
    /// kernel has several optima, the first steps decide between them.
    pub(super) fn first(&self) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        let groups = self.error.chunks(GROUP).zip(self.up.chunks(GROUP)).enumerate();
        for (at, (error, up)) in groups {
            let pays = |place: usize| error[place] + up[place];
            let most = (0..error.len()).map(pays).fold(f64::NEG_INFINITY, larger);
            if most > f64::NEG_INFINITY && best.is_none_or(|best| most >= best.1) {
                let place = (0..error.len()).rposition(|place| pays(place) >= most);
                best = place.map(|place| (at * GROUP + place, most));
            }
        }
        best
    }

    /// The partner of a row: of those that cost less to lower, the one that gains most by a second
    /// order estimate (Fan, Chen and Lin, 2005, algorithm 2). Also the least that lowering costs.
    pub(super) fn second(&self, first: usize, pays: f64, kernels: &[f32]) -> (Option<usize>, f64) {
        let (mut best, mut gain_of_best, mut costs) = (None, 0.0, f64::INFINITY);
        let own = self.diagonal[first];
        let mut gains = [0.0; GROUP];
        for at in (0..self.error.len()).step_by(GROUP) {
            let range = at..self.error.len().min(at + GROUP);
            let gains = &mut gains[..range.len()];
            let rows = self.error[range.clone()].iter().zip(&self.down[range.clone()]);
            let others = self.diagonal[range.clone()].iter().zip(&kernels[range]);
            for (gain, ((error, down), (other, kernel))) in gains.iter_mut().zip(rows.zip(others)) {
                let cost = error + down;
                let curvature = own + other - 2.0 * f64::from(*kernel);
                let rise = larger(pays - cost, 0.0);
                *gain = rise * rise / larger(curvature, LEAST_CURVATURE);
                costs = smaller(costs, cost);
            }
            let most = gains.iter().copied().fold(0.0, larger);
            if most > 0.0 && most >= gain_of_best {
                gain_of_best = most;
                best = gains.iter().rposition(|gain| *gain >= most).map(|place| at + place);
            }
        }
        (best, costs)
    }

    /// The second derivative of the objective along the exchange between two rows.
    pub(super) fn curvature(&self, first: usize, second: usize, kernels: &[f32]) -> f64 {
        let curvature =
            self.diagonal[first] + self.diagonal[second] - 2.0 * f64::from(kernels[second]);
        larger(curvature, LEAST_CURVATURE)
    }

    /// Accounts for two coefficients that have changed.
    pub(super) fn changed(&mut self, first: (usize, f64), second: (usize, f64)) {
        let (one, other) = (self.cache.at(first.0), self.cache.at(second.0));
        for (error, (one, other)) in self.error.iter_mut().zip(one.iter().zip(other)) {
            *error -= first.1 * f64::from(*one) + second.1 * f64::from(*other);
        }
    }

    /// Both ends of what raising pays and lowering costs.
    pub(super) fn ends(&self) -> Ends {
        let pays = self.error.iter().zip(&self.up).map(|(error, up)| error + up);
        let costs = self.error.iter().zip(&self.down).map(|(error, down)| error + down);
        Ends {
            pays: pays.fold(f64::NEG_INFINITY, larger),
            costs: costs.fold(f64::INFINITY, smaller),
        }
    }

    /// The places of the rows that may still move: not those at a bound which they would leave only
    /// at a loss (Fan, Chen and Lin, 2005; section 4 of libsvm's description).
    pub(super) fn movable(&self, ends: Ends) -> Vec<usize> {
        let stuck = |place: &usize| {
            let error = self.error[*place];
            error + self.up[*place] < ends.costs && error + self.down[*place] > ends.pays
        };
        (0..self.error.len()).filter(|place| !stuck(place)).collect()
    }

    /// Goes on with some of the places only.
    pub(super) fn retain(&mut self, places: &[usize]) {
        let of = |values: &Vec<f64>| places.iter().map(|place| values[*place]).collect();
        self.rows = places.iter().map(|place| self.rows[*place]).collect();
        self.points = Arc::new(self.points.select(places));
        self.diagonal = of(&self.diagonal);
        self.error = of(&self.error);
        self.up = of(&self.up);
        self.down = of(&self.down);
        self.cache.retain(places);
    }
}

/// The larger of two numbers, without the care for NaN that keeps a loop from being vectorised.
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}
