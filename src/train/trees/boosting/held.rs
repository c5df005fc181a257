//! Rows held out of training, to see when to stop.

use super::super::super::error::TrainError;
use super::super::super::random::Random;
use super::BoostingValidParams;

/// The training rows by number: those learnt from, and those held out.
pub(super) struct Parts {
    pub(super) learnt: Vec<usize>,
    pub(super) held: Vec<usize>,
}

impl Parts {
    /// Draws the rows to hold out, `None` where nobody asks for it. `group` tells of each row which
    /// group it belongs to; of each the same share is held out, and never all.
    pub(super) fn draw(
        params: &BoostingValidParams,
        group: &[u32],
    ) -> Result<Option<Self>, TrainError> {
        if params.patience.is_none() {
            return Ok(None);
        }
        let mut random = Random::stream("fairledger boosting held out v1", params.seed, 0);
        let groups = group.iter().max().map_or(0, |group| *group as usize + 1);
        let mut members = vec![Vec::new(); groups];
        for (row, group) in group.iter().enumerate() {
            members[*group as usize].push(row);
        }
        let mut parts = Self { learnt: Vec::new(), held: Vec::new() };
        for mut rows in members.into_iter().filter(|rows| !rows.is_empty()) {
            let share = params.validation_fraction * rows.len() as f64;
            let held = (share.round() as usize).min(rows.len() - 1);
            for at in 0..held {
                let other = at + random.below(rows.len() - at);
                rows.swap(at, other);
            }
            parts.held.extend(&rows[..held]);
            parts.learnt.extend(&rows[held..]);
        }
        if parts.held.is_empty() {
            let text = "n_iter_no_change leaves no row to hold out; raise validation_fraction or \
                        set n_iter_no_change to \"none\"";
            return Err(TrainError::Fit(text.into()));
        }
        parts.held.sort_unstable();
        parts.learnt.sort_unstable();
        Ok(Some(parts))
    }
}

/// Some rows of each column.
pub(super) fn columns(features: &[Vec<f32>], rows: &[usize]) -> Vec<Vec<f32>> {
    features.iter().map(|column| pick(column, rows)).collect()
}

/// Some values.
pub(super) fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;

    use super::super::BoostingParams;
    use super::*;

    fn parts(group: &[u32], fraction: f64) -> Result<Option<Parts>, TrainError> {
        let params = BoostingParams::default().n_iter_no_change(Some(5));
        Parts::draw(&params.validation_fraction(fraction).check().unwrap(), group)
    }

    #[test]
    fn every_group_gives_its_share() {
        let group: Vec<u32> = (0..40).map(|row| u32::from(row % 4 == 0) * 2).collect();
        let parts = parts(&group, 0.2).unwrap().unwrap();
        let held = |wanted| parts.held.iter().filter(|row| group[**row] == wanted).count();
        assert_eq!((held(0), held(2)), (6, 2));
        let mut all = [parts.learnt.clone(), parts.held.clone()].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..40));
    }

    #[test]
    fn a_group_keeps_a_row_and_one_row_is_too_few() {
        assert_eq!(parts(&[0, 0, 1], 0.9).unwrap().unwrap().learnt.len(), 2);
        assert!(parts(&[0], 0.5).is_err());
        let never = BoostingParams::default().check().unwrap();
        assert!(Parts::draw(&never, &[0]).unwrap().is_none());
    }
}
