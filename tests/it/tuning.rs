//! Sweeps whose points are drawn: what is trained, what is kept, what a stop costs.

use std::collections::BTreeSet;

use crate::assert_shows;
use crate::session::Session;

/// A ridge regression over the small data; `{sweep}` is filled in by tests.
fn ridge(sweep: &str) -> String {
    format!(
        "[data]\npath = \"data/small.csv\"\ntarget = \"y\"\nfeatures = [\"x\"]\n\
         split = {{ column = \"part\" }}\n\n[train]\nmodel = \"ridge\"\n\n\
         [evaluate]\nmetrics = [\"rmse\"]\n\n[sweep]\n{sweep}\n"
    )
}

/// A ledger with one spec that sweeps a ridge regression.
fn session(sweep: &str) -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session.write("data/small.csv", crate::session::SMALL_DATA);
    session.write("experiments/quick/experiment.toml", "goal = { metric = \"rmse\" }\n");
    session.write("experiments/quick/ridge.toml", &ridge(sweep));
    session
}

fn ids(session: &Session) -> BTreeSet<String> {
    session.runs().iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect()
}

const RANDOM: &str = "method = \"random\"\nsamples = 4\nseed = 1\n\
                      params = { alpha = { low = 1e-3, high = 1e3, log = true } }";

#[test]
fn a_random_sweep_keeps_its_points_when_it_grows() {
    let session = session(RANDOM);
    assert_shows!(session, session.ok(&["plan"]), @r"
    spec              label             run         would  because
    quick/ridge.toml  ridge-40.3521     [RUN]  train  new; the first of its kind
    quick/ridge.toml  ridge-7.12022     [RUN]  train  new; the first of its kind
    quick/ridge.toml  ridge-0.00519383  [RUN]  train  new; the first of its kind
    quick/ridge.toml  ridge-0.693075    [RUN]  train  new; the first of its kind
    4 to train, 0 in the ledger
    next: fairledger run
    ");
    session.ok(&["run"]);
    let before = ids(&session);
    assert_eq!(before.len(), 4);
    session.edit("experiments/quick/ridge.toml", "samples = 4", "samples = 7");
    assert!(session.ok(&["run"]).contains("7 runs, 3 trained, 4 already in the ledger"));
    assert!(ids(&session).is_superset(&before));
    session.edit("experiments/quick/ridge.toml", "seed = 1", "seed = 2");
    assert!(session.ok(&["plan"]).contains("7 to train, 0 in the ledger"));
}

#[test]
fn mistakes_of_a_draw_are_shown_at_their_places() {
    let session = session(
        "method = \"random\"\nsamples = 4\nfactor = 2\n\
         params = { alpha = { low = 0, high = 1, log = true }, alhpa = { low = 1, high = 2 } }",
    );
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/quick/ridge.toml:16:1: `factor` is how halving thins out its points; a random sweep has none
      --> experiments/quick/ridge.toml:16:1
       |
    16 | factor = 2
       | ^^^^^^
       |
       = help: leave it out, or use method = "halving"

    error: experiments/quick/ridge.toml:17:28: a logarithmic range begins above 0, this one at 0.0
      --> experiments/quick/ridge.toml:17:28
       |
    17 | params = { alpha = { low = 0, high = 1, log = true }, alhpa = { low = 1, high = 2 } }
       |                            ^
       |
       = help: raise `low`, or leave `log` out

    error: experiments/quick/ridge.toml:17:55: `ridge` has no param `alhpa`
      --> experiments/quick/ridge.toml:17:55
       |
    17 | params = { alpha = { low = 0, high = 1, log = true }, alhpa = { low = 1, high = 2 } }
       |                                                       ^^^^^
       |
       = help: did you mean `alpha`?
    "#);
}

/// A forest with three seeds of two sizes.
fn replicated() -> Session {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "seed = 7", "seed = 7\nreplicates = 3");
    session.ok(&["run", "-j", "1"]);
    session
}

