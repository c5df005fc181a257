//! Where and when: the clock, the host and the programs that take part.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ledger::attempt::Host;
use crate::ledger::time::Timestamp;

/// The present instant. The only place where the engine reads the clock.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_microseconds(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The machine this runs on.
pub(super) fn host() -> Host {
    let abi = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "gnu") {
        "-gnu"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else {
        ""
    };
    Host {
        name: gethostname::gethostname().to_string_lossy().into_owned(),
        target: format!("{}-{}{abi}", std::env::consts::ARCH, std::env::consts::OS),
        cores: cores() as u64,
    }
}

/// Number of processors this program may use.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Versions of the programs that take part in a run of a built-in trainer.
pub(super) fn versions() -> BTreeMap<String, String> {
    BTreeMap::from([("fairledger".into(), env!("CARGO_PKG_VERSION").into())])
}
