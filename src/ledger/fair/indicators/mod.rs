//! How FAIR a ledger is: each indicator met, or not met with the line that meets it, or not for a ledger to meet.

mod list;

use serde::Serialize;

use crate::ledger::view::LedgerView;

use super::licence::{SUGGESTED, licences};

/// How much an indicator weighs in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Without it, data is not FAIR.
    Essential,
    /// It makes data much more so.
    Important,
    /// It helps.
    Useful,
}

impl Priority {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Important => "important",
            Self::Useful => "useful",
        }
    }
}

/// Where a ledger stands with one indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// Its identifier in the model, such as `RDA-F1-01M`.
    pub id: String,
    /// How much it weighs.
    pub priority: Priority,
    /// What it asks.
    pub asks: &'static str,
    /// Where the ledger stands.
    #[serde(flatten)]
    pub standing: Standing,
}

/// Whether an indicator is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// It is.
    Met {
        /// By what.
        by: String,
    },
    /// It is not.
    NotMet {
        /// What is missing.
        missing: &'static str,
        /// The line to write, and where.
        write: String,
    },
    /// It does not depend on a ledger.
    NotOurs {
        /// On what it does.
        why: &'static str,
    },
}

impl Standing {
    /// The word in tables.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Met { .. } => "met",
            Self::NotMet { .. } => "not met",
            Self::NotOurs { .. } => "not ours",
        }
    }

    /// By what, what to write, or why not, in a line.
    pub fn line(&self) -> String {
        match self {
            Self::Met { by } => by.clone(),
            Self::NotMet { missing, write } => format!("{missing}: {write}"),
            Self::NotOurs { why } => (*why).to_owned(),
        }
    }
}

/// All indicators in the order of the model.
pub fn indicators(ledger: &LedgerView) -> Vec<Indicator> {
    let one = |(id, priority, asks): &(&str, Priority, &'static str)| Indicator {
        id: format!("RDA-{id}"),
        priority: *priority,
        asks,
        standing: judge(id, ledger),
    };
    list::INDICATORS.iter().map(one).collect()
}

/// `36 of 41 met, 3 not met, 2 not ours`.
pub fn summary(indicators: &[Indicator]) -> String {
    let count = |word| indicators.iter().filter(|it| it.standing.word() == word).count();
    let (met, not_met, not_ours) = (count("met"), count("not met"), count("not ours"));
    format!("{met} of {} met, {not_met} not met, {not_ours} not ours", indicators.len())
}

fn met(by: impl Into<String>) -> Standing {
    Standing::Met { by: by.into() }
}

fn write(missing: &'static str, line: impl Into<String>) -> Standing {
    Standing::NotMet { missing, write: line.into() }
}

fn judge(id: &str, ledger: &LedgerView) -> Standing {
    match id {
        "F1-01M" | "F1-01D" | "A2-01M" => persistent(id, ledger),
        "F1-02M" => met(
            "the id of each run, a digest of all that decides its result, and a UUID of each attempt",
        ),
        "F1-02D" => met("BLAKE3 and SHA-256 of every file"),
        "F2-01M" => rich(ledger),
        "F3-01M" => {
            with_runs(ledger, "digests and SWHIDs of every file, in manifests, crates and pages")
        }
        "F4-01M" => published(ledger, "JSON-LD in every page, sitemap.xml, a crate of everything"),
        "A1-01M" => published(ledger, "conditions of access and addresses in every page"),
        "A1-02M" | "A1-02D" => met("text files and HTML; no program is needed to read them"),
        "A1-03M" | "A1-03D" => published(ledger, "the page of each run has its id in its address"),
        "A1-04M" | "A1-04D" | "A1.1-01M" | "A1.1-01D" => published(ledger, "https and git"),
        "A1-05D" => published(ledger, "git clone, or any program that reads https"),
        "A1.2-01D" => {
            Standing::NotOurs { why: "whoever hosts the repository decides who may read it" }
        }
        "I1-01M" | "I1-02M" => {
            met("JSON-LD: `fairledger export crate`, and every page of the site")
        }
        "I1-01D" | "I1-02D" => met(
            "CSV, Parquet, JSON Lines and TOML; `fairledger export croissant` describes columns and types",
        ),
        "I2-01M" => met("schema.org, RO-Crate, Croissant, PROV, SPDX, ORCID and ROR"),
        "I2-01D" => Standing::NotOurs {
            why: "what a column means is for the vocabulary of your field to say",
        },
        "I3-01M" | "I3-03M" => with_runs(
            ledger,
            "each run names its spec, its commit and the software, each as what it is",
        ),
        "I3-01D" | "I3-02D" => {
            with_runs(ledger, "tables of runs and of points name run ids and digests of data")
        }
        "I3-02M" | "I3-04M" => {
            with_runs(ledger, "each run names its data by path and digest, as what it used")
        }
        "R1-01M" => {
            with_runs(ledger, "params, seeds, metrics, versions, times, hardware, sizes and types")
        }
        "R1.1-01M" | "R1.1-02M" | "R1.1-03M" => licensed(ledger),
        "R1.2-01M" => {
            with_runs(ledger, "Process Run Crate: who ran what with which software on which data")
        }
        "R1.2-02M" => with_runs(ledger, "PROV terms in the JSON-LD of pages"),
        "R1.3-01M" | "R1.3-02M" => {
            met("RO-Crate 1.1 with Process Run Crate 0.5, Croissant 1.0, CITATION.cff 1.2.0")
        }
        _ => met("CSV, Parquet and ONNX, which other programs read"),
    }
}

