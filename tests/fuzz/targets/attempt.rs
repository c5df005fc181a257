//! The record of an attempt and its request: `run.toml` and `params.toml`.

use fairledger::ledger::attempt::Attempt;
use fairledger::ledger::request::Request;
use toml::{Table, Value};

use super::{Outcome, Target, fixtures, is_named, same};
use crate::draws::Draws;
use crate::{tree, vary};

pub(super) const TARGET: Target = Target { name: "attempt", seeds, vary, check };

const WORDS: [&str; 24] = [
    "format", "run", "attempt", "status", "cause", "label", "spec", "started", "ended", "result",
    "tags", "metrics", "timings", "model", "data", "host", "git", "versions", "command", "exit",
    "by", "seed", "params", "trainer",
];

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = fixtures(&|path| is_named(path, "run.toml") || is_named(path, "params.toml"));
    let vectors: Table = include_str!("../../it/vectors.toml").parse().unwrap();
    let cases = vectors.values().filter_map(Value::as_array).flatten().filter_map(Value::as_table);
    let texts = cases.flat_map(|case| case.values().filter_map(Value::as_str));
    seeds.extend(texts.filter(|text| text.contains(" = ")).map(|text| text.as_bytes().to_vec()));
    seeds
}

fn vary(draws: &mut Draws, corpus: &[Vec<u8>]) -> Vec<u8> {
    let from = draws.one::<Vec<u8>>(corpus).clone();
    toml_file(draws, &from, &WORDS, corpus)
}

/// A TOML file changed as the table it is, or as its text.
pub(super) fn toml_file(
    draws: &mut Draws,
    from: &[u8],
    words: &[&str],
    corpus: &[Vec<u8>],
) -> Vec<u8> {
    let table = |bytes: &[u8]| String::from_utf8_lossy(bytes).parse::<Table>().ok();
    match table(from) {
        Some(parsed) if !draws.once_in(4) => {
            let mut value = Value::Table(parsed);
            let other = table(draws.one::<Vec<u8>>(corpus)).unwrap_or_default();
            tree::change(draws, &mut value, words, &mut Value::Table(other));
            toml::to_string(&value).map_or_else(|_| from.to_vec(), String::into_bytes)
        }
        _ => vary::text(draws, from, words, corpus),
    }
}

fn check(input: &[u8]) -> Result<Outcome, String> {
    let text = String::from_utf8_lossy(input);
    let kind = match Attempt::from_text(&text) {
        Ok(attempt) => {
            let written =
                attempt.to_text().map_err(|error| format!("it cannot be written: {error}"))?;
            let again = Attempt::from_text(&written)
                .map_err(|error| format!("written as {written:?}, and then {error}"))?;
            same("written again", &Ok(written), &again.to_text().map_err(|it| it.to_string()))?;
            format!(
                "an attempt that {} by {:?}",
                attempt.status.word(),
                attempt.command.map(|it| it.exit)
            )
        }
        Err(error) => error.to_string(),
    };
    let Ok(table) = text.parse::<Table>() else { return Ok(Outcome { read: false, kind }) };
    let Ok(request) = Request::from_table(table) else { return Ok(Outcome { read: true, kind }) };
    let _ = (request.to_built_in(), request.to_command(), request.cell());
    let written = toml::to_string(request.parts()).map_err(|error| error.to_string())?;
    let again = written.parse().map_err(|error| format!("{written:?} is no TOML: {error}"))?;
    let again = Request::from_table(again).map_err(|error| error.to_string())?;
    same(&format!("the id of {written:?}"), &request.id(), &again.id())?;
    same("the cell", &request.cell(), &again.cell())?;
    Ok(Outcome { read: true, kind: format!("{kind}, a request") })
}
