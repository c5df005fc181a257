//! The `fairledger` program.

fn main() {}
