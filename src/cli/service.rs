//! `fairledger watch --print-service`: the file with which a system starts the daemon by itself.

use std::path::Path;

/// The unit or property list for this system, and where it goes; `None` where there is none.
pub(super) fn text(root: &Path) -> Option<(String, String)> {
    let program = std::env::current_exe().ok()?.display().to_string();
    let root = root.display().to_string();
    let name: String = root
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let name = name.trim_matches('-');
    if cfg!(target_os = "macos") {
        let place = format!("~/Library/LaunchAgents/fairledger.{name}.plist");
        Some((launchd(name, &program, &root), place))
    } else if cfg!(target_os = "linux") {
        let place = format!("~/.config/systemd/user/fairledger-{name}.service");
        Some((systemd(&program, &root), place))
    } else {
        None
    }
}

fn systemd(program: &str, root: &str) -> String {
    let (program, root) = (unit_word(program), unit_word(root));
    format!(
        "[Unit]\nDescription=fairledger watches {root}\n\n[Service]\n\
         ExecStart={program} -C {root} watch\nRestart=on-failure\nRestartSec=10\n\
         # The daemon asks commands to end and waits for them; the rest is ended after that.\n\
         KillMode=mixed\nTimeoutStopSec=30\nNice=5\n\n[Install]\nWantedBy=default.target\n"
    )
}

/// A word of a unit's command line: quoted, with its own signs escaped.
fn unit_word(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("\"{}\"", escaped.replace('$', "$$"))
    }
}

fn launchd(name: &str, program: &str, root: &str) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (program, root) = (escaped(program), escaped(root));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n\
         \t<key>Label</key><string>fairledger.{name}</string>\n\
         \t<key>ProgramArguments</key>\n\t<array>\n\
         \t\t<string>{program}</string><string>-C</string><string>{root}</string>\
         <string>watch</string>\n\t</array>\n\
         \t<key>RunAtLoad</key><true/>\n\t<key>KeepAlive</key>\
         <dict><key>SuccessfulExit</key><false/></dict>\n\
         \t<key>ExitTimeOut</key><integer>30</integer>\n\
         \t<key>StandardOutPath</key><string>{root}/.fairledger/watch.log</string>\n\
         \t<key>StandardErrorPath</key><string>{root}/.fairledger/watch.log</string>\n\
         </dict>\n</plist>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_with_odd_names_stay_one_word() {
        let unit = systemd("/usr/bin/fairledger", "/home/ada/my 100% \"ledger\"");
        let line = "ExecStart=/usr/bin/fairledger -C \"/home/ada/my 100%% \\\"ledger\\\"\" watch\n";
        assert!(unit.contains(line), "{unit}");
        let list = launchd("x", "/bin/fairledger", "/Users/ada/a & b");
        assert!(list.contains("<string>/Users/ada/a &amp; b</string>"), "{list}");
    }
}
