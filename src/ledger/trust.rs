//! Which commands may start without being asked for: those whose state somebody approved here.
//!
//! A spec with a command is a program that came with a folder. It starts by itself only while the
//! folder, the spec, the command and every file it names are those that were approved, and nothing
//! came from elsewhere since.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::time::Timestamp;

/// A ledger's folder on this machine. A copy, a new folder of the same name and a renamed one are
/// other places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LedgerPlace {
    /// The canonical path.
    pub path: String,
    /// The device and the number of the folder on it; zero where the system has none.
    pub device: u64,
    /// See `device`.
    pub inode: u64,
    /// The random id that the folder drew when it was first worked in.
    pub writer: String,
}

/// Where a repository stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standpoint {
    /// The commit HEAD is at, 40 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The digest of `FETCH_HEAD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<Digest>,
}

/// What a spec would execute, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandState {
    /// The program and its arguments, placeholders as they are written.
    pub run: Vec<String>,
    /// The program that is asked for a version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub version: Vec<String>,
    /// The folder it works in, from the ledger's root.
    pub directory: String,
    /// Names of the environment variables it is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<String>,
    /// The digest of the spec's text.
    pub spec: Digest,
    /// The digest of each file it names, by path from its folder; of a link, where it leads too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
}

/// What somebody approved on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The ledger.
    pub ledger: LedgerPlace,
    /// The spec's path in it.
    pub spec: String,
    /// When.
    pub approved: Timestamp,
    /// Whether later edits are approved too, until something comes from elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follow_edits: bool,
    /// Where the repository around the ledger stood.
    #[serde(default)]
    pub repository: Standpoint,
    /// What would be executed.
    pub state: CommandState,
}

/// Why a command does not start by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody approved this spec here.
    Never,
    /// The spec was approved in another folder, or in this one under another name.
    Moved,
    /// Something may have come from elsewhere.
    Foreign(String),
    /// It is not what was approved: the parts that differ.
    Changed(Vec<String>),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never approved on this machine"),
            Self::Moved => f.write_str("the ledger is not in the folder it was approved in"),
            Self::Foreign(why) => f.write_str(why),
            Self::Changed(parts) => {
                write!(f, "changed since it was approved: {}", shortened(parts))
            }
        }
    }
}

/// The first of many parts.
fn shortened(parts: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = parts.len().saturating_sub(SHOWN);
    let shown = parts[..parts.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// Whether a command may start by itself. `foreign` says why files may be somebody else's since a
/// standpoint, `None` when nothing came.
pub fn judge(
    approvals: &[Approval],
    ledger: &LedgerPlace,
    spec: &str,
    state: &CommandState,
    foreign: &dyn Fn(&Standpoint) -> Option<String>,
) -> Option<Doubt> {
    let Some(approval) = newest(approvals, ledger, spec) else {
        let same = |it: &Approval| it.spec == spec && it.ledger.writer == ledger.writer;
        return Some(if approvals.iter().any(same) { Doubt::Moved } else { Doubt::Never });
    };
    if let Some(why) = foreign(&approval.repository) {
        return Some(Doubt::Foreign(why));
    }
    if approval.follow_edits || approval.state == *state {
        return None;
    }
    Some(Doubt::Changed(differences(&approval.state, state)))
}

/// The approval of a spec, the newest of several.
pub fn newest<'a>(
    approvals: &'a [Approval],
    ledger: &LedgerPlace,
    spec: &str,
) -> Option<&'a Approval> {
    let own = approvals.iter().filter(|it| it.ledger == *ledger && it.spec == spec);
    own.max_by_key(|approval| approval.approved)
}

/// The parts in which two states differ, in words.
pub fn differences(before: &CommandState, after: &CommandState) -> Vec<String> {
    let mut parts = Vec::new();
    if before.run != after.run {
        parts.push("the command".to_owned());
    }
    if before.version != after.version {
        parts.push("the version command".to_owned());
    }
    if before.directory != after.directory {
        parts.push("its folder".to_owned());
    }
    if before.variables != after.variables {
        parts.push("the variables it is given".to_owned());
    }
    if parts.is_empty() && before.spec != after.spec {
        parts.push("the spec".to_owned());
    }
    let names = before.files.keys().chain(after.files.keys());
    let mut files: Vec<&String> =
        names.filter(|name| before.files.get(*name) != after.files.get(*name)).collect();
    files.sort_unstable();
    files.dedup();
    parts.extend(files.into_iter().cloned());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> LedgerPlace {
        LedgerPlace { path: path.into(), device: 1, inode: 2, writer: "w".into() }
    }

    fn state(word: &str) -> CommandState {
        CommandState {
            run: vec!["python".into(), "train.py".into()],
            version: Vec::new(),
            directory: String::new(),
            variables: Vec::new(),
            spec: Digest::of(b"spec"),
            files: [("train.py".to_owned(), word.to_owned())].into(),
        }
    }

    fn approval(follow_edits: bool) -> Approval {
        Approval {
            ledger: place("/l"),
            spec: "e/s.toml".into(),
            approved: Timestamp::from_microseconds(1),
            follow_edits,
            repository: Standpoint::default(),
            state: state("1"),
        }
    }

    #[test]
    fn only_the_approved_state_in_its_place_starts_by_itself() {
        let nothing = |_: &Standpoint| None;
        let ask = |approvals: &[Approval], path: &str, word: &str| {
            judge(approvals, &place(path), "e/s.toml", &state(word), &nothing)
        };
        let exact = [approval(false)];
        assert_eq!(ask(&exact, "/l", "1"), None);
        assert_eq!(ask(&exact, "/l", "2"), Some(Doubt::Changed(vec!["train.py".into()])));
        assert_eq!(ask(&exact, "/renamed", "1"), Some(Doubt::Moved));
        assert_eq!(ask(&[], "/l", "1"), Some(Doubt::Never));
        assert_eq!(ask(&[approval(true)], "/l", "2"), None);
        let came = |_: &Standpoint| Some("it was pulled".to_owned());
        for approval in [approval(false), approval(true)] {
            let doubt = judge(&[approval], &place("/l"), "e/s.toml", &state("1"), &came);
            assert_eq!(doubt, Some(Doubt::Foreign("it was pulled".into())));
        }
    }

    #[test]
    fn what_differs_is_named() {
        let mut other = state("1");
        other.run.push("--fast".into());
        other.spec = Digest::of(b"other");
        other.files.insert("new.py".into(), "1".into());
        assert_eq!(differences(&state("1"), &other), ["the command", "new.py"]);
        let many: Vec<String> = (0..7).map(|n| format!("f{n}")).collect();
        let words = Doubt::Changed(many).to_string();
        assert!(words.ends_with("f4 and 2 more"), "{words}");
    }

    #[test]
    fn an_approval_comes_back_from_its_text() {
        let text = toml::to_string(&approval(true)).unwrap();
        assert_eq!(toml::from_str::<Approval>(&text).unwrap(), approval(true));
    }
}
