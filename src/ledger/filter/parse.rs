//! From the text of a filter to its condition.

use std::ops::Range;

use super::token::{Kind, Token, tokens};
use super::{Condition, Filter, FilterError, Key, Literal, Operator, Order};
use crate::ledger::filter::Attribute;
use crate::ledger::problem::nearest;

/// Parentheses and `not` may be nested so deep; a condition deeper than that is nobody's.
const DEPTH: usize = 100;

/// Reads a whole filter.
pub(super) fn filter(text: &str) -> Result<Filter, FilterError> {
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, depth: 0 };
    let mut condition = None;
    if parser.peek().is_some() && !parser.orders() {
        condition = Some(parser.either()?);
    }
    let mut order = Vec::new();
    if parser.orders() {
        parser.at += 2;
        loop {
            let key = parser.key()?;
            let descending = parser.word("desc");
            if !descending {
                parser.word("asc");
            }
            order.push(Order { key, descending });
            if !parser.sign(",") {
                break;
            }
        }
    }
    match parser.peek() {
        None => Ok(Filter { condition, order }),
        Some(Token { kind: Kind::Sign(")"), span }) => {
            Err(parser.error(span.clone(), "this ) closes nothing", None))
        }
        Some(Token { span, .. }) => {
            let message = "the filter should end here";
            Err(parser.error(span.clone(), message, Some("join conditions by and, or".into())))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Whether the token some places ahead is a keyword.
    fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token { kind: Kind::Name { text, plain: true }, .. })
            if text.eq_ignore_ascii_case(word))
    }

    fn orders(&self) -> bool {
        self.is_word(0, "order") && self.is_word(1, "by")
    }

    /// Takes a keyword if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.at += usize::from(found);
        found
    }

    /// Takes a sign if it comes next.
    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token { kind: Kind::Sign(it), .. }) if *it == sign);
        self.at += usize::from(found);
        found
    }

    fn error(&self, span: Range<usize>, message: &str, hint: Option<String>) -> FilterError {
        FilterError { text: self.text.to_owned(), span, message: message.to_owned(), hint }
    }

    /// A mistake at the next token, or at the end.
    fn here(&self, message: &str, hint: Option<String>) -> FilterError {
        let end = self.text.trim_end().len();
        let span = self.peek().map_or(end..end, |token| token.span.clone());
        self.error(span, message, hint)
    }

    fn either(&mut self) -> Result<Condition, FilterError> {
        let mut parts = vec![self.both()?];
        while self.word("or") {
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn both(&mut self) -> Result<Condition, FilterError> {
        let mut parts = vec![self.one()?];
        loop {
            let joined = self.word("and");
            let ends =
                matches!(self.peek(), None | Some(Token { kind: Kind::Sign(")" | ","), .. }))
                    || self.is_word(0, "or")
                    || self.orders();
            if ends && !joined {
                break;
            }
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn one(&mut self) -> Result<Condition, FilterError> {
        if self.depth > DEPTH {
            return Err(self.here("this is nested too deep", None));
        }
        if self.word("not") {
            self.depth += 1;
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.sign("(") {
            self.depth += 1;
            let inner = self.either()?;
            self.depth -= 1;
            return if self.sign(")") {
                Ok(inner)
            } else {
                Err(self.here("a ) is missing here", None))
            };
        }
        if self.compares() { self.comparison() } else { self.search() }
    }

    /// Whether the token after the next one makes a comparison of it.
    fn compares(&self) -> bool {
        let after = self.tokens.get(self.at + 1);
        let signed = matches!(after, Some(Token { kind: Kind::Sign(sign), .. })
            if !["(", ")", ",", ";"].contains(sign));
        let worded = ["like", "ilike", "in", "is"].iter().any(|word| self.is_word(1, word));
        let negated = self.is_word(1, "not")
            && ["like", "ilike", "in"].iter().any(|word| self.is_word(2, word));
        signed || worded || negated
    }

    fn key(&mut self) -> Result<Key, FilterError> {
        let Some(token) = self.peek().cloned() else {
            return Err(self.here("a name is missing here", Some("such as metrics.r2".into())));
        };
        let (Kind::Name { text: name, .. } | Kind::Text(name)) = token.kind else {
            let hint = Some("such as metrics.r2 or params.max_depth".into());
            return Err(self.here("a name should stand here", hint));
        };
        self.at += 1;
        Key::named(&name).map_err(|unknown| {
            let near = nearest(&unknown, Attribute::names());
            let hint = near.map(|near| format!("did you mean attributes.{near}?"));
            self.error(token.span, &format!("a run has no attribute `{unknown}`"), hint)
        })
    }

    fn comparison(&mut self) -> Result<Condition, FilterError> {
        let key = self.key()?;
        if self.word("is") {
            let negated = self.word("not");
            return if self.word("null") {
                Ok(negate(negated, Condition::Null(key)))
            } else {
                Err(self.here("`is` takes null or not null", Some("compare values with =".into())))
            };
        }
        let negated = self.word("not");
        if self.word("in") {
            return Ok(negate(negated, Condition::In(key, self.list()?)));
        }
        for (word, any_case) in [("like", false), ("ilike", true)] {
            if self.word(word) {
                let pattern = self.pattern()?;
                return Ok(negate(negated, Condition::Like { key, pattern, any_case }));
            }
        }
        let operator = self.operator()?;
        Ok(Condition::Compare(key, operator, self.literal()?))
    }

    fn operator(&mut self) -> Result<Operator, FilterError> {
        let Some(Token { kind: Kind::Sign(sign), .. }) = self.peek() else {
            return Err(self.here("a comparison should stand here", Some("such as = or >".into())));
        };
        let operator = match *sign {
            "=" | "==" => Operator::Equal,
            "!=" | "<>" => Operator::Unequal,
            "<" => Operator::Less,
            "<=" => Operator::AtMost,
            ">" => Operator::Greater,
            ">=" => Operator::AtLeast,
            _ => return Err(self.here("a comparison should stand here", None)),
        };
        self.at += 1;
        Ok(operator)
    }

    fn list(&mut self) -> Result<Vec<Literal>, FilterError> {
        if !self.sign("(") {
            return Err(self.here("`in` takes a list", Some("such as in ('a', 'b')".into())));
        }
        let mut values = vec![self.literal()?];
        while self.sign(",") {
            if matches!(self.peek(), Some(Token { kind: Kind::Sign(")"), .. })) {
                break;
            }
            values.push(self.literal()?);
        }
        if self.sign(")") { Ok(values) } else { Err(self.here("a ) is missing here", None)) }
    }

    fn pattern(&mut self) -> Result<String, FilterError> {
        match self.peek().map(|token| token.kind.clone()) {
            Some(Kind::Text(pattern)) => {
                self.at += 1;
                Ok(pattern)
            }
            _ => Err(self
                .here("a pattern in quotes should stand here", Some("such as '%forest%'".into()))),
        }
    }

    fn literal(&mut self) -> Result<Literal, FilterError> {
        let literal = match self.peek().map(|token| token.kind.clone()) {
            Some(Kind::Number(text)) => number(&text),
            Some(Kind::Name { text, .. }) if text.eq_ignore_ascii_case("true") => {
                Literal::Boolean(true)
            }
            Some(Kind::Name { text, .. }) if text.eq_ignore_ascii_case("false") => {
                Literal::Boolean(false)
            }
            Some(Kind::Name { text, .. } | Kind::Text(text)) => Literal::Text(text),
            _ => {
                return Err(self.here(
                    "a value should stand here",
                    Some("a number or a text in quotes".into()),
                ));
            }
        };
        self.at += 1;
        Ok(literal)
    }

    /// A word to search for.
    fn search(&mut self) -> Result<Condition, FilterError> {
        let word = match self.peek().map(|token| token.kind.clone()) {
            Some(Kind::Name { text, plain: true })
                if Attribute::named(&text) == Some(Attribute::Star) =>
            {
                self.at += 1;
                let key = Key::Attribute(Attribute::Star);
                return Ok(Condition::Compare(key, Operator::Equal, Literal::Boolean(true)));
            }
            Some(Kind::Name { text, .. } | Kind::Text(text) | Kind::Number(text)) => text,
            Some(Kind::Sign(_)) => {
                let hint = Some("a condition looks like metrics.r2 > 0.8".into());
                return Err(self.here("a condition should stand here", hint));
            }
            None => return Err(self.here("a condition is missing here", None)),
        };
        self.at += 1;
        Ok(Condition::Word(word.to_lowercase()))
    }
}

fn negate(negated: bool, condition: Condition) -> Condition {
    if negated { Condition::Not(Box::new(condition)) } else { condition }
}

/// A number, an age such as `7d`, else a text such as a date.
fn number(text: &str) -> Literal {
    if let Ok(number) = text.parse::<f64>() {
        return Literal::Number(number);
    }
    let seconds = |unit: &str| match unit {
        "s" => Some(1.0),
        "m" | "min" => Some(60.0),
        "h" => Some(3_600.0),
        "d" => Some(86_400.0),
        "w" => Some(604_800.0),
        _ => None,
    };
    let unit = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    match (text[..unit].parse::<f64>(), seconds(&text[unit..])) {
        (Ok(count), Some(seconds)) => Literal::Age((count * seconds * 1e6) as i64),
        _ => Literal::Text(text.to_owned()),
    }
}
