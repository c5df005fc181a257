//! Machines on few rows, by hand and by the conditions of optimality.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::super::estimator::{Answer, Predictor, Sample, Silent};
use super::super::params::Params;
use super::kernel::Kernel;
use super::points::Points;
use super::progress::Progress;
use super::solve::{Problem, Settings, Solution, solve};
use super::*;
use crate::ledger::outcome::Reporter;

fn fit_told(
    estimator: &dyn Estimator,
    params: &str,
    features: Vec<Vec<f64>>,
    target: &[f64],
    reporter: &dyn Reporter,
) -> Result<Box<dyn Predictor>, TrainError> {
    let table = params.parse().unwrap();
    let params = Params::check(estimator.declaration(), &table)?;
    let names: Vec<String> = (0..features.len()).map(|at| format!("x{at}")).collect();
    let sample = Sample { features, target: target.to_vec() };
    let (names, sample, params) = (&names[..], &sample, &params);
    let work = Work { names, sample, classes: 3, params, seed: 0, reporter };
    estimator.fit(&work).map(|fitted| fitted.predictor)
}

fn fit(
    estimator: &dyn Estimator,
    params: &str,
    features: Vec<Vec<f64>>,
    target: &[f64],
) -> Result<Box<dyn Predictor>, TrainError> {
    fit_told(estimator, params, features, target, &Silent)
}

fn near(found: &[f64], expected: &[f64]) {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6;
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(close), "{found:?}");
}

const SETTINGS: Settings =
    Settings { tol: 1e-10, max_iter: 100_000, shrinking: true, cache: 1 << 20 };

fn solved(problem: &Problem, settings: Settings) -> Solution {
    solve(problem, settings, &Progress::new(&Silent, 1)).unwrap()
}

#[test]
fn two_points_have_their_margin_between_them() {
    let problem = Problem {
        kernel: Kernel::Linear,
        points: Arc::new(Points::new(vec![vec![0.0, 2.0]])),
        target: vec![1.0, -1.0],
        low: vec![0.0, -10.0],
        high: vec![10.0, 0.0],
        epsilon: 0.0,
    };
    // f(x) = 1 − x.
    let solution = solved(&problem, SETTINGS);
    near(&solution.coefficients, &[0.5, -0.5]);
    near(&[solution.intercept], &[1.0]);
    // With C = 0.1 both stay at the bound, f(x) = 0.2 − 0.2 x by the middle of what is allowed.
    let bounded = Problem { low: vec![0.0, -0.1], high: vec![0.1, 0.0], ..problem };
    let solution = solved(&bounded, SETTINGS);
    near(&solution.coefficients, &[0.1, -0.1]);
    near(&[solution.intercept], &[0.2]);
    assert!(solution.converged && solution.iterations == 1);
}

#[test]
fn a_line_leaves_epsilon_at_its_ends() {
    let features = || vec![vec![0.0, 1.0]];
    let params = "kernel = 'linear'\ntol = 1e-10";
    let model = fit(&SupportVectorRegressor, params, features(), &[0.0, 1.0]).unwrap();
    near(&model.predict(&[vec![0.0, 1.0, 2.0]]).values, &[0.1, 0.9, 1.7]);
    let params = "kernel = 'linear'\nepsilon = 0\nC = 0.25\ntol = 1e-10";
    let model = fit(&SupportVectorRegressor, params, features(), &[0.0, 1.0]).unwrap();
    near(&model.predict(&[vec![0.0, 1.0]]).values, &[0.375, 0.625]);
    let model = fit(&SupportVectorRegressor, "", features(), &[7.0, 7.0]).unwrap();
    near(&model.predict(&[vec![-1e9, 5.0]]).values, &[7.0, 7.0]);
}

#[test]
fn three_classes_vote_one_against_one() {
    let features = vec![vec![0.0, 0.2, 2.0, 2.2, 1.0, 1.2], vec![0.0, 0.1, 0.0, 0.1, 3.0, 3.1]];
    let target = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0];
    for kernel in ["linear", "rbf", "poly"] {
        let params = format!("kernel = '{kernel}'\nC = 100");
        let model = fit(&SupportVectorClassifier, &params, features.clone(), &target).unwrap();
        let Answer { values, scores } = model.predict(&features);
        assert_eq!(values, target, "{kernel}");
        let scores = scores.unwrap();
        assert!(!scores.probabilities);
        assert!(scores.by_class[2][4] > 2.0 && scores.by_class[0][4] < 1.5);
    }
}

#[test]
fn odd_tables_have_answers_or_say_why() {
    let one = fit(&SupportVectorClassifier, "", vec![vec![1.0, 2.0]], &[2.0, 2.0]).unwrap();
    assert_eq!(one.predict(&[vec![0.0, 1e300]]).values, [2.0, 2.0]);
    let row = fit(&SupportVectorRegressor, "", vec![vec![1.0]], &[5.0]).unwrap();
    near(&row.predict(&[vec![1.0]]).values, &[5.0]);
    let constant = vec![vec![3.0; 4]];
    let model = fit(&SupportVectorClassifier, "", constant.clone(), &[0.0, 1.0, 1.0, 1.0]).unwrap();
    assert_eq!(model.predict(&[vec![3.0]]).values, [1.0]);
    assert!(fit(&SupportVectorRegressor, "", constant, &[1.0, 2.0, 3.0, 9.0]).is_ok());

    let huge = vec![vec![1e200, -1e200]];
    let text = fit(&SupportVectorRegressor, "", huge, &[0.0, 1.0]).err().unwrap().to_string();
    assert!(
        text.ends_with("its kernel overflows: 'x0' reaches 1e200; rescale the columns"),
        "{text}"
    );
    let steep = "kernel = 'poly'\ndegree = 4000000000\ngamma = 1";
    let text = fit(&SupportVectorClassifier, steep, vec![vec![2.0, 1.0]], &[0.0, 1.0]);
    assert!(text.err().unwrap().to_string().contains("its kernel overflows: 'x0' reaches 2e0"));
    let far = fit(&SupportVectorRegressor, "C = 1e308", vec![vec![1.0, 2.0]], &[1e308, -1e308]);
    assert!(far.is_ok_and(|model| model.predict(&[vec![1.5]]).values[0].is_finite()));
}