#[test]
fn replicates_are_runs_of_their_own_and_more_of_them_reuse_what_is_there() {
    let session = Session::small();
    session.ok(&["run"]);
    let before = ids(&session);
    session.edit("experiments/quick/forest.toml", "seed = 7", "seed = 7\nreplicates = 3");
    assert!(session.ok(&["run"]).contains("6 runs, 4 trained, 2 already in the ledger"));
    assert!(ids(&session).is_superset(&before));
    let mut cells: Vec<(String, i64)> = session
        .runs()
        .iter()
        .map(|run| (run["cell"].as_str().unwrap().to_owned(), run["seed"].as_i64().unwrap()))
        .collect();
    cells.sort();
    let seeds: Vec<i64> = cells.iter().map(|(_, seed)| *seed).collect();
    assert_eq!(seeds, [7, 8, 9, 7, 8, 9]);
    assert_eq!((&cells[0].0, &cells[3].0), (&cells[2].0, &cells[5].0));
    assert_ne!(cells[0].0, cells[3].0);
}

#[test]
fn replicates_share_a_line_with_their_mean_and_its_interval() {
    let session = replicated();
    assert_shows!(session, session.ok(&["list"]), @r"
    quick (quick)
       run         label    status    started               seeds          r2        mae      mse       rmse  files
       [RUN]  small-3  finished  [TIME]      3  -7.0 ± 4.6  5.9 ± 2.1  40 ± 23  6.3 ± 1.9  present
    *  [RUN]  small-2  finished  [TIME]      3  -5.7 ± 3.6  5.3 ± 1.6  34 ± 18  5.8 ± 1.5  present

    next: fairledger show [RUN]
    ");
    assert_shows!(session, session.ok(&["list", "--each"]), @r"
    quick (quick)
       run         label    status    started               seed        r2      mae      mse     rmse  files
       [RUN]  small-3  finished  [TIME]     9  -4.88828     4.95   29.515  5.43277  present
       [RUN]  small-3  finished  [TIME]     8  -7.79302     6.25   44.075   6.6389  present
       [RUN]  small-3  finished  [TIME]     7  -8.38576  6.48333  47.0461  6.85902  present
       [RUN]  small-2  finished  [TIME]     9  -4.88828     4.95   29.515  5.43277  present
    *  [RUN]  small-2  finished  [TIME]     8  -4.88828     4.95   29.515  5.43277  present
       [RUN]  small-2  finished  [TIME]     7  -7.42344      6.1  42.2225  6.49788  present

    next: fairledger show [RUN]
    ");
    assert_shows!(session, session.ok(&["best", "quick"]), @r"
    small-2 ([RUN])  r2 -5.7 ± 3.6 (mean of 3 seeds, 95 % interval)
    bootstrap=true max_depth=none max_features=1.0 min_impurity_decrease=0.0 min_samples_leaf=1 min_samples_split=2 n_estimators=2
    lead over small-3 ([RUN]): 1.28902, inside the noise (p = 0.403)
    next: fairledger show [RUN]
    ");
    let runs = session.runs();
    let of = |label: &str| {
        let mut own = runs.iter().filter(|run| run["label"] == label);
        own.next().unwrap()["short"].as_str().unwrap().to_owned()
    };
    let diff = session.ok(&["diff", &of("small-2"), &of("small-3")]);
    assert!(
        diff.contains("the difference in r2 between their cells is inside the noise"),
        "{diff}"
    );
    let show = session.ok(&["show", &of("small-2")]);
    assert!(show.contains("replicates: 3 of 3 finished, seeds 7, 8, 9"), "{show}");
    let json = session.run(&["best", "quick", "--json"]).json();
    assert_eq!(json["selection"]["metric"], "r2");
    assert_eq!(json["selection"]["lead"]["noise"]["verdict"], "inside");
    assert_eq!(json["selection"]["cells"][0]["seeds"], serde_json::json!([7, 8, 9]));
    assert_eq!(json["replicates"]["metrics"]["r2"]["count"], 3);
}

#[test]
fn the_best_of_a_spec_says_by_which_metric_it_was_chosen() {
    let session = session(RANDOM);
    session.ok(&["run"]);
    assert_shows!(session, session.ok(&["best", "quick/ridge.toml"]), @r"
    quick/ridge.toml: 4 of 4 runs finished, ranked by rmse (lower is better)
    ridge-0.00519383 ([RUN])  rmse 0.11904
    alpha=0.00519383 fit_intercept=true
    lead over ridge-0.693075 ([RUN]): 0.143077, one seed each: the noise is not known
    chosen by the test score, which flatters the winner; [evaluate] cv = 5 would not
    next: fairledger show [RUN]
    ");
    let json = session.run(&["best", "experiments/quick/ridge.toml", "--json"]).json();
    assert_eq!(json["selection"]["cross_validated"], false);
    assert_eq!(
        (&json["selection"]["asked"], &json["selection"]["finished"]),
        (&4.into(), &4.into())
    );
    assert_eq!(json["selection"]["spec"], "experiments/quick/ridge.toml");
    let err = session.run(&["best", "quick/rigde.toml"]).err;
    assert!(err.contains("no spec at 'quick/rigde.toml'"), "{err}");
    let err = session.run(&["best", "quik"]).err;
    assert!(err.contains("did you mean 'quick'?"), "{err}");
}

#[test]
fn replicates_beside_a_swept_seed_are_a_mistake() {
    let session = Session::small();
    let spec = "experiments/quick/forest.toml";
    session.edit(spec, "seed = 7", "replicates = 3");
    session.edit(spec, "n_estimators = [2, 3]", "seed = [1, 2]");
    let err = session.run(&["plan"]).err;
    assert!(err.contains("`replicates` counts up from one seed"), "{err}");
    session.edit(spec, "replicates = 3", "seed = 7");
    let err = session.run(&["plan"]).err;
    assert!(err.contains("`seed` stands in [train] and in [sweep.params]"), "{err}");
}

/// A forest whose depth and leaves are chosen by halving over its number of trees.
const HALVING: &str = r#"
name = "f-{max_depth}-{min_samples_leaf}-{n_estimators}"

[data]
path = "data/small.csv"
target = "y"
features = ["x"]
split = { column = "part" }

[train]
model = "random-forest-regressor"

[sweep]
method = "halving"
min_resource = 2
max_resource = 20
params = { max_depth = [1, 2, 3], min_samples_leaf = [1, 2] }
"#;

fn halving() -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session.write("data/small.csv", crate::session::SMALL_DATA);
    session.write("experiments/quick/experiment.toml", "goal = { metric = \"rmse\" }\n");
    session.write("experiments/quick/halving.toml", HALVING);
    session
}

#[test]
fn halving_trains_rung_by_rung() {
    let session = halving();
    assert_shows!(session, session.ok(&["plan"]), @r"
    spec                label    run         would  because
    quick/halving.toml  f-1-1-2  [RUN]  train  new; the first of its kind
    quick/halving.toml  f-1-2-2  [RUN]  train  new; the first of its kind
    quick/halving.toml  f-2-1-2  [RUN]  train  new; the first of its kind
    quick/halving.toml  f-2-2-2  [RUN]  train  new; the first of its kind
    quick/halving.toml  f-3-1-2  [RUN]  train  new; the first of its kind
    quick/halving.toml  f-3-2-2  [RUN]  train  new; the first of its kind
    6 to train, 0 in the ledger
    quick/halving.toml: up to 3 more follow, chosen by rmse of these
    next: fairledger run
    ");
    let json = session.run(&["plan", "--json"]).json();
    assert_eq!(json["following"][0]["most"], 3);
    assert_eq!(json["following"][0]["metric"], "rmse");
    let run = session.ok(&["run"]);
    assert!(run.contains("9 runs, 9 trained, 0 already in the ledger"), "{run}");
    assert!(session.ok(&["run"]).contains("9 runs, 0 trained, 9 already in the ledger"));
    let plan = session.ok(&["plan"]);
    assert!(
        plan.contains("0 to train, 9 in the ledger") && !plan.contains("more follow"),
        "{plan}"
    );
    assert_shows!(session, session.ok(&["best", "quick/halving.toml"]), @r"
    quick/halving.toml: 9 of 9 runs finished, those of the last rung ranked by rmse (lower is better)
    f-3-1-20 ([RUN])  rmse 6.35728
    bootstrap=true max_depth=3 max_features=1.0 min_impurity_decrease=0.0 min_samples_leaf=1 min_samples_split=2 n_estimators=20
    next: fairledger show [RUN]
    ");
}

/// The same runs for any number of jobs, by `watch` as by `run`.
#[test]
fn the_points_of_halving_do_not_depend_on_who_trains_them() {
    let of = |words: &[&str]| {
        let session = halving();
        session.ok(words);
        ids(&session)
    };
    let one = of(&["run", "-j", "1"]);
    assert_eq!(one.len(), 9);
    assert_eq!(one, of(&["run", "-j", "4"]));
    assert_eq!(one, of(&["watch", "--once"]));
}

#[test]
fn a_wider_halving_reuses_what_it_had() {
    let session = halving();
    session.ok(&["run"]);
    let before = ids(&session);
    session.edit("experiments/quick/halving.toml", "[1, 2, 3]", "[1, 2, 3, 4]");
    session.ok(&["run"]);
    let after = ids(&session);
    assert!(after.is_superset(&before));
    assert!((11..=14).contains(&after.len()), "{}", after.len());
    assert_eq!(session.attempts().len(), after.len());
}

/// Killed at any moment, the sweep ends with the runs it would have had, none of them trained twice.
#[test]
fn a_killed_halving_goes_on_where_it_was() {
    let whole = halving();
    whole.edit("experiments/quick/halving.toml", "max_resource = 20", "max_resource = 2000");
    whole.ok(&["run"]);
    let wanted = ids(&whole);
    let session = halving();
    session.edit("experiments/quick/halving.toml", "max_resource = 20", "max_resource = 2000");
    for pause in [30, 60, 120] {
        let mut child = session.start(&["run", "-j", "1"]);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    session.ok(&["run"]);
    assert_eq!(ids(&session), wanted);
    for run in session.runs() {
        let shown = session.run(&["show", run["id"].as_str().unwrap(), "--json"]).json();
        let attempts = shown["attempts"].as_array().unwrap();
        let finished = attempts.iter().filter(|attempt| attempt["status"] == "finished").count();
        assert_eq!(finished, 1, "{attempts:?}");
    }
    session.ok(&["verify"]);
}

#[test]
fn halving_needs_a_metric_to_go_by() {
    let session = halving();
    session.write("experiments/quick/experiment.toml", "title = \"none\"\n");
    let err = session.run(&["plan"]).err;
    assert!(err.contains("halving needs a metric to go by"), "{err}");
    let spec = "experiments/quick/halving.toml";
    session.edit(spec, "min_resource", "metric = \"rsme\"\nmin_resource");
    let err = session.run(&["plan"]).err;
    assert!(err.contains("is not measured by this spec") && err.contains("\"rmse\""), "{err}");
    session.edit(spec, "rsme", "mae");
    assert!(session.ok(&["plan"]).contains("chosen by mae of these"));
}

const TPE: &str = "method = \"tpe\"\nsamples = 18\n\
                   params = { alpha = { low = 1e-3, high = 1e3, log = true } }";

/// A ledger with a TPE sweep of a ridge regression, judged by cross-validation.
fn tpe() -> Session {
    let session = session(TPE);
    let spec = "experiments/quick/ridge.toml";
    session.edit(spec, "metrics = [\"rmse\"]", "metrics = [\"rmse\"]\ncv = 4");
    session
}

#[test]
fn tpe_chooses_batch_by_batch_by_the_cross_validated_goal() {
    let session = tpe();
    let plan = session.ok(&["plan"]);
    assert!(plan.contains("10 to train, 0 in the ledger"), "{plan}");
    assert!(plan.contains("up to 8 more follow, chosen by cv_rmse of these"), "{plan}");
    let status = session.run(&["status", "--json"]).json();
    assert_eq!(
        (status["missing"].as_array().unwrap().len(), &status["following"]),
        (10, &8.into())
    );
    assert!(session.ok(&["run"]).contains("18 runs, 18 trained"));
    assert!(session.ok(&["run"]).contains("18 runs, 0 trained, 18 already in the ledger"));
    let best = session.ok(&["best", "quick/ridge.toml"]);
    assert!(best.contains("ranked by cv_rmse (lower is better)"), "{best}");
    assert!(best.contains("lie within one deviation of it, first in the spec's order: "), "{best}");
    assert!(!best.contains("flatters"), "{best}");
    let json = session.run(&["best", "quick/ridge.toml", "--json"]).json();
    let selection = &json["selection"];
    assert_eq!(selection["cross_validated"], true);
    assert_eq!(selection["deviation"], json["metrics"]["cv_rmse_std"]);
    assert_eq!(selection["cells"][0]["mean"], json["metrics"]["cv_rmse"]);
    let within = selection["within_one_deviation"].as_u64().unwrap();
    assert!((1..18).contains(&within), "{within}");
}

#[test]
fn the_points_of_tpe_do_not_depend_on_the_number_of_jobs() {
    let of = |jobs: &str| {
        let session = tpe();
        session.ok(&["run", "-j", jobs]);
        ids(&session)
    };
    let one = of("1");
    assert_eq!(one.len(), 18);
    assert_eq!(one, of("5"));
}

#[test]
fn a_killed_tpe_goes_on_where_it_was_and_more_samples_keep_all() {
    let session = tpe();
    let whole = tpe();
    whole.ok(&["run"]);
    for pause in [20, 50, 90, 140] {
        let mut child = session.start(&["run", "-j", "2"]);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    session.ok(&["run"]);
    let before = ids(&session);
    assert_eq!(before, ids(&whole));
    let finished = |session: &Session| {
        let of = |run: &serde_json::Value| {
            let shown = session.run(&["show", run["id"].as_str().unwrap(), "--json"]).json();
            let attempts = shown["attempts"].as_array().unwrap().clone();
            attempts.iter().filter(|attempt| attempt["status"] == "finished").count()
        };
        session.runs().iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(finished(&session), vec![1; 18]);
    session.edit("experiments/quick/ridge.toml", "samples = 18", "samples = 22");
    assert!(session.ok(&["run"]).contains("22 runs, 4 trained, 18 already in the ledger"));
    assert!(ids(&session).is_superset(&before));
}

/// Too many neighbours for the training rows fail; the sweep goes on elsewhere.
#[test]
fn points_that_fail_count_as_the_worst() {
    let session = session(
        "method = \"tpe\"\nsamples = 22\n\
         params = { n_neighbors = { low = 1, high = 16, integer = true } }",
    );
    session.edit("experiments/quick/ridge.toml", "\"ridge\"", "\"k-neighbors-regressor\"");
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 4, "{}", printed.err);
    let before = ids(&session);
    let plan = session.ok(&["plan"]);
    assert!(!plan.contains("more follow"), "{plan}");
    assert_eq!(session.run(&["run"]).code, 4);
    assert_eq!(ids(&session), before);
    let best = session.run(&["best", "quick/ridge.toml", "--json"]).json();
    assert!(best["params"]["n_neighbors"].as_i64().unwrap() <= 8);
}

/// Each seed is a run, and a point is judged by their mean.
#[test]
fn halving_goes_by_the_mean_over_replicates() {
    let session = halving();
    session.edit("experiments/quick/halving.toml", "[sweep]", "replicates = 2\n\n[sweep]");
    assert!(session.ok(&["plan"]).contains("up to 6 more follow"));
    assert!(session.ok(&["run"]).contains("18 runs, 18 trained"));
    let list = session.run(&["best", "quick/halving.toml", "--json"]).json();
    assert_eq!(list["selection"]["cells"][0]["count"], 2);
}

/// Killed five times, a grid ends with all its points, each trained once.
#[test]
fn a_killed_grid_does_only_what_is_missing() {
    let alphas: Vec<f64> = (1..=18).map(f64::from).collect();
    let session = session(&format!(
        "method = \"grid\"\nparams = {{ alpha = {alphas:?}, fit_intercept = [true, false] }}"
    ));
    for pause in [10, 40, 80, 30, 60] {
        let mut child = session.start(&["run"]);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(session.ok(&["run"]).contains("36 runs, "));
    let runs = session.runs();
    assert_eq!(runs.len(), 36);
    assert!(runs.iter().all(|run| run["status"] == "finished"));
    let finished = |folder: &std::path::PathBuf| {
        let run = std::fs::read_to_string(folder.join("run.toml")).unwrap();
        run.contains("status = \"finished\"")
    };
    assert_eq!(session.attempts().iter().filter(|folder| finished(folder)).count(), 36);
}
