//! Axes: round bounds, round ticks, labels a person can read.

use std::ops::Range;

use crate::ledger::time::Timestamp;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Seconds between the ticks of a time axis.
const TIME_STEPS: [f64; 23] = [
    1.0,
    5.0,
    15.0,
    60.0,
    300.0,
    900.0,
    1800.0,
    3600.0,
    3.0 * 3600.0,
    6.0 * 3600.0,
    12.0 * 3600.0,
    DAY,
    2.0 * DAY,
    5.0 * DAY,
    7.0 * DAY,
    14.0 * DAY,
    30.0 * DAY,
    60.0 * DAY,
    91.0 * DAY,
    182.0 * DAY,
    365.0 * DAY,
    1826.0 * DAY,
    18_262.0 * DAY,
];

/// One axis: its ends, where its ticks are and what they say.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
    logarithmic: bool,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        start + (f64::from(end - start) * self.share(*value)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(at, _)| *at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(at, _)| at.to_bits() == value.to_bits());
        tick.map_or_else(String::new, |(_, label)| label.clone())
    }
}

impl Axis {
    /// An axis that holds all values, with about `count` ticks; `None` when there is no finite value
    /// or the span is beyond the numbers.
    pub(in super::super) fn over(
        values: impl IntoIterator<Item = f64>,
        count: usize,
    ) -> Option<Self> {
        Self::with_step(values, count, 0.0)
    }

    /// An axis from 0 to 1, for shares.
    pub(in super::super) fn share_axis() -> Self {
        let ticks =
            [(0.0, "0"), (0.2, "0.2"), (0.4, "0.4"), (0.6, "0.6"), (0.8, "0.8"), (1.0, "1")];
        let ticks = ticks.map(|(at, label)| (at, label.to_owned())).to_vec();
        Self { low: 0.0, high: 1.0, ticks, logarithmic: false }
    }

    /// An axis for whole numbers, such as counts: no tick lies between two of them.
    pub(in super::super) fn whole(
        values: impl IntoIterator<Item = f64>,
        count: usize,
    ) -> Option<Self> {
        Self::with_step(values, count, 1.0)
    }

    fn with_step(values: impl IntoIterator<Item = f64>, count: usize, floor: f64) -> Option<Self> {
        let (low, high) = ends(values)?;
        let (low, high) = widen(low, high);
        let step = round_step(((high - low) / count as f64).max(floor))?;
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        if !(first.abs() < 1e15 && last.abs() < 1e15) {
            return None;
        }
        let ticks = (0..=(last - first) as usize)
            .map(|index| (first + index as f64) * step)
            .map(|at| (at, tick_label(at, step)))
            .collect();
        Some(Self { low: first * step, high: last * step, ticks, logarithmic: false })
    }

    /// An axis for params: logarithmic when all values are positive and span two decades or more.
    pub(in super::super) fn for_param(values: &[f64], count: usize) -> Option<Self> {
        let (low, high) = ends(values.iter().copied())?;
        if low <= 0.0 || high / low < 100.0 {
            let whole = values.iter().all(|value| value.fract() == 0.0);
            return Self::with_step(values.iter().copied(), count, f64::from(u8::from(whole)));
        }
        let (first, last) = (low.log10().floor(), high.log10().ceil());
        let every = (((last - first) / count as f64).ceil() as usize).max(1);
        let ticks = (0..=(last - first) as usize)
            .step_by(every)
            .map(|index| first as i32 + index as i32)
            .map(|decade| (10f64.powi(decade), decade_label(decade)))
            .collect();
        let (low, high) = (10f64.powf(first), 10f64.powf(last));
        Some(Self { low, high, ticks, logarithmic: true })
    }

    /// An axis for instants in microseconds since 1970, with the time of day (UTC) or the date at its
    /// ticks; `None` when there is no value.
    pub(in super::super) fn time(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (low, high) = ends(values)?;
        let (low, high) = if high > low { (low, high) } else { (low - 1e6, high + 1e6) };
        let step =
            TIME_STEPS.iter().map(|seconds| seconds * 1e6).find(|step| high - low <= 4.0 * step)?;
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let label = |at: f64| {
            let time = Timestamp::from_microseconds(at as i64);
            match step / 1e6 {
                step if step < 60.0 => time.to_string()[11..19].to_owned(),
                step if step < DAY => time.minute()[11..16].to_owned(),
                _ => time.minute()[5..10].to_owned(),
            }
        };
        let years = step >= 300.0 * DAY * 1e6;
        let ticks = (0..=(last - first) as usize)
            .map(|index| (first + index as f64) * step)
            .map(|at| {
                let year = || Timestamp::from_microseconds(at as i64).minute()[..7].to_owned();
                (at, if years { year() } else { label(at) })
            })
            .collect();
        Some(Self { low: first * step, high: last * step, ticks, logarithmic: false })
    }

