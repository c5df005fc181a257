//! Progress of a pass: bars on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::engine::News;
use crate::ledger::attempt::Status;
use crate::ledger::id::RunId;

use super::output::{is_terminal, note, visible};
use super::show::seconds;

/// Shows the news of a pass on standard error.
pub(super) struct Progress {
    bars: Option<MultiProgress>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: Option<ProgressBar>,
    runs: BTreeMap<RunId, ProgressBar>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { bars: is_terminal().then(MultiProgress::new), state: Mutex::default() }
    }

    /// Shows one piece of news.
    pub(super) fn tell(&self, news: News) {
        match &self.bars {
            Some(bars) => self.draw(bars, news),
            None => {
                if let Some(text) = plain(&news) {
                    note(text);
                }
            }
        }
    }

    /// Removes the bars.
    pub(super) fn finish(&self) {
        if let Some(bars) = &self.bars {
            drop(bars.clear());
        }
    }

    fn draw(&self, bars: &MultiProgress, news: News) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match news {
            News::Planned { misses, .. } if misses > 0 && state.total.is_some() => {
                if let Some(total) = &state.total {
                    total.inc_length(misses as u64);
                }
            }
            News::Planned { misses, .. } if misses > 0 => {
                let style = "{wide_bar} {pos}/{len} runs, {per_sec}, {eta} left";
                let total = bars.add(ProgressBar::new(misses as u64).with_style(bar_style(style)));
                total.enable_steady_tick(Duration::from_millis(200));
                state.total = Some(total);
            }
            News::Started { run, label } | News::Following { run, label } => {
                let bar =
                    ProgressBar::new(0).with_style(bar_style("{msg} {bar:20} {percent:>3} %"));
                state
                    .runs
                    .insert(run, bars.insert(0, bar.with_message(visible(&label).into_owned())));
            }
            News::Progress { run, done, total } => {
                if let Some(bar) = state.runs.get(&run) {
                    bar.set_length(total);
                    bar.set_position(done);
                }
            }
            News::Ended { run, .. } => {
                if let Some(bar) = state.runs.remove(&run) {
                    bar.finish_and_clear();
                }
                if let Some(total) = &state.total {
                    total.inc(1);
                }
            }
            other => {
                if let Some(text) = plain(&other) {
                    drop(bars.println(visible(&text)));
                }
            }
        }
    }
}

fn bar_style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A piece of news as a line, `None` when it is not worth one.
pub(super) fn plain(news: &News) -> Option<String> {
    match news {
        News::Started { run, label } => Some(format!("train {label} ({})", run.short())),
        News::Ended { run, label, status: Status::Finished, seconds: took, .. } => {
            Some(format!("done {label} ({}) in {}", run.short(), seconds(*took)))
        }
        News::Ended { run, label, status, cause, .. } => {
            let cause = cause.as_deref().unwrap_or("no cause given");
            Some(format!("{} {label} ({}): {cause}", status.word(), run.short()))
        }
        News::Following { run, label } => {
            Some(format!("wait for {label} ({}), which another process trains", run.short()))
        }
        News::Notice(text) => Some(text.clone()),
        News::Planned { .. } | News::Progress { .. } => None,
    }
}
