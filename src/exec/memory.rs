//! Memory: whether the system ended processes because it ran out, and how much a command took.

use std::time::{Duration, Instant};

/// How many processes of this control group the kernel has ended for memory; `None` where it does
/// not say (cgroup v2, `memory.events`).
#[cfg(target_os = "linux")]
pub(super) fn kills() -> Option<u64> {
    let own = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let places =
        [format!("/sys/fs/cgroup{path}/memory.events"), "/sys/fs/cgroup/memory.events".into()];
    let text = places.iter().find_map(|place| std::fs::read_to_string(place).ok())?;
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

/// Nothing: other systems do not say.
#[cfg(not(target_os = "linux"))]
pub(super) fn kills() -> Option<u64> {
    None
}

/// How often a process is looked at.
const EVERY: Duration = Duration::from_millis(50);

/// The most memory that one process of a command has had, in bytes.
///
/// On Linux the peak that `wait4` tells begins with that of the process that started the command
/// (`exec_mmap` of the kernel), so one that is no larger says nothing; then it is what was seen of the
/// command's first process while it ran.
#[derive(Debug)]
pub(super) struct Peak {
    own: u64,
    seen: u64,
    looked: Option<Instant>,
}

impl Peak {
    /// For a command that has just begun.
    pub(super) fn new() -> Self {
        let own =
            if cfg!(target_os = "linux") { high_water("self").unwrap_or(u64::MAX) } else { 0 };
        Self { own, seen: 0, looked: None }
    }

    /// Looks at its first process, unless it did just now: what the system tells never falls.
    pub(super) fn look(&mut self, process: u32) {
        if cfg!(target_os = "linux") && self.looked.is_none_or(|at| at.elapsed() >= EVERY) {
            self.looked = Some(Instant::now());
            self.seen = self.seen.max(high_water(&process.to_string()).unwrap_or(0));
        }
    }

    /// The peak, from what the system told at its end; `None` when nothing is known.
    pub(super) fn of(&self, told: u64) -> Option<u64> {
        let peak = if told > self.own { told } else { self.seen };
        (peak > 0).then_some(peak)
    }
}

/// The most memory a process has had, in bytes, where `/proc` tells.
fn high_water(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
