//! New rows in the formats of data files, and as JSON.

use std::io::{BufRead, BufReader, Read};

use super::super::error::TrainError;
use super::super::source::begins_parquet;
use super::super::source::csv::Rows;
use super::field::{Field, Row};
use super::{Work, json, parquet};

/// How new rows are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// Comma-separated values with a header.
    Csv,
    /// An array of objects, one object, or one object after the other.
    Json,
    /// Parquet.
    Parquet,
}

impl InputFormat {
    /// The format a file's name tells by its extension.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            _ => None,
        }
    }

    /// The format the first bytes tell: JSON begins with `[` or `{`.
    fn of_start(start: &[u8]) -> Self {
        if begins_parquet(start) {
            return Self::Parquet;
        }
        match after_mark(start).trim_ascii_start().first() {
            Some(b'[' | b'{') => Self::Json,
            _ => Self::Csv,
        }
    }
}

/// Hands over every row.
pub(super) fn each_row(
    input: &mut dyn Read,
    format: Option<InputFormat>,
    work: &mut Work<'_>,
) -> Result<(), TrainError> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let start = input.fill_buf().map_err(TrainError::Read)?;
    let mark = start.len() - after_mark(start).len();
    match format.unwrap_or_else(|| InputFormat::of_start(start)) {
        InputFormat::Csv => csv(input, work),
        InputFormat::Parquet => parquet::each_row(input, work),
        InputFormat::Json => {
            input.consume(mark);
            json::each_row(input, work)
        }
    }
}

/// What follows the byte-order mark, if there is one.
fn after_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn csv(input: impl Read, work: &mut Work<'_>) -> Result<(), TrainError> {
    let mut rows = Rows::open(input)?;
    work.begin(rows.names().to_vec())?;
    while let Some(record) = rows.next()? {
        work.push(Row { cells: record.iter().map(Field::of_cell).collect(), more: Vec::new() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_or_the_first_byte_tells_the_format() {
        assert_eq!(InputFormat::of_name("new.CSV"), Some(InputFormat::Csv));
        assert_eq!(InputFormat::of_name("a.b/new.ndjson"), Some(InputFormat::Json));
        assert_eq!(InputFormat::of_name("new.txt"), None);
        assert_eq!(InputFormat::of_start(b"\xef\xbb\xbf \n {"), InputFormat::Json);
        assert_eq!(InputFormat::of_start(b"a,b"), InputFormat::Csv);
        assert_eq!(InputFormat::of_start(b""), InputFormat::Csv);
    }
}
