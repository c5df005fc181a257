use std::collections::BTreeSet;

use proptest::prelude::*;
use toml::Table;

use super::*;
use crate::ledger::digest::Digest;
use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};
use crate::ledger::schema;
use crate::ledger::source::Source;

const ALPHA: Parameter = Parameter {
    name: "alpha",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(1.0),
    summary: "",
    added_later: false,
};

const TREES: Parameter = Parameter {
    name: "trees",
    kinds: &[Kind::Integer(1, 1000)],
    default: Default::Integer(100),
    ..ALPHA
};

const ROWS: Parameter = Parameter {
    name: "rows",
    kinds: &[Kind::Integer(2, i64::MAX), Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0))],
    default: Default::Integer(2),
    ..ALPHA
};

const MODEL: Model = Model {
    name: "model",
    version: 1,
    task: Task::Regression,
    summary: "",
    parameters: &[ALPHA, TREES, ROWS],
};

/// The points of a spec, or its mistakes with their cures.
fn expand(text: &str) -> Result<Vec<Table>, Vec<String>> {
    let source = Source::parse("s.toml", text).unwrap();
    let read = schema::read::<Spec>(&source);
    let spec = read.value.unwrap();
    let mut problems = read.problems;
    problems.extend(check(&spec, &source, &[&MODEL]));
    if problems.is_empty() {
        let mut points = Vec::new();
        let mut look = |some: &[Table]| {
            points.extend_from_slice(some);
            let id = |point: &Table| RunId::from_digest(&Digest::of(point.to_string().as_bytes()));
            Ok::<_, ()>(some.iter().map(|point| Look { run: id(point), cost: None }).collect())
        };
        walk(&spec, &mut look).unwrap();
        return Ok(points);
    }
    let say = |problem: &crate::ledger::problem::Problem| match &problem.hint {
        Some(hint) => format!("{}:{}: {}: {hint}", problem.line, problem.column, problem.message),
        None => format!("{}:{}: {}", problem.line, problem.column, problem.message),
    };
    Err(problems.iter().map(say).collect())
}

fn sweep(method: &str, rest: &str) -> Result<Vec<Table>, Vec<String>> {
    expand(&format!("[sweep]\nmethod = '{method}'\n{rest}"))
}

/// The only mistake of a sweep.
#[track_caller]
fn mistake(method: &str, rest: &str) -> String {
    let mut mistakes = sweep(method, rest).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes.remove(0)
}

#[test]
fn zip_takes_lists_side_by_side() {
    let points =
        expand("params = { c = 9 }\n[sweep]\nmethod = 'zip'\nparams = { a = [1, 2], b = [3, 4] }");
    let text: Vec<_> = points.unwrap().iter().map(|p| p.to_string().replace('\n', " ")).collect();
    assert_eq!(text, ["a = 1 b = 3 c = 9 ", "a = 2 b = 4 c = 9 "]);
}

#[test]
fn every_mistake_of_the_lists_is_named() {
    let mistakes = expand(
        "params = { a = 1 }\n[sweep]\nmethod = 'zip'\nparams = { a = [1, 2], b = [3], c = [] }",
    );
    assert_eq!(
        mistakes.unwrap_err(),
        [
            "4:12: `a` stands in [params] and in [sweep.params]: leave one of them out",
            "4:37: the list of `c` is empty",
            "4:28: `b` has 1 values and `a` has 2; zip takes the lists side by side: make the lists \
             equally long, or use method = \"grid\"",
        ]
    );
    assert_eq!(mistake("grid", "params = {}"), "3:1: a sweep needs at least one param");
}

#[test]
fn a_sweep_beyond_all_bounds_is_refused() {
    let list = format!("{:?}", (0..1000).collect::<Vec<_>>());
    let lists = format!("params = {{ a = {list}, b = {list}, c = {list} }}");
    assert!(mistake("grid", &lists).contains("more than 100000 points"));
    let tpe = "samples = 1001\nparams = { a = [1] }";
    assert!(mistake("tpe", tpe).contains("more than 1000 points"));
    let samples = "samples = 9000000000\nparams = { a = [1] }";
    assert!(mistake("random", samples).contains("more than 100000 points"));
}

