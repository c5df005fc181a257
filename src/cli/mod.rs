//! Floor 4: the command line. It alone parses arguments, prints, and picks exit codes.

mod allocator;
mod annotate;
mod approve;
mod backup;
mod bar;
mod best;
mod bundle;
mod data;
mod diff;
mod digest;
mod doctor;
mod exit;
mod explain;
mod export;
mod fair;
mod history;
mod import;
mod init;
mod list;
mod list_columns;
mod list_table;
mod model;
mod models;
mod monitor;
mod output;
mod predict;
mod progress;
mod publish;
mod push;
mod report;
mod reproduce;
mod run;
mod schema;
mod service;
mod show;
mod status;
mod stop;
mod terminal;
mod trash;
mod verify;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::engine::{Error, Ledger};
use exit::Exit;

/// A ledger of machine-learning experiments that is a folder
///
/// Edit a spec, save it, and `fairledger run` trains what is new. Runs are files; git carries them.
#[derive(Debug, Parser)]
#[command(name = "fairledger", version, max_term_width = 100, after_help = AFTER)]
struct Cli {
    /// Work as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
Runs are named by their id, by the beginning of it, or by their label; registered models by NAME,
NAME@alias or NAME/3.

Exit codes: 0 done, 1 error, 2 wrong usage, 3 mistakes in specs, 4 a run failed,
            5 a damaged file, 6 reproduce got another result, 7 a monitor raised an alert,
            130 ended by the user";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Run(run::Run),
    Plan(explain::Plan),
    Watch(watch::Watch),
    Approve(approve::Approve),
    Trust(approve::Trust),
    Stop(stop::Stop),
    List(list::List),
    Show(show::Show),
    Best(best::Best),
    Diff(diff::Diff),
    History(history::History),
    Digest(digest::Digest),
    Why(explain::Why),
    Log(show::Log),
    Tag(annotate::Tag),
    Note(annotate::Note),
    Delete(trash::Delete),
    Restore(trash::Restore),
    Purge(trash::Purge),
    Gc(trash::Gc),
    Export(export::Export),
    Import(import::Import),
    Fair(fair::Fair),
    Predict(predict::Predict),
    Report(report::Report),
    Data(data::Data),
    Status(status::Status),
    Doctor(doctor::Doctor),
    Verify(verify::Verify),
    Reproduce(reproduce::Reproduce),
    Snapshot(push::Snapshot),
    Push(push::Push),
    Backup(backup::Backup),
    Publish(publish::Publish),
    Model(model::Model),
    Monitor(monitor::Monitor),
    Models(models::Models),
    Schema(schema::Schema),
}

/// Runs the program on the process's arguments.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(exit) => exit.into(),
        Err(error) => exit::show(&error).into(),
    }
}

fn dispatch(cli: Cli) -> Result<Exit, Error> {
    // As in git: every path on the command line is meant from there.
    if let Some(directory) = &cli.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        output::note(format!("error: cannot work in {}: {error}", directory.display()));
        return Ok(Exit::Error);
    }
    let here = PathBuf::from(".");
    let open = || Ledger::open(&here);
    match cli.command {
        Command::Init(init) => init.execute(&here),
        Command::Data(data) => data.execute(),
        Command::Model(model) => model.execute(&open()?),
        Command::Monitor(monitor) => monitor.execute(&open()?),
        Command::Models(models) => Ok(models.execute()),
        Command::Schema(schema) => Ok(schema.execute()),
        Command::Run(run) => run.execute(&open()?),
        Command::Plan(plan) => plan.execute(&open()?),
        Command::Watch(watch) => watch.execute(open()?),
        Command::Approve(approve) => approve.execute(&open()?),
        Command::Trust(trust) => trust.execute(&open()?),
        Command::Stop(stop) => stop.execute(&open()?),
        Command::List(list) => list.execute(&open()?),
        Command::Show(show) => show.execute(&open()?),
        Command::Best(best) => best.execute(&open()?),
        Command::Diff(diff) => diff.execute(&open()?),
        Command::History(history) => history.execute(&open()?),
        Command::Digest(digest) => digest.execute(&open()?),
        Command::Why(why) => why.execute(&open()?),
        Command::Log(log) => log.execute(&open()?),
        Command::Tag(tag) => tag.execute(&open()?),
        Command::Note(note) => note.execute(&open()?),
        Command::Delete(delete) => delete.execute(&open()?),
        Command::Restore(restore) => restore.execute(&open()?),
        Command::Purge(purge) => purge.execute(&open()?),
        Command::Gc(gc) => gc.execute(&open()?),
        Command::Export(export) => export.execute(&here),
        Command::Import(import) => import.execute(&open()?),
        Command::Fair(fair) => fair.execute(&open()?),
        Command::Predict(predict) => predict.execute(&here),
        Command::Report(report) => report.execute(&open()?),
        Command::Status(status) => status.execute(&open()?),
        Command::Doctor(doctor) => doctor.execute(&open()?),
        Command::Verify(verify) => verify.execute(&open()?),
        Command::Reproduce(reproduce) => reproduce.execute(&open()?),
        Command::Snapshot(snapshot) => Ok(snapshot.execute(&open()?)),
        Command::Push(push) => push.execute(&open()?),
        Command::Backup(backup) => backup.execute(&open()?),
        Command::Publish(publish) => publish.execute(&open()?),
    }
}
