//! The ways to split against each other.

use proptest::prelude::*;

use super::super::estimator::Silent;
use super::super::random::Random;
use super::criterion::{Classes, Entropy, Gini, Tally, Variance, even};
use super::exact::{self, Presorted};
use super::hist::{self, Binned};
use super::params::{Amount, Growth, Limits, MaxFeatures};
use super::tree::Tree;
use super::trunk::{Draw, Grow, Grown};

/// A generated table: columns of small whole numbers, and what trees on it are limited by.
#[derive(Clone, Debug)]
struct Small {
    columns: Vec<Vec<f32>>,
    target: Vec<f64>,
    class: Vec<u32>,
    limits: Limits,
    seed: i64,
}

fn small() -> impl Strategy<Value = Small> {
    (
        proptest::collection::vec(0_u8..20, 6..400),
        (1_usize..6, 1_usize..4, 1_usize..4),
        prop_oneof![Just(None), Just(Some(3))],
        0_i64..100,
    )
        .prop_map(|(cells, (width, tried, leaf), max_depth, seed)| {
            let rows = cells.len() / width / 2 + 1;
            let cell = |at: usize| cells[at % cells.len()];
            let column = |column| -> Vec<f32> {
                (0..rows).map(|row| f32::from(cell(row * width + column))).collect()
            };
            let target: Vec<f64> = (0..rows).map(|row| f64::from(cell(row * 7 + 3))).collect();
            let growth = Growth {
                max_depth,
                max_features: MaxFeatures::Amount(Amount::Count(tried)),
                min_samples_leaf: Amount::Count(leaf),
                ..Growth::default()
            };
            Small {
                columns: (0..width).map(column).collect(),
                class: target.iter().map(|target| *target as u32 % 3).collect(),
                limits: growth.limits(rows, width),
                target,
                seed,
            }
        })
}

impl Small {
    fn grow<C>(&self, mut grower: impl Grow<C>, criterion: &C, draw: Draw<'_>) -> Grown {
        let mut random = Random::stream("fairledger test v1", self.seed, 0);
        grower.grow(criterion, &mut random, draw, &Silent).unwrap()
    }

    /// The trees of exact splits with columns kept sorted and sorted on demand, and of splits
    /// between bins with histograms handed down and counted anew.
    fn all<C: Tally>(&self, criterion: &C, draw: Draw<'_>) -> [Grown; 4] {
        let width = self.columns.len();
        let sorted = [width, 0].map(|tried| Presorted::new(&self.columns, tried));
        let stride = criterion.stride();
        let binned = [width, 0].map(|tried| Binned::new(&self.columns, 20, (tried, stride)));
        let [kept, asked] =
            sorted.each_ref().map(|table| exact::Grower::new(table, self.limits, false));
        let [handed, counted] =
            binned.each_ref().map(|table| hist::Grower::new(table, self.limits, false));
        [
            self.grow(kept, criterion, draw),
            self.grow(asked, criterion, draw),
            self.grow(handed, criterion, draw),
            self.grow(counted, criterion, draw),
        ]
    }
}

