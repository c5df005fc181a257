//! One fixture: a folder, the real program, and what it prints with the changing parts named.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A ledger in a folder of its own, with a home that holds nothing but a git identity.
pub(crate) struct Session {
    /// Removed when the session ends.
    _folder: TempDir,
    root: PathBuf,
}

/// What a command printed and how it ended.
pub(crate) struct Printed {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Printed {
    /// The output of a command that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self.out
    }

    /// The output as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.ok()).unwrap()
    }
}

/// Twelve rows with a linear target, enough to train on in no time.
pub(crate) const SMALL_DATA: &str = "\
x,y,word,part
1,2.1,a,train
2,3.9,b,train
3,6.2,c,train
4,7.8,d,train
5,10.1,e,train
6,12.2,f,train
7,13.8,g,train
8,16.1,h,train
9,18.0,i,test
10,20.2,j,test
11,21.9,k,test
12,24.1,l,test
";

/// A spec over that data; `{model}` and `{rest}` are filled in by tests.
pub(crate) const SMALL_SPEC: &str = "\
name = \"small-{n_estimators}\"

[data]
path = \"data/small.csv\"
target = \"y\"
features = [\"x\"]
split = { column = \"part\" }

[train]
model = \"random-forest-regressor\"
seed = 7

[sweep]
method = \"grid\"
params = { n_estimators = [2, 3] }
";

impl Session {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap().join("ledger");
        let home = root.parent().unwrap().join("home");
        fs::create_dir_all(&home).unwrap();
        let identity =
            "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n";
        fs::write(home.join(".gitconfig"), identity).unwrap();
        Self { _folder: folder, root }
    }

    /// A ledger with one small, fast spec that asks for two runs.
    pub(crate) fn small() -> Self {
        let session = Self::new();
        session.outside(&["init", "--empty", "ledger"]).ok();
        session.write("data/small.csv", SMALL_DATA);
        session.write("experiments/quick/forest.toml", SMALL_SPEC);
        session
    }

    /// Declares a licence.
    pub(crate) fn licensed(&self) {
        self.edit("ledger.toml", "licence = \"\"", "licence = \"CC-BY-4.0\"");
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.parent().unwrap().join("home")
    }

    /// Points the session at another folder, for example after the ledger was moved.
    pub(crate) fn at(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = root.into();
        self
    }

    #[track_caller]
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// Replaces text in a file; it must be there.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, &text.replacen(from, to, 1))
    }

    fn command(&self, program: &str, folder: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).current_dir(folder);
        command.env("HOME", self.home()).env("USERPROFILE", self.home());
        command.env("XDG_CONFIG_HOME", self.home()).env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL", "NO_COLOR"]
        {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program in the ledger.
    pub(crate) fn run(&self, words: &[&str]) -> Printed {
        printed(self.command(env!("CARGO_BIN_EXE_fairledger"), &self.root, words).output().unwrap())
    }

    /// Runs the program in the ledger; it must succeed.
    #[track_caller]
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        self.run(words).ok()
    }

    /// Runs the program in the ledger with so many threads for training.
    pub(crate) fn with_threads(&self, threads: &str, words: &[&str]) -> Printed {
        let mut command = self.command(env!("CARGO_BIN_EXE_fairledger"), &self.root, words);
        printed(command.env("RAYON_NUM_THREADS", threads).output().unwrap())
    }

    /// Runs the program in the ledger with a text as its standard input.
    pub(crate) fn feed(&self, words: &[&str], text: &str) -> Printed {
        let mut command = self.command(env!("CARGO_BIN_EXE_fairledger"), &self.root, words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that refuses its arguments reads nothing.
        drop(child.stdin.take().unwrap().write_all(text.as_bytes()));
        printed(child.wait_with_output().unwrap())
    }

    /// Runs the program in the ledger with some variables set.
    pub(crate) fn with(&self, variables: &[(&str, &str)], words: &[&str]) -> Printed {
        let mut command = self.command(env!("CARGO_BIN_EXE_fairledger"), &self.root, words);
        printed(command.envs(variables.iter().copied()).output().unwrap())
    }

    /// Runs the program in the folder around the ledger.
    pub(crate) fn outside(&self, words: &[&str]) -> Printed {
        let folder = self.root.parent().unwrap();
        printed(self.command(env!("CARGO_BIN_EXE_fairledger"), folder, words).output().unwrap())
    }

    /// Starts the program in the ledger and lets it run.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command(env!("CARGO_BIN_EXE_fairledger"), &self.root, words);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs git in the ledger; it must succeed.
    #[track_caller]
    pub(crate) fn git(&self, words: &[&str]) -> String {
        printed(self.command("git", &self.root, words).output().unwrap()).ok()
    }

    /// The runs of the ledger as `list --json` shows them, oldest first.
    #[track_caller]
    pub(crate) fn runs(&self) -> Vec<serde_json::Value> {
        let mut runs = self.run(&["list", "--json"]).json().as_array().unwrap().clone();
        runs.reverse();
        runs
    }

    /// The attempts on disk.
    pub(crate) fn attempts(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for experiment in folders(&self.root.join("experiments")) {
            for shard in folders(&experiment.join("runs")) {
                found.extend(folders(&shard));
            }
        }
        found.sort();
        found
    }

    /// Text with ids, times, digests, durations and folders replaced by their names.
    pub(crate) fn named(&self, text: &str) -> String {
        let root = self.root.display().to_string();
        let around = self.root.parent().unwrap().display().to_string();
        text.replace(&root, "[LEDGER]").replace(&around, "[AROUND]")
    }
}

/// The folders in a folder, none when it does not exist.
pub(crate) fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

fn printed(output: Output) -> Printed {
    Printed {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What stands for text that differs from one run of the tests to the next.
pub(crate) const NAMES: [(&str, &str); 9] = [
    (r"\b[0-9a-f]{64}\b", "[DIGEST]"),
    (r"\b[0-9a-f]{32}\b", "[RUN ID]"),
    (r"\b[0-9a-f]{10}\b", "[RUN]"),
    (r"\b[0-9A-HJKMNP-TV-Z]{26}\b", "[ATTEMPT]"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "[TIME]"),
    // A column of durations is as wide as the longest of them.
    (r"[ ]{2,}\d+\.\d (ms|s)\b", "  [DURATION]"),
    (r"[ ]{2,}fit\n", "  fit\n"),
    (r"\b\d+\.\d (ms|s)\b", "[DURATION]"),
    (r"[ ]+\n", "\n"),
];

/// Compares text with an inline snapshot after naming what changes.
#[macro_export]
macro_rules! assert_shows {
    ($session:expr, $text:expr, @$snapshot:literal) => {
        insta::with_settings!({filters => $crate::session::NAMES}, {
            insta::assert_snapshot!($session.named(&$text), @$snapshot);
        });
    };
}
