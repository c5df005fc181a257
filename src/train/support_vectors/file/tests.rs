//! Kept support vectors, read and damaged.

use proptest::prelude::*;

use super::*;

fn body(change: impl Fn(&mut SupportVectorsV1)) -> Vec<u8> {
    let mut stored = SupportVectorsV1 {
        kernel: KernelV1::Linear,
        support: vec![vec![1.0, -1.0], vec![0.0, 2.0]],
        machines: vec![MachineV1 { intercept: 0.5, terms: vec![(0, 2.0), (1, -1.0)] }],
        present: vec![0, 2],
    };
    change(&mut stored);
    encode(&stored).unwrap()
}

#[test]
fn only_models_that_can_answer_are_read() {
    // f(x) = 2 x₁ − (−x₁ + 2 x₂) + ½ decides between the classes 0 and 2.
    let good = body(|_| ());
    let model = open(&good, 2, 3).unwrap();
    assert_eq!(model.predict(&[vec![1.0, 1.0], vec![1.0, 2.0]]).values, [0.0, 2.0]);
    assert_eq!(model.body().unwrap(), good);
    let number = body(|stored| stored.present.clear());
    assert_eq!(open(&number, 2, 0).unwrap().predict(&[vec![1.0], vec![1.0]]).values, [1.5]);

    for (features, classes) in [(0, 3), (1, 3), (2, 2), (2, 0)] {
        assert!(open(&good, features, classes).is_err());
    }
    assert!(open(&number, 2, 3).is_err());
    for bad in [
        body(|stored| stored.support[1].truncate(1)),
        body(|stored| stored.machines[0].terms[1].0 = 2),
        body(|stored| stored.machines.clear()),
        body(|stored| stored.present = vec![2, 0]),
        body(|stored| stored.present = vec![0, 1, 2]),
    ] {
        assert!(open(&bad, 2, 3).is_err());
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