/// The sums of each row's leaf, one tree's.
pub(super) fn predictions(tree: &Tree, columns: &[Vec<f32>]) -> Vec<f64> {
    let rows = columns[0].len();
    let block: Vec<f32> =
        (0..rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let mut sums = vec![0.0; rows * tree.outputs];
    tree.add_predictions(&block, columns.len(), &mut sums);
    sums
}

fn error(tree: &Tree, table: &Small) -> f64 {
    let predicted = predictions(tree, &table.columns);
    predicted.iter().zip(&table.target).map(|(a, b)| (a - b).powi(2)).sum()
}

proptest! {
    /// Whether columns are kept sorted or sorted on demand, histograms handed down or counted anew
    /// decides the time and nothing else; and bins of single values are splits between values.
    #[test]
    fn classification_trees_are_the_same_by_every_way(table in small()) {
        let gini = Classes::new(Gini, &table.class, even(3));
        let [kept, asked, handed, counted] = table.all(&gini, Draw::Bootstrap);
        prop_assert_eq!(&kept, &asked);
        prop_assert_eq!(&kept, &handed);
        prop_assert_eq!(&kept, &counted);
        let entropy = Entropy::new(table.class.len(), false);
        let entropy = Classes::new(entropy, &table.class, vec![1.0, 0.5, 2.0]);
        let [kept, asked, handed, counted] = table.all(&entropy, Draw::Every);
        prop_assert_eq!(&kept, &asked);
        prop_assert_eq!(&handed, &counted);
    }

    #[test]
    fn regression_trees_do_not_depend_on_what_is_kept(table in small()) {
        let variance = Variance::new(table.target.clone());
        let [kept, asked, handed, counted] = table.all(&variance, Draw::Bootstrap);
        prop_assert_eq!(&kept, &asked);
        prop_assert_eq!(&handed, &counted);
    }

    /// Splits that are equally good may differ, what they gain may not.
    #[test]
    fn one_split_gains_the_same_by_every_way(table in small()) {
        let width = table.columns.len();
        let limits = Limits { max_depth: 1, max_features: width, ..table.limits };
        let table = Small { limits, ..table };
        let variance = Variance::new(table.target.clone());
        let [exact, _, hist, _] = table.all(&variance, Draw::Every);
        prop_assert_eq!(exact.0.nodes.len(), hist.0.nodes.len());
        prop_assert!((error(&exact.0, &table) - error(&hist.0, &table)).abs() < 1e-6);
        let gain = |grown: &Grown| grown.1.iter().flatten().sum::<f64>();
        prop_assert!((gain(&exact) - gain(&hist)).abs() < 1e-6);
    }

    /// With a bin for each value and targets that no two splits lower alike, the trees say the same
    /// of their rows; which of two features that part the rows alike is named may differ.
    #[test]
    fn bins_of_single_values_say_what_values_say(table in small(), seed in 0_i64..1000) {
        let mut random = Random::stream("fairledger test v1", seed, 1);
        let target: Vec<f64> = table.target.iter().map(|_| random.unit()).collect();
        let limits = Limits { max_features: table.columns.len(), ..table.limits };
        let table = Small { target, limits, ..table };
        let variance = Variance::new(table.target.clone());
        let [exact, _, hist, _] = table.all(&variance, Draw::Every);
        prop_assert_eq!(exact.0.nodes.len(), hist.0.nodes.len());
        let [exact, hist] = [exact, hist].map(|grown| predictions(&grown.0, &table.columns));
        for (exact, hist) in exact.iter().zip(hist) {
            prop_assert!((exact - hist).abs() < 1e-12, "{exact} is not {hist}");
        }
    }

    /// Distinct rows count for the smallest leaf, not how often they are drawn.
    #[test]
    fn leaves_hold_as_many_rows_as_they_must(table in small()) {
        let variance = Variance::new(table.target.clone());
        let counts: Vec<u32> = (0..table.target.len() as u32).map(|row| (row + 1) % 3).collect();
        for (tree, _) in table.all(&variance, Draw::Counts(&counts)) {
            let values = (0..tree.values.len()).map(|number| number as f64).collect();
            let numbered = Tree { values, ..tree };
            let leaves = predictions(&numbered, &table.columns);
            let mut rows = vec![0; numbered.values.len()];
            for (leaf, _) in leaves.iter().zip(&counts).filter(|(_, count)| **count > 0) {
                rows[*leaf as usize] += 1;
            }
            let least = if rows.len() == 1 { 0 } else { table.limits.min_leaf };
            prop_assert!(rows.iter().all(|rows| *rows >= least), "{rows:?}");
        }
    }
}

/// Threads that share the work on a tree grow the same one.
#[test]
fn shared_work_changes_nothing() {
    let column = |step: u32| (0..30_000_u32).map(|row| (row * step % 30_011) as f32).collect();
    let columns: Vec<Vec<f32>> = vec![column(7919), column(104), column(3001)];
    let product = |row: usize| f64::from(columns[0][row] * columns[1][row]);
    let target: Vec<f64> = (0..30_000).map(product).collect();
    let growth = Growth { max_depth: Some(5), ..Growth::default() };
    let limits = growth.limits(30_000, 3);
    let variance = Variance::new(target);
    let (sorted, binned) = (Presorted::new(&columns, 3), Binned::new(&columns, 255, (3, 2)));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let grow = |mut grower: Box<dyn Grow<Variance> + '_>| {
        let mut random = Random::stream("fairledger test v1", 1, 0);
        pool.install(|| grower.grow(&variance, &mut random, Draw::Every, &Silent).unwrap())
    };
    let exact = |shared| grow(Box::new(exact::Grower::new(&sorted, limits, shared)));
    assert_eq!(exact(true), exact(false));
    let hist = |shared| grow(Box::new(hist::Grower::new(&binned, limits, shared)));
    assert_eq!(hist(true), hist(false));
}
