//! What replicates tell: mean, spread, confidence, and whether a difference is more than noise.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::number;

/// The chance of taking noise for a difference, or of an interval that misses the mean.
const LEVEL: f64 = 0.05;

/// Some values of one quantity, in short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Number of values, at least 1.
    pub count: usize,
    /// Their mean.
    #[serde(with = "number::json")]
    pub mean: f64,
    /// Their standard deviation (with `count` - 1); `None` for one value and where one is not finite.
    pub deviation: Option<f64>,
    /// The lower end of the 95 % confidence interval of the mean (Student's t).
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
}

impl Summary {
    /// Summarises values, in their order; `None` when there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let deviation = (squares / (count as f64 - 1.0)).sqrt();
        let deviation = Some(deviation).filter(|deviation| count > 1 && deviation.is_finite());
        let half = deviation
            .map(|deviation| quantile(count as f64 - 1.0) * deviation / (count as f64).sqrt());
        Some(Self {
            count,
            mean,
            deviation,
            low: half.map(|half| mean - half),
            high: half.map(|half| mean + half),
        })
    }

    /// Half the width of the confidence interval.
    pub fn half(&self) -> Option<f64> {
        Some((self.high? - self.low?) / 2.0)
    }

    /// The mean with half its confidence interval where there is one, for people.
    pub fn for_people(&self) -> String {
        number::with_spread(self.mean, self.half())
    }
}

/// The two-sided 95 % quantile of Student's t.
fn quantile(freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| t.inverse_cdf(1.0 - LEVEL / 2.0))
}

/// Whether the difference between two means is more than noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// What is to be thought of it.
    pub verdict: Verdict,
    /// The chance of so large a difference from noise alone; `None` where the noise is not known.
    pub p: Option<f64>,
}

/// What is to be thought of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Noise alone would hardly give it.
    Beyond,
    /// Noise alone could give it.
    Inside,
    /// There is one value on each side.
    Unknown,
}

impl Noise {
    /// Judges a difference by Welch's t-test at 5 %; a single value is held against the prediction
    /// interval of the others.
    pub fn between(a: &Summary, b: &Summary) -> Self {
        let unknown = Self { verdict: Verdict::Unknown, p: None };
        let variance = |it: &Summary| it.deviation.map(|deviation| deviation * deviation);
        let (square, freedom) = match (variance(a), variance(b)) {
            (Some(va), Some(vb)) => {
                let (na, nb) = (a.count as f64, b.count as f64);
                let (sa, sb) = (va / na, vb / nb);
                let freedom = (sa + sb) * (sa + sb) / (sa * sa / (na - 1.0) + sb * sb / (nb - 1.0));
                (sa + sb, freedom)
            }
            (Some(v), None) if b.count == 1 => single(v, a.count),
            (None, Some(v)) if a.count == 1 => single(v, b.count),
            _ => return unknown,
        };
        let difference = (a.mean - b.mean).abs();
        if !difference.is_finite() {
            return unknown;
        }
        let p = if difference == 0.0 {
            1.0
        } else if square == 0.0 {
            0.0
        } else {
            match StudentsT::new(0.0, 1.0, freedom) {
                Ok(t) => 2.0 * t.sf(difference / square.sqrt()),
                Err(_) => return unknown,
            }
        };
        Self { verdict: if p < LEVEL { Verdict::Beyond } else { Verdict::Inside }, p: Some(p) }
    }

    /// The judgement in words.
    pub fn words(&self) -> String {
        let chance = match self.p {
            Some(p) if p < 0.001 => "p < 0.001".to_owned(),
            Some(p) => format!("p = {p:.3}"),
            None => String::new(),
        };
        match self.verdict {
            Verdict::Beyond => format!("beyond the noise ({chance})"),
            Verdict::Inside => format!("inside the noise ({chance})"),
            Verdict::Unknown => "one seed each: the noise is not known".into(),
        }
    }
}

/// The square of the standard error of one more value beside some others, and its freedom.
fn single(variance: f64, count: usize) -> (f64, f64) {
    (variance * (1.0 + 1.0 / count as f64), count as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-8 * b.abs().max(1.0)
    }

    /// The quantiles of the printed tables, to nine digits.
    #[test]
    fn quantiles_of_student() {
        for (freedom, quantile) in
            [(1.0, 12.706204736), (2.0, 4.302652730), (4.0, 2.776445105), (100.0, 1.983971519)]
        {
            assert!(close(super::quantile(freedom), quantile), "{freedom}");
        }
    }

    #[test]
    fn a_summary_by_hand() {
        let summary = Summary::of(&[1.0, 2.0, 3.0]).unwrap();
        assert!(close(summary.mean, 2.0) && close(summary.deviation.unwrap(), 1.0));
        assert!(close(summary.half().unwrap(), 4.302652730 / 3.0f64.sqrt()));
        let one = Summary::of(&[0.1]).unwrap();
        assert_eq!((one.mean, one.deviation, one.low), (0.1, None, None));
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[1.0, f64::INFINITY]).unwrap().deviation, None);
    }

    /// `scipy.stats.ttest_ind` with `equal_var=False` gives these p.
    #[test]
    fn welch_by_the_reference() {
        let of = |values: &[f64]| Summary::of(values).unwrap();
        let a = of(&[0.70, 0.72, 0.71, 0.73]);
        let b = of(&[0.74, 0.76, 0.75, 0.71, 0.77]);
        let noise = Noise::between(&a, &b);
        assert_eq!(noise.verdict, Verdict::Beyond);
        assert!(close(noise.p.unwrap(), 0.040_852_489_381), "{noise:?}");
        assert_eq!(noise.words(), "beyond the noise (p = 0.041)");
        let c = of(&[0.71, 0.76, 0.75, 0.70, 0.72]);
        assert!(close(Noise::between(&a, &c).p.unwrap(), 0.364_019_149_600));
    }

    #[test]
    fn what_cannot_be_known_is_said() {
        let of = |values: &[f64]| Summary::of(values).unwrap();
        let (one, two) = (of(&[1.0]), of(&[1.0, 1.0]));
        assert_eq!(Noise::between(&one, &of(&[2.0])).verdict, Verdict::Unknown);
        assert_eq!(Noise::between(&one, &two).verdict, Verdict::Inside);
        assert_eq!(Noise::between(&of(&[2.0, 2.0]), &two).verdict, Verdict::Beyond);
        assert_eq!(Noise::between(&of(&[f64::NAN, 1.0]), &two).verdict, Verdict::Unknown);
        assert_eq!(Noise::between(&of(&[1.4]), &of(&[1.0, 1.2, 1.1])).verdict, Verdict::Inside);
        assert_eq!(Noise::between(&of(&[9.0]), &of(&[1.0, 1.2, 1.1])).verdict, Verdict::Beyond);
    }
}
