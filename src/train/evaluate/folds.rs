//! Dividing training rows into folds, as scikit-learn divides them.

use crate::ledger::evaluate::{FoldKind, RequestFolds};

use super::super::error::TrainError;
use super::super::random::Random;
use super::super::table::Table;

/// Rows to train on and rows to judge by, as row indices of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fold {
    pub(super) train: Vec<usize>,
    pub(super) validation: Vec<usize>,
}

/// The folds of some rows of a table, which are in file order; `target` has a value for each row of
/// the table.
///
/// Both parts of a fold keep the order of the rows; by time, they are in the order of time.
pub(super) fn divide(
    asked: &RequestFolds,
    rows: &[usize],
    table: &Table,
    target: &[f64],
) -> Result<Vec<Fold>, TrainError> {
    let folds = usize::try_from(asked.folds).unwrap_or(0).max(2);
    let mut random = asked.seed.map(|seed| Random::stream("fairledger folds v1", seed, 0));
    let column = asked.column.as_deref();
    let places = match asked.kind {
        FoldKind::Plain => plain(rows.len(), folds, random.as_mut())?,
        FoldKind::Stratified => {
            let target = rows.iter().filter_map(|row| target.get(*row));
            let classes: Vec<usize> = target.map(|class| *class as usize).collect();
            stratified(&classes, folds, random.as_mut())?
        }
        FoldKind::Grouped => {
            let labels = table.labels(column.unwrap_or_default())?;
            let groups: Vec<usize> = rows.iter().map(|row| labels.codes[*row] as usize).collect();
            grouped(&groups, folds, random.as_mut())?
        }
        FoldKind::Time => return by_time(rows, folds, table, column),
    };
    let part = |fold, inside| {
        let rows = rows.iter().zip(&places).filter(move |(_, place)| (**place == fold) == inside);
        rows.map(|(row, _)| *row).collect()
    };
    let fold = |fold| Fold { train: part(fold, false), validation: part(fold, true) };
    Ok((0..folds).map(fold).collect())
}

fn enough(found: usize, what: &'static str, folds: usize) -> Result<(), TrainError> {
    if found < folds {
        return Err(TrainError::TooManyFolds { found, what, folds });
    }
    Ok(())
}

/// The fold of each row: one run of rows after the other, the first `rows % folds` one row longer.
fn plain(rows: usize, folds: usize, random: Option<&mut Random>) -> Result<Vec<usize>, TrainError> {
    enough(rows, "rows", folds)?;
    let mut order: Vec<usize> = (0..rows).collect();
    if let Some(random) = random {
        random.shuffle(&mut order);
    }
    let mut places = vec![0; rows];
    for (at, fold) in runs(rows, folds).enumerate() {
        places[order[at]] = fold;
    }
    Ok(places)
}

/// The numbers of the folds, each as often as it has rows.
fn runs(rows: usize, folds: usize) -> impl Iterator<Item = usize> {
    let length = move |fold| rows / folds + usize::from(fold < rows % folds);
    (0..folds).flat_map(move |fold| std::iter::repeat_n(fold, length(fold)))
}

/// The fold of each row, each class spread over the folds as evenly as its rows allow.
///
/// The rows in the order of their classes, the classes in the order they appear, are dealt out to the
/// folds one by one; that says how many of a class each fold gets, and its rows fill the folds in order.
fn stratified(
    classes: &[usize],
    folds: usize,
    random: Option<&mut Random>,
) -> Result<Vec<usize>, TrainError> {
    enough(classes.len(), "rows", folds)?;
    let most = classes.iter().max().map_or(0, |most| most + 1);
    let mut by_class: Vec<Vec<usize>> = vec![Vec::new(); most];
    for (row, class) in classes.iter().enumerate() {
        by_class[*class].push(row);
    }
    let largest = by_class.iter().map(Vec::len).max().unwrap_or(0);
    enough(largest, "rows of the largest class", folds)?;
    by_class.retain(|rows| !rows.is_empty());
    by_class.sort_by_key(|rows| rows[0]);
    let mut places = vec![0; classes.len()];
    let (mut dealt, mut random) = (0, random);
    for rows in by_class {
        let mut counts = vec![0; folds];
        (dealt..dealt + rows.len()).for_each(|at| counts[at % folds] += 1);
        dealt += rows.len();
        let mut of_class: Vec<usize> = counts
            .into_iter()
            .enumerate()
            .flat_map(|(fold, count)| std::iter::repeat_n(fold, count))
            .collect();
        if let Some(random) = random.as_deref_mut() {
            random.shuffle(&mut of_class);
        }
        for (row, fold) in rows.into_iter().zip(of_class) {
            places[row] = fold;
        }
    }
    Ok(places)
}

