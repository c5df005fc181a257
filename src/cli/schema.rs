//! `fairledger schema`

use clap::{Args, ValueEnum};

use crate::ledger::config::{ExperimentConfig, LedgerConfig};
use crate::ledger::monitor::MonitorConfig;
use crate::ledger::registry::ModelConfig;
use crate::ledger::schema::schema;
use crate::ledger::spec::Spec;

use super::exit::Exit;
use super::output;

/// Print the JSON Schema of a TOML file, for editors
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// The kind of file
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A spec
    Spec,
    /// experiment.toml
    Experiment,
    /// ledger.toml
    Ledger,
    /// models/NAME/model.toml
    Model,
    /// monitors/NAME.toml
    Monitor,
}

impl Schema {
    pub(super) fn execute(&self) -> Exit {
        output::json(&match self.kind {
            Kind::Spec => schema::<Spec>(),
            Kind::Experiment => schema::<ExperimentConfig>(),
            Kind::Ledger => schema::<LedgerConfig>(),
            Kind::Model => schema::<ModelConfig>(),
            Kind::Monitor => schema::<MonitorConfig>(),
        });
        Exit::Done
    }
}
