//! Floor 3: where the rooms below meet.
