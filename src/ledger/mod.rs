//! Floor 1: the vocabulary and the rules. Values in, values out.
//!
//! Nothing here touches the disk, the clock, the environment, randomness or git.
#![deny(clippy::disallowed_methods)]

pub mod annotation;
pub mod attempt;
pub mod cell;
pub mod command;
pub mod comparison;
pub mod config;
mod data_check;
pub mod data_view;
pub mod digest;
pub mod encode;
pub mod evaluate;
mod evaluate_check;
pub mod exit;
pub mod facts;
pub mod filter;
pub mod frame;
pub mod goal;
pub mod history;
pub mod id;
pub mod label;
pub mod layout;
pub mod manifest;
pub mod metric;
pub mod metric_summary;
pub mod model;
mod model_choice;
pub mod model_view;
pub mod number;
pub mod outcome;
pub mod plan;
pub mod prepare;
mod prepare_check;
pub mod printed;
pub mod problem;
mod replicates;
pub mod reproduction;
pub mod request;
pub mod result;
pub mod schema;
pub mod secret;
pub mod selection;
pub mod settle;
pub mod source;
pub mod sparkline;
pub mod spec;
pub mod split;
mod split_check;
pub mod statistics;
pub mod sweep;
pub mod time;
pub mod trust;
pub mod value;
pub mod view;
pub mod why;
