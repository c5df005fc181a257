//! Floor 2: built-in trainers.
