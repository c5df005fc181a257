//! Lines of metrics: those that a ledger keeps, and those that commands append or print.

use fairledger::ledger::metric::{MetricPoint, final_values, read_lines};
use fairledger::ledger::printed::{Reported, Steps, json_line, printed_line, tag_line};
use serde_json::{Value, json};

use super::{Outcome, Target, fixtures, is_named, same};
use crate::draws::Draws;
use crate::{tree, vary};

pub(super) const TARGET: Target = Target { name: "metrics", seeds, vary, check };

const WORDS: [&str; 8] =
    ["name", "value", "step", "time", "loss", "rmse", "train_r2", "cv_fold_0_r2"];
const LINES: [&str; 8] = [
    "{\"name\":\"loss\",\"value\":1.5}\n",
    "{\"loss\":1,\"r2\":0.5,\"step\":3}\n",
    "{\"loss\":0.5,\"step\":9}",
    "rmse: 0.25\n",
    "epoch 3: loss: 0.5\n",
    "stage=tried\n",
    "{\"stage\":\"tried\",\"n\":3}\n",
    "{\"name\":\"loss\",\"value\":\"NaN\",\"step\":1,\"time\":\"2026-11-16T08:41:00Z\"}\n",
];

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = LINES.iter().map(|line| line.as_bytes().to_vec()).collect();
    for file in fixtures(&|path| is_named(path, "metrics.jsonl")) {
        seeds.extend(file.split_inclusive(|&byte| byte == b'\n').take(20).map(<[u8]>::to_vec));
        seeds.push(file);
    }
    seeds
}

fn vary(draws: &mut Draws, corpus: &[Vec<u8>]) -> Vec<u8> {
    let from = draws.one::<Vec<u8>>(corpus).clone();
    lines(draws, &from, &WORDS, corpus)
}

/// One line changed as the tree it is, or the text as it stands.
pub(super) fn lines(draws: &mut Draws, from: &[u8], words: &[&str], corpus: &[Vec<u8>]) -> Vec<u8> {
    let all: Vec<&[u8]> = from.split_inclusive(|&byte| byte == b'\n').collect();
    let at = draws.below(all.len());
    let parsed = all.get(at).and_then(|line| serde_json::from_slice::<Value>(line).ok());
    let Some(mut parsed) = parsed.filter(|_| !draws.once_in(4)) else {
        return vary::text(draws, from, words, corpus);
    };
    let other = draws.one::<Vec<u8>>(corpus);
    let other = other.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut other = serde_json::from_slice(other).unwrap_or(json!({ "step": 1 }));
    tree::change(draws, &mut parsed, words, &mut other);
    let line = format!("{parsed}\n");
    let mut all: Vec<Vec<u8>> = all.into_iter().map(<[u8]>::to_vec).collect();
    all[at] = line.into_bytes();
    all.truncate(200);
    all.concat()
}

fn check(input: &[u8]) -> Result<Outcome, String> {
    let found = read_lines(input);
    let written: String = found.points.iter().map(MetricPoint::to_line).collect();
    let again = read_lines(written.as_bytes());
    same("unreadable once written", &(again.unreadable, again.torn), &(0, false))?;
    let bits = |points: &[MetricPoint]| {
        let one = |it: &MetricPoint| (it.name.clone(), it.value.to_bits(), it.step, it.time);
        points.iter().map(one).collect::<Vec<_>>()
    };
    same("read again", &bits(&found.points), &bits(&again.points))?;
    let values = |points| {
        let values = final_values(points).into_iter();
        values.map(|(name, value)| (name, value.to_bits())).collect::<Vec<_>>()
    };
    same("final", &values(&found.points), &values(&again.points))?;
    let mut reports = 0;
    let mut steps = Steps::default();
    for line in String::from_utf8_lossy(input).lines() {
        let reported = json_line(line).unwrap_or_default();
        for it in reported.iter().chain(&printed_line(line)) {
            reports += 1;
            let _ = steps.of(it);
            told_again(it)?;
        }
        if let Some(tags) = tag_line(line) {
            let again = tag_line(&json!(tags).to_string());
            same("tags", &Some(tags), &again)?;
        }
    }
    let kind = format!(
        "{} points, {} unreadable, torn {}, {} reports, {}",
        ["no", "some"][usize::from(!found.points.is_empty())],
        ["none", "some"][usize::from(found.unreadable > 0)],
        found.torn,
        ["no", "some"][usize::from(reports > 0)],
        found.points.iter().any(|it| !it.value.is_finite()),
    );
    Ok(Outcome { read: !found.points.is_empty() || reports > 0, kind: numbered(&kind, input) })
}

/// A metric that a command reported, written as its line, is the same.
fn told_again(it: &Reported) -> Result<(), String> {
    let value = if it.value.is_finite() {
        json!(it.value)
    } else if it.value.is_nan() {
        json!("NaN")
    } else {
        json!(if it.value > 0.0 { "Infinity" } else { "-Infinity" })
    };
    let line = json!({ "name": it.name, "value": value, "step": it.step }).to_string();
    let again = json_line(&line).ok_or_else(|| format!("{line} is no line of metrics"))?;
    let plain = |it: &Reported| (it.name.clone(), it.value.to_bits(), it.step);
    let nan = it.value.is_nan() && again.len() == 1 && again[0].value.is_nan();
    if nan {
        return Ok(());
    }
    same(&line, &again.iter().map(plain).collect::<Vec<_>>(), &vec![plain(it)])
}

/// The kind, and the size of the input in powers of two as letters: longer ones are worth keeping too.
pub(super) fn numbered(kind: &str, input: &[u8]) -> String {
    format!("{kind} {}", "x".repeat(input.len().checked_ilog2().unwrap_or(0) as usize))
}
