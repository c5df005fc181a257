//! Kept stages, read and damaged.

use proptest::prelude::*;

use super::*;

/// One feature: 1 and one stage that adds 2 where x is above 0.5.
const NUMBER: &[u8] = &[
    0, 1, 1, 0, 0, 0, 0, 0, 0, 240, 63, 1, 1, 3, 1, 0, 0, 1, 0, 0, 0, 63, 2, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 64,
];

fn class(present: &[u32], outputs: usize) -> Vec<u8> {
    let stages = StagesV1 {
        features: 1,
        initial: vec![0.5; outputs],
        trees: (0..outputs).map(|_| Vec::new()).collect(),
    };
    encode(&BoostingV1::Classification { stages, present: present.to_vec() }).unwrap()
}

#[test]
fn format_1_is_read_and_written() {
    let model = open(NUMBER, 1, 0).unwrap();
    assert_eq!(model.predict(&[vec![0.0, 1.0]]).values, [1.0, 3.0]);
    assert_eq!(model.body().unwrap(), NUMBER);
    assert!(open(NUMBER, 2, 0).is_err());
}

#[test]
fn absent_classes_have_no_probability() {
    let of = |present: &[u32], outputs| {
        let answer = open(&class(present, outputs), 1, 4).unwrap().predict(&[vec![0.0]]);
        answer.scores.unwrap().by_class.concat()
    };
    assert_eq!(of(&[2], 0), [0.0, 0.0, 1.0, 0.0]);
    let half = 1.0 / (1.0 + (-0.5_f64).exp());
    assert_eq!(of(&[1, 3], 1), [0.0, 1.0 - half, 0.0, half]);
    assert_eq!(of(&[0, 1, 3], 3), [1.0 / 3.0, 1.0 / 3.0, 0.0, 1.0 / 3.0]);
}

#[test]
fn what_does_not_fit_is_an_error() {
    for (present, outputs) in
        [(vec![], 0), (vec![4], 0), (vec![1, 1], 1), (vec![2, 1], 1), (vec![1, 2], 2), (vec![1], 1)]
    {
        assert!(open(&class(&present, outputs), 1, 4).is_err(), "{present:?} {outputs}");
    }
}

proptest! {
    #[test]
    fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..80)) {
        if let Ok(model) = open(&bytes, 1, 2) {
            model.predict(&[vec![0.0, 9.0]]);
        }
    }
}