/// The fold of each row, equal groups in one fold: the largest group first, each to the fold with the
/// fewest rows so far; shuffled, runs of groups of about equal number.
fn grouped(
    groups: &[usize],
    folds: usize,
    random: Option<&mut Random>,
) -> Result<Vec<usize>, TrainError> {
    let most = groups.iter().max().map_or(0, |most| most + 1);
    let mut sizes = vec![0; most];
    for group in groups {
        sizes[*group] += 1;
    }
    let mut present: Vec<usize> = (0..most).filter(|group| sizes[*group] > 0).collect();
    enough(present.len(), "groups", folds)?;
    let mut fold_of = vec![0; most];
    if let Some(random) = random {
        random.shuffle(&mut present);
        for (group, fold) in present.iter().zip(runs(present.len(), folds)) {
            fold_of[*group] = fold;
        }
    } else {
        present.sort_by_key(|group| std::cmp::Reverse((sizes[*group], *group)));
        let mut rows = vec![0; folds];
        for group in present {
            let lightest = (0..folds).min_by_key(|fold| (rows[*fold], *fold)).unwrap_or(0);
            rows[lightest] += sizes[group];
            fold_of[group] = lightest;
        }
    }
    Ok(groups.iter().map(|group| fold_of[*group]).collect())
}

