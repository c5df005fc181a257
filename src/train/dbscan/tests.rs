//! DBSCAN on rows few enough to see their clusters, and beside linfa's.

use linfa::traits::Transformer;
use linfa_clustering::Dbscan;
use ndarray::Array2;
use proptest::prelude::*;

use super::super::trial::Trial;

const NAME: &str = "dbscan";

fn labels(trial: &Trial) -> Vec<f64> {
    trial.fitted().clusters.clone().unwrap()
}

/// Neighbours are at most 1 apart, that distance included; 3.5 reaches a core of each cluster and
/// belongs to the first.
#[test]
fn a_line_by_hand() {
    let x = [vec![5.5, 4.5, 5.0, 9.0, 2.5, 2.0, 1.5, 3.5]];
    let trial = Trial::of(NAME, "eps = 1\nmin_samples = 4", &x, &[]);
    assert_eq!(labels(&trial), [0.0, 0.0, 0.0, -1.0, 1.0, 1.0, 1.0, 0.0]);
    assert_eq!(trial.fitted().facts["core_rows"].as_integer(), Some(2));
    assert_eq!(trial.fitted().facts["noise_rows"].as_integer(), Some(1));
    let predictor = &trial.fitted().predictor;
    let found = predictor.predict(&[vec![3.5, 3.4, 3.6, 5.4, 0.4, 2.4]]).values;
    assert_eq!(found, [0.0, 1.0, 0.0, 0.0, -1.0, 1.0]);
}

#[test]
fn every_row_is_its_own_core_when_one_is_enough() {
    let x = [vec![7.0, 1.0, 1.5, 4.0]];
    let trial = Trial::of(NAME, "min_samples = 1", &x, &[]);
    assert_eq!(labels(&trial), [0.0, 1.0, 1.0, 2.0]);
}

#[test]
fn noise_alone_says_what_to_do() {
    let trial = Trial::of(NAME, "", &[vec![1.0, 2.0, 3.0]], &[]);
    assert_eq!(labels(&trial), [-1.0; 3]);
    assert!(
        trial.lines[0].starts_with("all rows are noise: none has 5 rows within 0.5; raise eps")
    );
    assert_eq!(trial.fitted().predictor.predict(&[vec![1.0]]).values, [-1.0]);
    let text = Trial::of(NAME, "", &[vec![-1e200]], &[]).fitted.err().unwrap().to_string();
    assert!(text.ends_with("'x0' holds -1e200, too large to be squared; rescale it"), "{text}");
}

#[test]
fn threads_do_not_change_a_label() {
    let column =
        |by: u32| (0..2000_u32).map(|row| f64::from(row * row * by % 1009) / 50.0).collect();
    let x: [Vec<f64>; 2] = [column(7), column(31)];
    let made: Vec<Vec<f64>> = (1..=3)
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| labels(&Trial::of(NAME, "eps = 1\nmin_samples = 3", &x, &[])))
        })
        .collect();
    assert!(made[0].iter().any(|label| *label > 1.0), "the rows have clusters");
    assert_eq!(made[0], made[1]);
    assert_eq!(made[0], made[2]);
}

proptest! {
    #[test]
    fn labels_are_linfas(
        cells in proptest::collection::vec(prop_oneof![0.0..4.0, Just(1.0)], 6..120),
        columns in 1_usize..4,
        eps in 0.05..1.5,
        min_samples in 2_usize..7,
    ) {
        let rows = cells.len() / columns;
        let table = Array2::from_shape_vec((rows, columns), cells[..rows * columns].to_vec()).unwrap();
        let expected = Dbscan::params(min_samples).tolerance(eps).transform(&table).unwrap();
        let expected: Vec<f64> =
            expected.iter().map(|it| it.map_or(-1.0, |cluster| cluster as f64)).collect();
        let features: Vec<Vec<f64>> =
            table.columns().into_iter().map(|column| column.to_vec()).collect();
        let params = format!("eps = {eps:?}\nmin_samples = {min_samples}");
        prop_assert_eq!(labels(&Trial::of(NAME, &params, &features, &[])), expected);
    }

    #[test]
    fn no_table_panics(
        cells in proptest::collection::vec(
            prop_oneof![Just(0.0), Just(1.0), Just(-1e140), Just(1e140), Just(1e-300), -9.0..9.0],
            1..24,
        ),
        columns in 1_usize..4,
        params in prop_oneof![
            Just(""), Just("eps = 1e300"), Just("eps = 1e-300"), Just("min_samples = 1"),
        ],
    ) {
        let rows = cells.len().div_ceil(columns);
        let cell = |at: usize| cells[at % cells.len()];
        let column = |at: usize| (0..rows).map(|row| cell(row * columns + at)).collect();
        let features: Vec<Vec<f64>> = (0..columns).map(column).collect();
        let trial = Trial::of(NAME, params, &features, &[]);
        let found = trial.fitted().predictor.predict(&features).values;
        prop_assert_eq!(found.len(), rows);
    }
}
