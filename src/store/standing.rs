//! What the index tells of attempts without their records: enough to rank them.

use rusqlite::Row;

use crate::ledger::attempt::Status;
use crate::ledger::id::{AttemptId, CellId, RunId};

use super::error::StoreError;
use super::open::Store;

/// An attempt as far as its place in a ranking goes.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The run.
    pub run: RunId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The runs that differ in nothing but the seed.
    pub cell: CellId,
    /// Its directory in the ledger.
    pub directory: String,
    /// Its own label.
    pub label: String,
    /// How it ended.
    pub status: Status,
    /// When it started, in microseconds since 1970.
    pub started: i64,
    /// The seed; `None` when its request is of a kind that this version does not know.
    pub seed: Option<i64>,
    /// The final values of the two metrics that were asked for.
    pub values: [Option<f64>; 2],
}

impl Store {
    /// All attempts with their final values of two metrics, run by run. The folders are not looked at again.
    pub fn standings(&self, metrics: [&str; 2]) -> Result<Vec<Standing>, StoreError> {
        self.index().with(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT a.run, a.attempt, a.cell, directory, label, status, started, seed,
                     one.attempt IS NOT NULL, one.last, two.attempt IS NOT NULL, two.last
                 FROM attempt a
                 LEFT JOIN metric one ON one.attempt = a.id AND one.name = ?
                 LEFT JOIN metric two ON two.attempt = a.id AND two.name = ?",
            )?;
            let mut rows = query.query(metrics)?;
            let mut standings = Vec::new();
            while let Some(row) = rows.next()? {
                // What cannot be read is damage of the index, and mended like any other.
                standings.push(standing(row)?.ok_or(rusqlite::Error::InvalidQuery)?);
            }
            standings.sort_by_key(|standing| standing.run);
            Ok(standings)
        })
    }
}

fn standing(row: &Row<'_>) -> rusqlite::Result<Option<Standing>> {
    let text = |at: usize| row.get_ref(at).map(|it| it.as_str().unwrap_or_default());
    // What is not a number is null in the index.
    let value = |at: usize| -> rusqlite::Result<Option<f64>> {
        let known: bool = row.get(at)?;
        Ok(known.then_some(row.get::<_, Option<f64>>(at + 1)?.unwrap_or(f64::NAN)))
    };
    let (Ok(run), Ok(attempt), Ok(cell)) = (text(0)?.parse(), text(1)?.parse(), text(2)?.parse())
    else {
        return Ok(None);
    };
    let all = [Status::Finished, Status::Failed, Status::Interrupted, Status::Running];
    let word = text(5)?;
    let Some(status) = all.into_iter().find(|status| status.word() == word) else {
        return Ok(None);
    };
    Ok(Some(Standing {
        run,
        attempt,
        cell,
        directory: row.get(3)?,
        label: row.get(4)?,
        status,
        started: row.get(6)?,
        seed: row.get(7)?,
        values: [value(8)?, value(10)?],
    }))
}
