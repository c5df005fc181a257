//! What a request asks for, of a built-in trainer or of a command, as it is shown.

use toml::Table;

use crate::ledger::digest::Digest;
use crate::ledger::foreign::Tracker;
use crate::ledger::request::Request;
use crate::ledger::split::Split;

/// What a request asks for.
pub(super) struct Asked {
    pub(super) trainer: String,
    pub(super) version: i64,
    pub(super) seed: i64,
    pub(super) params: Table,
    pub(super) data: Digest,
    pub(super) features: Vec<String>,
    pub(super) target: String,
    pub(super) split: String,
    pub(super) tracker: Option<Tracker>,
}

impl Asked {
    /// Reads a request; `None` when it is of a kind that this version does not know.
    pub(super) fn of(request: &Request) -> Option<Self> {
        if let Some(asked) = request.to_command() {
            return Some(Self {
                trainer: program(&asked.command.run),
                version: 0,
                seed: asked.seed,
                params: asked.params,
                data: asked.data.map_or_else(|| Digest::of(b""), |data| data.digest),
                features: Vec::new(),
                target: String::new(),
                split: String::new(),
                tracker: None,
            });
        }
        if let Some(foreign) = request.to_foreign() {
            return Some(Self {
                trainer: foreign.tracker.name.clone(),
                version: 0,
                seed: 0,
                params: foreign.params,
                data: Digest::of(b""),
                features: Vec::new(),
                target: String::new(),
                split: String::new(),
                tracker: Some(foreign.tracker),
            });
        }
        let asked = request.to_built_in().ok()?;
        Some(Self {
            trainer: asked.trainer.name,
            version: asked.trainer.version,
            seed: asked.seed,
            params: asked.params,
            data: asked.data.digest,
            features: asked.data.features,
            target: asked.data.target,
            split: asked.data.split.as_ref().map(Split::describe).unwrap_or_default(),
            tracker: None,
        })
    }
}

/// What stands for a command where a model's name would: the program, and its script.
fn program(run: &[String]) -> String {
    let file = |word: &String| word.rsplit(['/', '\\']).next().unwrap_or(word).to_owned();
    let script = run.get(1).filter(|word| !word.starts_with('-') && word.contains('.'));
    let script = script.filter(|word| !word.contains([' ', '{']));
    run.first().map(file).into_iter().chain(script.cloned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::program;

    #[test]
    fn a_command_is_called_by_its_program_and_script() {
        let called = |words: &[&str]| {
            program(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(called(&["python", "src/train.py", "--lr", "{lr}"]), "python src/train.py");
        assert_eq!(called(&["/usr/bin/sh", "-c", "exit 1"]), "sh");
        assert_eq!(called(&["./fit", "{n}.csv"]), "fit");
    }
}
