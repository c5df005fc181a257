//! Parquet files, whole and damaged.

use std::io::Cursor;
use std::sync::{Arc, OnceLock};

use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::super::super::profile::profile;
use super::super::super::table::Table;
use super::*;
use crate::ledger::facts::{ColumnKind, DataFacts};

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

/// Writes a file of a schema, one group of rows a turn.
fn file(
    schema: &str,
    compression: Compression,
    groups: usize,
    mut write: impl FnMut(usize, &mut Group<'_>),
) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for at in 0..groups {
        let mut group = writer.next_row_group().unwrap();
        write(at, &mut group);
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// Writes the next column of a group; a level of 0 is a null.
fn column<T: DataType>(group: &mut Group<'_>, values: &[T::T], levels: Option<&[i16]>) {
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(values, levels, None).unwrap();
    column.close().unwrap();
}

fn facts(bytes: &[u8]) -> Result<DataFacts, TrainError> {
    profile(Box::new(Cursor::new(bytes.to_vec())))
}

const SCHEMA: &str = "message table {
    required int64 whole;
    optional double e\u{301};
    optional boolean yes;
    optional binary town (UTF8);
    required int32 day (DATE);
}";

const CSV: &str = "\u{e9},whole,yes,town,day\n\
    0.1,1,true,Ulm,1970-01-01\n\
    ,-2,,\"Bonn, am Rhein\",2026-11-23\n\
    1e-05,9007199254740993,false,,1969-12-31\n\
    -3.0,4,true,,2000-02-29\n";

fn whole(compression: Compression) -> Vec<u8> {
    file(SCHEMA, compression, 2, |at, group| {
        let first = at == 0;
        let levels = if first { [1, 0] } else { [1, 1] };
        column::<Int64Type>(
            group,
            if first { &[1, -2] } else { &[9_007_199_254_740_993, 4] },
            None,
        );
        let floats: &[f64] = if first { &[0.1] } else { &[1e-5, -3.0] };
        column::<DoubleType>(group, floats, Some(&levels));
        let truths: &[bool] = if first { &[true] } else { &[false, true] };
        column::<BoolType>(group, truths, Some(&levels));
        let towns = ["Ulm", "Bonn, am Rhein"].map(ByteArray::from);
        let (towns, levels) = if first { (&towns[..], [1, 1]) } else { (&[][..], [0, 0]) };
        column::<ByteArrayType>(group, towns, Some(&levels));
        column::<Int32Type>(group, if first { &[0, 20_780] } else { &[-1, 11_016] }, None);
    })
}

fn compressions() -> [Compression; 6] {
    [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
        Compression::LZ4,
    ]
}

#[test]
fn the_same_table_is_the_same_as_csv() {
    let csv = facts(CSV.as_bytes()).unwrap();
    for compression in compressions() {
        let bytes = whole(compression);
        let facts = facts(&bytes).unwrap();
        assert_eq!((facts.rows, facts.size), (4, bytes.len() as u64));
        assert_eq!(facts.columns.len(), 5);
        for column in &facts.columns {
            assert_eq!(Some(column), csv.column(&column.name), "{compression}");
        }
        let table = Table::read(&bytes, &["\u{e9}", "town", "yes"]).unwrap();
        let float = |row: usize| table.numbers_or_nan("\u{e9}").unwrap()[row];
        assert_eq!(
            [float(0), float(2), float(3)].map(f64::to_bits),
            [0.1, 1e-5, -3.0].map(f64::to_bits)
        );
        assert!(float(1).is_nan());
        assert_eq!(table.labels("town").unwrap().words, ["Bonn, am Rhein", "Ulm", ""]);
        assert_eq!(table.describe("yes").unwrap(), (ColumnKind::Boolean, 1));
    }
}

#[test]
fn every_type_has_its_text() {
    let schema = "message table {
        required int32 a (UINT_32);
        required int64 b (INTEGER(64, false));
        required int64 c (DECIMAL(9, 2));
        required fixed_len_byte_array (3) d (DECIMAL(5, 1));
        required int64 e (TIMESTAMP(MICROS, true));
        required int64 f (TIMESTAMP(NANOS, false));
        required int32 g (TIME_MILLIS);
        required float h;
        required double i;
        required fixed_len_byte_array (16) j (UUID);
        required fixed_len_byte_array (2) k;
        required binary l;
    }";
    let fixed = |bytes: &[u8]| FixedLenByteArray::from(bytes.to_vec());
    let bytes = file(schema, Compression::SNAPPY, 1, |_, group| {
        column::<Int32Type>(group, &[-1], None);
        column::<Int64Type>(group, &[-1], None);
        column::<Int64Type>(group, &[-150], None);
        column::<FixedLenByteArrayType>(group, &[fixed(&[0xff, 0xff, 0x85])], None);
        column::<Int64Type>(group, &[1_500_000], None);
        column::<Int64Type>(group, &[1], None);
        column::<Int32Type>(group, &[36_000_000], None);
        column::<FloatType>(group, &[0.1], None);
        column::<DoubleType>(group, &[f64::INFINITY], None);
        column::<FixedLenByteArrayType>(group, &[fixed(&(0..16).collect::<Vec<u8>>())], None);
        column::<FixedLenByteArrayType>(group, &[fixed(b"DE")], None);
        column::<ByteArrayType>(group, &[ByteArray::from("x")], None);
    });
    let words: Vec<String> =
        facts(&bytes).unwrap().columns.into_iter().flat_map(|column| column.words).collect();
    assert_eq!(
        words,
        [
            "4294967295",
            "18446744073709551615",
            "-1.50",
            "-12.3",
            "1970-01-01T00:00:01.5Z",
            "1970-01-01T00:00:00.000000001",
            "10:00:00",
            "0.1",
            "inf",
            "00010203-0405-0607-0809-0a0b0c0d0e0f",
            "DE",
            "x",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let error = |schema: &str| {
        let bytes = file(schema, Compression::SNAPPY, 0, |_, _| {});
        facts(&bytes).unwrap_err().to_string()
    };
    assert_eq!(
        error("message t { required group house { required int32 rooms; } }"),
        "the column 'house' is nested; write the file without it, or one column a value"
    );
    assert!(
        error("message t { repeated int32 rooms; }").starts_with("the column 'rooms' is nested")
    );
    assert_eq!(
        error("message t { required binary x (BSON); }"),
        "the column 'x' holds Bson, which is not read; write it as numbers or text"
    );
    assert!(error("message t { required int32 a; required int32 a; }").contains("two columns"));

    let bytes =
        file("message t { required binary x (UTF8); }", Compression::SNAPPY, 1, |_, group| {
            column::<ByteArrayType>(
                group,
                &[ByteArray::from(vec![0x61]), ByteArray::from(vec![0xff])],
                None,
            );
        });
    assert!(facts(&bytes).unwrap_err().to_string().starts_with("row 2 has bytes for 'x'"));
}

#[test]
fn an_empty_table_has_its_columns() {
    let facts = facts(&file(SCHEMA, Compression::SNAPPY, 0, |_, _| {})).unwrap();
    assert_eq!((facts.rows, facts.columns.len()), (0, 5));
}

#[test]
fn text_that_begins_like_a_parquet_file_is_text() {
    let facts = facts(b"PAR1,b\n1,2\n").unwrap();
    assert_eq!(facts.columns[0].name, "PAR1");
}

/// Reads a file that may be damaged in every way there is.
fn read_all(bytes: &[u8]) -> Result<(), TrainError> {
    let facts = facts(bytes)?;
    let names: Vec<&str> = facts.columns.iter().map(|column| column.name.as_str()).collect();
    let table = Table::read(bytes, &names)?;
    assert_eq!(table.rows() as u64, facts.rows);
    Ok(())
}

fn undamaged() -> &'static [Vec<u8>] {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| compressions().map(whole).to_vec())
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = &undamaged()[1];
    for length in 5..bytes.len() {
        assert!(read_all(&bytes[..length]).is_err(), "{length}");
    }
}

proptest! {
    #[test]
    fn changed_bytes_never_panic(
        which in 0..compressions().len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = undamaged()[which].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read_all(&bytes);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_all(&[b"PAR1\x15", &bytes[..], b"PAR1"].concat());
    }
}
