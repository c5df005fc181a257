//! Frames as Parquet files, so that any data frame or query engine reads them.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use crate::ledger::frame::{Column, Frame, Values};
use crate::ledger::time::Timestamp;

use super::error::TrainError;

/// Rows of a group: what a reader takes into memory at a time.
const GROUP: usize = 100_000;

/// A frame as the bytes of a Parquet file, compressed with zstd: UTF-8 texts, 64-bit numbers, truth
/// values and instants in UTC microseconds, each of which may be null.
///
/// # Errors
/// When a name cannot be that of a column.
pub fn to_parquet(frame: &Frame) -> std::result::Result<Vec<u8>, TrainError> {
    write(frame).map_err(|error| TrainError::WriteParquet(error.to_string()))
}

fn write(frame: &Frame) -> Result<Vec<u8>> {
    let fields = frame.columns.iter().map(field).collect::<Result<_>>()?;
    let schema = Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .build();
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    for start in (0..frame.rows()).step_by(GROUP) {
        let end = frame.rows().min(start + GROUP);
        let mut group = file.next_row_group()?;
        for column in &frame.columns {
            let mut writer = group
                .next_column()?
                .ok_or_else(|| ParquetError::General("a column is missing".into()))?;
            write_part(&column.values, start..end, &mut writer)?;
            writer.close()?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(bytes)
}

fn field(column: &Column) -> Result<Arc<Type>> {
    let (physical, logical) = match &column.values {
        Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Values::Number(_) => (Physical::DOUBLE, None),
        Values::Integer(_) => (Physical::INT64, None),
        Values::Boolean(_) => (Physical::BOOLEAN, None),
        Values::Time(_) => {
            let time = LogicalType::timestamp(true, TimeUnit::MICROS);
            (Physical::INT64, Some(time))
        }
    };
    let field = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    Ok(Arc::new(field.build()?))
}

fn write_part(
    values: &Values,
    rows: std::ops::Range<usize>,
    writer: &mut SerializedColumnWriter<'_>,
) -> Result<()> {
    let wrong = || ParquetError::General("a column is of another type than its schema".into());
    match (values, writer.untyped()) {
        (Values::Text(all), ColumnWriter::ByteArrayColumnWriter(writer)) => {
            let text = |text: &String| ByteArray::from(Bytes::copy_from_slice(text.as_bytes()));
            put(writer, &all[rows], text)
        }
        (Values::Number(all), ColumnWriter::DoubleColumnWriter(writer)) => {
            put(writer, &all[rows], |it| *it)
        }
        (Values::Integer(all), ColumnWriter::Int64ColumnWriter(writer)) => {
            put(writer, &all[rows], |it| *it)
        }
        (Values::Boolean(all), ColumnWriter::BoolColumnWriter(writer)) => {
            put(writer, &all[rows], |it| *it)
        }
        (Values::Time(all), ColumnWriter::Int64ColumnWriter(writer)) => {
            put(writer, &all[rows], Timestamp::microseconds)
        }
        _ => Err(wrong()),
    }
}

/// Writes what is there, and which rows have it.
fn put<V, T: DataType>(
    writer: &mut parquet::column::writer::ColumnWriterImpl<'_, T>,
    values: &[Option<V>],
    to: impl Fn(&V) -> T::T,
) -> Result<()> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<T::T> = values.iter().flatten().map(to).collect();
    writer.write_batch(&present, Some(&levels), None).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    #[test]
    fn what_is_written_is_read_back() {
        let column = |name: &str, values| Column { name: name.to_owned(), values };
        let time = Timestamp::from_microseconds(1_795_000_000_123_456);
        let frame = Frame {
            columns: vec![
                column("text", Values::Text(vec![Some("é, \"x\"".into()), None])),
                column("number", Values::Number(vec![Some(0.1), Some(f64::INFINITY)])),
                column("integer", Values::Integer(vec![None, Some(-7)])),
                column("boolean", Values::Boolean(vec![Some(true), None])),
                column("time", Values::Time(vec![Some(time), None])),
            ],
        };
        let bytes = to_parquet(&frame).unwrap();
        assert_eq!(bytes, to_parquet(&frame).unwrap());
        let file = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let rows = file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string());
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                "{text: \"é, \"x\"\", number: 0.1, integer: null, boolean: true, \
                 time: 2026-11-18 11:06:40.123456 +00:00}",
                "{text: null, number: inf, integer: -7, boolean: null, time: null}",
            ]
        );
        assert!(!to_parquet(&Frame::default()).unwrap().is_empty());
    }
}
