//! `fairledger plan` and `fairledger why`

use clap::Args;
use serde_json::json;

use crate::engine::{Adaptive, Error, Explained, Explanation, Ledger, Nearest};
use crate::ledger::why::Difference;
use crate::store::{Lookup, MissReason};

use super::exit::Exit;
use super::output::{self, Align, line};

/// Say what `run` would train and why, and train nothing
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Specs or experiments; all when none is named
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Plan {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let specs = ledger.select(&self.specs)?;
        let Explanation { runs: explained, adaptive, pending, mistakes } =
            ledger.explain(&specs)?;
        let open: Vec<&Adaptive> = adaptive.iter().filter(|sweep| sweep.following > 0).collect();
        if self.json {
            let runs: Vec<_> = explained.iter().map(explained_json).collect();
            let following: Vec<_> = open.iter().map(|sweep| following_json(sweep)).collect();
            output::json(&json!({
                "runs": runs,
                "following": following,
                "pending": pending.iter().map(super::run::pending_json).collect::<Vec<_>>(),
                "mistakes": mistakes.problems,
            }));
        } else {
            let columns = [
                ("spec", Align::Left),
                ("label", Align::Left),
                ("run", Align::Left),
                ("would", Align::Left),
                ("because", Align::Left),
            ];
            output::table(&columns, explained.iter().map(row).collect());
            let number = |of: fn(&Explained) -> bool| explained.iter().filter(|it| of(it)).count();
            let missing = number(|run| matches!(run.lookup, Lookup::Miss(_)));
            let deleted = number(|run| run.deleted);
            let held = explained.len() - missing - deleted;
            let trash =
                if deleted > 0 { format!(", {deleted} in the trash") } else { String::new() };
            line(format!("{missing} to train, {held} in the ledger{trash}"));
            super::run::pending(&pending);
            for sweep in open {
                let (spec, metric) = (&sweep.spec, &sweep.guide.metric);
                let (experiment, file) = (&spec.experiment, &spec.file);
                line(format!(
                    "{experiment}/{file}: up to {} more follow, chosen by {metric} of these",
                    sweep.following
                ));
            }
            line(if missing > 0 { "next: fairledger run" } else { "next: fairledger list" });
        }
        output::mistakes(&mistakes);
        Ok(if mistakes.problems.is_empty() { Exit::Done } else { Exit::Mistakes })
    }
}

fn row(explained: &Explained) -> Vec<String> {
    let planned = &explained.planned;
    let would = if matches!(explained.lookup, Lookup::Hit(_)) { "skip" } else { "train" };
    vec![
        format!("{}/{}", planned.experiment, planned.spec),
        planned.label.clone(),
        planned.request.id().short(),
        would.into(),
        reason(explained),
    ]
}

/// Why a planned run is a hit or a miss, in a line.
fn reason(explained: &Explained) -> String {
    match &explained.lookup {
        Lookup::Hit(_) if explained.deleted => {
            "deleted; fairledger restore brings it back, run --force trains it again".into()
        }
        Lookup::Hit(entry) => format!("held since {}", entry.attempt.ended.minute()),
        Lookup::Miss(MissReason::NeverRan) => match &explained.nearest {
            Some(nearest) => {
                let (label, parts) = (&nearest.entry.attempt.label, &nearest.differences);
                let names: Vec<&str> = parts.iter().map(|part| part.part.as_str()).collect();
                format!("new; differs from {label} in {}", names.join(", "))
            }
            None => "new; the first of its kind".into(),
        },
        Lookup::Miss(other) => other.to_string(),
    }
}

fn explained_json(explained: &Explained) -> serde_json::Value {
    json!({
        "id": explained.planned.request.id(),
        "label": explained.planned.label,
        "experiment": explained.planned.experiment,
        "spec": explained.planned.spec,
        "hit": matches!(explained.lookup, Lookup::Hit(_)),
        "deleted": explained.deleted,
        "because": reason(explained),
        "nearest": explained.nearest.as_ref().map(nearest_json),
    })
}

/// The runs of a sweep that are not decided yet.
fn following_json(sweep: &Adaptive) -> serde_json::Value {
    json!({
        "experiment": sweep.spec.experiment,
        "spec": sweep.spec.file,
        "most": sweep.following,
        "metric": sweep.guide.metric,
        "direction": sweep.guide.direction,
    })
}

fn nearest_json(nearest: &Nearest) -> serde_json::Value {
    json!({
        "id": nearest.entry.attempt.run,
        "label": nearest.entry.attempt.label,
        "differences": nearest.differences,
    })
}

/// Say why a run was trained: what differs from the nearest earlier one
#[derive(Debug, Args)]
pub(super) struct Why {
    /// A run, a registered model such as house@champion, or a spec
    #[arg(value_name = "RUN|SPEC")]
    what: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Why {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        match ledger.find_run(&self.what) {
            Ok(run) => {
                let nearest = ledger.why(&run)?;
                if self.json {
                    let nearest = nearest.as_ref().map(nearest_json);
                    output::json(&json!({ "id": run.id, "label": run.label, "nearest": nearest }));
                } else {
                    line(format!("{} ({})", run.label, run.short));
                    show(nearest.as_ref());
                }
                Ok(Exit::Done)
            }
            Err(Error::NoRun(_)) => self.spec(ledger),
            // `house/forest` may be a spec although there is a model `house`.
            Err(error @ Error::Registry(_)) => self.spec(ledger).map_err(|_| error),
            Err(error) => Err(error),
        }
    }

    fn spec(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let specs = ledger.select(std::slice::from_ref(&self.what))?;
        let Explanation { runs: explained, mistakes, .. } = ledger.explain(&specs)?;
        if self.json {
            output::json(&explained.iter().map(explained_json).collect::<Vec<_>>());
        } else {
            for run in &explained {
                line(format!("{} ({})", run.planned.label, run.planned.request.id().short()));
                match &run.lookup {
                    Lookup::Miss(MissReason::NeverRan) => show(run.nearest.as_ref()),
                    _ => line(format!("  {}", reason(run))),
                }
            }
        }
        output::mistakes(&mistakes);
        Ok(if mistakes.problems.is_empty() { Exit::Done } else { Exit::Mistakes })
    }
}

fn show(nearest: Option<&Nearest>) {
    let Some(nearest) = nearest else {
        line("  no earlier run to compare with");
        return;
    };
    let attempt = &nearest.entry.attempt;
    line(format!("  nearest earlier run: {} ({})", attempt.label, attempt.run.short()));
    let part = |value: &Option<String>| value.clone().unwrap_or_else(|| "—".into());
    for Difference { part: name, before, after } in &nearest.differences {
        line(format!("  {name}: {} → {}", part(before), part(after)));
    }
}
