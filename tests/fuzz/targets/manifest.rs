//! Manifests, most of them with a seal that fits what stands above it.

use std::path::{Component, Path};

use fairledger::ledger::digest::Digest;
use fairledger::ledger::manifest::Manifest;
use toml::{Table, Value};

use super::{Outcome, Target, fixtures, is_named, same};
use crate::draws::Draws;
use crate::{tree, vary};

pub(super) const TARGET: Target = Target { name: "manifest", seeds, vary, check };

const WORDS: [&str; 12] = [
    "format", "run", "attempt", "file", "path", "size", "blake3", "sha256", "seal", "../x", "a\\b",
    "C:x",
];
const SEAL: &str = "\n[seal]\nblake3 = \"";

fn seeds() -> Vec<Vec<u8>> {
    fixtures(&|path| is_named(path, "manifest.toml"))
}

fn vary(draws: &mut Draws, corpus: &[Vec<u8>]) -> Vec<u8> {
    let from = draws.one::<Vec<u8>>(corpus).clone();
    let above = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.rsplit_once(SEAL).map_or(text.clone(), |(above, _)| above.to_owned())
    };
    let text = above(&from);
    let changed = match text.parse::<Table>() {
        Ok(table) if !draws.once_in(3) => {
            let mut value = Value::Table(table);
            let other = above(draws.one::<Vec<u8>>(corpus)).parse::<Table>().unwrap_or_default();
            tree::change(draws, &mut value, &WORDS, &mut Value::Table(other));
            toml::to_string(&value).unwrap_or(text)
        }
        _ => String::from_utf8_lossy(&vary::text(draws, text.as_bytes(), &WORDS, corpus))
            .into_owned(),
    };
    if draws.once_in(8) {
        return vary::text(draws, &from, &WORDS, corpus);
    }
    let seal = Digest::of(changed.as_bytes());
    format!("{changed}{SEAL}{seal}\"\n").into_bytes()
}

fn check(input: &[u8]) -> Result<Outcome, String> {
    let text = String::from_utf8_lossy(input);
    let manifest = match Manifest::from_text(&text) {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Outcome { read: false, kind: error.to_string() }),
    };
    for file in &manifest.files {
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !Path::new(&file.path).components().all(plain) {
            return Err(format!("{:?} leads out of the attempt", file.path));
        }
    }
    let written = manifest.to_text();
    let again = Manifest::from_text(&written)
        .map_err(|error| format!("written as {written:?}, and then {error}"))?;
    same("read again", &manifest, &again)?;
    same("written again", &written, &again.to_text())?;
    // Who cuts it anywhere is found out.
    let cut = (0..written.len()).step_by(1 + written.len() / 8).filter_map(|at| written.get(..at));
    for cut in cut {
        if Manifest::from_text(cut).is_ok() {
            return Err(format!("cut to {cut:?} it is still read"));
        }
    }
    Ok(Outcome {
        read: true,
        kind: format!("read, {}", "file ".repeat(manifest.files.len().min(12))),
    })
}
