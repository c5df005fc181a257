//! Expansion of a sweep into points: one table of params for each run.

use toml::{Table, Value};

use super::problem::Problem;
use super::source::Source;
use super::spec::{Method, Spec};
use crate::path;

/// More points than this in one spec are taken for a mistake.
pub const MAX_POINTS: usize = 100_000;

/// The points a spec asks for, each with its fixed and its swept params; duplicates are kept.
///
/// # Errors
/// Every mistake of the sweep.
pub fn expand(spec: &Spec, source: &Source) -> Result<Vec<Table>, Vec<Problem>> {
    let Some(sweep) = &spec.sweep else {
        return Ok(vec![spec.params.clone()]);
    };
    let mut problems = Vec::new();
    if !matches!(sweep.method, Method::Zip | Method::Grid) {
        let message = "this version does not run random sweeps yet";
        problems.push(
            source
                .at_value(path!["sweep", "method"], message)
                .hint("use \"grid\" or \"zip\", or remove this spec until it does"),
        );
    }
    let mut lists: Vec<(&str, &[Value])> = Vec::new();
    for (name, values) in &sweep.params {
        let place = path!["sweep", "params", name.as_str()];
        match values {
            Value::Array(values) if values.is_empty() => {
                problems.push(source.at_value(place, format!("the list of `{name}` is empty")));
            }
            Value::Array(values) => lists.push((name, values)),
            _ => {}
        }
        if spec.params.contains_key(name) {
            let message = format!("`{name}` stands in [params] and in [sweep.params]");
            problems.push(source.at_key(place, message));
        }
    }
    if sweep.method == Method::Zip {
        problems.extend(uneven(&lists, source));
    }
    if sweep.params.is_empty() {
        problems.push(source.at_key(path!["sweep", "params"], "a sweep needs at least one list"));
    }
    let points = match sweep.method {
        Method::Zip => lists.iter().map(|(_, values)| values.len()).max().unwrap_or(0),
        _ => lists.iter().fold(1usize, |points, (_, values)| points.saturating_mul(values.len())),
    };
    if points > MAX_POINTS {
        let message = format!("this sweep has more than {MAX_POINTS} points");
        problems.push(source.at_key(path!["sweep", "params"], message));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok((0..points).map(|point| table(&spec.params, &lists, sweep.method, point)).collect())
}

/// The params of one point. In a grid the last list turns fastest.
fn table(fixed: &Table, lists: &[(&str, &[Value])], method: Method, point: usize) -> Table {
    let mut table = fixed.clone();
    let mut rest = point;
    for (name, values) in lists.iter().rev() {
        let item = if method == Method::Zip { point } else { rest % values.len() };
        rest /= values.len();
        table.insert((*name).to_owned(), values[item].clone());
    }
    table
}

/// The lists of a zip whose length differs from the first one's.
fn uneven(lists: &[(&str, &[Value])], source: &Source) -> Vec<Problem> {
    let Some(((first, values), others)) = lists.split_first() else { return Vec::new() };
    others
        .iter()
        .filter(|(_, other)| other.len() != values.len())
        .map(|(name, other)| {
            let message = format!(
                "`{name}` has {} values and `{first}` has {}; zip takes the lists side by side",
                other.len(),
                values.len()
            );
            source
                .at_value(path!["sweep", "params", *name], message)
                .hint("make the lists equally long, or use method = \"grid\"")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::schema;
    use proptest::prelude::*;

    fn points(text: &str) -> Result<Vec<Table>, Vec<Problem>> {
        let source = Source::parse("s.toml", text).unwrap();
        expand(&schema::read(&source).value.unwrap(), &source)
    }

    #[test]
    fn zip_takes_lists_side_by_side() {
        let points = points(
            "params = { c = 9 }\n[sweep]\nmethod = 'zip'\nparams = { a = [1, 2], b = [3, 4] }",
        )
        .unwrap();
        let text: Vec<_> = points.iter().map(|p| p.to_string().replace('\n', " ")).collect();
        assert_eq!(text, ["a = 1 b = 3 c = 9 ", "a = 2 b = 4 c = 9 "]);
    }

    #[test]
    fn every_mistake_is_named() {
        let problems = points(
            "params = { a = 1 }\n[sweep]\nmethod = 'zip'\nparams = { a = [1, 2], b = [3], c = [] }",
        )
        .unwrap_err();
        let messages: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`a` stands in [params] and in [sweep.params]",
                "the list of `c` is empty",
                "`b` has 1 values and `a` has 2; zip takes the lists side by side",
            ]
        );
    }

    #[test]
    fn a_grid_beyond_all_bounds_is_refused() {
        let list = format!("{:?}", (0..1000).collect::<Vec<_>>());
        let text =
            format!("[sweep]\nmethod = 'grid'\nparams = {{ a = {list}, b = {list}, c = {list} }}");
        assert!(points(&text).unwrap_err()[0].message.contains("more than 100000 points"));
    }

    proptest! {
        #[test]
        fn a_grid_has_the_product_of_its_lengths(a in 1usize..6, b in 1usize..6, c in 1usize..4) {
            let list = |n: usize| format!("{:?}", (0..n).collect::<Vec<_>>());
            let text = format!(
                "[sweep]\nmethod = 'grid'\nparams = {{ a = {}, b = {}, c = {} }}",
                list(a), list(b), list(c)
            );
            let points = points(&text).unwrap();
            let distinct: std::collections::BTreeSet<_> =
                points.iter().map(ToString::to_string).collect();
            prop_assert_eq!(points.len(), a * b * c);
            prop_assert_eq!(distinct.len(), a * b * c);
        }
    }
}
