//! What every run that meets a filter must have, in terms of values that an index holds. An index narrows
//! the search by these; whether a run meets the filter is always decided by the filter itself.

use super::key::metric_alias;
use super::{Condition, Filter, Key, Literal, Operator};
use crate::ledger::attempt::Status;

use super::run::status_words;

/// A condition that is true of every run that the filter finds, and may be of others.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// The final value of a metric of one of these names compares so.
    Metric {
        /// Its names.
        names: Vec<String>,
        /// How it compares.
        operator: Operator,
        /// With what.
        number: f64,
        /// Whether a run without any of these metrics may meet the filter too.
        or_absent: bool,
    },
    /// A param that reads as a number compares so.
    Param {
        /// Its name.
        name: String,
        /// How it compares.
        operator: Operator,
        /// With what.
        number: f64,
    },
    /// A param is written in one of these ways.
    ParamText {
        /// Its name.
        name: String,
        /// The texts, in any case.
        texts: Vec<String>,
    },
    /// It ended so.
    Status(Status),
    /// A word, in lower case, occurs in what is said of it.
    Word(String),
}

impl Filter {
    /// What every run that meets the filter must have. Conditions of which nothing can be said by values
    /// alone are left out.
    pub fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        if let Some(condition) = &self.condition {
            collect(condition, &mut needs);
        }
        needs
    }
}

fn collect(condition: &Condition, needs: &mut Vec<Need>) {
    match condition {
        Condition::All(parts) => parts.iter().for_each(|part| collect(part, needs)),
        Condition::Compare(key, operator, literal) => needs.extend(need(key, *operator, literal)),
        Condition::In(Key::Param(name), literals) => {
            let text = |literal: &Literal| match literal {
                Literal::Text(text) => Some(text.clone()),
                Literal::Number(_) | Literal::Boolean(_) | Literal::Age(_) => None,
            };
            if let Some(texts) = literals.iter().map(text).collect() {
                needs.push(Need::ParamText { name: name.clone(), texts });
            }
        }
        Condition::Word(word) => needs.push(Need::Word(word.clone())),
        _ => {}
    }
}

fn need(key: &Key, operator: Operator, literal: &Literal) -> Option<Need> {
    match (key, literal) {
        // An index knows no order that "unequal" would narrow.
        _ if operator == Operator::Unequal => None,
        (Key::Metric(name) | Key::Any(name), Literal::Number(number)) => Some(Need::Metric {
            names: metric_names(name),
            operator,
            number: *number,
            or_absent: matches!(key, Key::Any(_)),
        }),
        (Key::Param(name), Literal::Number(number)) => {
            Some(Need::Param { name: name.clone(), operator, number: *number })
        }
        (Key::Param(name), Literal::Text(text)) if operator == Operator::Equal => {
            Some(Need::ParamText { name: name.clone(), texts: vec![text.clone()] })
        }
        (Key::Attribute(super::Attribute::Status), Literal::Text(text))
            if operator == Operator::Equal =>
        {
            let all = [Status::Finished, Status::Failed, Status::Interrupted, Status::Running];
            let says = |status: &Status| {
                status_words(*status).iter().any(|word| word.eq_ignore_ascii_case(text))
            };
            all.into_iter().find(says).map(Need::Status)
        }
        _ => None,
    }
}

/// The names under which a run may have a metric, the most wanted first.
pub fn metric_names(name: &str) -> Vec<String> {
    std::iter::once(name).chain(metric_alias(name)).map(str::to_owned).collect()
}

impl Operator {
    /// The sign of it in SQL.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "<>",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_hold_is_needed() {
        let needs = |text: &str| Filter::parse(text).unwrap().needs();
        let metric = |or_absent| Need::Metric {
            names: vec!["r2_score".into(), "r2".into()],
            operator: Operator::Greater,
            number: 0.5,
            or_absent,
        };
        assert_eq!(needs("metrics.r2_score > 0.5"), [metric(false)]);
        assert_eq!(needs("r2_score > 0.5 and Forest"), [metric(true), Need::Word("forest".into())]);
        assert_eq!(needs("status = 'FINISHED'"), [Need::Status(Status::Finished)]);
        let depth = Need::ParamText { name: "depth".into(), texts: vec!["10".into()] };
        assert_eq!(needs("params.depth = '10' and (a > 1 or b > 2)"), [depth]);
        for text in [
            "r2 > 0.5 or mae < 1",
            "not r2 > 0.5",
            "metrics.r2 != 1",
            "tags.a = 'b'",
            "order by r2",
        ] {
            assert_eq!(needs(text), [], "{text}");
        }
    }
}
