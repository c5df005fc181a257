//! Annotations of several writers, merged and folded.

use fairledger::ledger::annotation::{
    Annotation, AnnotationKind, Lines, Record, fold, merge, read_lines,
};

use super::metrics::{lines, numbered};
use super::{Outcome, Target, fixtures, same};
use crate::draws::Draws;

pub(super) const TARGET: Target = Target { name: "annotations", seeds, vary, check };

const WORDS: [&str; 16] = [
    "id",
    "time",
    "run",
    "kind",
    "key",
    "value",
    "text",
    "on",
    "spec",
    "label",
    "description",
    "tags",
    "tag",
    "star",
    "member",
    "delete",
];

/// One record of each kind, beside those of the fixtures.
const KINDS: [&str; 7] = [
    r#""kind":"tag","key":"team","value":"a""#,
    r#""kind":"note","text":"two\nlines""#,
    r#""kind":"star","on":true"#,
    r#""kind":"member","spec":"forest.toml","label":"rf-1","tags":{"a":"b"}"#,
    r#""kind":"delete""#,
    r#""kind":"restore""#,
    r#""kind":"verdict","by":{"name":"ada","at":[1,2.5,null]}"#,
];

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = fixtures(&|path| {
        path.extension().is_some_and(|it| it == "jsonl")
            && path.parent().is_some_and(|folder| folder.ends_with("annotations"))
    });
    let record = |(at, kind): (usize, &&str)| {
        format!(
            "{{\"id\":\"0000000007000000000000000{at}\",\"time\":\"2026-11-16T08:41:0{at}Z\",\
             \"run\":\"00112233445566778899aabbccddeeff\",{kind}}}\n"
        )
    };
    let records: Vec<String> = KINDS.iter().enumerate().map(record).collect();
    seeds.push(records.concat().into_bytes());
    seeds.extend(records.into_iter().map(String::into_bytes));
    seeds
}

fn vary(draws: &mut Draws, corpus: &[Vec<u8>]) -> Vec<u8> {
    let from = draws.one::<Vec<u8>>(corpus).clone();
    lines(draws, &from, &WORDS, corpus)
}

fn check(input: &[u8]) -> Result<Outcome, String> {
    let found: Lines<Annotation> = read_lines(input);
    let written: String = found.records.iter().map(Record::to_line).collect();
    let again: Lines<Annotation> = read_lines(written.as_bytes());
    let rewritten: String = again.records.iter().map(Record::to_line).collect();
    same("written again", &written, &rewritten)?;
    for (one, other) in found.records.iter().zip(&again.records) {
        same("read again", one, other)?;
    }
    same("unreadable once written", &(again.unreadable, again.torn), &(Vec::new(), false))?;
    let merged = merge(found.records.clone());
    same("merged twice", &merged, &merge(merged.clone()))?;
    let mut ids: Vec<_> = found.records.iter().map(|it| it.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() == found.records.len() {
        // Whoever's file is read first.
        let turned = merge(found.records.iter().rev().cloned());
        same("merged the other way round", &merged, &turned)?;
    }
    for annotated in fold(&merged).values() {
        let tags = annotated.tags_over(&annotated.tags);
        if tags.values().any(String::is_empty) {
            return Err("an empty tag is shown".to_owned());
        }
    }
    let kinds = found.records.iter().take(8).map(|it| match it.kind {
        AnnotationKind::Tag { .. } => "tag ",
        AnnotationKind::Note { .. } => "note ",
        AnnotationKind::Star { .. } => "star ",
        AnnotationKind::Member(_) => "member ",
        AnnotationKind::Delete => "delete ",
        AnnotationKind::Restore => "restore ",
        AnnotationKind::Other(_) => "other ",
    });
    let kind = format!(
        "{}{} torn {}",
        kinds.collect::<String>(),
        !found.unreadable.is_empty(),
        found.torn
    );
    Ok(Outcome { read: !found.records.is_empty(), kind: numbered(&kind, input) })
}