    /// Where a value lies between the ends, from 0 to 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        let place = |value: f64| if self.logarithmic { value.log10() } else { value };
        (place(value) - place(self.low)) / (place(self.high) - place(self.low))
    }

    /// The value at a share of the way between the ends.
    pub(in super::super) fn value(&self, share: f64) -> f64 {
        if self.logarithmic {
            return 10f64.powf(self.low.log10() + share * (self.high / self.low).log10());
        }
        self.low + share * (self.high - self.low)
    }

    /// The labels of the ticks, in order.
    pub(super) fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.ticks.iter().map(|(_, label)| label.as_str())
    }

    /// The note to put behind the name of the axis.
    pub(in super::super) fn note(&self) -> &'static str {
        if self.logarithmic { " (log)" } else { "" }
    }
}

/// The smallest and the largest finite value.
fn ends(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |ends, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}

/// Gives the ends some room, so that no mark lies on the frame; zero stays an end.
fn widen(low: f64, high: f64) -> (f64, f64) {
    let room = if high > low {
        (high - low) * 0.03
    } else if low == 0.0 {
        1.0
    } else {
        low.abs() * 0.05
    };
    let below = if low >= 0.0 { (low - room).max(0.0) } else { low - room };
    let above = if high <= 0.0 { (high + room).min(0.0) } else { high + room };
    if above > below { (below, above) } else { (low - room, high + room) }
}

/// The smallest of 1, 2 and 5 times a power of ten that is no less than `least`.
fn round_step(least: f64) -> Option<f64> {
    if !(least.is_finite() && least > f64::MIN_POSITIVE * 1e15) {
        return None;
    }
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].iter().map(|times| times * power).find(|step| *step >= least * 0.999_999)
}

/// A tick's label: as many decimals as the step needs, thousands as `k`, millions as `M`.
fn tick_label(at: f64, step: f64) -> String {
    let at = if at.abs() < step * 1e-6 { 0.0 } else { at };
    let (unit, suffix) = match step {
        step if !(1e-6..1e12).contains(&step) => {
            return if at == 0.0 { "0".into() } else { format!("{at:.1e}").replace(".0e", "e") };
        }
        step if step >= 1e9 => (1e9, "G"),
        step if step >= 1e6 => (1e6, "M"),
        step if step >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    if at == 0.0 {
        return "0".into();
    }
    let decimals = (-(step / unit).log10() - 1e-9).ceil().max(0.0) as usize;
    format!("{:.decimals$}{suffix}", at / unit).replace('-', "−")
}

fn decade_label(decade: i32) -> String {
    if (-3..=4).contains(&decade) {
        let decimals = usize::try_from(-decade).unwrap_or(0);
        format!("{:.decimals$}", 10f64.powi(decade))
    } else {
        format!("1e{decade}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[f64]) -> Vec<String> {
        let axis = Axis::over(values.iter().copied(), 5).unwrap();
        axis.labels().map(str::to_owned).collect()
    }

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        assert_eq!(labels(&[0.742, 0.795]), ["0.74", "0.76", "0.78", "0.80"]);
        assert_eq!(labels(&[48_940.7, 54_887.8]), ["48k", "50k", "52k", "54k", "56k"]);
        assert_eq!(labels(&[-3.0, 4.0, f64::NAN]), ["−4", "−2", "0", "2", "4", "6"]);
        assert_eq!(labels(&[5.0]).first().map(String::as_str), Some("4.7"));
    }

    #[test]
    fn times_have_the_ticks_of_a_clock_or_a_calendar() {
        let axis = |from: &str, to: &str| {
            let at = |text: &str| text.parse::<Timestamp>().unwrap().microseconds() as f64;
            let axis = Axis::time([at(from), at(to)]).unwrap();
            axis.labels().map(str::to_owned).collect::<Vec<_>>()
        };
        let hours = axis("2026-11-16T08:12:00Z", "2026-11-16T11:20:00Z");
        assert_eq!(hours, ["08:00", "09:00", "10:00", "11:00", "12:00"]);
        let days = axis("2026-11-16T08:12:00Z", "2026-11-19T11:20:00Z");
        assert_eq!(days, ["11-16", "11-17", "11-18", "11-19", "11-20"]);
        assert!(axis("2026-11-16T08:12:00Z", "2026-11-16T08:12:00Z").len() < 4);
        assert!(Axis::time([]).is_none());
    }

    #[test]
    fn impossible_spans_have_no_axis() {
        for values in [vec![], vec![f64::NAN], vec![f64::MIN, f64::MAX], vec![1e300, 1e300 + 1.0]] {
            let axis = Axis::over(values.iter().copied(), 5);
            assert!(axis.is_none_or(|axis| axis.low < axis.high && axis.ticks.len() < 30));
        }
    }

    #[test]
    fn wide_positive_params_are_logarithmic() {
        let axis = Axis::for_param(&[0.001, 0.1, 1.0], 5).unwrap();
        assert_eq!(axis.labels().collect::<Vec<_>>(), ["0.001", "0.01", "0.1", "1"]);
        assert!((axis.share(0.01) - 1.0 / 3.0).abs() < 1e-12);
        assert!((axis.value(1.0 / 3.0) - 0.01).abs() < 1e-12);
        assert_eq!(Axis::for_param(&[100.0, 300.0], 5).unwrap().note(), "");
    }
}
