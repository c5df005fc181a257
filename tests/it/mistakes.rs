//! Mistakes in the user's files: all of them at once, each with its place and a suggestion.

use crate::assert_shows;
use crate::session::{SMALL_SPEC, Session};

const MANY_MISTAKES: &str = r#"name = "f-{n_estimator}"
descripton = "misspelt"

[data]
path = "data/smal.csv"
target = "y"

[train]
model = "random-forest-regresor"
seed = "seven"

[sweep]
method = "zip"
params = { n_estimators = [1, 2], max_depth = [3] }

[evaluate]
metrics = ["r2"]
"#;

#[test]
fn every_mistake_of_a_spec_is_shown_at_once() {
    let session = Session::small();
    session.write("experiments/quick/forest.toml", MANY_MISTAKES);
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 3);
    assert_shows!(session, printed.err, @r#"
    error: experiments/quick/forest.toml:2:1: unknown key `descripton`
     --> experiments/quick/forest.toml:2:1
      |
    2 | descripton = "misspelt"
      | ^^^^^^^^^^
      |
      = help: did you mean `description`?

    error: experiments/quick/forest.toml:5:8: there is no file data/smal.csv
     --> experiments/quick/forest.toml:5:8
      |
    5 | path = "data/smal.csv"
      |        ^^^^^^^^^^^^^^^
      |
      = help: did you mean "data/small.csv"?

    error: experiments/quick/forest.toml:9:9: there is no model "random-forest-regresor"
     --> experiments/quick/forest.toml:9:9
      |
    9 | model = "random-forest-regresor"
      |         ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean "random-forest-regressor"?

    error: experiments/quick/forest.toml:10:8: expected a whole number, found the text "seven"
      --> experiments/quick/forest.toml:10:8
       |
    10 | seed = "seven"
       |        ^^^^^^^

    error: experiments/quick/forest.toml:14:27: `n_estimators` has 2 values and `max_depth` has 1; zip takes the lists side by side
      --> experiments/quick/forest.toml:14:27
       |
    14 | params = { n_estimators = [1, 2], max_depth = [3] }
       |                           ^^^^^^
       |
       = help: make the lists equally long, or use method = "grid"
    "#);
}

const PARAMS_AND_COLUMNS: &str = r#"[data]
path = "data/small.csv"
target = "word"
features = ["x", "z", "part"]
split = { column = "parts" }

[train]
model = "random-forest-regressor"

[params]
n_estimators = 0
max_dept = 3
min_samples_leaf = 1.5

[evaluate]
metrics = ["r3", "rmse"]
"#;

#[test]
fn mistakes_about_params_and_columns() {
    let session = Session::small();
    session.write("experiments/quick/forest.toml", PARAMS_AND_COLUMNS);
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/quick/forest.toml:3:10: the target `word` is not a number in every row (first in row 1)
     --> experiments/quick/forest.toml:3:10
      |
    3 | target = "word"
      |          ^^^^^^

    error: experiments/quick/forest.toml:4:18: data/small.csv has no column `z`
     --> experiments/quick/forest.toml:4:18
      |
    4 | features = ["x", "z", "part"]
      |                  ^^^
      |
      = help: its columns: x, y, word, part

    error: experiments/quick/forest.toml:4:23: the feature `part` is not a number in every row (first in row 1)
     --> experiments/quick/forest.toml:4:23
      |
    4 | features = ["x", "z", "part"]
      |                       ^^^^^^
      |
      = help: if it holds categories, write [prepare] categories = "one-hot"; else correct or exclude it

    error: experiments/quick/forest.toml:5:20: data/small.csv has no column `parts`
     --> experiments/quick/forest.toml:5:20
      |
    5 | split = { column = "parts" }
      |                    ^^^^^^^
      |
      = help: did you mean `part`?

    error: experiments/quick/forest.toml:11:16: `n_estimators` takes a whole number of at least 1; found the number 0
      --> experiments/quick/forest.toml:11:16
       |
    11 | n_estimators = 0
       |                ^

    error: experiments/quick/forest.toml:12:1: `random-forest-regressor` has no param `max_dept`
      --> experiments/quick/forest.toml:12:1
       |
    12 | max_dept = 3
       | ^^^^^^^^
       |
       = help: did you mean `max_depth`?

    error: experiments/quick/forest.toml:13:20: `min_samples_leaf` takes a whole number of at least 1, or a number above 0.0 below 1.0; found the number 1.5
      --> experiments/quick/forest.toml:13:20
       |
    13 | min_samples_leaf = 1.5
       |                    ^^^

    error: experiments/quick/forest.toml:16:12: there is no metric "r3" for this model
      --> experiments/quick/forest.toml:16:12
       |
    16 | metrics = ["r3", "rmse"]
       |            ^^^^
       |
       = help: did you mean "r2"?
    "#);
}

#[test]
fn an_empty_table_and_text_in_a_target() {
    let session = Session::small();
    session.write("data/small.csv", "x,y,part\n");
    assert!(session.run(&["plan"]).err.contains("data/small.csv has no rows"));
    session.write("data/small.csv", "x,y,part\n1,many,train\n2,3,test\n");
    let err = session.run(&["plan"]).err;
    assert!(err.contains("the target `y` is not a number in every row (first in row 1)"), "{err}");
    session.write("data/small.csv", "x,y,part\n1,,train\n2,3,test\n");
    let err = session.run(&["plan"]).err;
    assert!(err.contains("the target `y` is empty in 1 row"), "{err}");
}

