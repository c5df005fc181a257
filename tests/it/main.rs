//! The tests that read like a session of a user.