fn persistent(id: &str, ledger: &LedgerView) -> Standing {
    if !ledger.about.doi.is_empty() {
        return met(format!("https://doi.org/{}", ledger.about.doi));
    }
    if !ledger.about.snapshots {
        return write(
            "nothing is committed to git",
            "mode = \"branch\" under [snapshot] in ledger.toml",
        );
    }
    met(match id {
        "F1-01M" => "SWHIDs of snapshots and run folders, which any archive computes alike",
        "F1-01D" => "SWHIDs of the contents of files",
        _ => "git keeps records, digests and crates when a large file is gone",
    })
}

fn rich(ledger: &LedgerView) -> Standing {
    let about = &ledger.about;
    let line = |line: &str| format!("{line} in ledger.toml");
    if ledger.description.is_empty() {
        write("the ledger has no description", line("description = \"…\""))
    } else if about.creators.is_empty() {
        let author = "authors = [{ name = \"…\", orcid = \"0000-…\", affiliation = \"…\" }]";
        write("nobody answers for it", line(author))
    } else if about.creators.iter().any(|creator| creator.orcid.is_empty()) {
        write("an author has no ORCID", line("orcid = \"0000-…\" beside the name"))
    } else if about.creators.iter().any(|creator| creator.affiliation.is_none()) {
        write("an author has no institution", line("affiliation = \"…\" beside the name"))
    } else if about.publisher.is_none() {
        let publisher =
            "publisher = { name = \"…\", ror = \"https://ror.org/…\", url = \"https://…\" }";
        write("nobody publishes it", line(publisher))
    } else {
        met("title, description, creators, publisher, dates and keywords")
    }
}

fn published(ledger: &LedgerView, by: &str) -> Standing {
    if ledger.about.url.is_empty() {
        let line = "url = \"https://…\" in ledger.toml, then fairledger publish";
        write("nothing says where the site is published", line)
    } else {
        met(format!("{}: {by}", ledger.about.url))
    }
}

fn with_runs(ledger: &LedgerView, by: &str) -> Standing {
    if ledger.experiments.iter().all(|experiment| experiment.runs.is_empty()) {
        write("there is no run", "fairledger run")
    } else {
        met(by)
    }
}

fn licensed(ledger: &LedgerView) -> Standing {
    match licences(&ledger.licence) {
        Ok(found) => met(found[0].address()),
        Err(_) if ledger.licence.is_empty() => {
            write("no licence", format!("licence = \"{SUGGESTED}\" in ledger.toml"))
        }
        Err(error) => {
            let near = error.near.unwrap_or(SUGGESTED);
            write(
                "the licence is none of the SPDX list",
                format!("licence = \"{near}\" in ledger.toml"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_model_has_its_41_indicators() {
        let ids: BTreeSet<&str> = list::INDICATORS.iter().map(|(id, ..)| *id).collect();
        assert_eq!(ids.len(), 41);
        let count = |wanted| list::INDICATORS.iter().filter(|(_, it, _)| *it == wanted).count();
        let counts = [Priority::Essential, Priority::Important, Priority::Useful].map(count);
        assert_eq!(counts, [20, 14, 7]);
    }
}