#[test]
fn keys_of_another_method_are_refused() {
    let lists = "params = { a = [1] }";
    assert_eq!(
        mistake("grid", &format!("samples = 3\n{lists}")),
        "3:1: `samples` is the number of points to draw; a grid has none: leave it out, or use \
         method = \"random\" or \"halving\" or \"tpe\""
    );
    let seed = mistake("zip", &format!("seed = 3\n{lists}"));
    assert!(seed.contains("zip has none") && seed.contains("stands in [train]"), "{seed}");
    assert!(mistake("random", &format!("samples = 2\nbatch = 3\n{lists}")).contains("`batch`"));
    assert!(mistake("random", lists).contains("a random sweep needs `samples`"));
}

#[test]
fn ranges_that_hold_nothing_are_refused() {
    let random = |range: &str| mistake("random", &format!("samples = 2\nparams = {{ {range} }}"));
    assert_eq!(
        random("alpha = { low = 2, high = 1 }"),
        "4:28: `low` of `alpha` is above its `high`: exchange the two"
    );
    assert_eq!(
        random("alpha = { low = 0, high = 1, log = true }"),
        "4:28: a logarithmic range begins above 0, this one at 0.0: raise `low`, or leave `log` out"
    );
    let fraction = random("trees = { low = 1, high = 2.5, integer = true }");
    assert!(fraction.contains("2.5 is none"), "{fraction}");
    let grid = mistake("grid", "params = { alpha = { low = 0, high = 1 } }");
    assert!(grid.contains("a grid takes lists; `alpha` is a range"), "{grid}");
}

#[test]
fn both_ends_of_a_range_are_checked_against_the_param() {
    let random = |range: &str| mistake("random", &format!("samples = 2\nparams = {{ {range} }}"));
    assert_eq!(
        random("alpha = { low = -1, high = 1 }"),
        "4:28: `alpha` takes a number of at least 0.0; found the number -1.0"
    );
    let both = sweep(
        "random",
        "samples = 2\nparams = { trees = { low = 0, high = 1001, integer = true } }",
    );
    assert_eq!(both.unwrap_err().len(), 2);
    assert!(
        random("alpha = { low = 1, high = 9, integer = true }").contains("leave `integer` out")
    );
    let whole = sweep("random", "samples = 2\nparams = { trees = { low = 1, high = 9 } }");
    assert!(whole.unwrap_err()[0].ends_with("add integer = true to the range"));
    for range in ["low = 2, high = 9, integer = true", "low = 0.1, high = 0.9"] {
        sweep("random", &format!("samples = 2\nparams = {{ rows = {{ {range} }} }}")).unwrap();
    }
    assert!(random("seed = { low = 1, high = 9 }").contains("`seed` takes whole numbers"));
    assert!(random("model = { low = 1, high = 9 }").contains("`model` takes names"));
}

#[test]
fn a_choice_of_no_shape_is_explained() {
    let random =
        |choice: &str| sweep("random", &format!("samples = 2\nparams = {{ alpha = {choice} }}"));
    assert_eq!(random("1").unwrap_err(), ["4:20: expected a list or a table, found the number 1"]);
    let mistakes = random("{ loww = 1, high = 2 }").unwrap_err();
    assert!(mistakes[0].contains("needs the key `low`"), "{mistakes:?}");
    assert!(mistakes[1].contains("unknown key `loww`: did you mean `low`?"), "{mistakes:?}");
}

#[test]
fn what_stands_in_train_is_not_swept() {
    let mistakes = expand(
        "[train]\nseed = 1\nmodel = 'model'\n[sweep]\nmethod = 'grid'\n\
         params = { seed = [1, 2], model = ['model'] }",
    );
    assert_eq!(
        mistakes.unwrap_err(),
        [
            "2:1: `seed` stands in [train] and in [sweep.params]: leave one of them out",
            "3:1: `model` stands in [train] and in [sweep.params]: leave one of them out",
        ]
    );
}