/// Each fold is judged by the rows that come after those it is trained on; the stretches to judge by
/// are equally long and end with the last row.
fn by_time(
    rows: &[usize],
    folds: usize,
    table: &Table,
    column: Option<&str>,
) -> Result<Vec<Fold>, TrainError> {
    let ordered: Vec<usize> = match column {
        None => rows.to_vec(),
        Some(column) => {
            let mut is_in = vec![false; table.rows()];
            for row in rows {
                is_in[*row] = true;
            }
            table.order(column)?.into_iter().filter(|row| is_in[*row]).collect()
        }
    };
    if ordered.len() <= folds {
        return Err(TrainError::TooManyFolds { found: ordered.len(), what: "rows", folds });
    }
    let length = ordered.len() / (folds + 1);
    let first = ordered.len() - folds * length;
    let fold = |fold| {
        let start = first + fold * length;
        Fold {
            train: ordered[..start].to_vec(),
            validation: ordered[start..start + length].to_vec(),
        }
    };
    Ok((0..folds).map(fold).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(kind: FoldKind, folds: i64) -> RequestFolds {
        RequestFolds { folds, kind, seed: None, column: None }
    }

    /// A table with the columns `group` and `time`.
    fn table(groups: &[u8]) -> Table {
        let lines =
            groups.iter().enumerate().map(|(row, group)| format!("{group},{}\n", 100 - row));
        let text = "group,time\n".to_owned() + &lines.collect::<String>();
        Table::read(text.as_bytes(), &["group", "time"]).unwrap()
    }

    fn validation(asked: &RequestFolds, groups: &[u8], target: &[f64]) -> Vec<Vec<usize>> {
        let rows: Vec<usize> = (0..groups.len()).collect();
        let folds = divide(asked, &rows, &table(groups), target).unwrap();
        folds.into_iter().map(|fold| fold.validation).collect()
    }

    /// The folds of scikit-learn 1.9.1 (`KFold`, `StratifiedKFold`, `GroupKFold`).
    #[test]
    fn folds_are_scikit_learns() {
        let folds = validation(&asked(FoldKind::Plain, 3), &[0; 11], &[]);
        assert_eq!(folds, [&[0, 1, 2, 3][..], &[4, 5, 6, 7], &[8, 9, 10]]);

        let classes = [1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 2.0, 1.0];
        let folds = validation(&asked(FoldKind::Stratified, 2), &[0; 8], &classes);
        assert_eq!(folds, [[0, 1, 3, 4], [2, 5, 6, 7]]);
        let classes = [0.0, 1.0, 1.0, 0.0, 2.0, 1.0, 0.0, 0.0, 1.0, 2.0, 1.0, 0.0, 1.0];
        let folds = validation(&asked(FoldKind::Stratified, 3), &[0; 13], &classes);
        assert_eq!(folds, [&[0, 1, 2, 3, 4][..], &[5, 6, 7, 8], &[9, 10, 11, 12]]);

        let groups = [3, 1, 1, 2, 2, 2, 5, 5, 3, 4, 4, 4, 4];
        let by_group = RequestFolds { column: Some("group".into()), ..asked(FoldKind::Grouped, 3) };
        let folds = validation(&by_group, &groups, &[]);
        assert_eq!(folds, [&[9, 10, 11, 12][..], &[1, 2, 3, 4, 5], &[0, 6, 7, 8]]);
    }

    /// The folds of scikit-learn 1.9.1 (`TimeSeriesSplit`), in file order and backwards.
    #[test]
    fn time_only_moves_on() {
        let rows: Vec<usize> = (0..11).collect();
        let folds = divide(&asked(FoldKind::Time, 3), &rows, &table(&[0; 11]), &[]).unwrap();
        let expected = [(5, 7), (7, 9), (9, 11)];
        for (fold, (start, end)) in folds.iter().zip(expected) {
            assert_eq!(fold.train, (0..start).collect::<Vec<_>>());
            assert_eq!(fold.validation, (start..end).collect::<Vec<_>>());
        }
        let asked = RequestFolds { column: Some("time".into()), ..asked(FoldKind::Time, 3) };
        let folds = divide(&asked, &[1, 2, 3, 4, 9], &table(&[0; 11]), &[]).unwrap();
        assert_eq!(folds[0], Fold { train: vec![9, 4], validation: vec![3] });
        assert_eq!(folds[2], Fold { train: vec![9, 4, 3, 2], validation: vec![1] });
    }

    #[test]
    fn more_folds_than_there_are_parts_is_an_error() {
        let error = |kind, folds, classes: &[f64]| {
            let asked = RequestFolds { column: Some("group".into()), ..asked(kind, folds) };
            divide(&asked, &[0, 1, 2], &table(&[1, 1, 2]), classes).unwrap_err().to_string()
        };
        assert_eq!(error(FoldKind::Plain, 4, &[]), "3 rows are too few for 4 folds; ask for fewer");
        assert_eq!(error(FoldKind::Time, 3, &[]), "3 rows are too few for 3 folds; ask for fewer");
        assert!(error(FoldKind::Grouped, 3, &[]).starts_with("2 groups are too few"));
        let text = error(FoldKind::Stratified, 3, &[0.0, 1.0, 1.0]);
        assert!(text.starts_with("2 rows of the largest class are too few"), "{text}");
    }

    proptest! {
        #[test]
        fn every_row_is_judged_once_and_never_by_what_learnt_it(
            groups in proptest::collection::vec(0..4_u8, 12..40),
            kind in prop_oneof![Just(FoldKind::Plain), Just(FoldKind::Stratified), Just(FoldKind::Grouped)],
            folds in 2..4_i64,
            seed in proptest::option::of(0..9_i64),
        ) {
            let asked = RequestFolds { folds, kind, seed, column: Some("group".into()) };
            let classes: Vec<f64> = groups.iter().map(|group| f64::from(*group)).collect();
            let rows: Vec<usize> = (0..groups.len()).collect();
            let divided = divide(&asked, &rows, &table(&groups), &classes);
            let Ok(divided) = divided else { return Ok(()) };
            prop_assert_eq!(&divided, &divide(&asked, &rows, &table(&groups), &classes).unwrap());
            let mut judged: Vec<usize> =
                divided.iter().flat_map(|fold| fold.validation.clone()).collect();
            judged.sort_unstable();
            prop_assert_eq!(&judged, &rows);
            for fold in &divided {
                prop_assert!(!fold.validation.is_empty() && fold.train.is_sorted());
                prop_assert_eq!(fold.train.len() + fold.validation.len(), rows.len());
                let inside = |row: &usize| fold.validation.contains(row);
                prop_assert!(!fold.train.iter().any(inside));
                if kind == FoldKind::Grouped {
                    let group = |row: &usize| groups[*row];
                    let held: Vec<u8> = fold.validation.iter().map(group).collect();
                    prop_assert!(!fold.train.iter().any(|row| held.contains(&group(row))));
                }
            }
            if kind == FoldKind::Stratified {
                for class in 0..4 {
                    let count = |fold: &Fold| {
                        fold.validation.iter().filter(|row| groups[**row] == class).count()
                    };
                    let counts: Vec<usize> = divided.iter().map(count).collect();
                    prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
                }
            }
        }
    }
}
