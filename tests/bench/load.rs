//! Loading a generated table as CSV and as Parquet: time, and peak memory against the matrix of its numbers.
//! Prints a line of JSON for each.
//!
//! `cargo bench --bench load`, or `cargo bench --bench load -- 100000 20 FOLDER` for other numbers of rows and
//! columns and another disk than that of the folder for temporary files.

#![expect(clippy::print_stdout, reason = "a measurement prints its result")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be taken ends the program")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use fairledger::train::{Table, Wanted, profile};
use parquet::basic::Compression;
use parquet::data_type::{DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// Rows of a group of the Parquet file.
const GROUP: usize = 100_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [load, path] = &words[..]
        && load == "load"
    {
        return measure(Path::new(path));
    }
    let number = |at: usize, usual| words.get(at).map_or(usual, |word| word.parse().unwrap());
    let (rows, columns): (usize, usize) = (number(0, 1_000_000), number(1, 20));
    let around = words.get(2).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = around.join(format!("fairledger-load-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (csv, parquet) = (folder.join("table.csv"), folder.join("table.parquet"));
    write_csv(&csv, rows, columns);
    write_parquet(&parquet, rows, columns);
    for path in [&csv, &parquet] {
        // In a process of its own, whose peak is that of the loading alone.
        let own = std::env::current_exe().unwrap();
        assert!(Command::new(own).arg("load").arg(path).status().unwrap().success());
    }
    fs::remove_dir_all(&folder).unwrap();
}

fn measure(path: &Path) {
    let open = || Box::new(File::open(path).unwrap());
    let before = peak();
    let start = Instant::now();
    let facts = profile(open()).unwrap();
    let profiled = start.elapsed().as_secs_f64();
    let while_profiled = peak();
    let names = facts.columns.iter().map(|column| column.name.clone());
    let wanted: Vec<Wanted> = names.map(|name| Wanted { name, words: false }).collect();
    let start = Instant::now();
    let (table, _) = Table::load(open(), &facts, &wanted).unwrap();
    let loaded = start.elapsed().as_secs_f64();
    let matrix = table.rows() * wanted.len() * 8;
    let above = peak().zip(before).map(|(peak, before)| peak - before);
    let line = serde_json::json!({
        "format": path.extension().unwrap().to_str(),
        "rows": table.rows(),
        "columns": wanted.len(),
        "file_bytes": facts.size,
        "profile_seconds": profiled,
        "load_seconds": loaded,
        "matrix_bytes": matrix,
        "peak_bytes": peak(),
        "profile_peak_bytes": while_profiled,
        "peak_of_matrix": above.map(|above| above as f64 / matrix as f64),
    });
    println!("{line}");
}

/// The most memory this process has had, in bytes, where the system tells.
fn peak() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
}

/// A number of a place: every fourth column is whole, the others have all their digits.
fn number(row: usize, column: usize) -> f64 {
    let mut state = (row as u64) << 20 | column as u64;
    // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^= state >> 31;
    if is_whole(column) {
        (state % 1000) as f64
    } else {
        state as f64 / u64::MAX as f64 * 2e3 - 1e3
    }
}

fn is_whole(column: usize) -> bool {
    column % 4 == 3
}

fn write_csv(path: &Path, rows: usize, columns: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    writeln!(file, "{}", names.join(",")).unwrap();
    for row in 0..rows {
        for column in 0..columns {
            let comma = if column > 0 { "," } else { "" };
            let number = number(row, column);
            if is_whole(column) {
                write!(file, "{comma}{number}").unwrap();
            } else {
                write!(file, "{comma}{number:?}").unwrap();
            }
        }
        writeln!(file).unwrap();
    }
    file.flush().unwrap();
}

fn write_parquet(path: &Path, rows: usize, columns: usize) {
    let kind = |column| if is_whole(column) { "int64" } else { "double" };
    let fields = (0..columns).map(|column| format!("required {} c{column};", kind(column)));
    let schema = format!("message table {{ {} }}", fields.collect::<Vec<_>>().join(" "));
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    for start in (0..rows).step_by(GROUP) {
        let rows = start..rows.min(start + GROUP);
        let mut group = writer.next_row_group().unwrap();
        for column in 0..columns {
            let mut chunk = group.next_column().unwrap().unwrap();
            let numbers = rows.clone().map(|row| number(row, column));
            if is_whole(column) {
                let whole: Vec<i64> = numbers.map(|number| number as i64).collect();
                chunk.typed::<Int64Type>().write_batch(&whole, None, None).unwrap();
            } else {
                let floats: Vec<f64> = numbers.collect();
                chunk.typed::<DoubleType>().write_batch(&floats, None, None).unwrap();
            }
            chunk.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}
