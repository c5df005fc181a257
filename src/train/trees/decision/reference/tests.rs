//! Our tree and linfa's on the same rows.

use proptest::prelude::*;

use super::super::super::super::trial::Trial;
use crate::ledger::digest::Digest;

const OURS: &str = "decision-tree-classifier";
const LINFA: &str = "linfa-decision-tree";

/// The mean impurity of the leaves that the rows end in: the Gini index, or the entropy in bits.
fn impurity(trial: &Trial, rows: &[Vec<f64>], entropy: bool) -> f64 {
    let scores = trial.fitted().predictor.predict(rows).scores.unwrap().by_class;
    let of_share = |share: f64| match (entropy, share > 0.0) {
        (false, _) => share * (1.0 - share),
        (true, true) => -share * share.log2(),
        (true, false) => 0.0,
    };
    let sum: f64 = scores.iter().flatten().map(|share| of_share(*share)).sum();
    sum / scores[0].len() as f64
}

fn classes(trial: &Trial, rows: &[Vec<f64>]) -> Vec<f64> {
    trial.fitted().predictor.predict(rows).values
}

/// Columns whose values all differ, by 1 at least, and two classes.
fn distinct() -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<f64>)> {
    (2_usize..60, 1_usize..4).prop_flat_map(|(rows, width)| {
        let column = Just((0..rows).map(|value| value as f64).collect::<Vec<_>>()).prop_shuffle();
        let target = proptest::collection::vec((0_u8..2).prop_map(f64::from), rows);
        (proptest::collection::vec(column, width), target)
    })
}

proptest! {
    /// Where no value stands twice linfa finds the best split as ours does, up to the surplus weight
    /// of the first class.
    #[test]
    fn one_split_is_as_good((rows, target) in distinct(), entropy in any::<bool>()) {
        let criterion = if entropy { "entropy" } else { "gini" };
        let params = format!("max_depth = 1\ncriterion = '{criterion}'");
        let [ours, linfa] = [OURS, LINFA].map(|model| Trial::of(model, &params, &rows, &target));
        let [own, other] = [&ours, &linfa].map(|trial| impurity(trial, &rows, entropy));
        // linfa takes a split back whose sides are of one class.
        if linfa.fitted().predictor.nodes() == Some(3) {
            prop_assert!(own <= other + 1e-12, "ours leaves {own}, linfa {other}");
            prop_assert!(other <= own + 0.002, "ours leaves {own}, linfa {other}");
        }
        let wrong = |trial: &Trial| {
            let answers = classes(trial, &rows);
            answers.iter().zip(&target).filter(|(it, class)| (*it - *class).abs() > 0.5).count()
        };
        prop_assert!(wrong(&linfa) <= target.len() / 2);
    }

    /// Without a limit both part rows that can be parted.
    #[test]
    fn rows_that_differ_are_parted((rows, target) in distinct()) {
        for model in [OURS, LINFA] {
            let params = if model == LINFA { "min_impurity_decrease = 1e-6" } else { "" };
            let trial = Trial::of(model, params, &rows, &target);
            prop_assert_eq!(classes(&trial, &rows), target.clone(), "{}", model);
        }
    }
}

#[test]
fn a_rule_is_learnt_alike() {
    let first: Vec<f64> = (0..100).map(|row| f64::from(row * 37 % 100)).collect();
    let second: Vec<f64> = (0..100).map(|row| f64::from(row * 61 % 100)).collect();
    let rule = |x: f64, y: f64| f64::from(u8::from(x > 60.5 && y < 30.5));
    let target: Vec<f64> = first.iter().zip(&second).map(|(x, y)| rule(*x, *y)).collect();
    let rows = [first, second];
    let [ours, linfa] = [OURS, LINFA].map(|model| Trial::of(model, "", &rows, &target));
    let asked: [Vec<f64>; 2] = [
        (0..2500).map(|at| f64::from(at % 50) * 2.0 + 0.25).collect(),
        (0..2500).map(|at| f64::from(at / 50) * 2.0 + 0.25).collect(),
    ];
    // linfa puts a threshold halfway to the next value of all rows, ours of the rows of the node.
    let (own, other) = (classes(&ours, &asked), classes(&linfa, &asked));
    let alike = own.iter().zip(&other).filter(|(own, other)| (*own - *other).abs() < 0.5).count();
    assert!(alike > 2400, "{alike} of 2500");
    for (own, other) in ours.fitted().importance.iter().zip(&linfa.fitted().importance) {
        assert!((own - other).abs() < 0.01, "{own} and {other}");
    }
}

/// Rows 0 and 1 part from the others by the second column and from each other by the first, where
/// the value of row 0 also stands in rows of the other side.
#[test]
fn linfa_overlooks_a_split_that_ours_finds() {
    let rows = [vec![1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 2.0], vec![0.0, 0.0, 9.0, 9.0, 9.0, 9.0, 9.0]];
    let target = [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    let ours = Trial::of(OURS, "", &rows, &target);
    assert_eq!(classes(&ours, &rows), target);
    let linfa = Trial::of(LINFA, "", &rows, &target);
    assert_eq!(classes(&linfa, &rows)[..2], [0.0, 0.0]);
    let near = [vec![0.0, 1e-6, 2e-6, 3e-6]];
    let parted = [0.0, 0.0, 1.0, 1.0];
    assert_eq!(classes(&Trial::of(OURS, "", &near, &parted), &near), parted);
    assert_eq!(classes(&Trial::of(LINFA, "", &near, &parted), &near), [0.0; 4]);
}

/// Even leaves and pruning included: hash maps have new keys each time.
#[test]
fn the_same_rows_give_the_same_tree() {
    let column = |step: i32| (0..90).map(|row| f64::from(row * step % 13)).collect::<Vec<_>>();
    let rows = [column(5), column(7), column(11)];
    let target: Vec<f64> = (0..90).map(|row| f64::from(row * row % 7 % 2)).collect();
    let body = || {
        let trial = Trial::of(LINFA, "max_depth = 6\nmin_samples_leaf = 2", &rows, &target);
        trial.fitted().predictor.body().unwrap()
    };
    let first = body();
    assert!((0..30).all(|_| body() == first));
    assert_eq!(
        &Digest::of(&first).to_string()[..16],
        "ee47ae559c318ce8",
        "the result has changed: raise the version in its declaration, then pin the new digest"
    );
}

#[test]
fn what_linfa_cannot_do_is_refused() {
    let refusal = |rows: usize, classes: u32| {
        let target: Vec<f64> = (0..rows).map(|row| f64::from(row as u32 % classes)).collect();
        Trial::of(LINFA, "", &[vec![1.0; rows]], &target).fitted.err().unwrap().to_string()
    };
    let classes =
        "linfa-decision-tree takes at most 2 classes and there are 3; use decision-tree-classifier";
    assert_eq!(refusal(9, 3), classes);
    assert!(refusal(16_001, 2).contains("at most 16000 rows and there are 16001"));
}
