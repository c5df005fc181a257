//! The daemon: a save is trained once, from its final bytes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::session::Session;

/// A running daemon and the lines it prints.
pub(crate) struct Daemon {
    child: Child,
    lines: Receiver<String>,
}

impl Daemon {
    pub(crate) fn start(session: &Session) -> Self {
        Self::with(session, &[])
    }

    fn with(session: &Session, words: &[&str]) -> Self {
        let mut child = session.start(&[&["watch"], words].concat());
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            out.lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        Self { child, lines }
    }

    /// Waits for a line with some words; a minute is for machines that are busy.
    #[track_caller]
    pub(crate) fn until(&self, words: &str) -> String {
        let end = Instant::now() + Duration::from_mins(1);
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            if line.contains(words) {
                return line;
            }
            seen.push(line);
        }
        panic!("never said {words:?}; said {seen:#?}");
    }

    /// Waits until the site was brought up to date with something.
    #[track_caller]
    pub(crate) fn until_site(&self, shows: impl Fn() -> bool) {
        loop {
            self.until("site: ");
            if shows() {
                return;
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn an_edit_trains_and_editing_back_is_a_hit() {
    let session = Session::small();
    let daemon = Daemon::start(&session);
    daemon.until("2 trained");
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 4]");
    let line = daemon.until("forest.toml");
    let line = if line.contains("trained,") { line } else { daemon.until("trained,") };
    assert!(line.contains("1 trained, 1 already"), "{line}");
    session.edit("experiments/quick/forest.toml", "[2, 4]", "[2, 3]");
    daemon.until("0 trained, 2 already in the ledger");
    assert_eq!(session.attempts().len(), 3);
    daemon.until("site: ");
    assert!(session.read("site/index.html").contains("quick"));
}

#[test]
fn a_second_daemon_is_refused() {
    let session = Session::small();
    let daemon = Daemon::start(&session);
    daemon.until("2 trained");
    let printed = session.run(&["watch"]);
    assert_eq!(printed.code, 1);
    assert!(printed.err.contains("another `fairledger watch`"), "{}", printed.err);
    assert!(session.ok(&["status"]).contains("a daemon watches it"));
}

#[test]
fn a_save_in_two_steps_trains_only_the_final_bytes() {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2]");
    let daemon = Daemon::start(&session);
    daemon.until("1 trained");
    let path = session.root().join("experiments/quick/forest.toml");
    let text = session.read("experiments/quick/forest.toml");
    let half = text.replace("seed = 7", "seed = 1");
    let whole = text.replace("seed = 7", "seed = 12");
    fs::write(&path, half).unwrap();
    thread::sleep(Duration::from_millis(20));
    fs::write(&path, whole).unwrap();
    daemon.until("forest.toml: 1 trained");
    assert_eq!(session.attempts().len(), 2);
    assert!(session.runs().iter().any(|run| run["seed"] == 12));
}

#[test]
fn a_new_experiment_and_new_data_are_noticed() {
    let session = Session::small();
    let daemon = Daemon::start(&session);
    daemon.until("2 trained");
    let spec = session.read("experiments/quick/forest.toml");
    session.write("experiments/second/forest.toml", &spec.replace("[2, 3]", "[5]"));
    daemon.until("1 trained, 2 already");
    session.edit("data/small.csv", "1,2.1,", "1,2.5,");
    daemon.until("3 trained");
}

#[test]
fn a_tag_is_left_to_the_daemon_which_shows_it_and_commits_it() {
    let session = Session::small();
    let daemon = Daemon::start(&session);
    daemon.until("2 trained");
    session.ok(&["tag", "small-2", "stage=candidate"]);
    daemon.until("0 trained, 2 already");
    let run = session.run(&["show", "small-2", "--json"]).json();
    let id = run["id"].as_str().unwrap();
    let page = format!("site/r/{}/{id}/index.html", &id[..2]);
    daemon.until_site(|| session.read(&page).contains("candidate"));
    drop(daemon);
    session.ok(&["snapshot"]);
    assert_eq!(session.git(&["status", "--porcelain"]), "");
}

#[test]
fn data_elsewhere_in_the_ledger_is_watched_too() {
    let session = Session::small();
    session.write("inputs/deep/small.csv", crate::session::SMALL_DATA);
    session.edit("experiments/quick/forest.toml", "data/small.csv", "inputs/deep/small.csv");
    let daemon = Daemon::start(&session);
    daemon.until("2 trained");
    daemon.until("0 trained, 2 already");
    session.edit("inputs/deep/small.csv", "1,2.1,", "1,2.5,");
    daemon.until("2 trained");
}

#[cfg(unix)]
#[test]
fn a_signal_at_any_moment_ends_it_cleanly() {
    let session = Session::small();
    for _ in 0..3 {
        let mut daemon = Daemon::start(&session);
        daemon.until("already in the ledger");
        session.edit("experiments/quick/forest.toml", "seed = 7", "seed = 70");
        session.edit("experiments/quick/forest.toml", "seed = 70", "seed = 7");
        let signal = std::process::Command::new("kill")
            .args(["-TERM", &daemon.child.id().to_string()])
            .status()
            .unwrap();
        assert!(signal.success());
        assert!(daemon.child.wait().unwrap().success());
        daemon.until("stopped after");
    }
    session.ok(&["verify"]);
}

#[test]
fn one_pass_and_out() {
    let session = Session::small();
    assert!(session.ok(&["watch", "--once"]).contains("2 trained"));
    assert_eq!(session.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_single_pass_ends_with_the_code_of_run() {
    let session = Session::small();
    session.write("experiments/quick/torn.toml", "[data\n");
    assert_eq!(session.run(&["watch", "--once"]).code, 3);
    fs::remove_file(session.root().join("experiments/quick/torn.toml")).unwrap();
    assert_eq!(session.run(&["watch", "--once"]).code, 0);
    session.edit("data/small.csv", "1,2.1", "1e300,2.1");
    assert_eq!(session.run(&["watch", "--once"]).code, 4);
}

/// What a server answers to a request, the connection kept open.
fn ask(address: &str, request: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    stream.write_all(format!("{request}\r\n\r\n").as_bytes()).unwrap();
    BufReader::new(stream)
}

fn whole(mut answer: BufReader<TcpStream>) -> String {
    let mut bytes = Vec::new();
    answer.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn the_site_is_served_on_this_machine_and_reloads_itself() {
    let session = Session::small();
    session.write("site/.hidden", "no");
    let daemon = Daemon::with(&session, &["--serve", "127.0.0.1:0"]);
    let line = daemon.until("serving http://127.0.0.1:");
    let address = line.trim_start_matches("serving http://").trim_end_matches('/').to_owned();
    daemon.until("site: ");
    let get = |path: &str| whole(ask(&address, &format!("GET {path} HTTP/1.1\r\nHost: {address}")));
    let page = get("/");
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("/-/live.js"), "{page}");
    assert!(get("/-/live.js").contains("EventSource"));
    assert!(get("/-/running").ends_with("\r\n\r\n[]"));
    assert!(!page.to_lowercase().contains("access-control"), "{page}");
    for path in ["/none.html", "/../ledger.toml", "/%2e%2e/ledger.toml", "/.hidden", "//etc/passwd"]
    {
        assert!(get(path).starts_with("HTTP/1.1 404"), "{path}");
    }
    let stranger = whole(ask(&address, "GET / HTTP/1.1\r\nHost: evil.example.org"));
    assert!(stranger.starts_with("HTTP/1.1 403"), "{stranger}");
    let post = whole(ask(&address, &format!("POST / HTTP/1.1\r\nHost: {address}")));
    assert!(post.starts_with("HTTP/1.1 405"), "{post}");
    let mut events = ask(&address, &format!("GET /-/events HTTP/1.1\r\nHost: {address}")).lines();
    let mut until = |words: &str| events.any(|line| line.unwrap().contains(words));
    assert!(until(": listening"));
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 4]");
    assert!(until("data: changed"));
    let printed = session.run(&["watch", "--once", "--serve", "0.0.0.0:0"]);
    assert!(printed.err.contains("can be called from other machines"), "{}", printed.err);
}

#[test]
fn what_is_written_of_a_model_by_hand_is_shown() {
    let session = Session::small();
    let daemon = Daemon::start(&session);
    daemon.until("2 trained");
    // As a pull brings it: the folder appears, then files in it.
    session.ok(&["model", "register", "house", "small-2"]);
    let shows = |words: &str| session.read("site/models/index.html").contains(words);
    daemon.until_site(|| session.root().join("site/models").exists() && shows("house"));
    let text = session.read("models/house/model.toml");
    session.write("models/house/model.toml", &format!("{text}description = \"What homes cost\"\n"));
    daemon.until_site(|| shows("What homes cost"));
}
