//! Runs that another tracker recorded: what they are in a ledger.

use serde::{Deserialize, Serialize};
use toml::Table;

/// The parts of a request that was executed elsewhere. It cannot be executed here.
///
/// The other tracker's id is part of the identity: two of its runs with the same params stay two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Foreign {
    /// Who recorded it.
    pub tracker: Tracker,
    /// Its params; text that is a number is one.
    pub params: Table,
}

/// A run of another tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracker {
    /// The tracker, such as `mlflow`.
    pub name: String,
    /// The run's id there.
    pub run: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::request::Request;

    fn request(run: &str, params: &str) -> Request {
        let tracker = Tracker { name: "mlflow".into(), run: run.into() };
        Request::foreign(&Foreign { tracker, params: params.parse().unwrap() }).unwrap()
    }

    #[test]
    fn its_id_and_its_params_identify_it() {
        let one = request("a1", "depth = 3");
        assert_eq!(one.id(), request("a1", "depth = 3").id());
        assert_ne!(one.id(), request("a2", "depth = 3").id());
        assert_ne!(one.id(), request("a1", "depth = '3'").id());
        assert_eq!(one.to_foreign().unwrap().tracker.run, "a1");
        assert!(one.to_command().is_none() && one.to_built_in().is_err());
    }
}
