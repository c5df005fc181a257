//! The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kégl, 2011): points are
//! drawn where the better results so far lie denser than the others.
//!
//! Each param is estimated by itself, a range in the measure it is drawn in, a list as categories.

use std::convert::Infallible;

use rand_core::TryRng;
use toml::{Table, Value};
use tpe::density_estimation::DefaultEstimatorBuilder;
use tpe::{TpeOptimizer, TpeOptimizerBuilder};

use super::draw::Draw;
use super::{Walk, drawn};
use crate::ledger::spec::{ChoiceRange, Sweep};

/// Points that are drawn at random before any estimate.
const FIRST: usize = 10;

/// More points than this are refused: choosing the next takes longer the more there are.
pub(super) const MOST: usize = 1000;

/// Points that are trained before the next ones are chosen, unless a spec says otherwise.
const BATCH: i64 = 4;

/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

/// Looks at each point that the results so far decide; gives how many follow.
///
/// A batch is chosen as a whole from the results of all before it, so the points do not depend on how
/// many are trained side by side. More samples keep the earlier points.
///
/// # Errors
/// What looking at a point gives.
pub(super) fn walk<E>(
    sweep: &Sweep,
    with: &dyn Fn(Table) -> Table,
    look: &mut Walk<'_, E>,
) -> Result<usize, E> {
    let count = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
    let samples = count(sweep.samples).unwrap_or(0);
    let batch = count(sweep.batch.or(Some(BATCH))).unwrap_or(1).max(1);
    let mut history: Vec<(Table, f64)> = Vec::new();
    while history.len() < samples {
        let place = history.len();
        let end = if place < FIRST { FIRST } else { place + batch }.min(samples);
        let points: Vec<Table> = if place < FIRST {
            (place..end).map(|point| drawn(sweep, point)).collect()
        } else {
            next(sweep, &history, place..end)
        };
        let whole: Vec<Table> = points.iter().cloned().map(with).collect();
        let costs: Vec<Option<f64>> = look(&whole)?.into_iter().map(|it| it.cost).collect();
        if costs.iter().any(Option::is_none) {
            return Ok(samples - end);
        }
        history.extend(points.into_iter().zip(costs.into_iter().flatten()));
    }
    Ok(0)
}

/// Chooses the points at some places from the results before them.
fn next(sweep: &Sweep, history: &[(Table, f64)], places: std::ops::Range<usize>) -> Vec<Table> {
    let mut points: Vec<Table> = places.clone().map(|place| drawn(sweep, place)).collect();
    for (name, values) in &sweep.params {
        let Some(mut estimate) = Estimate::of(values) else { continue };
        for (point, cost) in history {
            if let Some(value) = point.get(name) {
                estimate.tell(value, *cost);
            }
        }
        for (point, place) in points.iter_mut().zip(places.clone()) {
            let stream = Draw::of(sweep.seed.unwrap_or(0), place, name);
            point.insert(name.clone(), estimate.ask(stream));
        }
    }
    points
}

/// The densities of one param.
struct Estimate<'a> {
    scale: Scale<'a>,
    optimizer: TpeOptimizer<DefaultEstimatorBuilder>,
}

/// How the values of a param are numbers to the estimator.
enum Scale<'a> {
    /// Places in a list, from 0.
    List(&'a [Value]),
    /// Shares of the way through a range, below 1.
    Range(ChoiceRange),
}

impl<'a> Estimate<'a> {
    fn of(values: &'a Value) -> Option<Self> {
        let builder = TpeOptimizerBuilder::new();
        let (scale, optimizer) = if let Some(list) = values.as_array() {
            let range = tpe::categorical_range(list.len()).ok()?;
            (Scale::List(list), builder.build(tpe::histogram_estimator(), range))
        } else {
            let range = tpe::range(0.0, 1.0).ok()?;
            let choice = ChoiceRange::read(values)?;
            (Scale::Range(choice), builder.build(tpe::parzen_estimator(), range))
        };
        Some(Self { scale, optimizer: optimizer.ok()? })
    }

    /// Takes note of a result, smaller better; one that is infinite counts as the worst.
    fn tell(&mut self, value: &Value, cost: f64) {
        let place = match &self.scale {
            Scale::List(list) => list.iter().position(|item| item == value).map(|at| at as f64),
            Scale::Range(range) => Some(range.share(value).min(BELOW_ONE)),
        };
        if let Some(place) = place {
            // The place is within the bounds and the cost a number, so nothing is refused.
            drop(self.optimizer.tell(place, cost));
        }
    }

    /// The most promising of some values drawn.
    fn ask(&mut self, stream: Draw) -> Value {
        let Ok(place) = self.optimizer.ask(&mut Stream(stream));
        match &self.scale {
            Scale::List(list) => list[(place as usize).min(list.len() - 1)].clone(),
            Scale::Range(range) => range.at(place),
        }
    }
}

