//! The result digest: what two attempts of a run must agree in to be called the same result.

use super::digest::Digest;
use super::metric::MetricPoint;

/// The context of the digest. A change of what it covers needs a new one.
const CONTEXT: &str = "fairledger result v1";

/// Digests metric points in file order and artifacts by path; never times, log or host.
///
/// Each point is `m`, its name (length as eight big-endian bytes, then UTF-8), its step and the bits of
/// its value; each artifact is `a`, its path below `artifacts/` likewise and its digest. Every NaN counts
/// as one value.
pub fn result_digest<'a>(
    points: &[MetricPoint],
    artifacts: impl IntoIterator<Item = (&'a str, Digest)>,
) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    for point in points {
        let value = if point.value.is_nan() { f64::NAN } else { point.value };
        text(&mut hasher, b"m", &point.name);
        hasher.update(&point.step.to_be_bytes());
        hasher.update(&value.to_bits().to_be_bytes());
    }
    let mut artifacts: Vec<_> = artifacts.into_iter().collect();
    artifacts.sort_unstable();
    for (path, digest) in artifacts {
        text(&mut hasher, b"a", path);
        hasher.update(digest.as_bytes());
    }
    Digest::from_bytes(*hasher.finalize().as_bytes())
}

/// The points of a program in the order in which they are digested: by name, each name's as they came.
///
/// What a program prints and what it appends to its file of metrics are read side by side, so the
/// order between names is one of chance.
pub fn by_name(points: &[MetricPoint]) -> Vec<MetricPoint> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.name.cmp(&b.name));
    points
}

fn text(hasher: &mut blake3::Hasher, tag: &[u8], text: &str) {
    hasher.update(tag);
    hasher.update(&(text.len() as u64).to_be_bytes());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::time::Timestamp;

    fn point(name: &str, value: f64, step: u64, time: i64) -> MetricPoint {
        MetricPoint { name: name.into(), value, step, time: Timestamp::from_microseconds(time) }
    }

    #[test]
    fn the_digest_is_pinned() {
        let digest =
            result_digest(&[point("r2", 0.75, 0, 1)], [("model.forest", Digest::of(b"abc"))]);
        assert_eq!(
            digest.to_string(),
            "4217eb49bb8e6a7190d6c2c56269cbefe137901c86cc6f73b403fb6022228f0d"
        );
    }

    #[test]
    fn the_order_between_the_names_of_a_program_does_not_count() {
        let points = [point("loss", 2.0, 0, 1), point("r2", 0.5, 0, 2), point("loss", 1.0, 1, 3)];
        let [first, second, third] = points.clone();
        let digest = |points: &[MetricPoint]| result_digest(&by_name(points), []);
        assert_eq!(digest(&points), digest(&[second.clone(), first.clone(), third.clone()]));
        assert_ne!(digest(&points), digest(&[third, second, first]));
    }

    #[test]
    fn it_covers_names_values_steps_and_artifacts_but_no_times() {
        let base = || vec![point("a", 1.0, 0, 5), point("b", 2.0, 1, 6)];
        let files = [("x", Digest::of(b"1")), ("y", Digest::of(b"2"))];
        let digest = result_digest(&base(), files);
        assert_eq!(digest, result_digest(&[point("a", 1.0, 0, 7), point("b", 2.0, 1, 8)], files));
        assert_eq!(digest, result_digest(&base(), [files[1], files[0]]));
        for other in [
            [point("a", 1.5, 0, 5), point("b", 2.0, 1, 6)],
            [point("a", 1.0, 1, 5), point("b", 2.0, 1, 6)],
            [point("b", 2.0, 1, 6), point("a", 1.0, 0, 5)],
        ] {
            assert_ne!(digest, result_digest(&other, files));
        }
        assert_ne!(digest, result_digest(&base(), [files[0]]));
        assert_ne!(digest, result_digest(&base(), [files[0], ("y", Digest::of(b"3"))]));
    }
}
