//! Rounds of halving.

use super::*;
use crate::ledger::digest::Digest;
use crate::ledger::id::RunId;
use crate::ledger::spec::Method;
use proptest::prelude::*;

fn sweep(least: i64, most: i64, factor: i64) -> Sweep {
    Sweep {
        method: Method::Halving,
        params: Table::new(),
        samples: None,
        seed: None,
        metric: None,
        direction: None,
        resource: Some("r".into()),
        min_resource: Some(least),
        max_resource: Some(most),
        factor: Some(factor),
        batch: None,
    }
}

/// The rungs looked at, as resource and values of `x`, and how many follow.
fn walked(
    sweep: &Sweep,
    count: i64,
    cost: impl Fn(i64, i64) -> Option<f64>,
) -> (Vec<(i64, Vec<i64>)>, usize) {
    let candidates = (0..count).map(|x| Table::from_iter([("x".to_owned(), x.into())]));
    let mut rungs: Vec<(i64, Vec<i64>)> = Vec::new();
    let mut look = |points: &[Table]| {
        let number = |point: &Table, name: &str| point[name].as_integer().unwrap();
        let at = number(&points[0], "r");
        rungs.push((at, points.iter().map(|point| number(point, "x")).collect()));
        let looks = points.iter().map(|point| {
            let run = RunId::from_digest(&Digest::of(point.to_string().as_bytes()));
            Look { run, cost: cost(at, number(point, "x")) }
        });
        Ok::<_, ()>(looks.collect())
    };
    let following = walk(sweep, candidates.collect(), &mut look).unwrap();
    (rungs, following)
}

#[test]
fn resources_grow_by_the_factor_and_end_with_the_largest() {
    let of = |least, most, factor| resources(&sweep(least, most, factor));
    assert_eq!(of(10, 300, 3), [10, 30, 90, 300]);
    assert_eq!(of(10, 20, 3), [10, 20]);
    assert_eq!(of(10, 60, 3), [10, 30, 60]);
    assert_eq!(of(1, 27, 3), [1, 3, 9, 27]);
    assert_eq!(of(5, 5, 2), [5]);
    assert_eq!(of(1, i64::MAX, i64::MAX), [1, i64::MAX]);
}

#[test]
fn the_best_third_goes_on() {
    let cost = |_, x: i64| Some(((x - 4) * (x - 4)) as f64);
    let (rungs, following) = walked(&sweep(10, 300, 3), 9, cost);
    assert_eq!(following, 0);
    assert_eq!(rungs[1], (30, vec![3, 4, 5]));
    assert_eq!(rungs[2..], [(300, vec![4])], "the last one left goes to the end at once");
    let unknown = |at: i64, x: i64| (at < 30).then_some(x as f64);
    let (rungs, following) = walked(&sweep(10, 300, 3), 9, unknown);
    assert_eq!((rungs.len(), &rungs[1].1, following), (2, &vec![0, 1, 2], 1));
    assert_eq!(walked(&sweep(10, 300, 3), 9, |_, _| None).1, 3 + 1);
}

#[test]
fn failed_points_go_no_further_and_equals_go_on_in_order() {
    let failed = |_, x: i64| Some(if x < 7 { f64::INFINITY } else { 0.0 });
    assert_eq!(walked(&sweep(1, 9, 3), 9, failed).0[1].1, [7, 8]);
    assert_eq!(walked(&sweep(1, 9, 3), 9, |_, _| Some(1.0)).0[1].1, [0, 1, 2]);
    let (rungs, following) = walked(&sweep(1, 9, 3), 9, |_, _| Some(f64::INFINITY));
    assert_eq!((rungs.len(), following), (1, 0));
}

proptest! {
    /// Each rung holds one in `factor` of the one before, rounded up, the best of it; what was
    /// said to follow does; and the same results give the same points.
    #[test]
    fn halving_keeps_the_right_number(
        count in 1i64..40, factor in 2i64..5, most in 1i64..200, shuffle in 1i64..97,
    ) {
        let sweep = sweep(1, most, factor);
        let cost = |_, x: i64| Some((x * shuffle % 97) as f64);
        let (rungs, following) = walked(&sweep, count, cost);
        prop_assert_eq!(following, 0);
        for pair in rungs.windows(2) {
            let (before, after) = (&pair[0].1, &pair[1].1);
            prop_assert_eq!(after.len(), before.len().div_ceil(factor as usize));
            let value = |x: &i64| x * shuffle % 97;
            let worst = after.iter().map(value).max().unwrap();
            let left = before.iter().filter(|x| !after.contains(x)).map(value).min();
            prop_assert!(left.is_none_or(|left| left >= worst));
        }
        prop_assert_eq!(rungs.last().unwrap().0, most.max(1));
        let (_, said) = walked(&sweep, count, |_, _| None);
        let trained: usize = rungs[1..].iter().map(|(_, points)| points.len()).sum();
        prop_assert_eq!(said, if count == 1 { 0 } else { trained });
        prop_assert_eq!(walked(&sweep, count, cost), (rungs, 0));
    }
}