#[test]
fn every_mistake_of_a_command_is_shown_with_its_cure() {
    let session = Session::small();
    let spec = "\
name = \"x-{rte}\"
[data]
path = \"data/small.csv\"
target = \"y\"
[command]
run = [\"python train.py --lr {lr}\"]
inputs = [\"../train.py\", \"none.py\", \"data\"]
env_key = [\"HF_TOKEN\", \"A\"]
env_pass = [\"A\", \"FAIRLEDGER_SEED\"]
timeout = \"soon\"
[params]
rate = 1
api_key = \"0123456789\"
seed = 1
[evaluate]
cv = 5
";
    session.write("experiments/quick/forest.toml", spec);
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 3, "{}", printed.err);
    for part in [
        "the label names no param: {rte}",
        "`target` is for built-in models; a command reads the whole file",
        "no shell that would divide this into words",
        "no param is called {lr}",
        "leads out of the folder the command works in",
        "\"none.py\" stands for no file",
        "\"data\" is a folder; write \"data/**\"",
        "HF_TOKEN looks like a secret, and env_key stores its value",
        "A stands in env_key and in env_pass",
        "FAIRLEDGER_SEED is set for every command",
        "`timeout` is a duration such as",
        "this looks like a secret; what a spec says is stored and pushed",
        "the seed belongs into [command]",
        "[evaluate] is for built-in models",
    ] {
        assert!(printed.err.contains(part), "{part}\n{}", printed.err);
    }
    assert!(session.attempts().is_empty());
}

#[test]
fn a_mistake_in_ledger_toml_and_a_newer_format_are_one_clear_error() {
    let session = Session::small();
    session.edit("ledger.toml", "mode = \"branch\"", "mode = \"brunch\"");
    let printed = session.run(&["list"]);
    assert_eq!(printed.code, 3);
    assert!(printed.err.contains("did you mean \"branch\"?"), "{}", printed.err);
    session.write("ledger.toml", "format = 2\n[new]\nkey = 1\n");
    let err = session.run(&["list"]).err;
    assert!(err.contains("this ledger is of format 2; this version reads up to 1"), "{err}");
}

#[test]
fn a_text_file_that_cannot_be_read_stops_nothing() {
    let session = Session::small();
    std::fs::write(session.root().join("experiments/quick/README.md"), b"\xff").unwrap();
    std::fs::write(session.root().join("experiments/quick/experiment.toml"), b"\xff").unwrap();
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 3, "{}", printed.err);
    assert!(printed.out.contains("2 trained") && printed.err.contains("experiment.toml"));
    session.ok(&["list"]);
}

#[test]
fn a_misspelt_default_metric_is_not_ignored() {
    let session = Session::small();
    session.edit("ledger.toml", "[snapshot]", "[defaults]\nmetrics = [\"rsme\"]\n\n[snapshot]");
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 3, "{}", printed.out);
    assert!(printed.err.contains("[defaults] of ledger.toml"), "{}", printed.err);
    assert_eq!(session.attempts().len(), 0);
}

#[test]
fn no_ledger_here() {
    let session = Session::new();
    let printed = session.outside(&["run"]);
    assert_eq!(printed.code, 1);
    assert_shows!(session, printed.err, @r"
    error: no ledger here: neither . nor a folder above it holds a ledger.toml
      hint: `fairledger init DIR` makes one; -C DIR looks elsewhere
    ");
}

#[test]
fn no_text_makes_the_program_stop_dead() {
    let session = Session::small();
    for text in [
        "\u{0}",
        "= = =",
        "[sweep]\nparams = 3",
        "[data]\npath = \"../../etc/passwd\"\ntarget = \"y\"",
        "name = \"{{{\"",
        "[train]\nmodel = [1]",
        "\u{feff}[train]",
        "a = 99999999999999999999",
        "[params]\nx = nan",
    ] {
        session.write("experiments/quick/odd.toml", text);
        let printed = session.run(&["plan"]);
        assert_eq!(printed.code, 3, "{text:?}: {}", printed.err);
        assert!(!printed.err.contains("panicked"), "{text:?}: {}", printed.err);
    }
}

#[test]
fn of_very_many_mistakes_the_first_are_shown_and_the_others_counted() {
    let session = Session::small();
    let names: Vec<String> = (0..1000).map(|number| format!("\"m{number}\"")).collect();
    let names = names.join(", ");
    let spec = format!("{SMALL_SPEC}\n[evaluate]\nmetrics = [{names}]\n");
    session.write("experiments/quick/forest.toml", &spec);
    let printed = session.run(&["plan"]);
    assert_eq!(printed.code, 3);
    assert_eq!(printed.err.matches("error: ").count(), 50);
    assert!(
        printed
            .err
            .ends_with("and 950 more mistakes; `fairledger plan --json` lists all of them\n")
    );
    let json = session.run(&["plan", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["mistakes"].as_array().unwrap().len(), 1000);
}
