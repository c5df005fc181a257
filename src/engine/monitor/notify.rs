//! Telling a command of alerts: only one that was approved here, once an alert, and never in the way of
//! training.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::time::{Duration, Instant};

use crate::exec::Job;
use crate::ledger::command::time_limit;
use crate::ledger::digest::Digest;
use crate::ledger::exit::Exit;
use crate::ledger::layout::MONITORS;
use crate::ledger::manifest::is_inside;
use crate::ledger::monitor::Notify;
use crate::ledger::outcome::Reporter;
use crate::ledger::trust::{CommandState, Doubt};
use crate::store::{Notice, NoticeState};

use super::super::cancel::Cancel;
use super::super::error::Error;
use super::super::ledger::Ledger;
use super::super::news::{News, Tell};
use super::super::surroundings::{environment, now, secrets};

/// How long a command may take where its monitor does not say.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may go on after it was asked to end.
const GRACE: Duration = Duration::from_secs(2);
/// How long is waited before each further try.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// A monitor whose command waits to be approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unapproved {
    /// The monitor's path.
    pub path: String,
    /// Why it does not start by itself.
    pub doubt: Doubt,
    /// Number of alerts that wait to be told.
    pub alerts: usize,
}

/// What a command prints goes nowhere but for its last error.
struct Quiet<'a>(&'a Cancel);

