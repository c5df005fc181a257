//! Who answers for a ledger and where it is to be found, as `ledger.toml` declares it.

use serde::{Deserialize, Serialize};

use crate::ledger::config::{LedgerConfig, SnapshotMode};

/// What a ledger declares about itself beside title, description and licence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Who made it.
    pub creators: Vec<Creator>,
    /// Who publishes it.
    pub publisher: Option<Organization>,
    /// Where it is published, without a slash at the end; empty when nowhere.
    pub url: String,
    /// Its DOI, such as `10.5281/zenodo.1234567`; empty when it has none.
    pub doi: String,
    /// Whether git carries it.
    pub snapshots: bool,
}

/// Somebody who made a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// The full name.
    pub name: String,
    /// The ORCID identifier, 16 digits with hyphens; empty when none is declared.
    pub orcid: String,
    /// The institution.
    pub affiliation: Option<Organization>,
}

/// An institution.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Organization {
    /// Its name.
    pub name: String,
    /// Its ROR address, such as `https://ror.org/02mhbdp94`; empty when none is declared.
    pub ror: String,
    /// Its web page; empty when none is declared.
    pub url: String,
}

impl About {
    /// What a ledger's settings declare.
    pub fn of(config: &LedgerConfig) -> Self {
        let publisher = config.publisher.as_ref().map(|publisher| Organization {
            name: publisher.name.clone(),
            ror: publisher.ror.clone(),
            url: publisher.url.clone(),
        });
        let creators = config.authors.iter().map(|author| Creator {
            name: author.name.clone(),
            orcid: author.orcid.trim_start_matches("https://orcid.org/").to_owned(),
            affiliation: affiliation(
                &author.affiliation,
                &author.affiliation_ror,
                publisher.as_ref(),
            ),
        });
        Self {
            creators: creators.collect(),
            publisher: publisher.clone(),
            url: config.url.trim_end_matches('/').to_owned(),
            snapshots: matches!(
                config.snapshot.mode,
                Some(SnapshotMode::Branch | SnapshotMode::Ref)
            ),
            doi: config.doi.trim_start_matches("https://doi.org/").to_owned(),
        }
    }
}

/// The institution of an author: the publisher itself where it has its name.
fn affiliation(name: &str, ror: &str, publisher: Option<&Organization>) -> Option<Organization> {
    let same = publisher.filter(|publisher| publisher.name == name && ror.is_empty());
    let other = || Organization { name: name.to_owned(), ror: ror.to_owned(), url: String::new() };
    (!name.is_empty()).then(|| same.cloned().unwrap_or_else(other))
}
