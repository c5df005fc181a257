//! Everything the program reads of what others wrote, fed with mutated fixtures: nothing may panic, and what
//! is read, written and read again must be the same.
//!
//! `cargo test --test fuzz` tries each target for a second with the same draws each time.
//! `cargo test --test fuzz -- 600 filter spec` tries two of them for ten minutes, each time with other draws. An
//! input that fails is made smaller, printed and kept in `tests/fuzz/cases/`, where every later run begins.

#![expect(clippy::print_stdout, reason = "it reports what it tried")]
#![expect(clippy::unwrap_used, reason = "a check that cannot go on has failed")]

mod draws;
mod runner;
mod targets;
mod tree;
mod vary;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use runner::Report;
use targets::{TARGETS, Target};

/// How long each target is tried where nothing else is said, in seconds.
const SHORT: u64 = 1;

fn main() -> ExitCode {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let seconds = words.iter().find_map(|word| word.parse::<u64>().ok());
    let names: Vec<&String> = words.iter().filter(|word| word.parse::<u64>().is_err()).collect();
    // A word that names no target is the name of another test.
    let chosen = |it: &&Target| names.is_empty() || names.iter().any(|name| *name == it.name);
    let chosen: Vec<&Target> = TARGETS.iter().filter(chosen).collect();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = seconds.map_or(0, |_| since.as_secs());
    let time = Duration::from_secs(seconds.unwrap_or(SHORT));
    runner::silence();
    let reports: Vec<Report> = std::thread::scope(|scope| {
        let tried = chosen.iter().map(|it| scope.spawn(move || runner::run(it, time, seed)));
        tried.collect::<Vec<_>>().into_iter().map(|it| it.join().unwrap()).collect()
    });
    for report in &reports {
        println!("{report}");
    }
    let failed = reports.iter().filter(|report| report.failure.is_some()).count();
    println!("{} passed, {failed} failed", reports.len() - failed);
    if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
