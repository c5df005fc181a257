//! Scores that rank, against numbers of scikit-learn.

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
    assert_eq!(steps, expected.map(|(threshold, hits, misses)| Step { threshold, hits, misses }));
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
