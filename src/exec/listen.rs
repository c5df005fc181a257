//! From what a command writes to what is recorded: lines, metrics, tags, and nothing secret.

use std::collections::BTreeMap;

use crate::ledger::outcome::Reporter;
use crate::ledger::printed::{Reported, Steps, json_line, printed_line, tag_line};
use crate::ledger::secret;

use super::job::Job;
use super::output::{Line, Stream};
use super::tail::Tail;

/// What is written into the log of one run at most, in bytes.
const LOG: usize = 16 * 1024 * 1024;

/// Takes in what a command writes.
pub(super) struct Listener<'a> {
    job: &'a Job,
    reporter: &'a dyn Reporter,
    metrics: Tail,
    steps: Steps,
    logged: usize,
    last_error: Option<String>,
    /// Number of lines that are no metric or tag, and the first of them.
    strange: (usize, String),
}

impl<'a> Listener<'a> {
    pub(super) fn new(job: &'a Job, reporter: &'a dyn Reporter) -> Self {
        Self {
            job,
            reporter,
            metrics: Tail::new(job.metrics.clone()),
            steps: Steps::default(),
            logged: 0,
            last_error: None,
            strange: (0, String::new()),
        }
    }

    /// Takes in a printed line.
    pub(super) fn hear(&mut self, line: &Line) {
        let text = secret::without(&line.text, &self.job.secrets).into_owned();
        self.log(&text);
        if line.stream == Stream::Error {
            if !text.trim().is_empty() {
                self.last_error = Some(text);
            }
        } else if self.job.printed {
            for reported in printed_line(&text) {
                self.report(&reported);
            }
        }
    }

    fn log(&mut self, text: &str) {
        if self.logged < LOG {
            self.logged += text.len() + 1;
            self.reporter.line(text);
            if self.logged >= LOG {
                self.reporter.line("fairledger: the log is full; what follows is not kept");
            }
        }
    }

    /// Takes in what was appended to the file of metrics.
    pub(super) fn follow(&mut self) {
        let lines = self.metrics.new_lines();
        self.read(&lines);
    }

    fn read(&mut self, lines: &[String]) {
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            match json_line(line) {
                Some(metrics) => metrics.iter().for_each(|it| self.report(it)),
                None => self.wonder(line),
            }
        }
    }

    fn report(&mut self, reported: &Reported) {
        let step = self.steps.of(reported);
        self.reporter.metric(&reported.name, reported.value, step);
    }

    fn wonder(&mut self, line: &str) {
        if self.strange.0 == 0 {
            let text = secret::without(line, &self.job.secrets);
            self.strange.1 = text.chars().take(200).collect();
        }
        self.strange.0 += 1;
    }

    /// Takes in the last lines of a command that is gone; gives its tags and its last error.
    pub(super) fn finish(mut self) -> (BTreeMap<String, String>, Option<String>) {
        let lines = self.metrics.rest();
        self.read(&lines);
        let mut tags = BTreeMap::new();
        for line in Tail::new(self.job.tags.clone()).rest() {
            match tag_line(&secret::without(&line, &self.job.secrets)) {
                Some(own) => tags.extend(own),
                None if line.trim().is_empty() => {}
                None => self.wonder(&line),
            }
        }
        if self.strange.0 > 0 {
            let (number, first) = &self.strange;
            let text = format!(
                "fairledger: {number} of the lines for metrics and tags cannot be read, first: {first}"
            );
            self.reporter.line(&text);
        }
        (tags, self.last_error)
    }
}
