//! Whose result an attempt is: a mark that only this user's key makes, so that none is forged.

use super::digest::Digest;
use super::id::{AttemptId, RunId};

/// What a user's marks are made with; it never leaves the user's settings.
pub type Key = [u8; 32];

/// The mark of a result: BLAKE3 keyed with the user's key, over run, attempt and result digest.
pub fn mark(key: &Key, run: RunId, attempt: AttemptId, result: Digest) -> Digest {
    let text = format!("fairledger origin v1\n{run}\n{attempt}\n{result}\n");
    Digest::from_bytes(*blake3::keyed_hash(key, text.as_bytes()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_user_and_one_result() {
        let run: RunId = "00112233445566778899aabbccddeeff".parse().unwrap();
        let (one, two) = (AttemptId::new(1, 1), AttemptId::new(1, 2));
        let own = mark(&[1; 32], run, one, Digest::of(b"r"));
        assert_eq!(own, mark(&[1; 32], run, one, Digest::of(b"r")));
        for other in [
            mark(&[2; 32], run, one, Digest::of(b"r")),
            mark(&[1; 32], run, two, Digest::of(b"r")),
            mark(&[1; 32], run, one, Digest::of(b"s")),
        ] {
            assert_ne!(own, other);
        }
    }
}
