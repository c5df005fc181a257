//! How long work still takes: an estimate, by its own pace or by what came before.

use serde::Serialize;

/// Below this share of the work its pace says little.
const ENOUGH: f64 = 0.05;

/// An estimate of the time that is left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Seconds that are left; 0 for a run that has taken longer than those it is estimated by.
    pub seconds: f64,
    /// What it goes by.
    #[serde(flatten)]
    pub by: Basis,
}

/// What an estimate goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Basis {
    /// How fast it has come so far.
    Pace,
    /// The median time of earlier runs like it.
    Earlier {
        /// Their number.
        runs: usize,
    },
}

/// The time that is left of a run which has gone on for so many seconds, with the units of work done
/// and in all, and the seconds that earlier runs like it took; `None` when nothing is known.
pub fn left(elapsed: f64, progress: Option<(u64, u64)>, earlier: &[f64]) -> Option<Estimate> {
    let pace = progress.filter(|(done, total)| (1..=*total).contains(done)).map(|(done, total)| {
        let seconds = elapsed * (total - done) as f64 / done as f64;
        (done as f64 / total as f64, Estimate { seconds, by: Basis::Pace })
    });
    let by_earlier = || {
        let seconds = (median(earlier)? - elapsed).max(0.0);
        Some(Estimate { seconds, by: Basis::Earlier { runs: earlier.len() } })
    };
    match pace {
        Some((share, estimate)) if share >= ENOUGH => Some(estimate),
        Some((_, estimate)) => by_earlier().or(Some(estimate)),
        None => by_earlier(),
    }
}

/// The time until the last of several runs ends: those under way with the seconds each still takes,
/// and others that wait, which take the places of those that end. `earlier` are the seconds that runs
/// like the waiting ones took; `None` when nothing is known of one.
pub fn left_of_all(under_way: &[Option<f64>], waiting: usize, earlier: &[f64]) -> Option<Estimate> {
    let mut places: Vec<f64> = under_way.iter().copied().collect::<Option<_>>()?;
    let each = median(earlier);
    for _ in 0..waiting {
        let first = places.iter_mut().min_by(|a, b| a.total_cmp(b));
        match first {
            Some(first) => *first += each?,
            None => places.push(each?),
        }
    }
    let seconds = places.into_iter().max_by(f64::total_cmp)?;
    let by = if earlier.is_empty() { Basis::Pace } else { Basis::Earlier { runs: earlier.len() } };
    Some(Estimate { seconds, by })
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_pace_counts_once_there_is_one_and_earlier_runs_before() {
        let pace = |seconds| Some(Estimate { seconds, by: Basis::Pace });
        let earlier = |seconds| Some(Estimate { seconds, by: Basis::Earlier { runs: 3 } });
        let before = [9.0, 30.0, 10.0];
        assert_eq!(left(4.0, None, &[]), None);
        assert_eq!(left(4.0, None, &before), earlier(6.0));
        assert_eq!(left(40.0, None, &before), earlier(0.0));
        assert_eq!(left(4.0, Some((1, 4)), &before), pace(12.0));
        assert_eq!(left(4.0, Some((1, 100)), &before), earlier(6.0));
        assert_eq!(left(4.0, Some((1, 100)), &[]), pace(396.0));
        assert_eq!(left(4.0, Some((0, 4)), &[]), None);
        assert_eq!(left(4.0, Some((5, 4)), &[]), None, "nonsense is no pace");
    }

    #[test]
    fn runs_that_wait_take_the_places_of_those_that_end() {
        let all = |under_way: &[Option<f64>], waiting, earlier: &[f64]| {
            left_of_all(under_way, waiting, earlier).map(|it| it.seconds)
        };
        assert_eq!(all(&[Some(1.0), Some(5.0)], 0, &[]), Some(5.0));
        assert_eq!(all(&[Some(1.0), Some(5.0)], 2, &[3.0]), Some(7.0));
        assert_eq!(all(&[], 2, &[3.0]), Some(6.0));
        assert_eq!(all(&[Some(1.0), None], 0, &[3.0]), None);
        assert_eq!(all(&[Some(1.0)], 1, &[]), None);
        assert_eq!(all(&[], 0, &[3.0]), None, "nothing is left to estimate");
    }

    proptest! {
        #[test]
        fn an_estimate_is_never_negative(
            elapsed in 0.0..1e9,
            done in 0u64..100,
            total in 0u64..100,
            earlier in proptest::collection::vec(0.0..1e9, 0..5),
        ) {
            if let Some(estimate) = left(elapsed, Some((done, total)), &earlier) {
                prop_assert!(estimate.seconds >= 0.0 && estimate.seconds.is_finite());
            }
        }
    }
}
