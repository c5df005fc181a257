//! What a linear support vector machine minimises.
//!
//! ½ ‖w‖² + Σ c·loss of the distance of f(x) = wx from a zone, where an error costs nothing. For
//! classification the zone is [1, ∞) or (−∞, −1]; for regression all within ε of the target. The
//! intercept is the weight of one more feature, as in liblinear, so it is part of ‖w‖.

use super::design::Design;

/// How a distance costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// As it is: hinge, ε-insensitive.
    Distance,
    /// Its square.
    Square,
}

/// Where f(x) of a row costs nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Zone {
    /// −∞ or a number.
    pub(super) low: f64,
    /// ∞ or a number, not below `low`.
    pub(super) high: f64,
}

impl Zone {
    /// How far a value lies above the zone; negative below it.
    pub(super) fn beyond(self, value: f64) -> f64 {
        if value > self.high {
            value - self.high
        } else if value < self.low {
            value - self.low
        } else {
            0.0
        }
    }
}

/// One optimisation.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    pub(super) design: &'a Design,
    /// By row.
    pub(super) zones: Vec<Zone>,
    /// By row, c.
    pub(super) costs: Vec<f64>,
    pub(super) loss: Loss,
}

impl Problem<'_> {
    /// The objective at weights, given the values of all rows there.
    pub(super) fn objective(&self, weights: &[f64], values: &[f64]) -> f64 {
        let losses = self.zones.iter().zip(values).zip(&self.costs).map(|((zone, value), cost)| {
            let distance = zone.beyond(*value).abs();
            cost * if self.loss == Loss::Square { distance * distance } else { distance }
        });
        0.5 * weights.iter().map(|weight| weight * weight).sum::<f64>() + losses.sum::<f64>()
    }
}
