//! `CITATION.cff`: how a ledger is cited, in the Citation File Format 1.2.0.

use std::fmt::Write as _;

use crate::ledger::time::Timestamp;
use crate::ledger::view::LedgerView;

use super::about::Creator;
use super::licence::licences;

/// The file's name.
pub const CITATION: &str = "CITATION.cff";

/// The text of `CITATION.cff`.
///
/// `released` is when the newest run ended, `revision` the SWHID of the snapshot. A name is written whole, for
/// nobody but its bearer knows which part of it is the family's.
pub fn citation(
    ledger: &LedgerView,
    released: Option<Timestamp>,
    revision: Option<&str>,
) -> String {
    let mut text = String::from(
        "cff-version: 1.2.0\nmessage: Please cite this ledger as below.\ntype: dataset\n",
    );
    line(&mut text, "title", &ledger.title);
    line(&mut text, "abstract", &ledger.description);
    text.push_str("authors:\n");
    let nobody = Creator { name: ledger.title.clone(), orcid: String::new(), affiliation: None };
    let publisher = ledger.about.publisher.as_ref();
    let publisher = publisher.map(|it| Creator { name: it.name.clone(), ..nobody.clone() });
    let declared = ledger.about.creators.clone();
    // The format wants at least one.
    let creators = if declared.is_empty() { vec![publisher.unwrap_or(nobody)] } else { declared };
    for creator in creators {
        line(&mut text, "  - name", &creator.name);
        if !creator.orcid.is_empty() {
            line(&mut text, "    orcid", &format!("https://orcid.org/{}", creator.orcid));
        }
    }
    if let Some(released) = released {
        line(&mut text, "date-released", &released.date(&ledger.time_zone));
    }
    licence(&mut text, &ledger.licence);
    line(&mut text, "url", &ledger.about.url);
    line(&mut text, "doi", &ledger.about.doi);
    if let Some(revision) = revision {
        text.push_str("identifiers:\n  - type: swh\n");
        line(&mut text, "    value", revision);
        line(&mut text, "    description", "The last snapshot of the ledger");
    }
    text
}

/// Several licences in a list mean that one may be chosen; what the format cannot say is left out.
fn licence(text: &mut String, expression: &str) {
    let words: Vec<&str> =
        expression.split(|c: char| c.is_whitespace() || "()".contains(c)).collect();
    if words.contains(&"AND") || words.contains(&"WITH") {
        return;
    }
    match licences(expression).unwrap_or_default().as_slice() {
        [] => {}
        [one] => line(text, "license", one.id),
        several => {
            text.push_str("license:\n");
            for licence in several {
                line(text, "  -", licence.id);
            }
        }
    }
}

/// A key and a text, which JSON writes as YAML reads it; nothing for an empty one.
fn line(text: &mut String, key: &str, value: &str) {
    if !value.trim().is_empty() {
        let colon = if key.trim_end().ends_with('-') { "" } else { ":" };
        let _ = writeln!(text, "{key}{colon} {}", serde_json::Value::from(value.trim()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::fair::about::About;

    fn ledger(licence: &str) -> LedgerView {
        let ada = Creator {
            name: "Ada: \"Lovelace\"".into(),
            orcid: "0000-0002-1825-0097".into(),
            affiliation: None,
        };
        let about = About { creators: vec![ada], doi: "10.1/2".into(), ..About::default() };
        LedgerView {
            title: "Housing".into(),
            description: String::new(),
            authors: Vec::new(),
            licence: licence.into(),
            about,
            time_zone: "UTC".into(),
            experiments: Vec::new(),
            comparisons: Vec::new(),
            models: Vec::new(),
            views: Vec::new(),
            report: crate::ledger::config::ReportConfig::default(),
        }
    }

    #[test]
    fn everything_declared_is_said() {
        let time = Timestamp::from_microseconds(1_795_000_000_000_000);
        let text = citation(&ledger("MIT OR Apache-2.0"), Some(time), Some("swh:1:rev:00"));
        let expected = "cff-version: 1.2.0\nmessage: Please cite this ledger as below.\ntype: dataset\n\
            title: \"Housing\"\nauthors:\n  - name: \"Ada: \\\"Lovelace\\\"\"\n    \
            orcid: \"https://orcid.org/0000-0002-1825-0097\"\ndate-released: \"2026-11-18\"\n\
            license:\n  - \"MIT\"\n  - \"Apache-2.0\"\ndoi: \"10.1/2\"\nidentifiers:\n  - type: swh\n    \
            value: \"swh:1:rev:00\"\n    description: \"The last snapshot of the ledger\"\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_the_format_cannot_say_is_left_out() {
        assert!(!citation(&ledger("MIT AND Apache-2.0"), None, None).contains("license"));
        let mut nobody = ledger("MIT");
        nobody.about = About::default();
        assert!(citation(&nobody, None, None).contains("  - name: \"Housing\"\n"));
    }
}
