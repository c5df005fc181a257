//! The check of what `ledger.toml` declares, before anything leaves the ledger.

use crate::ledger::config::LedgerConfig;
use crate::ledger::problem::Problem;
use crate::ledger::source::{Source, Step};
use crate::path;

use super::checksum::{is_orcid, is_ror};
use super::licence::{SUGGESTED, licences};

/// The mistakes in what a ledger declares about itself, by place: a licence that is missing or unknown,
/// identifiers whose check digits are wrong, addresses that are none.
pub fn problems(source: &Source, config: &LedgerConfig) -> Vec<Problem> {
    let mut check = Check { source, problems: Vec::new() };
    check.licence(&config.licence);
    for (at, author) in config.authors.iter().enumerate() {
        let orcid = author.orcid.trim_start_matches("https://orcid.org/");
        let message = format!("\"{}\" is no ORCID identifier: {}", author.orcid, wrong(orcid));
        check.value(orcid, is_orcid, path!["authors", at, "orcid"], &message);
        let ror = &author.affiliation_ror;
        check.value(ror, is_ror, path!["authors", at, "affiliation_ror"], &no_ror(ror));
    }
    if let Some(publisher) = &config.publisher {
        check.value(&publisher.ror, is_ror, path!["publisher", "ror"], &no_ror(&publisher.ror));
        check.address(&publisher.url, path!["publisher", "url"]);
    }
    check.address(&config.url, path!["url"]);
    let doi = config.doi.trim_start_matches("https://doi.org/");
    let message = format!("\"{}\" is no DOI, which looks like 10.5281/zenodo.1234567", config.doi);
    check.value(doi, is_doi, path!["doi"], &message);
    check.problems.sort_by_key(|problem| problem.span.start);
    check.problems
}

struct Check<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn licence(&mut self, licence: &str) {
        let line = format!("write licence = \"{SUGGESTED}\", or another SPDX expression");
        let problem = match licences(licence) {
            Ok(_) => return,
            Err(_) if licence.trim().is_empty() => {
                let message = "no licence: nobody may use what is published without one";
                self.source.at_value(path!["licence"], message).hint(line)
            }
            Err(error) => {
                let problem = self.source.at_value(path!["licence"], error.message);
                problem.hint(error.near.map_or(line, |near| format!("did you mean \"{near}\"?")))
            }
        };
        self.problems.push(problem);
    }

    /// A value that is empty or must be good.
    fn value(&mut self, value: &str, good: fn(&str) -> bool, place: &[Step], message: &str) {
        if !value.is_empty() && !good(value) {
            self.problems.push(self.source.at_value(place, message));
        }
    }

    fn address(&mut self, address: &str, place: &[Step]) {
        let message = format!("\"{address}\" is no web address, which begins with https://");
        self.value(address, is_address, place, &message);
    }
}

fn wrong(orcid: &str) -> &'static str {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | 'X');
    if orcid.len() == 19 && orcid.chars().all(plain) {
        "its check digit does not fit; a digit is mistyped"
    } else {
        "it looks like 0000-0002-1825-0097"
    }
}

fn no_ror(text: &str) -> String {
    format!(
        "\"{text}\" is no ROR address, which looks like https://ror.org/02mhbdp94 and has check digits"
    )
}

fn is_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && !host.starts_with('/') && !host.contains([' ', '"', '<', '>'])
    })
}

fn is_doi(text: &str) -> bool {
    let parts = text.strip_prefix("10.").and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(registrant, name)| {
        registrant.len() >= 4
            && registrant.chars().all(|c| c.is_ascii_digit() || c == '.')
            && !name.is_empty()
            && !name.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::schema;

    fn found(text: &str) -> Vec<String> {
        let source = Source::parse("ledger.toml", text).unwrap();
        let config = schema::read::<LedgerConfig>(&source).value.unwrap();
        problems(&source, &config).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_declared_well_has_no_mistakes() {
        let text = "format = 1\nlicence = \"MIT\"\nurl = \"https://ada.example.org/ledger/\"\n\
                    doi = \"https://doi.org/10.5281/zenodo.1234567\"\n\
                    authors = [{ name = \"Ada\", orcid = \"https://orcid.org/0000-0002-1825-0097\" }]\n\
                    publisher = { name = \"Uniandes\", ror = \"https://ror.org/02mhbdp94\" }\n";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_has_its_line() {
        let text = "format = 1\nlicence = \"\"\nurl = \"example.org\"\ndoi = \"zenodo.12\"\n\
                    [[authors]]\nname = \"Ada\"\norcid = \"0000-0002-1825-0079\"\n\
                    [publisher]\nname = \"U\"\nror = \"https://ror.org/02mhbdp95\"\n";
        let found = found(text);
        let starts = [
            "ledger.toml:2:11: no licence",
            "ledger.toml:3:7",
            "ledger.toml:4:7",
            "ledger.toml:7:9: \"0000-0002-1825-0079\" is no ORCID identifier: its check digit",
            "ledger.toml:10:7",
        ];
        assert_eq!(found.len(), starts.len(), "{found:#?}");
        for (found, start) in found.iter().zip(starts) {
            assert!(found.starts_with(start), "{found}");
        }
        assert!(found[0].ends_with("(write licence = \"CC-BY-4.0\", or another SPDX expression)"));
    }

    #[test]
    fn a_mistyped_licence_is_corrected() {
        let found = found("format = 1\nlicence = \"Apache 2.0\"\n");
        assert!(found[0].contains("no licence of the SPDX list"), "{found:?}");
    }
}
