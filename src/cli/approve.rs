//! `fairledger approve` and `fairledger trust`

use std::io::{self, BufRead, IsTerminal};

use clap::Args;
use serde_json::json;
use similar::TextDiff;

use crate::engine::{Approved, Change, Error, Ledger, Listed, count};
use crate::ledger::exit::quoted;

use super::exit::Exit;
use super::output::{self, line, note};

/// Show what a spec's command would execute, and let it start by itself from now on
///
/// It does so for as long as the spec, the command, the files it names and this folder stay as they
/// are, and nothing is pulled. Where something was approved before, the differences are shown.
/// `monitors/NAME.toml` approves the command that a monitor tells of its alerts.
#[derive(Debug, Args)]
pub(super) struct Approve {
    /// The specs, and monitors as monitors/NAME.toml
    #[arg(required = true, value_name = "SPEC")]
    specs: Vec<String>,
    /// Approve later edits too, until something is pulled, merged or moved
    #[arg(long)]
    follow_edits: bool,
    /// Only show, and approve nothing
    #[arg(long)]
    show: bool,
    /// Do not ask, at a terminal either
    #[arg(short, long)]
    yes: bool,
}

impl Approve {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let mut number = 0;
        for approved in self.chosen(ledger)? {
            show(&approved);
            if self.show {
                continue;
            }
            if !self.yes && !asked() {
                note(format!("{} was not approved", approved.path));
                return Ok(Exit::Cancelled);
            }
            ledger.approve(&approved, self.follow_edits)?;
            let edits = if self.follow_edits { ", and later edits of it" } else { "" };
            line(format!("approved: {}{edits}", approved.path));
            number += 1;
        }
        if number > 0 {
            line("next: fairledger run");
        }
        Ok(Exit::Done)
    }

    /// What is to be shown and approved.
    fn chosen(&self, ledger: &Ledger) -> Result<Vec<Approved>, Error> {
        let is_monitor = |word: &String| word.starts_with("monitors/");
        let (monitors, specs): (Vec<String>, Vec<String>) =
            self.specs.iter().cloned().partition(is_monitor);
        let mut chosen = Vec::new();
        // No words at all would mean every spec.
        let specs = if specs.is_empty() { Vec::new() } else { ledger.select(&specs)? };
        for spec in specs {
            match ledger.to_approve(&spec)? {
                Some(approved) => chosen.push(approved),
                None if self.specs.len() == 1 && ledger.named(&self.specs)?.len() == 1 => {
                    return Err(Error::NoCommand(spec.path()));
                }
                None => {}
            }
        }
        let monitors = if monitors.is_empty() { monitors } else { ledger.monitors(&monitors)? };
        for monitor in monitors {
            match ledger.monitor_to_approve(&monitor)? {
                Some(approved) => chosen.push(approved),
                None if self.specs.len() == 1 => {
                    return Err(Error::NoCommand(format!("monitors/{monitor}.toml")));
                }
                None => {}
            }
        }
        Ok(chosen)
    }
}

/// Whether the user agrees; one who is not at a terminal has agreed by calling.
fn asked() -> bool {
    if !io::stdin().is_terminal() {
        return true;
    }
    note("Let it run? [y/N]");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// So many of the files that a command names have a line of their own.
const SHOWN: usize = 20;

fn show(approved: &Approved) {
    let state = &approved.state;
    let words = |words: &[String]| words.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(" ");
    line(&approved.path);
    line(format!("  runs    {}", words(&state.run)));
    if !state.version.is_empty() {
        line(format!("  asks    {}", words(&state.version)));
    }
    line(format!("  in      {}", state.directory));
    if !state.variables.is_empty() {
        line(format!("  with    {}", state.variables.join(", ")));
    }
    for (path, digest) in state.files.iter().take(SHOWN) {
        let (digits, link) = digest.split_once(' ').unwrap_or((digest, ""));
        line(format!("  reads   {path} {} {link}", &digits[..digits.len().min(10)]).trim_end());
    }
    if state.files.len() > SHOWN {
        line(format!("  reads   {} more", count(state.files.len() - SHOWN, "file")));
    }
    match &approved.doubt {
        None => line("  approved as it is"),
        Some(doubt) => line(format!("  waits   {doubt}")),
    }
    if approved.before {
        if approved.parts.is_empty() {
            line("  nothing of it differs from what was approved; what it reads beside may");
        } else {
            line(format!("  differs {}", approved.parts.join(", ")));
        }
    }
    approved.changes.iter().for_each(difference);
}

/// The lines in which a text is not what was approved.
fn difference(change: &Change) {
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        line(format!("{}: changed, too large or no text, so not shown", change.path));
        return;
    };
    let (old, new) = (format!("approved/{}", change.path), format!("now/{}", change.path));
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let text = diff.unified_diff().context_radius(3).header(&old, &new).to_string();
    line(text.trim_end());
}

/// List what was approved on this machine, and take it back
#[derive(Debug, Args)]
pub(super) struct Trust {
    /// Take back the approval of these specs
    #[arg(long, value_name = "SPEC", num_args = 1..)]
    revoke: Vec<String>,
    /// Take back every approval of this ledger
    #[arg(long, conflicts_with = "revoke")]
    revoke_all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Trust {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        if self.revoke_all || !self.revoke.is_empty() {
            let mut specs = self.revoke.clone();
            // A spec that is gone may still be approved, under the words as they are.
            if let Ok(named) = ledger.select(&self.revoke) {
                specs.extend(named.iter().map(crate::engine::SpecName::path));
            }
            let number = ledger.revoke(&specs, self.revoke_all)?;
            line(format!("took back {}", count(number, "approval")));
            line("next: fairledger status");
            return Ok(Exit::Done);
        }
        let listed = ledger.approvals()?;
        if self.json {
            output::json(&listed.iter().map(as_json).collect::<Vec<_>>());
        } else if listed.is_empty() {
            line("nothing is approved on this machine");
        } else {
            listed.iter().for_each(list);
            line("next: fairledger trust --revoke SPEC, or --revoke-all");
        }
        Ok(Exit::Done)
    }
}

fn list(listed: &Listed) {
    let approval = &listed.approval;
    let place = if listed.here { "here" } else { approval.ledger.path.as_str() };
    let edits = if approval.follow_edits { ", edits followed" } else { "" };
    let run = approval.state.run.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    line(format!("{place}: {}, {}{edits}", approval.spec, approval.approved.minute()));
    line(format!("  {run}"));
}

fn as_json(listed: &Listed) -> serde_json::Value {
    let approval = &listed.approval;
    json!({
        "ledger": approval.ledger.path,
        "here": listed.here,
        "spec": approval.spec,
        "approved": approval.approved,
        "follow_edits": approval.follow_edits,
        "run": approval.state.run,
    })
}
