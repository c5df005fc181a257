//! `predict`: new rows through the model of a run, from files, from a pipe and from the command line.

use std::fs;
use std::path::PathBuf;

use crate::assert_shows;
use crate::session::Session;

/// A ledger with one tree that knows the even numbers from 2 to 20 by their halves.
fn trained() -> Session {
    let session = Session::small();
    fs::remove_file(session.root().join("experiments/quick/forest.toml")).unwrap();
    let part = |row| if row > 10 { "test" } else { "train" };
    let rows: Vec<String> =
        (1..=12).map(|row| format!("{row},{},0,{}\n", 2 * row, part(row))).collect();
    session.write("data/halves.csv", &format!("x,y,z,part\n{}", rows.concat()));
    session.write("experiments/quick/tree.toml", SPEC);
    session.ok(&["run"]);
    session
}

const SPEC: &str = "\
name = \"tree\"

[data]
path = \"data/halves.csv\"
target = \"y\"
features = [\"x\", \"z\"]
split = { column = \"part\" }

[train]
model = \"random-forest-regressor\"

[params]
n_estimators = 1
bootstrap = false
";

fn model(session: &Session) -> PathBuf {
    session.attempts()[0].join("artifacts/model.forest")
}

#[test]
fn the_new_house_of_the_tour_costs_what_the_readme_says() {
    let session = Session::new();
    session.outside(&["init", "ledger"]).ok();
    let spec = "experiments/housing/forest.toml";
    for (from, to) in [("[100, 200, 150, 300, 100]", "[100]"), ("[10, 15, 12, 20, 8]", "[10]")] {
        session.edit(spec, from, to);
    }
    session.edit(spec, "[2, 5, 3, 2, 10]", "[2]");
    session.ok(&["run", spec]);
    let readme = include_str!("../../README.md");
    let (_, tour) = readme.split_once("$ fairledger predict rf-100-10 area").unwrap();
    let (words, rest) = tour.split_once('\n').unwrap();
    let house: Vec<&str> = words.split(' ').skip(1).collect();
    let area = format!("area{}", words.split(' ').next().unwrap());
    let printed = session.ok(&[&["predict", "rf-100-10", &area], &house[..]].concat());
    assert_eq!(printed.trim(), rest.lines().next().unwrap());
}

#[test]
fn a_file_of_rows_comes_out_with_a_prediction_each() {
    let session = trained();
    session.write("new.csv", "id,z,x\na,0,20\n\"b, c\",0,3.2\n");
    let printed = session.ok(&["predict", "tree", "--input", "new.csv"]);
    assert_shows!(session, printed, @r#"
    id,z,x,prediction
    a,0,20,20.0
    "b, c",0,3.2,6.0
    "#);
    assert_eq!(session.ok(&["predict", "tree", "-i", "new.csv", "--csv"]), printed);
    let id = session.runs()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(session.ok(&["predict", &id[..6], "-i", "new.csv"]), printed);
    let done = session.ok(&["predict", "tree", "-i", "new.csv", "-o", "./out.csv"]);
    assert_eq!(done, "2 predictions in ./out.csv\n");
    assert_eq!(session.read("out.csv"), printed);
    session.ok(&["predict", "tree", "-i", "new.csv", "-o", "out.json"]);
    let json: serde_json::Value = serde_json::from_str(&session.read("out.json")).unwrap();
    assert_eq!(json[1]["id"], "b, c");
    session.ok(&["verify"]);
}

#[test]
fn rows_come_from_a_pipe_as_csv_or_json_and_leave_as_either() {
    let session = trained();
    let csv = session.feed(&["predict", "tree", "--input", "-", "--only"], "x,z\n20,0\n").ok();
    for text in ["[{\"x\": 20, \"z\": 0}]", "{\"z\": 0, \"x\": 20}", "{\"z\":0,\"x\":20}\n"] {
        assert_eq!(session.feed(&["predict", "tree", "--input", "-", "--only"], text).ok(), csv);
    }
    let json = session.feed(&["predict", "tree", "-i", "-", "--json"], "x,z\n20,0\n").json();
    let prediction = csv.lines().nth(1).unwrap().parse::<f64>().unwrap();
    assert_eq!(json, serde_json::json!([{ "x": 20, "z": 0, "prediction": prediction }]));
    let other = session.feed(&["predict", "tree", "-i", "-", "--format", "csv"], "[{\"x\":1}]");
    assert_eq!(other.code, 1, "{}", other.out);
}

#[test]
fn a_classifier_adds_the_probability_of_each_class() {
    let session = trained();
    let rows: Vec<String> = (0..12).map(|row| format!("{row},{}\n", SIDES[row / 6])).collect();
    session.write("data/sides.csv", &format!("x,side\n{}", rows.concat()));
    let spec = "name = \"sides\"\n[data]\npath = \"data/sides.csv\"\ntarget = \"side\"\n\
                [train]\nmodel = \"k-neighbors-classifier\"\n[params]\nn_neighbors = 4\n";
    session.write("experiments/quick/sides.toml", spec);
    session.ok(&["run"]);
    let printed = session.feed(&["predict", "sides", "-i", "-"], "x\n-5\n50\n").ok();
    assert_shows!(session, printed, @r"
    x,prediction,probability_left,probability_right
    -5,left,1.0,0.0
    50,right,0.25,0.75
    ");
    assert_eq!(session.ok(&["predict", "sides", "x=50"]), "right\n");
    let json = session.run(&["predict", "sides", "x=50", "--json"]).json();
    let probabilities = serde_json::json!({ "left": 0.25, "right": 0.75 });
    assert_eq!(json, serde_json::json!({ "prediction": "right", "probabilities": probabilities }));
}

#[test]
fn new_rows_are_prepared_as_the_training_rows_were() {
    let session = trained();
    let rows: Vec<String> =
        (0..24).map(|row| format!("{row},{},{}\n", ["a", "b", "3"][row % 3], row % 3)).collect();
    session.write("data/kinds.csv", &format!("x,kind,y\n{}", rows.concat()));
    let spec = "name = \"kinds\"\n[data]\npath = \"data/kinds.csv\"\ntarget = \"y\"\n\
                [train]\nmodel = \"random-forest-regressor\"\n[params]\nn_estimators = 1\n\
                bootstrap = false\n[prepare]\ncategories = \"one-hot\"\nmissing = \"drop\"\n\
                unknown = \"error\"\nscale = \"standard\"\n";
    session.write("experiments/quick/kinds.toml", spec);
    session.ok(&["run"]);
    let rows = "x,kind\n5,a\n,b\n5,3\n5,\n5,b\n";
    let printed = session.feed(&["predict", "kinds", "-i", "-"], rows);
    let expected = "2 of 5 rows without a prediction: the model drops rows with an empty cell\n";
    assert_eq!(printed.err, expected);
    assert_shows!(session, printed.ok(), @r"
    x,kind,prediction
    5,a,0.0
    ,b,
    5,3,2.0
    5,,
    5,b,1.0
    ");
    assert_eq!(session.ok(&["predict", "kinds", "x=5", "kind=3"]), "2.0\n");
    let json = session.feed(&["predict", "kinds", "-i", "-"], "[{\"kind\": 3, \"x\": 5.0}]").ok();
    assert_eq!(json, "kind,x,prediction\n3,5.0,2.0\n");
    assert_eq!(session.ok(&["predict", "kinds", "x=", "kind=b"]), "\n");
    let json = session.run(&["predict", "kinds", "x=", "kind=b", "--json"]).json();
    assert_eq!(json["prediction"], serde_json::Value::Null);
    let unknown = session.run(&["predict", "kinds", "x=5", "kind=z"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("row 1 has \"z\" for 'kind'"), "{}", unknown.err);
}

const SIDES: [&str; 2] = ["left", "right"];

#[test]
fn one_row_is_written_on_the_command_line() {
    let session = trained();
    let printed = session.ok(&["predict", "tree", "x=20", "z=0"]);
    assert_eq!(printed.lines().count(), 1);
    let json = session.run(&["predict", "tree", "x=20", "z=0", "--json"]).json();
    assert_eq!(json["prediction"], printed.trim().parse::<f64>().unwrap());
    let nothing = session.run(&["predict", "tree"]);
    assert_eq!(nothing.code, 2);
    assert_shows!(session, nothing.err, @r"
    error: there is nothing to predict
      hint: fairledger predict tree x=… z=…
      hint: fairledger predict tree --input FILE
    ");
    assert_eq!(session.run(&["predict", "tree", "x"]).code, 2);
    assert_eq!(session.run(&["predict", "tree", "x=1", "--input", "new.csv"]).code, 2);
}

#[test]
fn a_model_file_needs_no_ledger() {
    let session = trained();
    let copy = session.home().join("copied.forest");
    fs::copy(model(&session), &copy).unwrap();
    let inside = session.ok(&["predict", "tree", "x=20", "z=0"]);
    let outside = session.outside(&["predict", copy.to_str().unwrap(), "x=20", "z=0"]).ok();
    assert_eq!(outside, inside);
    let printed = session.outside(&["predict", "nowhere", "x=20"]);
    assert_eq!(printed.code, 1);
    assert_shows!(session, printed.err, @r"
    error: no run fits 'nowhere', and there is no file of that name
      hint: `fairledger list` shows the runs, `fairledger model list` the models
    ");
}

#[test]
fn what_is_wrong_with_the_rows_is_named() {
    let session = trained();
    for (name, text, expected) in [
        (
            "missing.csv",
            "X,w\n1,2\n",
            "missing.csv: the model needs the columns 'x', 'z', which are missing; \
             the columns are 'X', 'w'",
        ),
        (
            "type.csv",
            "x,z\n1,0\ntwo,0\n",
            "type.csv: row 2 has \"two\" for 'x', which is no number",
        ),
        ("hole.json", "[{\"x\":1,\"z\":null}]", "hole.json: row 1 has no value for 'z'"),
        ("torn.json", "[{\"x\":1,", "torn.json: the JSON cannot be read: EOF"),
        ("empty.csv", "", "empty.csv: the file is empty"),
    ] {
        session.write(name, text);
        let printed = session.run(&["predict", "tree", "--input", name, "--output", "out.csv"]);
        assert_eq!(printed.code, 1, "{name}");
        assert!(printed.err.contains(expected), "{name}: {}", printed.err);
        assert!(!session.root().join("out.csv").exists(), "{name}");
    }
    let printed = session.run(&["predict", "tree", "--input", "nowhere.csv"]);
    assert!(printed.err.contains("cannot read nowhere.csv: "), "{}", printed.err);
}

#[test]
fn a_flipped_byte_in_the_model_is_refused_by_name() {
    let session = trained();
    let path = model(&session);
    let (mut bytes, times) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap());
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();
    // The time of the file is put back, so that only its content tells.
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(times.modified().unwrap()).unwrap();
    let printed = session.run(&["predict", "tree", "x=20", "z=0"]);
    assert_eq!((printed.code, printed.out.as_str()), (5, ""));
    let expected = "artifacts/model.forest was changed after it was sealed; it is not used";
    assert!(printed.err.contains(expected), "{}", printed.err);
    let outside = session.run(&["predict", path.to_str().unwrap(), "x=20", "z=0"]);
    assert_eq!(outside.code, 1);
    assert!(outside.err.contains("its bytes have changed since it was written"), "{}", outside.err);
    session.ok(&["run", "--force"]);
    session.ok(&["predict", "tree", "x=20", "z=0"]);
}

#[test]
fn a_model_that_is_not_here_says_how_to_get_it() {
    let session = trained();
    session.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 10");
    session.ok(&["run", "--force"]);
    for attempt in session.attempts() {
        if attempt.join(".gitignore").exists() {
            fs::remove_file(attempt.join("artifacts/model.forest")).unwrap();
        } else {
            fs::remove_dir_all(attempt).unwrap();
        }
    }
    let printed = session.run(&["predict", "tree", "x=20", "z=0"]);
    assert_eq!(printed.code, 1);
    assert!(printed.err.contains("is not in this copy of the ledger"), "{}", printed.err);
    assert!(printed.err.contains("copy it from where the run was executed"), "{}", printed.err);
}

#[test]
fn a_run_that_failed_has_no_model() {
    let session = trained();
    session.edit("data/halves.csv", ",0,train", ",1e300,train");
    session.edit("experiments/quick/tree.toml", "\"tree\"", "\"wild\"");
    assert_eq!(session.run(&["run"]).code, 4);
    let printed = session.run(&["predict", "wild", "x=20", "z=0"]);
    assert_eq!(printed.code, 1);
    assert_eq!(printed.err, "error: 'wild' has no model: it failed\n");
}
