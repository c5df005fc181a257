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
