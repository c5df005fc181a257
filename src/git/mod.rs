//! Floor 2: the repository around the ledger.
