//! Kept neighbours, read and damaged.

use proptest::prelude::*;

use super::*;

fn body(change: impl Fn(&mut NeighborsV1)) -> Vec<u8> {
    let mut stored = NeighborsV1 {
        n_neighbors: 1,
        by_distance: true,
        metric: MetricV1::Minkowski(3.0),
        rows: vec![0.0, 0.0, 4.0, 4.0],
        target: TargetV1::Classes(vec![0, 1]),
    };
    change(&mut stored);
    encode(&stored).unwrap()
}

#[test]
fn only_models_that_can_answer_are_read() {
    let good = body(|_| ());
    let model = open(&good, 2, 2).unwrap();
    assert_eq!(model.predict(&[vec![1.0, 3.0], vec![0.0, 5.0]]).values, [0.0, 1.0]);
    assert_eq!(model.body().unwrap(), good);

    assert!(open(&good, 1, 2).is_err() && open(&good, 0, 2).is_err());
    assert!(open(&good, 2, 1).is_err() && open(&good, 2, 0).is_err());
    for bad in [
        body(|stored| stored.n_neighbors = 0),
        body(|stored| stored.n_neighbors = 3),
        body(|stored| stored.metric = MetricV1::Minkowski(0.0)),
        body(|stored| stored.metric = MetricV1::Minkowski(f64::NAN)),
        body(|stored| stored.rows[3] = f64::INFINITY),
        body(|stored| stored.rows.truncate(3)),
        body(|stored| stored.target = TargetV1::Numbers(vec![1.0, 2.0])),
        body(|stored| stored.target = TargetV1::Classes(vec![])),
    ] {
        assert!(open(&bad, 2, 2).is_err());
    }
}

proptest! {
    #[test]
    fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..80)) {
        for classes in [0, 2] {
            if let Ok(model) = open(&bytes, 2, classes) {
                model.predict(&[vec![0.0, 9.0], vec![1.0, -9.0]]);
            }
        }
    }
}
