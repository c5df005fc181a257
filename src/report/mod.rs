//! Floor 2: the static site.
