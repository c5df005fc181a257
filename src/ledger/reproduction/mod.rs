//! Whether a run that was executed again gave what was sealed.
//!
//! On the target of the attempt every byte counts. On another one numbers may differ by a share of
//! 1e-9, in metrics and in text, and a binary file that differs is named but not held against the run.

mod content;

use std::collections::BTreeMap;

use serde::Serialize;

use super::digest::Digest;
use super::id::{AttemptId, RunId};
use super::metric::MetricPoint;
use super::number;
use super::outcome::NewArtifact;
use super::time::Timestamp;
use content::{are_close, difference, is_close, texts};

pub use content::{ByteDifference, LineDifference};

/// How much numbers may differ across targets, as a share of the larger one.
pub const TOLERANCE: f64 = 1e-9;

/// A run that was executed again. Its JSON is what `reproduce --json` prints; fields are added, never
/// renamed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reproduced {
    /// The run.
    pub id: RunId,
    /// Its label.
    pub label: String,
    /// The attempt it was compared with.
    pub attempt: AttemptId,
    /// The attempt's directory in the ledger.
    pub directory: String,
    /// When the attempt ended.
    pub ended: Timestamp,
    /// The target the attempt was executed on.
    pub target: String,
    /// The target it was executed on now; byte equality is promised within one.
    pub target_now: String,
    /// The data file it was executed on now.
    pub data: String,
    /// The result digest of the attempt.
    pub result: Option<Digest>,
    /// The result digest now.
    pub result_now: Digest,
    /// What the comparison found.
    #[serde(flatten)]
    pub comparison: Reproduction,
}

/// A comparison of two results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reproduction {
    /// Whether nothing differs.
    pub same: bool,
    /// How much numbers may differ; 0 where every byte counts.
    pub tolerance: f64,
    /// Number of metric points that were sealed or made now, whichever are more.
    pub points: usize,
    /// Number of those that differ.
    pub points_differing: usize,
    /// The first metric point that differs.
    pub first_point: Option<PointDifference>,
    /// The artifacts of both, by path.
    pub artifacts: Vec<ArtifactComparison>,
}

/// A metric point that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointDifference {
    /// Its place among the points, from 1.
    pub number: usize,
    /// As it was sealed; `None` when there were fewer points.
    pub sealed: Option<Point>,
    /// As it is now; `None` when there are fewer points.
    pub now: Option<Point>,
}

/// A metric point without its time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The metric.
    pub name: String,
    /// The step.
    pub step: u64,
    /// The value; NaN and infinities by name.
    #[serde(with = "number::json")]
    pub value: f64,
}

/// An artifact that was sealed, made now, or both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArtifactComparison {
    /// Its path below `artifacts/`.
    pub path: String,
    /// What the comparison found.
    pub outcome: ArtifactOutcome,
    /// How the sealed file is kept here.
    pub stored: Stored,
    /// The first difference, where both contents are known.
    pub first: Option<ByteDifference>,
}

/// What the comparison of an artifact found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactOutcome {
    /// The same bytes, or digest where the sealed file cannot be read.
    Same,
    /// Numbers differ by no more than the tolerance.
    Close,
    /// Another binary content on another target, where the same is not promised.
    NotPromised,
    /// Another content.
    Differs,
    /// It was sealed and is not made now.
    OnlySealed,
    /// It is made now and was not sealed.
    OnlyNow,
}

/// How a sealed file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stored {
    /// It is here as it was sealed.
    Present,
    /// It is not in this copy of the ledger; its digest is known.
    Absent,
    /// It is here, but not as it was sealed; its digest is known.
    Damaged,
    /// It was never sealed.
    Never,
}

/// An artifact as it was sealed.
#[derive(Clone, Debug)]
pub struct SealedArtifact {
    /// Its path below `artifacts/`.
    pub path: String,
    /// The digest it was sealed with.
    pub blake3: Digest,
    /// How it is kept.
    pub stored: Stored,
    /// Its content, where it is present.
    pub bytes: Option<Vec<u8>>,
}

