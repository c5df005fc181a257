//! Where and when: the clock, the host and the programs that take part.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ledger::attempt::Host;
use crate::ledger::spec::Command;
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

/// The memory of this machine in bytes; `None` where the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The memory of this machine in bytes; `None` where the system does not say.
#[cfg(not(target_os = "linux"))]
pub(super) fn memory() -> Option<u64> {
    let ask = ["sysctl", "-n", "hw.memsize"].map(str::to_owned);
    let limit = std::time::Duration::from_secs(5);
    let environment = [("PATH".into(), variable("PATH")?)].into();
    let here = std::path::Path::new(".");
    let (good, text) = crate::exec::output_of(&ask, here, &environment, limit).ok()?;
    text.trim().parse().ok().filter(|_| good)
}

/// Versions of the programs that take part in a run of a built-in trainer.
pub(super) fn versions() -> BTreeMap<String, String> {
    BTreeMap::from([("fairledger".into(), env!("CARGO_PKG_VERSION").into())])
}

/// What a program needs to find its way around a system; nothing of it decides a result.
const BASE: [&str; 34] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_NUMERIC",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "USERPROFILE",
    "USERNAME",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
];

/// The value of an environment variable, if it is set.
pub(super) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The environment of a command, what is its own apart: what every program needs, and the variables
/// its spec names.
pub(super) fn base_environment(command: &Command) -> BTreeMap<OsString, OsString> {
    environment(command.env_key.iter().chain(&command.env_pass))
}

/// What every program needs, and the variables of some names.
pub(super) fn environment<'n>(
    named: impl Iterator<Item = &'n String>,
) -> BTreeMap<OsString, OsString> {
    let mut environment = base_variables();
    environment.extend(named.filter_map(|name| Some((name.into(), variable(name)?))));
    environment
}

/// The values that are passed on and never shown, by name; what is no text is found in no text.
pub(super) fn secrets(passed: &[String]) -> Vec<(String, String)> {
    let value = |name: &String| Some((name.clone(), variable(name)?.to_str()?.to_owned()));
    passed.iter().filter_map(value).collect()
}

/// What every program needs of the environment.
pub(super) fn base_variables() -> BTreeMap<OsString, OsString> {
    BASE.iter().filter_map(|name| Some((name.into(), variable(name)?))).collect()
}

/// The folder of this user's settings, outside every ledger; `None` when the system names none.
pub(super) fn settings_folder() -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = folder("XDG_CONFIG_HOME").or_else(|| {
        if cfg!(windows) {
            folder("APPDATA")
        } else if cfg!(target_os = "macos") {
            folder("HOME").map(|home| home.join("Library/Application Support"))
        } else {
            folder("HOME").map(|home| home.join(".config"))
        }
    });
    own.map(|folder| folder.join("fairledger"))
}
