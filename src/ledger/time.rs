//! Instants as values. Floor 1 never reads the clock: a caller passes the time in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An instant in UTC, written as RFC 3339 with a final `Z` and at most microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Builds an instant from microseconds since 1970; the far ends of the range are clamped.
    pub fn from_microseconds(microseconds: i64) -> Self {
        Self(jiff::Timestamp::from_microsecond(microseconds).unwrap_or({
            if microseconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX }
        }))
    }

    /// Microseconds since 1970.
    pub fn microseconds(&self) -> i64 {
        self.0.as_microsecond()
    }

    /// The instant of a date or date-time in text: `2026-11-16`, `2026-11-16 08:41`,
    /// `2026-11-16T08:41:00Z`. Without an offset it is meant in the time zone (an IANA name; UTC where
    /// that is unknown), a date from its first moment. `None` when the text is neither.
    pub fn of_date(text: &str, time_zone: &str) -> Option<Self> {
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Self(instant));
        }
        let time: jiff::civil::DateTime = text.trim().parse().ok()?;
        let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        zone.to_timestamp(time).ok().map(Self)
    }

    /// The last instant of a date in a time zone; `None` when the text is no date alone.
    pub fn end_of_day(text: &str, time_zone: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.trim().parse().ok()?;
        // A date-time reads as a date, too.
        if date.to_string() != text.trim() {
            return None;
        }
        let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let next =
            zone.to_timestamp(date.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight()));
        Some(Self::from_microseconds(next.ok()?.as_microsecond() - 1))
    }

    /// The date so many days before another, as `2026-11-16`; `None` when the text is no date alone.
    pub fn date_before(date: &str, days: i64) -> Option<String> {
        let date: jiff::civil::Date = date.trim().parse().ok()?;
        Some(date.checked_sub(jiff::Span::new().try_days(days).ok()?).ok()?.to_string())
    }

    /// The days from the Monday of its week to a date; `None` when the text is no date alone.
    pub fn days_since_monday(date: &str) -> Option<i64> {
        let date: jiff::civil::Date = date.trim().parse().ok()?;
        Some(i64::from(date.weekday().to_monday_zero_offset()))
    }

    /// Milliseconds since 1970, zero for earlier instants: the time part of an attempt id.
    pub fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.as_millisecond()).unwrap_or(0)
    }

    /// The date in a time zone (an IANA name; UTC where that is unknown), as `2026-11-16`.
    pub fn date(&self, time_zone: &str) -> String {
        let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        zone.to_datetime(self.0).date().to_string()
    }

    /// The instant to the millisecond with a numeric offset, `2026-11-23T08:41:00.123+00:00`: the only form of
    /// ISO 8601 that every reader of run crates takes.
    pub fn with_offset(&self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
    }

    /// The instant to the minute, for people: `2026-11-23 08:41 UTC`.
    pub fn minute(&self) -> String {
        self.0.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

/// Nanoseconds since 1970 of an offset date-time in RFC 3339 form.
pub(crate) fn nanoseconds_of(text: &str) -> Result<i128, jiff::Error> {
    text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_nanosecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let time = Timestamp::from_microseconds(1_795_000_000_123_456);
        assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        assert_eq!(time.minute(), "2026-11-18 11:06 UTC");
        assert_eq!(time.with_offset(), "2026-11-18T11:06:40.123+00:00");
    }

    #[test]
    fn dates_begin_in_their_time_zone() {
        let of = |text, zone| Timestamp::of_date(text, zone).map(|time| time.to_string());
        assert_eq!(of("2026-11-16", "UTC").unwrap(), "2026-11-16T00:00:00Z");
        assert_eq!(of("2026-11-16", "Asia/Seoul").unwrap(), "2026-11-15T15:00:00Z");
        assert_eq!(of("2026-11-16 08:41", "Europe/Berlin").unwrap(), "2026-11-16T07:41:00Z");
        assert_eq!(of("2026-11-16T08:41:00+01:00", "Asia/Seoul").unwrap(), "2026-11-16T07:41:00Z");
        assert_eq!(of("2026-11-16", "Middle/Earth"), of("2026-11-16", "UTC"));
        assert_eq!(of("yesterday", "UTC"), None);
        let end = |text| Timestamp::end_of_day(text, "Asia/Seoul").map(|time| time.to_string());
        assert_eq!(end("2026-11-16").unwrap(), "2026-11-16T14:59:59.999999Z");
        assert_eq!(end("2026-11-16 08:41"), None);
    }

    #[test]
    fn an_offset_is_only_notation() {
        let utc = nanoseconds_of("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(nanoseconds_of("2026-01-01T01:00:00.000+01:00").unwrap(), utc);
    }
}
