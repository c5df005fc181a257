//! Features that are prepared: categories, empty cells, scaling, products.

use crate::assert_shows;
use crate::session::Session;

/// Houses with a town, a hole in a column, and a price that follows from both.
const HOUSES: &str = "\
area,town,rooms,price,part
50,Ulm,2,110,train
60,Bonn,,180,train
70,Ulm,3,150,train
80,Bonn,3,220,train
90,Köln,4,290,train
100,Köln,5,310,train
110,Ulm,4,230,test
120,Jena,,260,test
";

const SPEC: &str = "\
[data]
path = \"data/houses.csv\"
target = \"price\"
features = [\"area\", \"town\", \"rooms\"]
split = { column = \"part\" }

[train]
model = \"ridge\"
";

fn session(prepare: &str) -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session.write("data/houses.csv", HOUSES);
    session.write("experiments/houses/linear.toml", &(String::from(SPEC) + prepare));
    session
}

#[test]
fn what_needs_a_preparation_says_which() {
    let session = session("");
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/houses/linear.toml:4:21: the feature `town` is not a number in every row (first in row 1)
     --> experiments/houses/linear.toml:4:21
      |
    4 | features = ["area", "town", "rooms"]
      |                     ^^^^^^
      |
      = help: if it holds categories, write [prepare] categories = "one-hot"; else correct or exclude it

    error: experiments/houses/linear.toml:4:29: the feature `rooms` is empty in 2 rows
     --> experiments/houses/linear.toml:4:29
      |
    4 | features = ["area", "town", "rooms"]
      |                             ^^^^^^^
      |
      = help: say what becomes of them: [prepare] missing = "median", or "drop" to leave out the rows; or fill them in data/houses.csv
    "#);
}

const WRONG: &str = "
[prepare]
missing = \"mean\"
categories = \"one-hot\"

[prepare.columns]
room = { missing = \"median\" }
price = { scale = \"standard\" }
area = { missing = { constant = \"none\" } }
town = { missing = \"median\", scale = \"min-max\" }
rooms = { categories = \"ordinal\" }
";

#[test]
fn mistakes_of_a_preparation_are_shown_at_once() {
    let session = session(WRONG);
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/houses/linear.toml:11:11: `rooms` holds categories, which have no mean
      --> experiments/houses/linear.toml:11:11
       |
    11 | missing = "mean"
       |           ^^^^^^
       |
       = help: below it, write columns.rooms.missing = "most-frequent"

    error: experiments/houses/linear.toml:15:1: `room` is no feature
      --> experiments/houses/linear.toml:15:1
       |
    15 | room = { missing = "median" }
       | ^^^^
       |
       = help: did you mean `rooms`?

    error: experiments/houses/linear.toml:16:1: `price` is no feature
      --> experiments/houses/linear.toml:16:1
       |
    16 | price = { scale = "standard" }
       | ^^^^^

    error: experiments/houses/linear.toml:17:20: `area` holds numbers and cannot be filled with the text "none"
      --> experiments/houses/linear.toml:17:20
       |
    17 | area = { missing = { constant = "none" } }
       |                    ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write missing = "median", or { constant = 0 }

    error: experiments/houses/linear.toml:18:20: `town` holds categories, which have no median
      --> experiments/houses/linear.toml:18:20
       |
    18 | town = { missing = "median", scale = "min-max" }
       |                    ^^^^^^^^
       |
       = help: write missing = "most-frequent", or { constant = "none" }

    error: experiments/houses/linear.toml:18:38: `town` becomes columns of 0 and 1, which are not scaled
      --> experiments/houses/linear.toml:18:38
       |
    18 | town = { missing = "median", scale = "min-max" }
       |                                      ^^^^^^^^^
    "#);
}

#[test]
fn too_much_is_refused_before_training() {
    let session = session("\n[prepare]\ncategories = \"one-hot\"\n");
    let lines =
        (0..1200).map(|row| format!("{row},t{row},1,{row},{}\n", ["train", "test"][row % 2]));
    session.write(
        "data/houses.csv",
        &(String::from("area,town,rooms,price,part\n") + &lines.collect::<String>()),
    );
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/houses/linear.toml:4:21: `town` has more than 1000 categories
     --> experiments/houses/linear.toml:4:21
      |
    4 | features = ["area", "town", "rooms"]
      |                     ^^^^^^
      |
      = help: exclude it, or write columns.town.categories = "ordinal" in [prepare]
    "#);
    let columns: Vec<String> = (0..60).map(|at| format!("c{at}")).collect();
    let cells = vec!["1"; 60].join(",");
    session
        .write("data/houses.csv", &format!("{},price\n{cells},1\n{cells},2\n", columns.join(",")));
    session.write(
        "experiments/houses/linear.toml",
        "[data]\npath = \"data/houses.csv\"\ntarget = \"price\"\nsplit = { test = 0.5 }\n\
         [train]\nmodel = \"ridge\"\n[prepare]\npolynomial = { degree = 4 }\n",
    );
    assert_shows!(session, session.run(&["plan"]).err, @"
    error: experiments/houses/linear.toml:8:25: 60 number columns have more than 10000 products
     --> experiments/houses/linear.toml:8:25
      |
    8 | polynomial = { degree = 4 }
      |                         ^
      |
      = help: lower the degree or exclude columns
    ");
}

const PREPARED: &str = "
[prepare]
missing = \"mean\"
categories = \"one-hot\"
scale = \"standard\"
";

#[test]
fn a_run_keeps_the_features_it_made() {
    let session = session(PREPARED);
    session.ok(&["run"]);
    let attempt = session.attempts().pop().unwrap();
    let read = |path: &str| std::fs::read_to_string(attempt.join("artifacts").join(path)).unwrap();
    let names: Vec<String> = read("coefficients.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["area", "town=Bonn", "town=Köln", "town=Ulm", "rooms"]);
    let schema: serde_json::Value = serde_json::from_str(&read("schema.json")).unwrap();
    assert_eq!(schema["prepared"], serde_json::json!(names));
    assert_eq!(
        schema["features"][1]["categories"]["first"],
        serde_json::json!(["Bonn", "Jena", "Köln", "Ulm"])
    );
    assert_eq!(schema["features"][2]["missing"], 2);
    let model = std::fs::read(attempt.join("artifacts/model.linear")).unwrap();
    let header = String::from_utf8_lossy(&model);
    assert!(header.contains(r#""categories":{"texts":["Bonn","Köln","Ulm"]}"#), "{header}");
    assert!(header.contains(r#""empty":{"fill":3.4}"#), "{header}");
}

#[test]
fn only_what_matters_of_a_preparation_is_part_of_a_runs_identity() {
    let session = session(PREPARED);
    session.ok(&["run"]);
    session.edit("experiments/houses/linear.toml", "scale = ", "unknown = \"ignore\"\nscale = ");
    session.ok(&["run"]);
    assert_eq!(session.attempts().len(), 1);
    session.edit("experiments/houses/linear.toml", "\"standard\"", "\"min-max\"");
    session.ok(&["run"]);
    assert_eq!(session.attempts().len(), 2);
}

#[test]
fn dropped_rows_are_counted_in_the_log() {
    let session = session("\n[prepare]\nmissing = \"drop\"\ncategories = \"ordinal\"\n");
    session.ok(&["run"]);
    let attempt = session.attempts().pop().unwrap();
    let log = std::fs::read_to_string(attempt.join("log.txt")).unwrap();
    assert!(
        log.contains("2 of 8 rows are left out: they have empty cells in the features"),
        "{log}"
    );
}
