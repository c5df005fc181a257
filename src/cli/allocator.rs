//! The allocator of the program.
//!
//! A pass over 10,000 runs takes hundreds of megabytes for a moment. The usual allocators keep most of what
//! is freed between things that stay; this one gives pages back as they become free.

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