#[test]
fn the_resource_of_halving_is_a_param_that_counts() {
    let halving = |rest: &str| mistake("halving", &format!("{rest}\nparams = {{ alpha = [1.0] }}"));
    let ends = "min_resource = 1\nmax_resource = 9";
    let with = |rest: &str| halving(&format!("resource = {rest}\n{ends}"));
    assert!(halving(ends).contains("`model` has no param `n_estimators` that could grow"));
    assert!(with("'tree'").ends_with("did you mean \"trees\"?"));
    assert!(
        with("'alpha'").contains("`alpha` of `model` is no whole number"),
        "{}",
        with("'alpha'")
    );
    assert_eq!(
        halving("resource = 'trees'\nmin_resource = 9\nmax_resource = 1"),
        "4:16: `min_resource` is above `max_resource`: exchange the two"
    );
    let most = halving("resource = 'trees'\nmin_resource = 1\nmax_resource = 1001");
    assert!(most.contains("`trees` takes a whole number from 1 to 1000"), "{most}");
    assert_eq!(
        halving("resource = 'trees'\nmin_resource = 1"),
        "1:2: halving needs `max_resource`, the trees of its last rung: such as max_resource = 100"
    );
    let twice = format!("resource = 'trees'\n{ends}\nparams = {{ trees = [1] }}");
    assert!(mistake("halving", &twice).contains("grows from rung to rung"));
    let seed = halving(&format!("seed = 1\nresource = 'trees'\n{ends}"));
    assert!(seed.contains("without `samples` halving takes every combination"), "{seed}");
    let drawn =
        format!("resource = 'trees'\n{ends}\nparams = {{ alpha = {{ low = 0, high = 1 }} }}");
    assert!(mistake("halving", &drawn).contains("halving takes lists; `alpha` is a range"));
    assert_eq!(sweep("halving", &format!("samples = 3\n{drawn}")).unwrap().len(), 3);
}

/// Points of existing sweeps must never move.
#[test]
fn a_random_sweep_is_fixed() {
    let points = sweep(
        "random",
        "samples = 3\nseed = 7\nparams = { alpha = { low = 1e-4, high = 1e2, log = true }, \
         trees = { low = 1, high = 1000, log = true, integer = true }, rows = [2, 5, 0.5] }",
    );
    let text: Vec<_> = points.unwrap().iter().map(|p| p.to_string().replace('\n', " ")).collect();
    assert_eq!(
        text,
        [
            "alpha = 1.34072 rows = 0.5 trees = 134 ",
            "alpha = 3.98197 rows = 5 trees = 18 ",
            "alpha = 0.000256352 rows = 5 trees = 622 ",
        ]
    );
}

proptest! {
    #[test]
    fn a_grid_has_the_product_of_its_lengths(a in 1usize..6, b in 1usize..6, c in 1usize..4) {
        let list = |n: usize| format!("{:?}", (0..n).collect::<Vec<_>>());
        let points = sweep("grid", &format!("params = {{ a = {}, b = {}, c = {} }}", list(a), list(b), list(c)));
        let points = points.unwrap();
        let distinct: BTreeSet<_> = points.iter().map(ToString::to_string).collect();
        prop_assert_eq!(points.len(), a * b * c);
        prop_assert_eq!(distinct.len(), a * b * c);
    }

    /// More samples keep the earlier points, and a further param leaves the drawn values alone.
    #[test]
    fn a_wider_random_sweep_begins_as_the_narrower(
        seed: i64, few in 1usize..20, more in 0usize..20, log: bool,
    ) {
        let alpha = format!("alpha = {{ low = 0.001, high = 10, log = {log} }}");
        let draw = |samples: usize, further: &str| sweep(
            "random",
            &format!("samples = {samples}\nseed = {seed}\nparams = {{ {alpha}{further} }}"),
        ).unwrap();
        let narrow = draw(few, "");
        prop_assert_eq!(&draw(few + more, "")[..few], &narrow[..]);
        for (point, wide) in narrow.iter().zip(draw(few, ", trees = [1, 2, 3]")) {
            prop_assert_eq!(point.get("alpha"), wide.get("alpha"));
            prop_assert!(wide.contains_key("trees"));
        }
    }
}
