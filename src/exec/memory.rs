//! Whether the system ended processes because memory ran out.

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
