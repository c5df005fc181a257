//! k-means on rows few enough to see their clusters.

use ndarray::array;
use proptest::prelude::*;

use super::super::estimator::Silent;
use super::super::trial::{Trial, near};
use super::lloyd::iterate;
use super::points::Points;

const NAME: &str = "k-means";

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Two groups of three, with means 1 and 11 and squares of 2 each.
#[test]
fn two_groups_by_hand() {
    let x = [vec![0.0, 10.0, 1.0, 11.0, 2.0, 12.0]];
    for init in ["k-means++", "random"] {
        let trial = Trial::of(NAME, &format!("n_clusters = 2\ninit = '{init}'"), &x, &[]);
        let fitted = trial.fitted();
        let centroids = fitted.predictor.centroids().unwrap().concat();
        near(&sorted(centroids.clone()), &[1.0, 11.0], 1e-15);
        near(&[fitted.facts["inertia"].as_float().unwrap()], &[4.0], 1e-15);
        assert_eq!(fitted.facts["converged"].as_bool(), Some(true));
        let low = if centroids[0] < 5.0 { 0.0 } else { 1.0 };
        let clusters = fitted.predictor.predict(&[vec![-9.0, 99.0]]).values;
        assert_eq!(clusters, [low, 1.0 - low]);
    }
}

/// Both centroids start on one row: the second gets no row of its own and takes the farthest.
#[test]
fn a_cluster_without_rows_takes_the_farthest() {
    let points = Points::new(&[vec![0.0, 1.0, 2.0, 33.0]]);
    near(&points.means, &[9.0], 1e-15);
    let end = iterate(&points, array![[-9.0], [-9.0]], 300, 0.0, &Silent).unwrap();
    near(&sorted(end.centroids.into_raw_vec_and_offset().0), &[-8.0, 24.0], 1e-12);
    near(&[end.inertia], &[2.0], 1e-12);
}

#[test]
fn too_many_clusters_are_an_error_and_equal_rows_are_told() {
    let x = [vec![1.0, 1.0, 4.0]];
    let error = Trial::of(NAME, "", &x, &[]).fitted.err().unwrap().to_string();
    assert!(error.ends_with("n_clusters is 8, more than its 3 training rows; lower it"), "{error}");
    let trial = Trial::of(NAME, "n_clusters = 3", &x, &[]);
    let text = "only 2 of 3 clusters have rows: there are too few different rows";
    assert_eq!(trial.lines, [text]);
    assert_eq!(trial.fitted().facts["clusters"].as_integer(), Some(2));
    let error = Trial::of(NAME, "n_clusters = 1", &[vec![1e200]], &[]).fitted.err().unwrap();
    assert!(error.to_string().ends_with("'x0' holds 1e200, too large to be squared; rescale it"));
}

#[test]
fn too_few_steps_are_told() {
    let x = [(0..99).map(|row| f64::from(row * row)).collect::<Vec<_>>()];
    let trial = Trial::of(NAME, "max_iter = 2", &x, &[]);
    assert_eq!(trial.lines, ["not converged after 2 steps; raise max_iter"]);
}

#[test]
fn threads_do_not_change_a_bit() {
    let column = |by: u32| (0..3000_u32).map(|row| f64::from(row * by % 997)).collect();
    let x: [Vec<f64>; 3] = [column(7), column(31), column(113)];
    let made: Vec<Vec<Vec<f64>>> = (1..=3)
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let trial = pool.install(|| Trial::of(NAME, "max_iter = 20", &x, &[]));
            trial.fitted().predictor.centroids().unwrap().to_vec()
        })
        .collect();
    assert_eq!(made[0], made[1]);
    assert_eq!(made[0], made[2]);
}

fn cells() -> impl Strategy<Value = Vec<f64>> {
    let cell =
        prop_oneof![Just(0.0), Just(1.0), Just(1e-300), Just(-1e140), Just(1e140), -9.0..9.0];
    proptest::collection::vec(cell, 1..24)
}

proptest! {
    #[test]
    fn no_table_panics(
        cells in cells(),
        columns in 1_usize..4,
        clusters in 1_usize..6,
        params in prop_oneof![Just(""), Just("tol = 0"), Just("init = 'random'"), Just("tol = 1e300")],
    ) {
        let rows = cells.len().div_ceil(columns);
        let cell = |at: usize| cells[at % cells.len()];
        let column = |at: usize| (0..rows).map(|row| cell(row * columns + at)).collect();
        let features: Vec<Vec<f64>> = (0..columns).map(column).collect();
        let params = format!("n_clusters = {clusters}\n{params}");
        if let Ok(fitted) = Trial::of(NAME, &params, &features, &[]).fitted {
            let answer = fitted.predictor.predict(&features);
            prop_assert!(answer.values.iter().all(|at| (0.0..clusters as f64).contains(at)));
        }
    }

    /// At the end each centroid is the mean of the rows that are nearest to it.
    #[test]
    fn centroids_are_the_means_of_their_rows(
        x in proptest::collection::vec(-9.0..9.0, 6..30),
        clusters in 1_usize..6,
    ) {
        let params = format!("n_clusters = {clusters}\ntol = 0");
        let trial = Trial::of(NAME, &params, std::slice::from_ref(&x), &[]);
        let predictor = &trial.fitted().predictor;
        let found = predictor.predict(std::slice::from_ref(&x)).values;
        for (cluster, centroid) in predictor.centroids().unwrap().iter().enumerate() {
            let own = x.iter().zip(&found).filter(|(_, it)| **it as usize == cluster);
            let own: Vec<f64> = own.map(|(value, _)| *value).collect();
            if !own.is_empty() {
                near(&[own.iter().sum::<f64>() / own.len() as f64], centroid, 1e-9);
            }
        }
    }
}
