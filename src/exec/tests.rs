//! Commands of a shell, for there is one on every such system.
#![cfg(unix)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::ledger::exit::Exit;
use crate::ledger::outcome::Reporter;

#[derive(Default)]
struct Heard {
    metrics: Mutex<Vec<(String, f64, u64)>>,
    lines: Mutex<Vec<String>>,
    stop: AtomicBool,
}

impl Reporter for Heard {
    fn metric(&self, name: &str, value: f64, step: u64) {
        self.metrics.lock().unwrap().push((name.to_owned(), value, step));
    }

    fn line(&self, text: &str) {
        self.lines.lock().unwrap().push(text.to_owned());
        // The tests say with a line that they are where they are to be stopped.
        if text == "stop me" {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn progress(&self, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn job(folder: &tempfile::TempDir, script: &str) -> Job {
    let path = std::env::var_os("PATH").unwrap();
    let metrics = folder.path().join("metrics.jsonl");
    let tags = folder.path().join("tags");
    Job {
        run: ["sh", "-c", script].map(str::to_owned).to_vec(),
        directory: folder.path().to_owned(),
        environment: [
            ("PATH".into(), path),
            ("METRICS".into(), metrics.clone().into()),
            ("TAGS".into(), tags.clone().into()),
        ]
        .into(),
        input: None,
        metrics,
        tags,
        printed: true,
        timeout: None,
        grace: Duration::from_secs(20),
        secrets: vec![("KEY".into(), "open sesame".into())],
    }
}

fn heard(script: &str, change: impl FnOnce(&mut Job)) -> (Ended, Heard) {
    let folder = tempfile::tempdir().unwrap();
    let (mut job, heard) = (job(&folder, script), Heard::default());
    change(&mut job);
    (run(&job, &heard, &|_| {}).unwrap(), heard)
}

#[test]
fn lines_metrics_and_tags_arrive_and_secrets_do_not() {
    let script = r#"
        echo 'rmse: 0.5'; echo 'say open sesame'; echo warned >&2
        echo '{"name":"loss","value":2}' >> "$METRICS"
        echo '{"loss":1,"r2":0.5}' >> "$METRICS"
        printf 'nonsense\n{"loss":0.5,"step":9}' >> "$METRICS"
        echo 'stage=done' > "$TAGS"
        pwd; env | sort; cat"#;
    let (ended, heard) = heard(script, |_| {});
    assert_eq!(ended.exit, Exit::Code { code: 0 });
    assert_eq!(ended.tags["stage"], "done");
    assert_eq!(ended.last_error.as_deref(), Some("warned"));
    let mut metrics = heard.metrics.into_inner().unwrap();
    metrics.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
    let wanted =
        [("loss", 2.0, 0), ("loss", 1.0, 1), ("loss", 0.5, 9), ("r2", 0.5, 0), ("rmse", 0.5, 0)];
    assert_eq!(metrics, wanted.map(|(name, value, step)| (name.to_owned(), value, step)));
    let lines = heard.lines.into_inner().unwrap();
    assert!(lines.contains(&"say [KEY]".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("cannot be read, first: nonsense")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("HOME=")), "only what was passed: {lines:?}");
}

#[test]
fn the_cause_of_an_end_is_told() {
    assert_eq!(heard("exit 3", |_| {}).0.exit, Exit::Code { code: 3 });
    assert_eq!(heard("kill -SEGV $$", |_| {}).0.exit, Exit::Signal { signal: 11 });
    let limit = |job: &mut Job| job.timeout = Some(Duration::from_millis(200));
    let (ended, _) = heard("sleep 60", limit);
    assert_eq!(ended.exit, Exit::Timeout { seconds: 0 });
    let folder = tempfile::tempdir().unwrap();
    let mut none = job(&folder, "");
    none.run = vec!["no-such-program".into()];
    let error = run(&none, &Heard::default(), &|_| {}).unwrap_err();
    assert!(error.to_string().contains("there is no program `no-such-program`"), "{error}");
    none.run = vec![folder.path().display().to_string()];
    assert!(matches!(run(&none, &Heard::default(), &|_| {}), Err(ExecError::Denied(_))));
}

#[test]
fn a_command_that_is_asked_to_end_may_tidy_up() {
    let script = "trap 'echo tidy; exit 0' TERM; echo 'stop me'; while :; do sleep 0.05; done";
    let (ended, heard) = heard(script, |_| {});
    assert_eq!(ended.exit, Exit::Cancelled);
    assert!(heard.lines.into_inner().unwrap().contains(&"tidy".to_owned()));
}

#[test]
fn a_command_that_will_not_end_is_ended_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > inner; while :; do sleep 0.05; done' &
        while ! test -s inner; do sleep 0.02; done; echo 'stop me'; while :; do sleep 0.05; done";
    let mut job = job(&folder, script);
    job.grace = Duration::from_millis(100);
    let ended = run(&job, &Heard::default(), &|_| {}).unwrap();
    assert_eq!(ended.exit, Exit::Cancelled);
    assert_gone(&folder);
}

#[test]
fn what_a_command_leaves_behind_is_ended_too() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        "sh -c 'echo $$ > inner; exec sleep 600' & while ! test -s inner; do sleep 0.02; done";
    assert!(run(&job(&folder, script), &Heard::default(), &|_| {}).unwrap().exit.is_good());
    assert_gone(&folder);
}

#[cfg(target_os = "linux")]
#[test]
fn the_most_memory_a_command_took_is_told_and_it_is_not_ours() {
    const MEBIBYTE: u64 = 1024 * 1024;
    // Ours, which the system counts as the command's own.
    let own = vec![1u8; 64 * MEBIBYTE as usize];
    let small = heard("sleep 0.2", |_| {}).0.peak_memory.unwrap();
    assert!(small < 32 * MEBIBYTE, "{small}");
    let large = "exec dd if=/dev/zero of=/dev/null bs=200000000 count=20";
    let large = heard(large, |_| {}).0.peak_memory.unwrap();
    assert!((190 * MEBIBYTE..2048 * MEBIBYTE).contains(&large), "{large} beside {}", own.len());
}

/// The process whose number stands in `inner` ends soon.
fn assert_gone(folder: &tempfile::TempDir) {
    let inner = std::fs::read_to_string(folder.path().join("inner")).unwrap();
    let alive = || {
        let state = std::process::Command::new("ps")
            .args(["-o", "stat=", "-p", inner.trim()])
            .output()
            .unwrap();
        let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
        !state.is_empty() && !state.starts_with('Z')
    };
    let until = Instant::now() + Duration::from_secs(10);
    while alive() {
        assert!(Instant::now() < until, "process {inner} is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_words_of_a_short_command_are_read_with_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(&folder, "");
    let ask = |script: &str, seconds| {
        let run = ["sh", "-c", script].map(str::to_owned);
        output_of(&run, &job.directory, &job.environment, Duration::from_secs(seconds))
    };
    assert_eq!(ask("echo 1.2 >&2; echo tool", 60).unwrap(), (true, "tool\n1.2".to_owned()));
    assert!(!ask("exit 2", 60).unwrap().0);
    assert!(matches!(ask("sleep 60", 0), Err(ExecError::Slow { .. })));
    assert!(matches!(ask("yes", 1), Err(ExecError::Slow { .. })), "however much it prints");
    let closed = "exec >/dev/null 2>&1; sleep 60";
    assert!(matches!(ask(closed, 1), Err(ExecError::Slow { .. })), "however little it prints");
}
