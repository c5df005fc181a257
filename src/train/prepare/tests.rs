//! Preparations against numbers of scikit-learn 1.9.1.

use proptest::prelude::*;

use super::super::table::Table;
use super::*;

fn table(text: &str) -> Table {
    let header = text.lines().next().unwrap();
    Table::read(text.as_bytes(), &header.split(',').collect::<Vec<_>>()).unwrap()
}

fn names(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

fn fit(declared: &str, columns: &str, table: &Table, rows: &[usize]) -> Preparation {
    fitted(declared, columns, table, rows).unwrap()
}

fn fitted(
    declared: &str,
    columns: &str,
    table: &Table,
    rows: &[usize],
) -> Result<Preparation, TrainError> {
    let declared: Prepare = toml::from_str(declared).unwrap();
    let made = Preparation::fit(&declared, &names(columns), table, rows)?;
    made.check().unwrap();
    let written = serde_json::to_string(&made).unwrap();
    let read: Preparation = serde_json::from_str(&written).unwrap();
    assert_eq!(read, made, "{written}");
    Ok(made)
}

/// Row by row, each with its features.
fn rows(made: &Preparation, table: &Table) -> Vec<Vec<f64>> {
    let all: Vec<usize> = (0..table.rows()).collect();
    let features = made.apply(table, &all).unwrap();
    assert_eq!(features.len(), made.names().len());
    all.iter().map(|row| features.iter().map(|values| values[*row]).collect()).collect()
}

fn near(actual: &[Vec<f64>], expected: &[&[f64]]) {
    assert_eq!(actual.len(), expected.len());
    for (actual, expected) in actual.iter().zip(expected) {
        assert_eq!(actual.len(), expected.len());
        for (a, e) in actual.iter().zip(*expected) {
            assert!((a - e).abs() <= 1e-12 * e.abs().max(1.0), "{a} is not {e}");
        }
    }
}

const HOLES: &str = "a,b\n1.5,10\n,20\n3.25,30\n-7,20\n0.1,\n";

#[test]
fn empty_cells_are_filled_as_by_simple_imputer() {
    let table = table(HOLES);
    let all = [0, 1, 2, 3, 4];
    for (policy, a, b) in [
        ("'mean'", -0.5375, 20.0),
        ("'median'", 0.8, 20.0),
        ("'most-frequent'", -7.0, 20.0),
        ("{ constant = 4 }", 4.0, 4.0),
    ] {
        let made = fit(&format!("missing = {policy}"), "a,b", &table, &all);
        let filled = rows(&made, &table);
        near(&filled, &[&[1.5, 10.0], &[a, 20.0], &[3.25, 30.0], &[-7.0, 20.0], &[0.1, b]]);
        assert_eq!(made.names(), ["a", "b"]);
    }
    let only = fit("missing = 'mean'", "a,b", &table, &[0, 1]);
    near(&rows(&only, &table)[1..2], &[&[1.5, 20.0]]);
}

#[test]
fn empty_cells_are_an_error_or_drop_their_row() {
    let table = table(HOLES);
    let made = fit("", "a,b", &table, &[0]);
    let error = made.apply(&table, &[0, 1]).unwrap_err().to_string();
    assert!(error.starts_with("row 2 has no value for 'a'"), "{error}");
    assert!(made.is_nothing());

    let declared: Prepare = toml::from_str("missing = 'drop'").unwrap();
    let all = vec![0, 1, 2, 3, 4];
    assert_eq!(kept(&declared, &names("a,b"), &table, all.clone()).unwrap(), [0, 2, 3]);
    assert_eq!(kept(&declared, &names("a"), &table, all.clone()).unwrap(), [0, 2, 3, 4]);
    let only_b: Prepare = toml::from_str("columns.b.missing = 'drop'").unwrap();
    assert_eq!(kept(&only_b, &names("a,b"), &table, all.clone()).unwrap(), [0, 1, 2, 3]);
    let made = fit("missing = 'drop'", "a,b", &table, &[0, 2]);
    assert_eq!(made.complete(&table, all).unwrap(), [0, 2, 3]);
    assert!(!made.is_nothing());
}

const NUMBERS: &str = "a,b,c\n1.5,-10,7\n2.25,1e6,7\n3.3,0.1,7\n-7.7,1e-3,7\n0.1,12345.678,7\n";

#[test]
fn features_are_scaled_as_by_standard_scaler() {
    let table = table(NUMBERS);
    let made = fit("scale = 'standard'", "a,b,c", &table, &[0, 1, 2, 3, 4]);
    near(
        &rows(&made, &table),
        &[
            &[0.40909351774716685, -0.5077222723958943, 0.0],
            &[0.5996650322256607, 1.999856163366676, 0.0],
            &[0.866465152495552, -0.507696946106956, 0.0],
            &[-1.928583726522358, -0.5076971943547387, 0.0],
            &[0.0533600240539783, -0.4767397505090872, 0.0],
        ],
    );
    let large = self::table("a,c\n1000000001,0.3\n1000000002,0.3\n1000000004,0.3\n");
    let made = fit("scale = 'standard'", "a,c", &large, &[0, 1, 2]);
    near(
        &rows(&made, &large),
        &[&[-1.0690449995097204, 0.0], &[-0.2672612737724472, 0.0], &[1.3363061777020993, 0.0]],
    );
}

#[test]
fn features_are_scaled_as_by_min_max_scaler() {
    let table = table(NUMBERS);
    let made = fit("scale = 'min-max'", "a,b,c", &table, &[0, 1, 2, 3, 4]);
    near(
        &rows(&made, &table),
        &[
            &[0.8363636363636364, 0.0, 0.0],
            &[0.9045454545454547, 0.9999999999999999, 0.0],
            &[1.0, 1.0099899001009989e-05, 0.0],
            &[0.0, 1.000089999100009e-05, 0.0],
            &[0.7090909090909091, 0.012355554444455553, 0.0],
        ],
    );
    near(
        &rows(&made, &self::table("a,b,c\n5,-20,8\n")),
        &[&[1.1545454545454548, -9.999900000999989e-06, 1.0]],
    );
    let overridden =
        fit("scale = 'min-max'\n[columns]\na = { scale = 'none' }", "a,c", &table, &[0, 3]);
    near(&rows(&overridden, &table)[..2], &[&[1.5, 0.0], &[2.25, 0.0]]);
}

#[test]
fn products_are_those_of_polynomial_features() {
    let table = table("a,b,c\n1.5,-2,3\n0.5,4,-1\n");
    let all = [0, 1];
    let squares = fit("polynomial = { degree = 2 }", "a,b,c", &table, &all);
    assert_eq!(squares.names(), ["a", "b", "c", "a^2", "a b", "a c", "b^2", "b c", "c^2"]);
    near(
        &rows(&squares, &table),
        &[
            &[1.5, -2.0, 3.0, 2.25, -3.0, 4.5, 4.0, -6.0, 9.0],
            &[0.5, 4.0, -1.0, 0.25, 2.0, -0.5, 16.0, -4.0, 1.0],
        ],
    );
    let cubes = fit("polynomial = { degree = 3 }", "a,b,c", &table, &all);
    let expected =
        "a,b,c,a^2,a b,a c,b^2,b c,c^2,a^3,a^2 b,a^2 c,a b^2,a b c,a c^2,b^3,b^2 c,b c^2,c^3";
    assert_eq!(cubes.names().join(","), expected);
    near(
        &rows(&cubes, &table)[..1],
        &[&[
            1.5, -2.0, 3.0, 2.25, -3.0, 4.5, 4.0, -6.0, 9.0, 3.375, -4.5, 6.75, 6.0, -9.0, 13.5,
            -8.0, 12.0, -18.0, 27.0,
        ]],
    );
    let mixed = "polynomial = { degree = 3, interaction_only = true }";
    let mixed = fit(mixed, "a,b,c", &table, &all);
    assert_eq!(mixed.names().join(","), "a,b,c,a b,a c,b c,a b c");
    near(&rows(&mixed, &table)[..1], &[&[1.5, -2.0, 3.0, -3.0, 4.5, -6.0, -9.0]]);
}

const WORDS: &str = "w,n\nb,3\na,1\né,2\nB,3\na,\n";

#[test]
fn categories_are_those_of_one_hot_encoder() {
    let made = fit("categories = 'one-hot'", "w", &table(WORDS), &[0, 1, 2, 3]);
    assert_eq!(made.names(), ["w=B", "w=a", "w=b", "w=é"]);
    near(
        &rows(&made, &table("w\na\nzz\né\n")),
        &[&[0.0, 1.0, 0.0, 0.0], &[0.0, 0.0, 0.0, 0.0], &[0.0, 0.0, 0.0, 1.0]],
    );
}

#[test]
fn categories_are_those_of_ordinal_encoder() {
    let made = fit("categories = 'ordinal'", "w", &table(WORDS), &[0, 1, 2, 3]);
    assert_eq!(made.names(), ["w"]);
    near(&rows(&made, &table("w\na\nzz\né\n")), &[&[1.0], &[-1.0], &[3.0]]);
    let strict = fit("categories = 'ordinal'\nunknown = 'error'", "w", &table(WORDS), &[0, 1]);
    assert_eq!(
        strict.apply(&table(WORDS), &[1, 2]).unwrap_err().to_string(),
        "row 3 has \"é\" for 'w', which is none of its categories: 'a', 'b'"
    );
}

#[test]
fn numbers_are_categories_by_their_value() {
    let declared = "missing = 'most-frequent'\n[columns]\nn = { categories = 'one-hot' }";
    let made = fit(declared, "n", &table(WORDS), &[0, 1, 2, 3]);
    assert_eq!(made.names(), ["n=1", "n=2", "n=3"]);
    near(
        &rows(&made, &table("n,x\n3.0,0\n,0\n1e0,0\n7,0\n")),
        &[&[0.0, 0.0, 1.0], &[0.0, 0.0, 1.0], &[1.0, 0.0, 0.0], &[0.0, 0.0, 0.0]],
    );
}

#[test]
fn a_text_column_stays_one_where_all_its_cells_look_like_numbers() {
    let made = fit("categories = 'one-hot'", "w", &table("w\n01\nx\n2\n"), &[0, 1, 2]);
    near(&rows(&made, &table("w\n01\n1\n")), &[&[1.0, 0.0, 0.0], &[0.0, 0.0, 0.0]]);
}

#[test]
fn truth_is_a_number_unless_it_is_a_category() {
    let table = table("t\nTrue\nfalse\n");
    let plain = fit("categories = 'one-hot'", "t", &table, &[0, 1]);
    assert!(plain.is_nothing());
    near(&rows(&plain, &table), &[&[1.0], &[0.0]]);
    let coded = fit("[columns]\nt = { categories = 'one-hot' }", "t", &table, &[0, 1]);
    assert_eq!(coded.names(), ["t=false", "t=true"]);
    near(&rows(&coded, &self::table("t\ntrue\n")), &[&[0.0, 1.0]]);
}

#[test]
fn the_value_that_fills_a_category_is_one() {
    let table = table("w,x\na,1\n,2\nb,3\n");
    let declared = "[columns]\nw = { categories = 'one-hot', missing = { constant = 'none' } }";
    let made = fit(declared, "w", &table, &[0, 2]);
    assert_eq!(made.names(), ["w=a", "w=b", "w=none"]);
    near(&rows(&made, &table)[1..2], &[&[0.0, 0.0, 1.0]]);
    let declared = "categories = 'ordinal'\nmissing = 'most-frequent'";
    near(&rows(&fit(declared, "w", &table, &[0, 1, 2]), &table)[1..2], &[&[0.0]]);
}

#[test]
fn everything_at_once_in_the_fixed_order() {
    let table = table("a,w,b\n1,x,2\n3,y,\n5,x,6\n");
    let declared = "missing = 'mean'\ncategories = 'one-hot'\npolynomial = { degree = 2 }\n\
                    scale = 'min-max'\n[columns]\na = { scale = 'none' }";
    let made = fit(declared, "a,w,b", &table, &[0, 1, 2]);
    assert_eq!(made.names(), ["a", "w=x", "w=y", "b", "a^2", "a b", "b^2"]);
    near(
        &rows(&made, &table),
        &[
            &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            &[3.0, 0.0, 1.0, 0.5, 8.0 / 24.0, 10.0 / 28.0, 12.0 / 32.0],
            &[5.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0],
        ],
    );
}

#[test]
fn what_cannot_be_calculated_is_an_error() {
    let error = |declared: &str, columns: &str, text: &str| {
        let table = table(text);
        let all: Vec<usize> = (0..table.rows()).collect();
        let made = fitted(declared, columns, &table, &all);
        made.and_then(|made| made.apply(&table, &all)).unwrap_err().to_string()
    };
    for (declared, text, expected) in [
        ("missing = 'mean'", "a,b\n,1\n", "no training row has a value for 'a'"),
        ("missing = 'mean'", "a\n1e308\n1.5e308\n", "'a' holds numbers too large"),
        ("scale = 'standard'", "a\n1e200\n-1e200\n", "'a' holds numbers too large"),
        ("scale = 'min-max'", "a\n1e308\n-1e308\n", "'a' holds numbers too large"),
        ("polynomial = { degree = 2 }", "a\n1\n1e200\n", "row 2 makes 'a^2' too large"),
        ("", "a\nx\n", "row 1 has \"x\" for 'a', which is no number"),
        ("categories = 'one-hot'", "a,b\nx,1\n,1\n", "row 2 has no value for 'a'"),
    ] {
        let message = error(declared, "a", text);
        assert!(message.starts_with(expected), "{message}");
    }
    let lines: Vec<String> = (0..1001).map(|row| format!("w{row}\n")).collect();
    let message = error("categories = 'one-hot'", "a", &(String::from("a\n") + &lines.concat()));
    assert!(message.starts_with("'a' has 1001 categories, too many"), "{message}");
}

#[test]
fn a_preparation_that_does_not_fit_itself_is_refused() {
    let table = table("a,w,b\n1,x,2\n3,y,4\n");
    let declared = "categories = 'one-hot'\npolynomial = { degree = 2 }\nscale = 'standard'";
    let made = fit(declared, "a,w,b", &table, &[0, 1]);
    let value = serde_json::to_value(&made).unwrap();
    let changes = [
        ("/names", serde_json::json!(["a"])),
        ("/products/0/0", 99.into()),
        ("/scaling/0/feature", 99.into()),
        ("/scaling/0/divisor", 0.0.into()),
        ("/columns/1/coding/categories/texts", serde_json::json!(["y", "x"])),
        ("/columns/0/empty", serde_json::json!({ "fill": "text" })),
    ];
    for (place, change) in changes {
        let mut changed = value.clone();
        *changed.pointer_mut(place).unwrap() = change;
        let read: Preparation = serde_json::from_value(changed).unwrap();
        assert!(read.check().is_err(), "{place}: {read:?}");
    }
}

fn policy() -> impl Strategy<Value = String> {
    let missing =
        proptest::sample::select(vec!["error", "drop", "mean", "median", "most-frequent"]);
    let categories = proptest::sample::select(vec!["one-hot", "ordinal"]);
    let scale = proptest::sample::select(vec!["none", "standard", "min-max"]);
    (missing, categories, scale, 2..4).prop_map(|(missing, categories, scale, degree)| {
        format!(
            "missing = '{missing}'\ncategories = '{categories}'\nscale = '{scale}'\n\
             polynomial = {{ degree = {degree} }}\n[columns]\nn = {{ categories = 'ordinal' }}"
        )
    })
}

proptest! {
    #[test]
    fn any_table_is_prepared_or_refused(
        cells in proptest::collection::vec(("[a-c]?", "(-?[0-9]{1,3}|1e30[0-9]|)", "[0-2]?"), 1..12),
        declared in policy(),
        training in 1_usize..12,
    ) {
        let lines = cells.iter().map(|(w, x, n)| format!("{w},{x},{n}\n"));
        let text = String::from("w,x,n\n") + &lines.collect::<Vec<_>>().concat();
        let table = table(&text);
        let parsed: Prepare = toml::from_str(&declared).unwrap();
        let columns = names("w,x,n");
        let all: Vec<usize> = (0..table.rows()).collect();
        let train = all[..training.min(all.len())].to_vec();
        let train = kept(&parsed, &columns, &table, train).unwrap();
        if let Ok(made) = fitted(&declared, "w,x,n", &table, &train)
            && let Ok(features) = made.apply(&table, &made.complete(&table, all).unwrap())
        {
            prop_assert_eq!(features.len(), made.names().len());
            prop_assert!(features.iter().flatten().all(|value| value.is_finite()));
        }
    }
}
