//! Floor 2: file events of the operating system.