/// Compares what was sealed with what an execution gave now. Points are compared in their order.
pub fn compare(
    sealed: (&[MetricPoint], Vec<SealedArtifact>),
    now: (&[MetricPoint], &[NewArtifact]),
    tolerance: f64,
) -> Reproduction {
    let ((sealed_points, sealed), (points, made)) = (sealed, now);
    let count = sealed_points.len().max(points.len());
    let differing: Vec<usize> = (0..count)
        .filter(|at| match (sealed_points.get(*at), points.get(*at)) {
            (Some(a), Some(b)) => {
                (&a.name, a.step) != (&b.name, b.step) || !is_close(a.value, b.value, tolerance)
            }
            _ => true,
        })
        .collect();
    let mut artifacts: BTreeMap<String, ArtifactComparison> = BTreeMap::new();
    for sealed in sealed {
        let new = made.iter().find(|new| new.path == sealed.path);
        artifacts.insert(sealed.path.clone(), compare_artifact(sealed, new, tolerance));
    }
    for new in made {
        artifacts.entry(new.path.clone()).or_insert_with(|| ArtifactComparison {
            path: new.path.clone(),
            outcome: ArtifactOutcome::OnlyNow,
            stored: Stored::Never,
            first: None,
        });
    }
    let artifacts: Vec<ArtifactComparison> = artifacts.into_values().collect();
    Reproduction {
        same: differing.is_empty() && artifacts.iter().all(|artifact| artifact.outcome.is_good()),
        tolerance,
        points: count,
        points_differing: differing.len(),
        first_point: differing.first().map(|at| PointDifference {
            number: at + 1,
            sealed: sealed_points.get(*at).map(Point::of),
            now: points.get(*at).map(Point::of),
        }),
        artifacts,
    }
}

fn compare_artifact(
    sealed: SealedArtifact,
    new: Option<&NewArtifact>,
    tolerance: f64,
) -> ArtifactComparison {
    let SealedArtifact { path, blake3, stored, bytes } = sealed;
    let mut first = None;
    let outcome = match (new, bytes) {
        (None, _) => ArtifactOutcome::OnlySealed,
        (Some(new), _) if Digest::of(&new.bytes) == blake3 => ArtifactOutcome::Same,
        (Some(new), Some(bytes)) => {
            first = Some(difference(&bytes, &new.bytes));
            match texts(&bytes, &new.bytes) {
                Some((a, b)) if tolerance > 0.0 && are_close(a, b, tolerance) => {
                    ArtifactOutcome::Close
                }
                None if tolerance > 0.0 => ArtifactOutcome::NotPromised,
                _ => ArtifactOutcome::Differs,
            }
        }
        // Without its content nobody can tell whether it is text that is close.
        (Some(_), None) if tolerance > 0.0 => ArtifactOutcome::NotPromised,
        (Some(_), None) => ArtifactOutcome::Differs,
    };
    ArtifactComparison { path, outcome, stored, first }
}

impl ArtifactOutcome {
    /// Whether it speaks for the same result.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Same | Self::Close | Self::NotPromised)
    }
}

impl Point {
    fn of(point: &MetricPoint) -> Self {
        Self { name: point.name.clone(), step: point.step, value: point.value }
    }
}

#[cfg(test)]
mod tests {
    use super::super::time::Timestamp;
    use super::*;

    fn point(name: &str, value: f64, step: u64) -> MetricPoint {
        MetricPoint {
            name: name.into(),
            value,
            step,
            time: Timestamp::from_microseconds(step as i64),
        }
    }

    fn made(path: &str, bytes: &[u8]) -> NewArtifact {
        NewArtifact { path: path.into(), bytes: bytes.into() }
    }

    fn sealed(path: &str, bytes: &[u8]) -> SealedArtifact {
        let bytes = bytes.to_vec();
        SealedArtifact {
            path: path.into(),
            blake3: Digest::of(&bytes),
            stored: Stored::Present,
            bytes: Some(bytes),
        }
    }