/// Counts what it is told; says "stop" once asked.
#[derive(Default)]
struct Told {
    lines: AtomicUsize,
    stop: bool,
    furthest: AtomicUsize,
}

impl Reporter for Told {
    fn metric(&self, _name: &str, _value: f64, _step: u64) {}
    fn line(&self, text: &str) {
        assert!(text.starts_with("1 of 1 machines not converged"), "{text}");
        self.lines.fetch_add(1, Ordering::Relaxed);
    }
    fn progress(&self, done: u64, total: u64) {
        assert!(done <= total && total == 1000);
        self.furthest.fetch_max(done as usize, Ordering::Relaxed);
    }
    fn cancelled(&self) -> bool {
        self.stop
    }
}

fn waves(rows: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let wave = |step: f64| (0..rows).map(|row| (row as f64 * step).sin()).collect::<Vec<f64>>();
    (vec![wave(1.3), wave(2.9)], wave(5.3))
}

#[test]
fn too_few_iterations_are_told_and_progress_reaches_its_end() {
    let (features, target) = waves(40);
    let told = Told::default();
    fit_told(&SupportVectorRegressor, "max_iter = 5", features, &target, &told).unwrap();
    assert_eq!(told.lines.load(Ordering::Relaxed), 1);
    assert_eq!(told.furthest.load(Ordering::Relaxed), 1000);
}

#[test]
fn a_cancelled_solver_stops() {
    let (features, target) = waves(2000);
    let problem = Problem {
        kernel: Kernel::Rbf { gamma: 50.0 },
        points: Arc::new(Points::new(features)),
        target,
        low: vec![-1e6; 2000],
        high: vec![1e6; 2000],
        epsilon: 0.0,
    };
    let told = Told { stop: true, ..Told::default() };
    let endless = Settings { max_iter: u64::MAX, tol: 1e-300, ..SETTINGS };
    let stopped = solve(&problem, endless, &Progress::new(&told, 1));
    assert!(matches!(stopped, Err(TrainError::Cancelled)));
}

/// By how much the conditions of optimality are broken, everything computed anew.
fn broken_by(problem: &Problem, solution: &Solution) -> f64 {
    let (mut pays, mut costs) = (f64::NEG_INFINITY, f64::INFINITY);
    for (row, beta) in solution.coefficients.iter().enumerate() {
        let mut kernels = vec![0.0; problem.points.len()];
        problem.kernel.fill(&problem.points.row(row), &problem.points, 0, &mut kernels);
        let value = solution.coefficients.iter().zip(&kernels);
        let value: f64 = value.map(|(beta, kernel)| beta * f64::from(*kernel as f32)).sum();
        let (low, high) = (problem.low[row], problem.high[row]);
        assert!((low..=high).contains(beta));
        let error = problem.target[row] - value;
        if *beta < high {
            pays = pays.max(error - problem.epsilon * if *beta < 0.0 { -1.0 } else { 1.0 });
        }
        if *beta > low {
            costs = costs.min(error + problem.epsilon * if *beta > 0.0 { -1.0 } else { 1.0 });
        }
    }
    pays - costs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn solutions_are_optimal_whatever_is_kept_or_set_aside(
        cells in proptest::collection::vec((-2.0..2.0, -2.0..2.0, -1.0..1.0_f64), 2..60),
        classes in any::<bool>(),
        c in 0.01..20.0,
        kernel in prop_oneof![
            Just(Kernel::Linear),
            Just(Kernel::Rbf { gamma: 0.7 }),
            Just(Kernel::Polynomial { gamma: 0.5, coef0: 1.0, degree: 2 }),
        ],
    ) {
        let target = cells.iter().map(|cell| if classes { cell.2.signum() } else { cell.2 });
        let target: Vec<f64> = target.collect();
        let bound = |sign: f64| {
            let bound = |target: &f64| if classes && target * sign < 0.0 { 0.0 } else { sign * c };
            target.iter().map(bound).collect()
        };
        let problem = Problem {
            kernel,
            points: Arc::new(Points::new(vec![
                cells.iter().map(|cell| cell.0).collect(),
                cells.iter().map(|cell| cell.1).collect(),
            ])),
            low: bound(-1.0),
            high: bound(1.0),
            target,
            epsilon: if classes { 0.0 } else { 0.05 },
        };
        let settings = Settings { tol: 1e-4, max_iter: 1_000_000, ..SETTINGS };
        let shrunk = solved(&problem, settings);
        let plain = solved(&problem, Settings { shrinking: false, cache: 0, ..settings });
        for solution in [&shrunk, &plain] {
            prop_assert!(solution.converged);
            prop_assert!(broken_by(&problem, solution) < 1.1e-4);
            prop_assert!(solution.coefficients.iter().sum::<f64>().abs() < 1e-9);
        }
    }
}
