//! The split of a spec against the columns it reads.

use super::data_check::{Columns, rows};
use super::facts::{ColumnFacts, MAX_DISTINCT};
use super::problem::Problem;
use super::source::Step;
use super::split::{Split, SplitFraction};
use crate::path;

impl Columns<'_> {
    /// Checks that a split can be made.
    pub(super) fn split(&self, split: &Split, problems: &mut Vec<Problem>) {
        match split {
            Split::Column(split) => {
                let place = path!["data", "split", "column"];
                let Some(column) = self.find(&split.column, place, problems) else { return };
                let mut words = column.words.clone();
                words.sort_unstable();
                if words != ["test", "train"] || column.missing > 0 {
                    let message = format!(
                        "the split column `{}` must say `train` or `test` in every row, and both",
                        split.column
                    );
                    problems.push(self.source.at_value(place, message));
                }
            }
            Split::Time(split) => {
                self.whole(&split.time, path!["data", "split", "time"], problems);
                self.share(self.facts.rows, split.test, "rows", problems);
            }
            Split::Fraction(split) => self.fraction(split, problems),
        }
    }

    fn fraction(&self, split: &SplitFraction, problems: &mut Vec<Problem>) {
        if let Some(name) = &split.stratify {
            self.whole(name, path!["data", "split", "stratify"], problems);
        }
        let Some(name) = &split.group else {
            return self.share(self.facts.rows, split.test, "rows", problems);
        };
        let place = path!["data", "split", "group"];
        if split.stratify.is_some() {
            let message = "a split keeps either `stratify` or `group`, not both";
            problems.push(self.source.at_key(place, message));
        }
        let Some(column) = self.whole(name, place, problems) else { return };
        let groups = column.distinct.filter(|count| *count < MAX_DISTINCT as u64);
        if let Some(groups) = groups {
            self.share(groups, split.test, "groups", problems);
        }
    }

    /// A column that must hold something in every row.
    fn whole(
        &self,
        name: &str,
        place: &[Step],
        problems: &mut Vec<Problem>,
    ) -> Option<&ColumnFacts> {
        let column = self.find(name, place, problems)?;
        if column.missing > 0 {
            let message = format!("the split column `{name}` is empty in {}", rows(column.missing));
            let hint = format!("fill or remove those rows in {}", self.path);
            problems.push(self.source.at_value(place, message).hint(hint));
        }
        Some(column)
    }

    /// Checks that a share of some things leaves some for both parts.
    fn share(&self, count: u64, share: f64, what: &str, problems: &mut Vec<Problem>) {
        let test = (count as f64 * share).ceil() as u64;
        if count > 0 && (test == 0 || test >= count) {
            let message = format!("{count} {what} leave none to train on");
            problems.push(self.source.at_value(path!["data", "split", "test"], message));
        }
    }
}