    fn absent(path: &str, bytes: &[u8]) -> SealedArtifact {
        SealedArtifact { stored: Stored::Absent, bytes: None, ..sealed(path, bytes) }
    }

    fn outcomes(
        before: Vec<SealedArtifact>,
        now: &[NewArtifact],
        tolerance: f64,
    ) -> Vec<ArtifactOutcome> {
        let compared = compare((&[], before), (&[], now), tolerance);
        let outcomes: Vec<_> = compared.artifacts.iter().map(|artifact| artifact.outcome).collect();
        assert_eq!(compared.same, outcomes.iter().all(|outcome| outcome.is_good()));
        outcomes
    }

    #[test]
    fn the_first_point_that_differs_is_named() {
        let before = [point("r2", 0.5, 0), point("loss", f64::NAN, 1), point("loss", 1.0, 2)];
        let with = |at: usize, point: MetricPoint| {
            let mut now = before.to_vec();
            now[at] = point;
            compare((&before, Vec::new()), (&now, &[]), 0.0)
        };
        assert!(with(0, point("r2", 0.5, 0)).same, "times do not count");
        for (at, other) in [
            (0, point("r2", 0.5_f64.next_up(), 0)),
            (1, point("loss", 0.0, 1)),
            (2, point("loss", 1.0, 3)),
            (2, point("less", 1.0, 2)),
        ] {
            let compared = with(at, other.clone());
            let first = compared.first_point.unwrap();
            assert_eq!(
                (compared.same, compared.points_differing, first.number),
                (false, 1, at + 1)
            );
            assert_eq!(first.now, Some(Point::of(&other)));
        }
        let fewer = compare((&before, Vec::new()), (&before[..2], &[]), 0.0);
        assert_eq!((fewer.points, fewer.first_point.unwrap().now), (3, None));
        let far = [point("r2", 0.5 + 1e-11, 0), point("loss", f64::NAN, 1), point("loss", 1.0, 2)];
        assert!(!compare((&before, Vec::new()), (&far, &[]), 0.0).same);
        assert!(compare((&before, Vec::new()), (&far, &[]), TOLERANCE).same);
    }

    #[test]
    fn absent_and_damaged_files_are_compared_by_digest() {
        use ArtifactOutcome::{Differs, NotPromised, OnlyNow, OnlySealed, Same};
        let new = [made("a", b"1"), made("b", b"2"), made("d", b"4")];
        let before = || vec![absent("a", b"1"), absent("b", b"3"), sealed("c", b"3")];
        assert_eq!(outcomes(before(), &new, 0.0), [Same, Differs, OnlySealed, OnlyNow]);
        assert_eq!(outcomes(before(), &new, TOLERANCE), [Same, NotPromised, OnlySealed, OnlyNow]);
    }

    #[test]
    fn across_targets_numbers_in_text_may_differ_a_little() {
        use ArtifactOutcome::{Close, Differs, NotPromised};
        let of = |before: &[u8], now: &[u8]| {
            outcomes(vec![sealed("a", before)], &[made("a", now)], TOLERANCE)[0]
        };
        assert_eq!(of(b"a,b\n1,0.1\n", b"a,b\n1,0.10000000000000002\n"), Close);
        assert_eq!(of(b"{\"x\": 1e-5}", b"{\"x\": 1.0000000000001e-05}"), Close);
        assert_eq!(of(b"a,b\n1,0.1\n", b"a,b\n1,0.1001\n"), Differs);
        assert_eq!(of(b"a,b\n1,0.1\n", b"a,c\n1,0.1\n"), Differs);
        assert_eq!(of(b"1,2", b"1;2"), Differs);
        assert_eq!(of(b"1,2", b"1,2,3"), Differs);
        assert_eq!(of(b"\x001", b"\x002"), NotPromised);
    }
}
