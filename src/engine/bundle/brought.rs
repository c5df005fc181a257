//! What an import of a bundle brought, and what it left as it was.

use serde::Serialize;

/// What an import brought. Serialises as the JSON of `import bundle --json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BroughtBundle {
    /// The title of the ledger it was made of.
    pub title: String,
    /// The words that chose its runs there; empty for all.
    pub filter: String,
    /// Number of runs in it.
    pub runs: usize,
    /// Number of attempts that were brought.
    pub attempts: usize,
    /// Number of attempts that were here already, with the same bytes.
    pub held: usize,
    /// Files of those that were absent here and are not any more, by path in the ledger.
    pub filled: Vec<String>,
    /// Number of annotations: tags, notes, stars, memberships.
    pub annotations: usize,
    /// Number of versions of registered models.
    pub versions: usize,
    /// Number of events of registered models.
    pub events: usize,
    /// Aliases that point elsewhere now, in words.
    pub aliases: Vec<String>,
    /// Files of experiments and data sets that were brought, by path in the ledger.
    pub files: Vec<String>,
    /// Files that are here with other content and stay as they are, by path in the ledger.
    pub kept: Vec<String>,
    /// Data sets that were brought under another name, because another file has theirs: the path in the bundle, and here.
    pub renamed: Vec<(String, String)>,
    /// Specs with commands, which wait for approval.
    pub pending: Vec<String>,
}

impl BroughtBundle {
    /// Whether there was nothing that the ledger did not hold.
    pub fn is_nothing(&self) -> bool {
        let numbers = self.attempts + self.annotations + self.versions + self.events;
        numbers + self.filled.len() + self.files.len() + self.renamed.len() == 0
    }
}
