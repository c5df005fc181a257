//! Where a run is executed: the host and the programs that take part.

use std::collections::BTreeMap;

use crate::ledger::attempt::Host;

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
