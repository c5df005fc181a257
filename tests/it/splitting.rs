//! Splits: by time, stratified, grouped.

use crate::assert_shows;
use crate::session::Session;

const VISITS: &str = "\
patient,day,ward,stay
1,2026-01-05,A,3
1,2026-02-01,A,4
2,2026-01-09,B,5
2,2026-03-02,A,2
3,2026-03-02,B,6
3,2026-01-02,A,7
4,2026-02-11,B,8
4,2026-02-12,A,9
";

fn session(split: &str) -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session.write("data/visits.csv", VISITS);
    let spec = format!(
        "[data]\npath = \"data/visits.csv\"\ntarget = \"stay\"\nfeatures = [\"patient\"]\n\
         split = {split}\n\n[train]\nmodel = \"linear-regression\"\n"
    );
    session.write("experiments/stays/linear.toml", &spec);
    session
}

/// The numbers of the test rows of the only run.
fn test_rows(session: &Session) -> Vec<usize> {
    session.ok(&["run"]);
    let attempt = session.attempts().pop().unwrap();
    let text = std::fs::read_to_string(attempt.join("artifacts/predictions.csv")).unwrap();
    text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn the_latest_rows_are_tested() {
    assert_eq!(test_rows(&session("{ test = 0.25, time = \"day\" }")), [4, 5]);
    // Two rows share the third latest day, so only what is later is tested.
    let tied = session("{ test = 0.1, time = \"day\" }").run(&["run"]);
    assert!(tied.err.contains("the test part of the split has no row"), "{}", tied.err);
}

#[test]
fn groups_stay_together_and_values_keep_their_shares() {
    let session = session("{ test = 0.5, seed = 1, group = \"ward\" }");
    let wards: Vec<char> =
        VISITS.lines().skip(1).map(|line| line.chars().nth(13).unwrap()).collect();
    let of = |rows: &[usize]| rows.iter().map(|row| wards[row - 1]).collect::<String>();
    let rows = test_rows(&session);
    assert!(["AAAAA", "BBB"].contains(&of(&rows).as_str()), "{rows:?}");

    session.edit("experiments/stays/linear.toml", "group", "stratify");
    let mut tested: Vec<char> = of(&test_rows(&session)).chars().collect();
    tested.sort_unstable();
    assert_eq!(tested, ['A', 'A', 'A', 'B']);
}

#[test]
fn mistakes_of_a_split() {
    let session = session("{ test = 0.9, group = \"wart\", stratify = \"day\" }");
    session.edit("data/visits.csv", "2026-02-12", "");
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/stays/linear.toml:5:23: a split keeps either `stratify` or `group`, not both
     --> experiments/stays/linear.toml:5:23
      |
    5 | split = { test = 0.9, group = "wart", stratify = "day" }
      |                       ^^^^^

    error: experiments/stays/linear.toml:5:31: data/visits.csv has no column `wart`
     --> experiments/stays/linear.toml:5:31
      |
    5 | split = { test = 0.9, group = "wart", stratify = "day" }
      |                               ^^^^^^
      |
      = help: did you mean `ward`?

    error: experiments/stays/linear.toml:5:50: the split column `day` is empty in 1 row
     --> experiments/stays/linear.toml:5:50
      |
    5 | split = { test = 0.9, group = "wart", stratify = "day" }
      |                                                  ^^^^^
      |
      = help: fill or remove those rows in data/visits.csv
    "#);
    session.edit("experiments/stays/linear.toml", "\"wart\", stratify = \"day\"", "\"patient\"");
    session.edit(
        "experiments/stays/linear.toml",
        "features = [\"patient\"]",
        "exclude = [\"day\", \"ward\"]",
    );
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/stays/linear.toml:1:1: no column is left as a feature
     --> experiments/stays/linear.toml:1:1
      |
    1 | [data]
      | ^^^^^^

    error: experiments/stays/linear.toml:5:18: 4 groups leave none to train on
     --> experiments/stays/linear.toml:5:18
      |
    5 | split = { test = 0.9, group = "patient" }
      |                  ^^^
    "#);
}
