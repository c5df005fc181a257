//! Floor 2: the disk.
