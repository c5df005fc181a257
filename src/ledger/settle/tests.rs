//! When a saved file is whole.

use super::*;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Steps of (time, size or absence, closed) and the verdict after each.
fn check(name: &str, steps: &[(u64, Option<u64>, bool, Verdict)]) {
    let mut settle = Settle::default();
    for (step, (now, size, closed, expected)) in steps.iter().enumerate() {
        let stamp = size.map(|size| FileStamp { size, modified: 1, changed: 1, inode: 1 });
        assert_eq!(settle.observe(ms(*now), stamp, *closed), *expected, "{name}, step {step}");
    }
}

#[test]
fn saves_as_editors_make_them() {
    use Verdict::{Gone, Ready, Wait};
    check(
        "one write, no close seen",
        &[
            (0, Some(9), false, Wait(ms(250))),
            (100, Some(9), false, Wait(ms(150))),
            (250, Some(9), false, Ready),
            (260, Some(9), true, Ready),
        ],
    );
    check(
        "two chunks",
        &[
            (0, Some(5), false, Wait(ms(250))),
            (47, Some(9), false, Wait(ms(250))),
            (48, Some(9), true, Wait(ms(50))),
            (98, Some(9), false, Ready),
        ],
    );
    check(
        "closed twice",
        &[
            (0, Some(9), true, Wait(ms(50))),
            (40, Some(9), true, Wait(ms(50))),
            (60, Some(9), false, Wait(ms(30))),
            (90, Some(9), false, Ready),
        ],
    );
    check(
        "safe write with a moment of absence",
        &[
            (0, None, false, Wait(ms(1000))),
            (14, Some(9), true, Wait(ms(50))),
            (64, Some(9), false, Ready),
        ],
    );
    check(
        "deleted",
        &[
            (0, None, false, Wait(ms(1000))),
            (999, None, false, Wait(ms(1))),
            (1000, None, false, Gone),
            (5000, Some(9), true, Wait(ms(50))),
        ],
    );
    check(
        "changed after it was read",
        &[
            (0, Some(9), true, Wait(ms(50))),
            (50, Some(9), false, Ready),
            (9000, Some(8), false, Wait(ms(250))),
        ],
    );
}

#[test]
fn a_file_that_never_keeps_still_is_mentioned_once() {
    use Verdict::{Ready, StillWriting, Wait};
    let mut steps: Vec<_> = (0..20).map(|n| (n * 100, Some(n), false, Wait(ms(250)))).collect();
    steps.push((2000, Some(20), false, StillWriting(ms(250))));
    steps.push((2100, Some(21), false, Wait(ms(250))));
    steps.push((2350, Some(21), false, Ready));
    steps.push((9000, Some(22), false, Wait(ms(250))));
    check("slow", &steps);
}

#[test]
fn a_clock_that_goes_back_does_not_panic() {
    let stamp = Some(FileStamp { size: 1, modified: 1, changed: 1, inode: 1 });
    let mut settle = Settle::default();
    settle.observe(ms(500), stamp, false);
    assert_eq!(settle.observe(ms(0), stamp, false), Verdict::Wait(ms(250)));
}
