//! Metrics of how well scores put the rows of one class before all others.

use super::super::estimator::Scores;
use super::Undefined;

/// What a threshold says of one class against all others: the rows that score at least as high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Step {
    /// The score of the threshold.
    pub(in super::super) threshold: f64,
    /// How many of the class score as high.
    pub(in super::super) hits: f64,
    /// How many of the others score as high.
    pub(in super::super) misses: f64,
}

/// A step for each distinct score of a class, highest first.
pub(in super::super) fn steps(
    actual: &[f64],
    class: usize,
    scores: &Scores,
) -> Result<Vec<Step>, Undefined> {
    let scored = scores.by_class.get(class).map_or(&[][..], Vec::as_slice);
    let mut rows: Vec<(f64, bool)> =
        scored.iter().zip(actual).map(|(score, is)| (*score, *is as usize == class)).collect();
    if rows.iter().any(|(score, _)| score.is_nan()) {
        return Err(Undefined("the scores of the model are no numbers"));
    }
    // `total_cmp` tells -0 from 0, which are one score.
    rows.sort_unstable_by(|a, b| (b.0 + 0.0).total_cmp(&(a.0 + 0.0)));
    let mut steps: Vec<Step> = Vec::new();
    let (mut hits, mut misses) = (0.0, 0.0);
    for (threshold, hit) in rows {
        if hit {
            hits += 1.0;
        } else {
            misses += 1.0;
        }
        match steps.last_mut() {
            Some(step) if step.threshold <= threshold => (step.hits, step.misses) = (hits, misses),
            _ => steps.push(Step { threshold, hits, misses }),
        }
    }
    if hits > 0.0 && misses > 0.0 {
        return Ok(steps);
    }
    Err(Undefined("the rows do not hold every class"))
}

/// The area under the curve of hits over misses, by trapezia: the probability that a row of the class
/// scores higher than one of the others, ties counted half.
pub(super) fn roc_auc(actual: &[f64], class: usize, scores: &Scores) -> Result<f64, Undefined> {
    let steps = steps(actual, class, scores)?;
    let (mut area, mut before) = (0.0, (0.0, 0.0));
    for step in &steps {
        area += (step.misses - before.1) * (step.hits + before.0) / 2.0;
        before = (step.hits, step.misses);
    }
    Ok(area / (before.0 * before.1))
}

/// Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds, with precision P and recall R.
pub(super) fn average_precision(
    actual: &[f64],
    class: usize,
    scores: &Scores,
) -> Result<f64, Undefined> {
    let steps = steps(actual, class, scores)?;
    let all = steps.last().map_or(0.0, |last| last.hits);
    let (mut sum, mut before) = (0.0, 0.0);
    for step in &steps {
        sum += (step.hits - before) / all * (step.hits / (step.hits + step.misses));
        before = step.hits;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scores(second: Vec<f64>) -> Scores {
        Scores { by_class: vec![Vec::new(), second], probabilities: false }
    }

    #[test]
    fn equal_scores_are_one_step() {
        let scores = scores(vec![0.0, 1.0, -0.0, 0.5]);
        let steps = steps(&[1.0, 1.0, 0.0, 0.0], 1, &scores).unwrap();
        let expected = [(1.0, 1.0, 0.0), (0.5, 1.0, 1.0), (0.0, 2.0, 2.0)];
        assert_eq!(
            steps,
            expected.map(|(threshold, hits, misses)| Step { threshold, hits, misses })
        );
        let error = super::steps(&[1.0, 0.0], 1, &self::scores(vec![f64::NAN, 1.0]));
        assert_eq!(error, Err(Undefined("the scores of the model are no numbers")));
    }

    proptest! {
        /// The area is the share of pairs in order, counted pair by pair.
        #[test]
        fn the_area_counts_pairs(rows in proptest::collection::vec((0..2_u8, 0..6_u8), 2..40)) {
            let actual: Vec<f64> = rows.iter().map(|(class, _)| f64::from(*class)).collect();
            let second: Vec<f64> = rows.iter().map(|(_, score)| f64::from(*score)).collect();
            let (mut pairs, mut ordered) = (0.0, 0.0);
            for (high, _) in actual.iter().enumerate().filter(|(_, class)| **class > 0.5) {
                for (low, _) in actual.iter().enumerate().filter(|(_, class)| **class < 0.5) {
                    pairs += 1.0;
                    ordered += if second[high] > second[low] { 1.0 } else { 0.0 };
                    ordered += if rows[high].1 == rows[low].1 { 0.5 } else { 0.0 };
                }
            }
            let area = roc_auc(&actual, 1, &scores(second));
            if pairs > 0.0 {
                prop_assert!((area.unwrap() - ordered / pairs).abs() < 1e-12);
            } else {
                prop_assert!(area.is_err());
            }
        }
    }
}