impl Reporter for Quiet<'_> {
    fn metric(&self, _name: &str, _value: f64, _step: u64) {}

    fn line(&self, _text: &str) {}

    fn progress(&self, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl Ledger {
    /// What the command of a monitor is now, and the digests of the files in the ledger that its words name.
    pub(in crate::engine) fn notify_state(
        &self,
        text: &str,
        notify: &Notify,
    ) -> Result<CommandState, Error> {
        let mut files = BTreeMap::new();
        let names: BTreeSet<&String> = notify.command.iter().collect();
        for word in names {
            let plain = is_inside(word) && !word.contains(['*', '?', '[']);
            if plain && self.root().join(word).is_file() {
                for file in self.store.inputs(self.root(), word)? {
                    let link = file.link.map(|link| format!(" -> {link}")).unwrap_or_default();
                    files.insert(file.path, format!("{}{link}", file.digest));
                }
            }
        }
        Ok(CommandState {
            run: notify.command.clone(),
            version: Vec::new(),
            directory: ".".into(),
            variables: notify.env_pass.clone(),
            spec: Digest::of(text.as_bytes()),
            files,
        })
    }

    /// Tells the commands of monitors what waits to be told; each alert once, each command at most three
    /// times, with pauses. One that is not approved is left waiting, however long.
    pub fn tell_alerts(&self, cancel: &Cancel, tell: Tell<'_>) -> Result<(), Error> {
        if !self.store.notices()?.iter().any(is_waiting) {
            return Ok(());
        }
        let _turn = self.store.notices_turn()?;
        for notice in self.store.notices()?.into_iter().filter(is_waiting) {
            if cancel.is_cancelled() {
                break;
            }
            self.tell_alert(notice, cancel, tell)?;
        }
        Ok(())
    }

    fn tell_alert(&self, mut notice: Notice, cancel: &Cancel, tell: Tell<'_>) -> Result<(), Error> {
        loop {
            // Asked before every start: between two tries something may have been pulled.
            let told = match self.notify_of(&notice.monitor) {
                // While it has mistakes nobody knows what it is to be.
                Err(Error::Mistakes(_)) => return Ok(()),
                Err(error) => return Err(error),
                Ok(None) => NoticeState::Dropped,
                Ok(Some((_, Some(_doubt)))) => return Ok(()),
                Ok(Some((notify, None))) => match self.start_notify(&notice, &notify, cancel) {
                    Ok(()) => NoticeState::Told,
                    Err(_) if cancel.is_cancelled() => return Ok(()),
                    Err(cause) => {
                        notice.cause = Some(cause);
                        NoticeState::Failed
                    }
                },
            };
            notice.time = now();
            let pause = PAUSES.get(notice.tries as usize);
            notice.tries += u32::from(told != NoticeState::Dropped);
            notice.state = told;
            let Some(pause) = pause.filter(|_| told == NoticeState::Failed) else { break };
            notice.state = NoticeState::Waiting;
            self.store.keep_notice(&notice)?;
            if !wait(*pause, cancel) {
                return Ok(());
            }
        }
        if notice.state == NoticeState::Told {
            notice.cause = None;
        }
        self.store.keep_notice(&notice)?;
        let Notice { monitor, alert, .. } = &notice;
        match (notice.state, &notice.cause) {
            (NoticeState::Told, _) => {
                tell(News::Notice(format!("monitor {monitor}: told of {alert}")));
            }
            (NoticeState::Failed, Some(cause)) => {
                tell(News::Notice(format!("monitor {monitor}: not told of {alert}: {cause}")));
            }
            _ => {}
        }
        Ok(())
    }

    /// The command of a monitor, and why it may not start; `None` when there is none.
    fn notify_of(&self, monitor: &str) -> Result<Option<(Notify, Option<Doubt>)>, Error> {
        let file = format!("{MONITORS}/{monitor}.toml");
        if !self.root().join(&file).is_file() {
            return Ok(None);
        }
        let (text, config) = self.monitor_text(monitor)?;
        let Some(notify) = config.notify else { return Ok(None) };
        let state = self.notify_state(&text, &notify)?;
        let doubt = self.doubt_of(&file, &state)?;
        Ok(Some((notify, doubt)))
    }

    /// Starts a command that may start, and waits for its end; the error says why it was no good.
    fn start_notify(
        &self,
        notice: &Notice,
        notify: &Notify,
        cancel: &Cancel,
    ) -> Result<(), String> {
        let alert = self.root().join(&notice.alert);
        let input = File::open(&alert).map_err(|error| format!("{}: {error}", notice.alert))?;
        let mut environment = environment(notify.env_pass.iter());
        environment.insert("FAIRLEDGER_ALERT".into(), alert.into());
        environment.insert("FAIRLEDGER_MONITOR".into(), notice.monitor.clone().into());
        let nowhere = self.root().join(".fairledger/notices/none");
        let job = Job {
            run: notify.command.clone(),
            directory: self.root().to_owned(),
            environment,
            input: Some(input),
            metrics: nowhere.clone(),
            tags: nowhere,
            printed: false,
            timeout: Some(notify.timeout.as_deref().and_then(time_limit).unwrap_or(TIMEOUT)),
            grace: GRACE,
            secrets: secrets(&notify.env_pass),
        };
        let ended = cancel.supervise(&job, &Quiet(cancel), &|_| ());
        let ended = ended.map_err(|error| error.to_string())?;
        if ended.exit.is_good() {
            return Ok(());
        }
        let said = ended.last_error.filter(|_| matches!(ended.exit, Exit::Code { .. }));
        let said =
            said.map(|said| format!(": {}", said.trim().chars().take(300).collect::<String>()));
        Err(format!("{}{}", ended.exit.words(), said.unwrap_or_default()))
    }

    /// The monitors whose commands wait to be approved.
    pub(in crate::engine) fn unapproved_monitors(&self) -> Result<Vec<Unapproved>, Error> {
        let notices = self.store.notices()?;
        let mut found = Vec::new();
        for monitor in self.store.monitor_names()? {
            // Its mistakes are reported where it is evaluated.
            if let Ok(Some((_, Some(doubt)))) = self.notify_of(&monitor) {
                let own = |it: &&Notice| it.monitor == monitor && is_waiting(it);
                let alerts = notices.iter().filter(own).count();
                found.push(Unapproved {
                    path: format!("{MONITORS}/{monitor}.toml"),
                    doubt,
                    alerts,
                });
            }
        }
        Ok(found)
    }

    /// The alerts that no command took.
    pub(in crate::engine) fn untold_alerts(&self) -> Result<Vec<Notice>, Error> {
        let mut notices = self.store.notices()?;
        notices.retain(|notice| notice.state == NoticeState::Failed);
        Ok(notices)
    }
}

fn is_waiting(notice: &Notice) -> bool {
    notice.state == NoticeState::Waiting
}

/// Waits; false when it was cancelled meanwhile.
fn wait(pause: Duration, cancel: &Cancel) -> bool {
    let until = Instant::now() + pause;
    while Instant::now() < until {
        if cancel.is_cancelled() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}