/// Our numbers as the generator that the estimator draws from.
struct Stream(Draw);

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.0.bits().to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Look;
    use super::*;
    use crate::ledger::digest::Digest;
    use crate::ledger::id::RunId;
    use crate::ledger::spec::Method;
    use proptest::prelude::*;

    fn sweep(samples: usize, seed: i64, params: &str) -> Sweep {
        Sweep {
            method: Method::Tpe,
            params: params.parse().unwrap(),
            samples: Some(samples as i64),
            seed: Some(seed),
            metric: None,
            direction: None,
            resource: None,
            min_resource: None,
            max_resource: None,
            factor: None,
            batch: None,
        }
    }

    /// The points looked at, and how many follow.
    fn walked(sweep: &Sweep, cost: impl Fn(&Table) -> Option<f64>) -> (Vec<Table>, usize) {
        let mut seen = Vec::new();
        let mut look = |points: &[Table]| {
            seen.extend_from_slice(points);
            let run = RunId::from_digest(&Digest::of(b"any"));
            Ok::<_, ()>(points.iter().map(|point| Look { run, cost: cost(point) }).collect())
        };
        let following = walk(sweep, &|own| own, &mut look).unwrap();
        (seen, following)
    }

    const SPACE: &str = "alpha = { low = 1e-4, high = 1e4, log = true }\n\
                         trees = { low = 1, high = 200, integer = true }\nkind = ['a', 'b', 'c']";

    /// Smallest, 0, at alpha 1, 50 trees and kind b.
    fn bowl(point: &Table) -> f64 {
        let alpha = point["alpha"].as_float().unwrap().log10();
        let trees = (point["trees"].as_integer().unwrap() - 50) as f64 / 50.0;
        let kind = if point["kind"].as_str() == Some("b") { 0.0 } else { 1.0 };
        alpha * alpha + trees * trees + kind
    }

    #[test]
    fn batches_follow_the_first_points() {
        let sweep = sweep(20, 0, SPACE);
        let (points, following) = walked(&sweep, |_| None);
        assert_eq!((points.len(), following), (10, 10));
        let first = points.clone();
        let known = |point: &Table| first.contains(point).then(|| bowl(point));
        let (points, following) = walked(&sweep, known);
        assert_eq!((points.len(), following), (14, 6));
        assert_eq!(walked(&sweep, |point| Some(bowl(point))).1, 0);
    }

    /// Points of existing sweeps must never move: a change here means another estimator.
    #[test]
    fn the_points_after_a_history_are_fixed() {
        let (points, _) = walked(&sweep(13, 7, SPACE), |point| Some(bowl(point)));
        let text: Vec<_> = points[10..].iter().map(|p| p.to_string().replace('\n', " ")).collect();
        assert_eq!(
            text,
            [
                "alpha = 0.063464 kind = \"b\" trees = 54 ",
                "alpha = 0.0231878 kind = \"b\" trees = 46 ",
                "alpha = 0.0260754 kind = \"b\" trees = 50 ",
            ]
        );
    }

    #[test]
    fn it_finds_better_points_than_chance() {
        let mean = |points: &[Table]| points.iter().map(bowl).sum::<f64>() / points.len() as f64;
        for seed in 0..4 {
            let sweep = sweep(60, seed, SPACE);
            let (points, _) = walked(&sweep, |point| Some(bowl(point)));
            let chance: Vec<Table> = (0..60).map(|place| drawn(&sweep, place)).collect();
            assert!(mean(&points[40..]) < mean(&chance) / 2.0, "seed {seed}");
        }
    }

    #[test]
    fn failed_points_are_avoided_and_stop_nothing() {
        let sweep = sweep(60, 3, "alpha = { low = 0, high = 1 }");
        let alpha = |point: &Table| point["alpha"].as_float().unwrap();
        let cost = |point: &Table| Some(if alpha(point) < 0.5 { f64::INFINITY } else { 1.0 });
        let (points, _) = walked(&sweep, cost);
        let failed = |points: &[Table]| points.iter().filter(|point| alpha(point) < 0.5).count();
        assert!(failed(&points[40..]) < 5, "{}", failed(&points[40..]));
        assert_eq!(walked(&sweep, |_| Some(f64::INFINITY)).0.len(), 60);
        assert_eq!(walked(&sweep, |_| Some(f64::NEG_INFINITY)).0.len(), 60);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// The same history gives the same points, more samples keep them, and all are in range.
        #[test]
        fn points_hang_on_the_history_alone(seed: i64, few in 1usize..25, more in 0usize..9) {
            let (narrow, _) = walked(&sweep(few, seed, SPACE), |point| Some(bowl(point)));
            let (wide, _) = walked(&sweep(few + more, seed, SPACE), |point| Some(bowl(point)));
            prop_assert_eq!(&wide[..few], &narrow[..]);
            for point in &wide {
                let alpha = point["alpha"].as_float().unwrap();
                prop_assert!((1e-4..=1e4).contains(&alpha));
                prop_assert!((1..=200).contains(&point["trees"].as_integer().unwrap()));
            }
        }
    }
}
