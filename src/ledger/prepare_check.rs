//! The preparation section of a spec against the columns it is about.

use super::data_check::{Columns, rows};
use super::encode::nfc;
use super::facts::{ColumnFacts, ColumnKind};
use super::prepare::{
    Categories, Fill, MAX_ONE_HOT, MAX_PRODUCTS, Missing, MissingConstant, MissingPolicy, Prepare,
    PrepareColumn, Scale, Treatment,
};
use super::problem::{Problem, nearest};
use super::source::Step;
use crate::path;

impl Columns<'_> {
    /// Checks what is declared of the features as a whole and of single ones.
    pub(super) fn prepare(
        &self,
        prepare: &Prepare,
        features: &[String],
        problems: &mut Vec<Problem>,
    ) {
        for (written, column) in &prepare.columns {
            self.override_of(written, column, prepare, features, problems);
        }
        let Some(polynomial) = &prepare.polynomial else { return };
        let short = prepare.shortest();
        let known = features.iter().filter_map(|name| self.facts.column(name));
        let numbers = known.filter(|it| short.treatment(&it.name, it.kind).categories.is_none());
        let count = numbers.count();
        if polynomial.products(count).is_none() {
            let message = format!("{count} number columns have more than {MAX_PRODUCTS} products");
            let problem = self.source.at_value(path!["prepare", "polynomial", "degree"], message);
            problems.push(problem.hint("lower the degree or exclude columns"));
        }
    }

    /// Checks that a column can be a feature, given what is done to it; the declaration is in its
    /// shortest form.
    pub(super) fn feature(
        &self,
        name: &str,
        place: &[Step],
        short: &Prepare,
        problems: &mut Vec<Problem>,
    ) {
        let Some(column) = self.find(name, place, problems) else { return };
        let treatment = short.treatment(name, column.kind);
        if column.kind == ColumnKind::Text && treatment.categories.is_none() {
            problems.push(self.is_text(column, place));
            return;
        }
        let of_all = Missing::Policy(MissingPolicy::Error);
        if column.missing > 0 && treatment.missing == of_all {
            problems.push(self.is_empty(column, &treatment, place));
        }
        let is_own = short.columns.get(name).is_some_and(|own| own.missing.is_some());
        if column.missing > 0
            && !is_own
            && let Some((message, [cure, _])) = misfit(&treatment.missing, column, &treatment)
        {
            let problem = self.source.at_value(path!["prepare", "missing"], message);
            let hint = format!("below it, write columns.{}.missing = {cure}", key(name));
            problems.push(problem.hint(hint));
        }
        let count = column.distinct.unwrap_or(0);
        if treatment.categories == Some(Categories::OneHot) && count > MAX_ONE_HOT as u64 {
            let message = format!("`{name}` has more than {MAX_ONE_HOT} categories");
            let hint = format!(
                "exclude it, or write columns.{}.categories = \"ordinal\" in [prepare]",
                key(name)
            );
            problems.push(self.source.at_value(place, message).hint(hint));
        }
    }

    fn is_text(&self, column: &ColumnFacts, place: &[Step]) -> Problem {
        let row =
            column.first_text_row.map_or(String::new(), |row| format!(" (first in row {row})"));
        let message = format!("the feature `{}` is not a number in every row{row}", column.name);
        self.source.at_value(place, message).hint(
            "if it holds categories, write [prepare] categories = \"one-hot\"; else correct or \
             exclude it",
        )
    }

    fn is_empty(&self, column: &ColumnFacts, treatment: &Treatment, place: &[Step]) -> Problem {
        let message = format!("the feature `{}` is empty in {}", column.name, rows(column.missing));
        let fill = if treatment.categories.is_some() { "most-frequent" } else { "median" };
        self.source.at_value(place, message).hint(format!(
            "say what becomes of them: [prepare] missing = \"{fill}\", or \"drop\" to leave out the \
             rows; or fill them in {}",
            self.path
        ))
    }

    /// Checks what is declared of one column; its name is as the file has it.
    fn override_of(
        &self,
        written: &str,
        own: &PrepareColumn,
        prepare: &Prepare,
        features: &[String],
        problems: &mut Vec<Problem>,
    ) {
        let name = nfc(written);
        let column = features.contains(&name).then(|| self.facts.column(&name)).flatten();
        let Some(column) = column else {
            let message = format!("`{written}` is no feature");
            let problem = self.source.at_key(path!["prepare", "columns", written], message);
            let near = nearest(&name, features.iter().map(String::as_str));
            problems.push(problem.suggest(near.map(|near| format!("`{near}`"))));
            return;
        };
        let treatment = prepare.shortest().treatment(&name, column.kind);
        if let Some(missing) = &own.missing
            && let Some((message, [cure, constant])) = misfit(missing, column, &treatment)
        {
            let place = path!["prepare", "columns", written, "missing"];
            let hint = format!("write missing = {cure}, or {constant}");
            problems.push(self.source.at_value(place, message).hint(hint));
        }
        if treatment.categories == Some(Categories::OneHot)
            && own.scale.is_some_and(|scale| scale != Scale::None)
        {
            let place = path!["prepare", "columns", written, "scale"];
            let message = format!("`{name}` becomes columns of 0 and 1, which are not scaled");
            problems.push(self.source.at_value(place, message));
        }
    }
}

/// Why a policy cannot fill a column's empty cells, and two that can.
fn misfit(
    missing: &Missing,
    column: &ColumnFacts,
    treatment: &Treatment,
) -> Option<(String, [&'static str; 2])> {
    let name = &column.name;
    let of_numbers = treatment.categories.is_none() || column.kind.is_number();
    let message = match missing {
        Missing::Policy(MissingPolicy::Mean | MissingPolicy::Median)
            if treatment.categories.is_some() =>
        {
            format!("`{name}` holds categories, which have no {}", missing.describe())
        }
        Missing::Constant(MissingConstant { constant }) => match constant {
            Fill::Number(number) if !number.is_finite() => {
                format!("`{name}` cannot be filled with {number}")
            }
            Fill::Text(text) if text.trim().is_empty() => {
                format!("`{name}` cannot be filled with nothing")
            }
            Fill::Text(text) if of_numbers => {
                format!("`{name}` holds numbers and cannot be filled with the text {text:?}")
            }
            Fill::Number(number) if !of_numbers => {
                format!("`{name}` holds text and cannot be filled with the number {number}")
            }
            _ => return None,
        },
        Missing::Policy(_) => return None,
    };
    let cure = if treatment.categories.is_some() { "\"most-frequent\"" } else { "\"median\"" };
    let constant = if of_numbers { "{ constant = 0 }" } else { "{ constant = \"none\" }" };
    Some((message, [cure, constant]))
}

/// A name as a TOML key.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        toml::Value::from(name).to_string()
    }
}
