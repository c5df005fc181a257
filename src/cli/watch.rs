//! `fairledger watch`

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;

use crate::engine::{self, DaemonReport, Error, Ledger, RunResult, Server, count};

use super::exit::Exit;
use super::output::{self, line};
use super::progress::plain;
use super::push::in_words;

/// Watch the ledger and train whatever a saved spec asks for
///
/// Ends on Ctrl-C; a run being trained is recorded as interrupted.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// End after the first pass, with the exit code that `run` would have
    #[arg(long)]
    once: bool,
    /// Serve the site on this machine, too, and reload open pages when it changes
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:4780")]
    serve: Option<SocketAddr>,
    /// Print the file with which this system starts the daemon by itself, and end
    #[arg(long)]
    print_service: bool,
    /// Runs at a time; default: the processors
    #[arg(short, long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

impl Watch {
    pub(super) fn execute(&self, ledger: Ledger) -> Result<Exit, Error> {
        if self.print_service {
            let Some((text, place)) = super::service::text(ledger.root()) else {
                output::note("no such file is known for this system");
                return Ok(Exit::Error);
            };
            line(text.trim_end());
            output::note(format!("write this to {place}"));
            return Ok(Exit::Done);
        }
        line(format!("watching {} (Ctrl-C ends)", ledger.root().display()));
        let server = match self.serve {
            Some(address) => Some(Server::start(&ledger, address)?),
            None => None,
        };
        if let Some(server) = &server {
            line(format!("serving {}", server.url()));
        }
        let jobs = self.jobs.map(usize::from);
        // A pass that was interrupted is never reported.
        let last = Arc::new(Mutex::new(Exit::Cancelled));
        let set = Arc::clone(&last);
        let to = move |report| {
            show(&report);
            let mut last = set.lock().unwrap_or_else(PoisonError::into_inner);
            match &report {
                DaemonReport::Passed { pass, .. } => *last = super::run::exit(pass),
                DaemonReport::SiteFailed(_) if *last == Exit::Done => *last = Exit::Error,
                DaemonReport::Site(site) if site.written > 0 => {
                    if let Some(server) = &server {
                        server.changed();
                    }
                }
                _ => {}
            }
        };
        engine::watch(ledger, self.once, jobs, Arc::new(to))?;
        let last = *last.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(if self.once { last } else { Exit::Done })
    }
}

fn show(report: &DaemonReport) {
    match report {
        DaemonReport::Watching { notices } => notices.iter().for_each(line),
        DaemonReport::News(news) => {
            if let Some(text) = plain(news) {
                line(text);
            }
        }
        DaemonReport::Failed(error) => {
            super::exit::show(error);
        }
        DaemonReport::Site(site) => {
            line(format!("site: {} changed", count(site.written, "page")));
        }
        DaemonReport::SiteFailed(error) => {
            super::exit::show(error);
            line("site: stays as it was");
        }
        DaemonReport::Snapshot(taken) => {
            if let Some(words) = in_words(taken) {
                line(words);
            }
        }
        DaemonReport::Passed { pass, changed } => passed(pass, changed),
    }
}

fn passed(pass: &engine::Pass, changed: &[String]) {
    output::mistakes(&pass.mistakes);
    let tally = super::run::tally(&pass.runs.iter().collect::<Vec<_>>());
    let what = match changed {
        [one] => one.clone(),
        many => count(many.len(), "file"),
    };
    line(format!("{what}: {tally}"));
    for done in &pass.runs {
        if let RunResult::Refused(why) = &done.result {
            line(format!("not done: {}: {why}", done.planned.label));
        }
    }
    super::run::pending(&pass.pending);
}
