//! `models`: the declarations that check specs, for people and for programs.

use crate::assert_shows;
use crate::session::Session;

fn session() -> Session {
    let session = Session::new();
    std::fs::create_dir_all(session.root()).unwrap();
    session
}

#[test]
fn a_model_is_documented_without_a_ledger() {
    let session = session();
    assert_shows!(session, session.ok(&["models", "ridge"]), @r#"
    ridge, regression, version 1
    Least squares with a penalty on squares: minimises ||y - Xw - b||² + alpha ||w||²

    params with their defaults
      alpha = 1.0
          Strength of the penalty on the coefficients; 0 is none.
          Takes a number of at least 0.0.
      fit_intercept = true
          Whether the line may cross the axis anywhere; false forces it through the origin.
          Takes true or false.

    metrics
      r2, rmse, mse, mae
      when asked: mape, max_error, explained_variance, median_absolute_error

    the shortest spec
      [data]
      path = "data/housing.csv"
      target = "price"

      [train]
      model = "ridge"

    next: save it as experiments/NAME/SPEC.toml, then fairledger run
    "#);
}

#[test]
fn every_model_is_listed_below_its_task() {
    let session = session();
    let models = session.run(&["models", "--json"]).json();
    let list = session.ok(&["models"]);
    let mut below = "";
    for line in list.lines() {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        if rest.trim().is_empty() {
            below = first;
        } else if let Some(model) =
            models.as_array().unwrap().iter().find(|model| model["name"] == first)
        {
            assert_eq!(model["task"], below, "{first}");
            assert_eq!(model["summary"], rest.trim());
        }
    }
    for model in models.as_array().unwrap() {
        let name = model["name"].as_str().unwrap();
        assert_eq!(list.matches(&format!("\n{name} ")).count(), 1, "{name}:\n{list}");
        assert_eq!(&session.run(&["models", name, "--json"]).json(), model);
    }
}

#[test]
fn an_unknown_model_is_wrong_usage_with_a_suggestion() {
    let session = session();
    let printed = session.run(&["models", "ridg"]);
    assert_eq!(printed.code, 2);
    assert!(printed.err.contains("did you mean 'ridge'?"), "{}", printed.err);
    let printed = session.run(&["models", "oracle"]);
    assert!(printed.err.contains("the models are random-forest-regressor,"), "{}", printed.err);
}

#[test]
fn the_shortest_spec_of_every_model_is_taken_as_it_is() {
    let session = Session::small();
    std::fs::remove_file(session.root().join("experiments/quick/forest.toml")).unwrap();
    session.write("data/housing.csv", "area,price\n1,2\n2,4\n3,6\n4,9\n5,10\n6,12\n");
    let rows: Vec<String> = (0..12).map(|row| format!("{row},{row},{}\n", row % 2)).collect();
    session.write("data/iris.csv", &format!("petal_length,petal_width,species\n{}", rows.concat()));
    let models = session.run(&["models", "--json"]).json();
    let models = models.as_array().unwrap();
    for model in models {
        let file = format!("experiments/quick/{}.toml", model["name"].as_str().unwrap());
        session.write(&file, model["spec"].as_str().unwrap());
    }
    let plan = session.run(&["plan", "--json"]).json();
    assert_eq!(plan["runs"].as_array().unwrap().len(), models.len());
}
