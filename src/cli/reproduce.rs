//! `fairledger reproduce`

use clap::Args;

use crate::engine::{Cancel, Error, Ledger, count};
use crate::ledger::reproduction::{
    ArtifactComparison, ArtifactOutcome, Point, PointDifference, Reproduced, Stored,
};

use super::exit::Exit;
use super::output::{self, line};
use super::progress::Progress;

/// Execute a run again and compare with what was sealed, byte by byte
///
/// The data is found by its content, whatever its file is called now. Nothing is written into the
/// ledger. A run that was executed on another target is compared at a share of 1e-9.
#[derive(Debug, Args)]
pub(super) struct Reproduce {
    /// The run
    run: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Reproduce {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let cancel = Cancel::default();
        cancel.on_signals()?;
        let run = ledger.find_run(&self.run)?;
        let progress = Progress::new();
        let reproduced = ledger.reproduce(&run, &cancel, &|news| progress.tell(news));
        progress.finish();
        let Some(reproduced) = reproduced? else { return Ok(Exit::Cancelled) };
        if self.json {
            output::json(&reproduced);
        } else {
            show(&reproduced);
        }
        let damaged = |artifact: &ArtifactComparison| artifact.stored == Stored::Damaged;
        Ok(if !reproduced.comparison.same {
            Exit::OtherResult
        } else if reproduced.comparison.artifacts.iter().any(damaged) {
            Exit::Damage
        } else {
            Exit::Done
        })
    }
}

fn show(reproduced: &Reproduced) {
    let Reproduced { label, id, comparison, .. } = reproduced;
    line(format!("{label} ({}), sealed {}", id.short(), reproduced.ended.minute()));
    line(format!("data: {}", reproduced.data));
    if comparison.tolerance > 0.0 {
        line(format!(
            "sealed on {}, executed on {}: numbers are compared at a share of {:e}",
            reproduced.target, reproduced.target_now, comparison.tolerance
        ));
    }
    if let Some(first) = &comparison.first_point {
        line(format!("differs: {}", point_difference(first)));
    }
    for artifact in &comparison.artifacts {
        remarks(artifact, &reproduced.directory).iter().for_each(line);
    }
    let differing = comparison.artifacts.iter().filter(|it| !it.outcome.is_good()).count();
    let points = count(comparison.points, "metric point");
    let artifacts = count(comparison.artifacts.len(), "artifact");
    if comparison.same {
        let how =
            if comparison.tolerance > 0.0 { "close enough" } else { "the same to the last byte" };
        line(format!("{points} and {artifacts}: {how}"));
    } else {
        line(format!(
            "{} of {points} and {differing} of {artifacts} differ",
            comparison.points_differing
        ));
        line(format!("next: fairledger show {}", id.short()));
    }
}

fn point_difference(first: &PointDifference) -> String {
    match (&first.sealed, &first.now) {
        (Some(a), Some(b)) if (&a.name, a.step) == (&b.name, b.step) => format!(
            "metric {} at step {}: {:?} was sealed, {:?} now",
            a.name, a.step, a.value, b.value
        ),
        (sealed, now) => {
            let words = |point: &Option<Point>| {
                point
                    .as_ref()
                    .map_or("nothing".into(), |it| format!("{} at step {}", it.name, it.step))
            };
            let number = first.number;
            format!("metric point {number}: {} was sealed, {} now", words(sealed), words(now))
        }
    }
}

/// What is to be said of an artifact, nothing when it is the same and here.
fn remarks(artifact: &ArtifactComparison, directory: &str) -> Vec<String> {
    let path = format!("artifacts/{}", artifact.path);
    let mut remarks = Vec::new();
    match artifact.stored {
        Stored::Damaged => remarks.push(format!(
            "damaged: {directory}/{path} is not what was sealed; its sealed digest is compared"
        )),
        Stored::Absent => remarks.push(format!("absent: {path}; its sealed digest is compared")),
        Stored::Present | Stored::Never => {}
    }
    let place = artifact.first.as_ref().map_or(String::new(), |first| match &first.line {
        Some(both) => format!(
            " at byte {}, line {}: {:?} was sealed, {:?} now",
            first.byte, both.number, both.sealed, both.now
        ),
        None => format!(" at byte {}", first.byte),
    });
    match artifact.outcome {
        ArtifactOutcome::Same | ArtifactOutcome::Close => {}
        ArtifactOutcome::NotPromised => remarks
            .push(format!("not compared: {path} has other bytes, as it may on another target")),
        ArtifactOutcome::Differs => remarks.push(format!("differs: {path}{place}")),
        ArtifactOutcome::OnlySealed => {
            remarks.push(format!("differs: {path} was sealed and is not made now"));
        }
        ArtifactOutcome::OnlyNow => {
            remarks.push(format!("differs: {path} is made now and was not sealed"));
        }
    }
    remarks
}
