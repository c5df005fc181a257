//! Drift: how far data have moved from the data a model was trained on.
//!
//! Both are seen as profiles: the distribution of each column. Measures compare two profiles:
//!
//! | measure | of | source | usual limit |
//! |---|---|---|---|
//! | PSI | numbers in tenths of the training values; categories | [`population_stability`] | 0.1 some, 0.25 much |
//! | Kolmogorov-Smirnov | numbers | [`kolmogorov_smirnov`] | p < 0.05 |
//! | chi-square | categories | [`chi_square`] | p < 0.05 |
//! | missing | the share of empty cells, more than in training | | 0.05 |

mod chi_square;
mod measure;
mod profile;
mod smirnov;
mod stability;

pub use chi_square::chi_square;
pub use measure::{ColumnDrift, drift};
pub use profile::{
    Categories, ColumnProfile, Distribution, Numbers, Profile, Role, TENTHS, point_limit,
};
pub use smirnov::kolmogorov_smirnov;
pub use stability::population_stability;

use serde::{Deserialize, Serialize};

/// The outcome of a test: its statistic, and how likely one as large is where nothing differs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// The statistic.
    pub statistic: f64,
    /// The p-value.
    pub p: f64,
}
