//! How a command ended, and what its attempt records of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Exit {
    /// It ended by itself, with an exit code.
    Code {
        /// The code; 0 is good.
        code: i32,
    },
    /// A signal that was not ours ended it.
    Signal {
        /// The signal's number.
        signal: i32,
    },
    /// It took longer than its spec allows.
    Timeout {
        /// The limit in seconds.
        seconds: u64,
    },
    /// The system ended it because memory ran out.
    OutOfMemory,
    /// It was stopped because the user asked for that.
    Cancelled,
}

impl Exit {
    /// Whether it ended as it should.
    pub fn is_good(&self) -> bool {
        *self == Self::Code { code: 0 }
    }

    /// How it ended, in words: `exit code 3`, `ended by signal 11 (SEGV)`.
    pub fn words(&self) -> String {
        match self {
            Self::Code { code } => format!("exit code {code}"),
            Self::Signal { signal: KILL } => {
                "ended by signal 9 (KILL), as a system does that is short of memory".to_owned()
            }
            Self::Signal { signal } => match name(*signal) {
                Some(name) => format!("ended by signal {signal} ({name})"),
                None => format!("ended by signal {signal}"),
            },
            Self::Timeout { seconds } => format!("took longer than its timeout of {seconds} s"),
            Self::OutOfMemory => "out of memory".to_owned(),
            Self::Cancelled => "cancelled".to_owned(),
        }
    }
}

const KILL: i32 = 9;

/// The names of signals that have one number on Linux and macOS.
fn name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        4 => "ILL",
        5 => "TRAP",
        6 => "ABRT",
        8 => "FPE",
        11 => "SEGV",
        13 => "PIPE",
        14 => "ALRM",
        15 => "TERM",
        _ => return None,
    })
}

/// What the attempt of a command records of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// The program and its arguments, placeholders filled in.
    pub run: Vec<String>,
    /// The folder it worked in, from the ledger's root.
    pub directory: String,
    /// Names of the environment variables that were passed and are not recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_pass: Vec<String>,
    /// Inputs that were something else when it ended than when it began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// How it ended; `None` when it never began, or when its supervisor died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
    /// The most memory that one of its processes has had, in bytes, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// The tags it gave, over those of its spec.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What a newer version wrote and this one does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, toml::Value>,
}

impl CommandRecord {
    /// The command as one would write it in a shell.
    pub fn line(&self) -> String {
        self.run.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// A word as a shell reads it as one.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./=:,+@%{}".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_quoted_where_it_must_be() {
        assert_eq!(
            ["a.py", "--x=1", "it's", ""].map(quoted),
            ["a.py", "--x=1", "'it'\\''s'", "''"]
        );
    }

    #[test]
    fn every_exit_has_words_and_comes_back_from_its_text() {
        for (exit, words) in [
            (Exit::Code { code: 3 }, "exit code 3"),
            (Exit::Signal { signal: 11 }, "ended by signal 11 (SEGV)"),
            (Exit::Signal { signal: 63 }, "ended by signal 63"),
            (Exit::Timeout { seconds: 90 }, "took longer than its timeout of 90 s"),
            (Exit::OutOfMemory, "out of memory"),
            (Exit::Cancelled, "cancelled"),
        ] {
            assert_eq!(exit.words(), words);
            let text = toml::to_string(&exit).unwrap();
            assert_eq!(toml::from_str::<Exit>(&text).unwrap(), exit);
        }
        assert!(Exit::Code { code: 0 }.is_good());
    }
}
