//! Data files: CSV and Parquet.

use std::fs;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::assert_shows;
use crate::session::{SMALL_DATA, Session};

/// The small table of the sessions as a Parquet file.
fn small_parquet() -> Vec<u8> {
    let schema = "message small {
        required int64 x; required double y; required binary word (UTF8); required binary part (UTF8);
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::default());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let rows: Vec<Vec<&str>> =
        SMALL_DATA.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let mut group = writer.next_row_group().unwrap();
    let cells = |at: usize| rows.iter().map(move |row| row[at]);
    let whole: Vec<i64> = cells(0).map(|cell| cell.parse().unwrap()).collect();
    column::<Int64Type>(&mut group, &whole);
    let floats: Vec<f64> = cells(1).map(|cell| cell.parse().unwrap()).collect();
    column::<DoubleType>(&mut group, &floats);
    for at in [2, 3] {
        let words: Vec<ByteArray> = cells(at).map(ByteArray::from).collect();
        column::<ByteArrayType>(&mut group, &words);
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

fn column<T: parquet::data_type::DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
) {
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(values, None, None).unwrap();
    column.close().unwrap();
}

#[test]
fn the_same_table_as_parquet_is_a_hit() {
    let session = Session::small();
    session.ok(&["run"]);
    fs::write(session.root().join("data/small.parquet"), small_parquet()).unwrap();
    session.edit("experiments/quick/forest.toml", "small.csv", "small.parquet");
    session.ok(&["run"]);
    assert_eq!(session.attempts().len(), 2, "nothing was trained again");
    session.edit("experiments/quick/forest.toml", "seed = 7", "seed = 8");
    session.ok(&["run"]);
    assert_eq!(session.attempts().len(), 4);
    assert!(session.runs().iter().all(|run| run["status"] == "finished"), "{:?}", session.runs());
    // The model is asked about it as about the same rows in CSV.
    let id = session.runs()[0]["id"].as_str().unwrap().to_owned();
    let predict = |file: &str| session.ok(&["predict", &id, "--input", file]);
    assert_eq!(predict("data/small.parquet"), predict("data/small.csv"));
    fs::copy(session.root().join("data/small.parquet"), session.root().join("new")).unwrap();
    assert_eq!(predict("new"), predict("data/small.csv"), "told by its first bytes");
    fs::write(session.root().join("new.parquet"), &small_parquet()[..200]).unwrap();
    let torn = session.run(&["predict", &id, "--input", "new.parquet"]);
    assert!(torn.code == 1 && torn.err.starts_with("error: new.parquet: "), "{}", torn.err);
}

#[test]
fn a_damaged_or_misnamed_file_is_refused() {
    let session = Session::small();
    let bytes = small_parquet();
    fs::write(session.root().join("data/cut.parquet"), &bytes[..bytes.len() - 9]).unwrap();
    session.write("data/text.parquet", SMALL_DATA);
    session.edit("experiments/quick/forest.toml", "small.csv", "cut.parquet");
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/quick/forest.toml:4:8: data/cut.parquet: the Parquet file cannot be read: Invalid Parquet file. Corrupt footer
     --> experiments/quick/forest.toml:4:8
      |
    4 | path = "data/cut.parquet"
      |        ^^^^^^^^^^^^^^^^^^
    "#);
    session.edit("experiments/quick/forest.toml", "cut.parquet", "text.parquet");
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/quick/forest.toml:4:8: data/text.parquet: it is no Parquet file although its name says so
     --> experiments/quick/forest.toml:4:8
      |
    4 | path = "data/text.parquet"
      |        ^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_data_file_is_described() {
    let session = Session::small();
    let table = "\
area,town,rooms,price,new
50.5,Ulm,2,110,true
60,Bonn,,180,false
70,Ulm,3,150,true
";
    session.write("data/houses.csv", table);
    assert_shows!(session, session.ok(&["data", "data/houses.csv"]), @r#"
    data/houses.csv: 3 rows, 5 columns, CSV, 83 B

    column  type     empty  distinct   min     mean  max  deviation  most frequent
    area    float        0         3  50.5  60.1667   70       9.75
    town    text         0         2                                 Ulm (2)
    rooms   integer      1         2     2      2.5    3      0.707
    price   integer      0         3   110  146.667  180       35.1
    new     boolean      0         2                                 true (2)

    blake3   [DIGEST]
    sha256   [DIGEST]
    content  [DIGEST]

    next: write a spec with path = "data/houses.csv" in [data]
    "#);
    session.edit("experiments/quick/forest.toml", "small.csv", "houses.csv");
    let shown = session.ok(&["data", "data/houses.csv"]);
    assert!(shown.contains("used by experiments/quick/forest.toml\n"), "{shown}");
    assert!(shown.ends_with("next: fairledger run experiments/quick/forest.toml\n"), "{shown}");
}

#[test]
fn csv_and_parquet_are_described_alike() {
    let session = Session::small();
    fs::write(session.root().join("data/small.parquet"), small_parquet()).unwrap();
    let of = |path: &str| session.run(&["data", path, "--json"]).json();
    let (csv, parquet) = (of("data/small.csv"), of("data/small.parquet"));
    assert_eq!(csv["columns"], parquet["columns"]);
    assert_eq!((&csv["content"], &csv["rows"]), (&parquet["content"], &parquet["rows"]));
    assert_eq!((&csv["format"], &parquet["format"]), (&"csv".into(), &"parquet".into()));
    assert_ne!(csv["blake3"], parquet["blake3"]);
    let first = serde_json::json!({
        "name": "x", "type": "integer", "missing": 0, "distinct": 12, "more_distinct": false,
        "numbers": { "min": 1.0, "mean": 6.5, "max": 12.0, "deviation": 3.605_551_275_463_989 },
        "most_frequent": { "value": "1", "count": 1 }, "digest": csv["columns"][0]["digest"],
    });
    assert_eq!(csv["columns"][0], first);
    assert_eq!(csv["specs"], serde_json::json!(["experiments/quick/forest.toml"]));
}

#[test]
fn a_data_file_that_cannot_be_read_says_why() {
    let session = Session::new();
    fs::create_dir_all(session.root()).unwrap();
    session.write("text.parquet", "a,b\n1,2\n").write("uneven.csv", "a,b\n1,2\n3\n");
    let error = |path: &str| {
        let printed = session.run(&["data", path]);
        assert_eq!(printed.code, 1);
        printed.err
    };
    assert!(
        error("none.csv").starts_with("error: cannot read none.csv: "),
        "{}",
        error("none.csv")
    );
    assert_eq!(
        error("text.parquet"),
        "error: text.parquet: it is no Parquet file although its name says so\n"
    );
    assert!(error("uneven.csv").starts_with("error: uneven.csv: row 2 has 1 cells"));
    session.write("good.csv", "a\n1\n");
    session.ok(&["data", "good.csv"]);
}
