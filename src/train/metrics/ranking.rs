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
mod tests;
