//! Rows that no tree was grown on.

use super::super::super::super::estimator::Silent;
use super::super::super::tree::Tree;
use super::super::{ForestParams, ForestValidParams};
use super::*;
use linfa::ParamGuard;

fn forest(trees: usize, columns: &[Vec<f32>], target: &[f64]) -> Ensemble {
    let params: ForestValidParams =
        ForestParams::default().n_estimators(trees).seed(5).check().unwrap();
    params.regression(columns, target, &Silent).unwrap().model.0
}

/// A full tree repeats the rows it was grown on, so the others are those out of its bag.
#[test]
fn a_row_is_judged_by_the_trees_that_were_not_grown_on_it() {
    let columns = [(0_u16..50).map(f32::from).collect::<Vec<_>>()];
    let target: Vec<f64> = (0..50).map(|row| f64::from(row * row % 17) + 0.5).collect();
    let forest = forest(40, &columns, &target);
    let says = |tree: &Tree| {
        let mut values = vec![0.0; 50];
        tree.add_predictions(&columns[0], 1, &mut values);
        values
    };
    for (index, tree) in (0..).zip(&forest.trees) {
        let grown = drawn(50, 5, index);
        let repeats = |row: usize| (says(tree)[row] - target[row]).abs() < 1e-12;
        assert!((0..50).all(|row| repeats(row) || !grown[row]));
        assert!(!(0..50).all(repeats));
    }
    let (rows, means) = means(&forest, &columns, 5);
    assert_eq!(rows.len(), 50);
    for (row, mean) in rows.into_iter().zip(means) {
        let judges = (0..).zip(&forest.trees).filter(|(index, _)| !drawn(50, 5, *index)[row]);
        let said: Vec<f64> = judges.map(|(_, tree)| says(tree)[row]).collect();
        assert!((said.iter().sum::<f64>() / said.len() as f64 - mean).abs() < 1e-12);
    }
}

#[test]
fn a_row_that_every_tree_was_grown_on_is_left_out() {
    let columns = [(0_u8..20).map(f32::from).collect::<Vec<_>>()];
    let target: Vec<f64> = (0_u8..20).map(f64::from).collect();
    let (rows, means) = means(&forest(1, &columns, &target), &columns, 5);
    let left: Vec<usize> = (0..20).filter(|row| !drawn(20, 5, 0)[*row]).collect();
    assert_eq!((&rows, rows.len()), (&left, means.len()));
    assert!((1..20).contains(&rows.len()));
}
