//! Dates and times as ISO 8601, whose texts sort by time.

use std::fmt::Write as _;

const DAY: i64 = 86_400;

/// The day of 1970-01-01 in the count of Julian days.
const EPOCH: i64 = 2_440_588;

/// Appends the date of a day since 1970, such as `2026-11-23`.
pub(super) fn date(days: i64, text: &mut String) {
    let (year, month, day) = civil(days);
    let sign = if year > 9999 { "+" } else { "" };
    // Writing to a string cannot fail.
    let _ = write!(text, "{sign}{year:04}-{month:02}-{day:02}");
}

/// Appends a time of day in so many parts of a second, such as `10:00:00.5`.
pub(super) fn time(value: i64, parts: i64, text: &mut String) {
    let seconds = value.div_euclid(parts);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let _ = write!(text, "{hour:02}:{minute:02}:{second:02}");
    let part = value.rem_euclid(parts);
    if part > 0 {
        let width = parts.ilog10() as usize;
        let digits = format!("{part:0width$}");
        let _ = write!(text, ".{}", digits.trim_end_matches('0'));
    }
}

/// Appends a point in time in so many parts of a second since 1970, such as `2026-11-23T10:00:00`.
pub(super) fn timestamp(value: i64, parts: i64, text: &mut String) {
    let day = DAY * parts;
    date(value.div_euclid(day), text);
    text.push('T');
    time(value.rem_euclid(day), parts, text);
}

/// Appends a point in time as older programs write it: nanoseconds of the day in two words, the lower
/// first, and the Julian day.
pub(super) fn int96(words: &[u32], text: &mut String) {
    let [low, high, day] = words else { return };
    let nanoseconds = (u64::from(*high) << 32 | u64::from(*low)) as i64;
    let in_day = DAY * 1_000_000_000;
    date(i64::from(*day) - EPOCH + nanoseconds.div_euclid(in_day), text);
    text.push('T');
    time(nanoseconds.rem_euclid(in_day), 1_000_000_000, text);
}

/// Year, month and day of a day since 1970 in the Gregorian calendar (Hinnant, "chrono-compatible
/// low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    // From 0000-03-01 on, so that the leap day ends a year.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut String)) -> String {
        let mut text = String::new();
        write(&mut text);
        text
    }

    #[test]
    fn days_are_dates() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (20_780, "2026-11-23"),
            (-719_468, "0000-03-01"),
            (2_932_897, "+10000-01-01"),
        ] {
            assert_eq!(written(|text| date(days, text)), expected);
        }
        for extreme in [i64::from(i32::MIN), i64::from(i32::MAX)] {
            assert!(!written(|text| date(extreme, text)).is_empty());
        }
    }

    #[test]
    fn parts_of_a_second_are_shown_where_there_are_any() {
        assert_eq!(written(|text| timestamp(1_500, 1_000, text)), "1970-01-01T00:00:01.5");
        assert_eq!(written(|text| timestamp(-1, 1_000_000, text)), "1969-12-31T23:59:59.999999");
        assert_eq!(written(|text| timestamp(0, 1_000, text)), "1970-01-01T00:00:00");
        assert_eq!(written(|text| time(36_000_000, 1_000, text)), "10:00:00");
        let words = [1_000_000_000, 0, 2_440_589];
        assert_eq!(written(|text| int96(&words, text)), "1970-01-02T00:00:01");
        for extreme in [i64::MIN, i64::MAX] {
            for parts in [1_000, 1_000_000, 1_000_000_000] {
                assert!(!written(|text| timestamp(extreme, parts, text)).is_empty());
                assert!(!written(|text| time(extreme, parts, text)).is_empty());
            }
        }
        assert!(!written(|text| int96(&[u32::MAX; 3], text)).is_empty());
    }
}
