//! Tests that read like a user's session on the real program, and tests that hold the house up.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod backing_up;
mod bundling;
mod clustering;
mod commands;
mod damage;
mod digesting;
mod evaluation;
mod executing;
mod exporting;
mod fair;
mod filters;
mod formats;
mod importing;
mod listing;
mod mistakes;
mod models;
mod monitoring;
mod moving;
#[cfg(unix)]
mod notifying;
mod predicting;
mod preparing;
mod registering;
mod reproducing;
mod running;
mod session;
mod single;
mod site;
mod snapshots;
mod splitting;
mod tables;
mod trash;
mod trusting;
mod tuning;
mod vectors;
mod watching;
