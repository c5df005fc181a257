//! The exponential function, the same on every machine and for several values at once.
//!
//! What a system's own function returns differs in the last bit between its versions and
//! processors, and one such bit can send a solver another way.

/// log₂ e.
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// ln 2 as the sum of a part whose last bits are zero, so that multiples are exact, and a rest.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Adding it rounds to a whole number, which then stands in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Beyond it a power of e is no normal number.
const END: f64 = 708.0;

/// Taylor's series up to r¹³, cut where the rest is below 2⁻⁵⁷ for |r| ≤ ln 2 / 2. The even terms, then
/// the odd ones, each from the highest down: two chains that a processor follows at once.
const EVEN: [f64; 7] =
    [1.0 / 479_001_600.0, 1.0 / 3_628_800.0, 1.0 / 40_320.0, 1.0 / 720.0, 1.0 / 24.0, 0.5, 1.0];
const ODD: [f64; 7] = [
    1.0 / 6_227_020_800.0,
    1.0 / 39_916_800.0,
    1.0 / 362_880.0,
    1.0 / 5_040.0,
    1.0 / 120.0,
    1.0 / 6.0,
    1.0,
];

/// eˣ to the last bit or two; 0 below −708 and for NaN, e⁷⁰⁸ above 708.
#[inline]
pub(super) fn exponential(x: f64) -> f64 {
    let inside = if x < END { x } else { END };
    let shifted = inside * LOG2_E + ROUND;
    let power = shifted - ROUND;
    let rest = (inside - power * LN_2_HIGH) - power * LN_2_LOW;
    let square = rest * rest;
    let even = EVEN.iter().fold(0.0, |sum, term| sum * square + term);
    let odd = ODD.iter().fold(0.0, |sum, term| sum * square + term);
    let series = even + rest * odd;
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    if x >= -END { series * scale } else { 0.0 }
}

/// tanh x, with an error of about 10⁻¹⁶.
#[inline]
pub(super) fn hyperbolic_tangent(x: f64) -> f64 {
    let inside = if x < 20.0 { x } else { 20.0 };
    let square = exponential(2.0 * inside);
    (square - 1.0) / (square + 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn the_ends_are_exact() {
        assert_eq!(exponential(0.0), 1.0);
        assert_eq!(exponential(-0.0), 1.0);
        assert_eq!([exponential(-708.1), exponential(-1e308), exponential(f64::NAN)], [0.0; 3]);
        assert_eq!(exponential(1e9), exponential(708.0));
        assert!(exponential(708.0).is_finite() && exponential(-708.0) > 0.0);
        assert_eq!([hyperbolic_tangent(1e300), hyperbolic_tangent(-1e300)], [1.0, -1.0]);
        assert_eq!(hyperbolic_tangent(0.0), 0.0);
    }

    proptest! {
        #[test]
        fn it_is_the_systems_function_to_two_bits(x in -708.0..708.0) {
            prop_assert!((exponential(x) / x.exp() - 1.0).abs() <= 2.0 * f64::EPSILON);
        }

        #[test]
        fn the_tangent_too(x in -30.0..30.0_f64) {
            prop_assert!((hyperbolic_tangent(x) - x.tanh()).abs() <= 4.0 * f64::EPSILON);
        }
    }
}
