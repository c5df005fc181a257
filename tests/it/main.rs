//! Tests that read like a user's session on the real program, and tests that hold the house up.

mod architecture;
mod session;
mod vectors;
