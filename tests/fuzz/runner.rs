//! Tries one target: its kept cases and seeds first, then what becomes of them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::draws::Draws;
use crate::targets::Target;

/// So many inputs are kept to make others from.
const CORPUS: usize = 4000;
/// An input that takes longer, even on a busy machine, is a failure.
const LONGEST: Duration = Duration::from_secs(30);
/// How often a failing input is tried to be made smaller.
const SMALLER: usize = 2000;

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics off the terminal; what they say is kept for the report.
pub(crate) fn silence() {
    std::panic::set_hook(Box::new(|info| PANIC.with_borrow_mut(|kept| *kept = info.to_string())));
}

/// What trying a target gave.
pub(crate) struct Report {
    name: &'static str,
    executions: u64,
    read: u64,
    corpus: usize,
    cases: usize,
    took: Duration,
    /// What failed and where the input is kept.
    pub(crate) failure: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = 100.0 * self.read as f64 / self.executions.max(1) as f64;
        write!(
            f,
            "{}: {} executions in {:.0} s, {share:.0} % of them read, {} kinds of outcome, {} kept cases",
            self.name,
            self.executions,
            self.took.as_secs_f64(),
            self.corpus,
            self.cases
        )?;
        self.failure.as_ref().map_or(Ok(()), |failure| write!(f, "\nFAIL {}: {failure}", self.name))
    }
}

/// Tries a target for a time.
pub(crate) fn run(target: &Target, time: Duration, seed: u64) -> Report {
    let start = Instant::now();
    let kept = kept(target.name);
    let mut report = Report {
        name: target.name,
        executions: 0,
        read: 0,
        corpus: 0,
        cases: kept.len(),
        took: Duration::ZERO,
        failure: None,
    };
    let mut last = Last::open(target.name);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut corpus: Vec<Vec<u8>> = Vec::new();
    let mut draws = Draws::new(seed);
    let mut first = kept.into_iter().chain((target.seeds)());
    loop {
        let input = match first.next() {
            Some(input) => input,
            None if start.elapsed() < time => (target.vary)(&mut draws, &corpus),
            None => break,
        };
        last.note(&input);
        report.executions += 1;
        match attempt(target, &input) {
            Ok((read, kind)) => {
                report.read += u64::from(read);
                if corpus.len() < CORPUS && seen.insert(kind) {
                    corpus.push(input);
                }
            }
            Err(what) => {
                let input = smaller(target, input, &mut draws);
                report.failure = Some(keep(target.name, &input, &what));
                break;
            }
        }
    }
    last.remove();
    (report.corpus, report.took) = (corpus.len(), start.elapsed());
    report
}

/// Whether an input was read, and what kind of outcome it had; else what failed.
fn attempt(target: &Target, input: &[u8]) -> Result<(bool, String), String> {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.check)(input)))
        .map_err(|_| PANIC.with_borrow(Clone::clone))??;
    if start.elapsed() > LONGEST {
        return Err(format!("it takes {:?}", start.elapsed()));
    }
    Ok((outcome.read, kind(&outcome.kind)))
}

/// A message without what differs from one input to the next: numbers and what is quoted.
fn kind(message: &str) -> String {
    let (mut kind, mut quoted) = (String::new(), false);
    for c in message.chars() {
        if "\"'`".contains(c) {
            quoted = !quoted;
        } else if !quoted && !c.is_ascii_digit() {
            kind.push(c);
        }
    }
    kind
}

/// A smaller input that fails too.
fn smaller(target: &Target, mut input: Vec<u8>, draws: &mut Draws) -> Vec<u8> {
    for _ in 0..SMALLER {
        let start = draws.below(input.len());
        let most = (input.len() - start).min(1 + input.len() / 3);
        let length = 1 + draws.below(most);
        let mut without = input.clone();
        without.drain(start..(start + length).min(input.len()));
        if without.len() < input.len() && attempt(target, &without).is_err() {
            input = without;
        }
    }
    input
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/cases").join(name)
}

/// The inputs that failed once, in the order of their names.
fn kept(name: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder(name)).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Keeps an input that failed; gives what is said of it.
fn keep(name: &str, input: &[u8], what: &str) -> String {
    let path = folder(name).join(&blake3::hash(input).to_hex()[..10]);
    fs::create_dir_all(folder(name)).unwrap();
    fs::write(&path, input).unwrap();
    let text = String::from_utf8_lossy(input);
    format!("{what}\n  kept in {}\n  input: {text:?}", path.display())
}

/// The input under way, in a file: an overflown stack ends the whole program.
struct Last {
    file: fs::File,
    path: PathBuf,
}

impl Last {
    fn open(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("fairledger-fuzz-{}-{name}", std::process::id()));
        let file = fs::File::create(&path).unwrap();
        Self { file, path }
    }

    fn note(&mut self, input: &[u8]) {
        self.file.seek(SeekFrom::Start(0)).unwrap();
        self.file.write_all(input).unwrap();
        self.file.set_len(input.len() as u64).unwrap();
    }

    /// Nothing overflowed.
    fn remove(self) {
        drop(self.file);
        drop(fs::remove_file(self.path));
    }
}
