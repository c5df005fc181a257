//! `fairledger monitor`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::engine::{Error, Ledger, Monitored, News, count};
use crate::ledger::metric;

use super::exit::{self, Exit};
use super::output::{self, Align, line, note};

const AFTER: &str = "\
A monitor is a file such as monitors/house.toml:

  model = \"house@champion\"
  data = \"data/new.csv\"
  alert = [\"r2 < 0.95 * training.r2\"]      # filters; training.… is what the version pins
  drift = { psi = 0.25, ks = 0.01 }        # limits of any column; chi2, missing

`fairledger schema monitor` prints every key.

Each evaluation is a run in the experiment monitor-NAME: metrics where the data have the target, and
drift against the profile of the training rows. Data and model that did not change are a hit.
`fairledger watch` evaluates a monitor whenever its data, its model or the file itself changes.

An alert is a file in monitors/alerts/, the tag `alert` of the run, a line on the site's first page,
and exit code 7. A command that is told of each new one:

  [notify]
  command = [\"sh\", \"tell.sh\"]          # the alert as JSON on standard input; no shell by itself
  env_pass = [\"CHAT_ADDRESS\"]

It starts only after `fairledger approve monitors/house.toml`.";

/// Watch over registered models on new data
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(super) struct Monitor {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Run(Run),
    List(List),
}

impl Monitor {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        match &self.what {
            What::Run(run) => run.execute(ledger),
            What::List(list) => list.execute(ledger),
        }
    }
}

/// Evaluate monitors now; exit code 7 when one raises an alert
#[derive(Debug, Args)]
struct Run {
    /// The monitors; default: all
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let names = ledger.monitors(&self.names)?;
        if names.is_empty() {
            if self.json {
                output::json(&[(); 0]);
            } else {
                line(
                    "There is no monitor.\nnext: write monitors/NAME.toml; see fairledger monitor --help",
                );
            }
            return Ok(Exit::Done);
        }
        let say = |news| {
            if let News::Notice(words) = news {
                note(words);
            }
        };
        let outcomes = ledger.run_monitors(&names, &say)?;
        let (mut worst, mut shown) = (Exit::Done, Vec::new());
        for (name, outcome) in &outcomes {
            match outcome {
                Ok(done) => {
                    if self.json {
                        shown.push(serde_json::to_value(done).unwrap_or_default());
                    } else {
                        tell(done);
                    }
                    worst = worse(worst, exit_of(done));
                }
                Err(error) => {
                    note(format!("monitor {name}:"));
                    worst = worse(worst, exit::show(error));
                    shown.push(json!({ "monitor": name, "error": error.to_string() }));
                }
            }
        }
        if self.json {
            output::json(&Value::Array(shown));
        } else if let Some((_, Ok(done))) = outcomes.first() {
            line(format!("next: fairledger show {}", done.short));
        }
        Ok(worst)
    }
}

fn exit_of(done: &Monitored) -> Exit {
    match (done.cause.is_some(), done.raised.is_empty()) {
        (true, _) => Exit::RunFailed,
        (false, false) => Exit::Alert,
        (false, true) => Exit::Done,
    }
}

/// An alert is said before everything else; else the first trouble counts.
fn worse(known: Exit, next: Exit) -> Exit {
    match (known, next) {
        (Exit::Alert, _) | (_, Exit::Alert) => Exit::Alert,
        (Exit::Done, next) => next,
        (known, _) => known,
    }
}

fn tell(done: &Monitored) {
    let what = if done.hit { "unchanged" } else { "evaluated" };
    let Monitored { monitor, model, data, short, .. } = done;
    line(format!("{monitor}: {model} on {data}, {what} ({short})"));
    if let Some(cause) = &done.cause {
        line(format!("  failed: {cause}"));
    }
    let value = |name: &str| metric::for_people(&done.metrics, name);
    let plain = done.metrics.keys().filter(|name| !is_of_drift(name));
    let of_drift = ["psi_max", "ks_max", "ks_p_min", "chi2_p_min", "missing_max"];
    let names = plain.map(String::as_str).chain(of_drift);
    let values: Vec<String> =
        names.filter_map(|name| Some(format!("{name} {}", value(name)?))).collect();
    if !values.is_empty() {
        line(format!("  {}", values.join(", ")));
    }
    for reason in &done.raised {
        line(format!("  alert: {reason}"));
    }
    if let Some(path) = &done.alert {
        line(format!("  {path}"));
    }
}

fn is_of_drift(name: &str) -> bool {
    ["psi_", "ks_", "chi2_", "missing_"].iter().any(|start| name.starts_with(start))
}

/// List the monitors
#[derive(Debug, Args)]
struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let (mut rows, mut shown, mut worst) = (Vec::new(), Vec::new(), Exit::Done);
        for name in ledger.monitors(&[])? {
            match ledger.monitor(&name) {
                Ok(config) => {
                    shown.push(json!({
                        "monitor": name,
                        "model": config.model,
                        "data": config.data,
                        "alert": config.alert,
                        "description": config.description,
                    }));
                    let alert = config.alert.join("; ");
                    rows.push(vec![name, config.model, config.data, alert, config.description]);
                }
                Err(error) => worst = exit::show(&error),
            }
        }
        if self.json {
            output::json(&shown);
            return Ok(worst);
        }
        let columns =
            ["monitor", "model", "data", "alert", "description"].map(|name| (name, Align::Left));
        if !rows.is_empty() {
            let number = rows.len();
            output::table(&columns, rows);
            line(format!("{}\nnext: fairledger monitor run", count(number, "monitor")));
        } else if worst == Exit::Done {
            line(
                "There is no monitor.\nnext: write monitors/NAME.toml; see fairledger monitor --help",
            );
        }
        Ok(worst)
    }
}
