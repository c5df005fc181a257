//! Paths that change without anybody having edited anything.

use std::path::{Component, Path};

/// Whether a name is one that editors and tools use on the way to the real file.
///
/// Hidden files, backups, swap files, vim's `4913`, emacs' `#name#` and the two steps of a safe
/// write of the Java editors. Only the name is looked at, never the file.
pub fn is_noise(path: &Path) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return false };
    let by_ending = ["~", ".swp", ".swx", ".tmp"].iter().any(|ending| name.ends_with(ending));
    let by_frame = name.len() > 1 && name.starts_with('#') && name.ends_with('#');
    let safe_write = name.contains("___jb_") && name.ends_with("___");
    name.starts_with('.') || name == "4913" || by_ending || by_frame || safe_write
}

/// Whether a path in a ledger is written by this program: attempts, the site, its own state.
pub(super) fn is_generated(in_ledger: &Path) -> bool {
    let mut names = in_ledger.components().map(Component::as_os_str);
    let Some(first) = names.next() else { return false };
    if first == "experiments" {
        return names.nth(1).is_some_and(|name| name == "runs");
    }
    first == "site" || first.to_string_lossy().starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_way_to_a_file() {
        let noise = [
            ".s.toml.swp",
            ".s.toml.swx",
            "s.toml.swp",
            "s.toml~",
            "4913",
            "#s.toml#",
            ".#s.toml",
            "s.toml___jb_tmp___",
            "s.toml___jb_old___",
            ".DS_Store",
            "s.toml.tmp",
            ".git",
            "a/.x",
        ];
        for name in noise {
            assert!(is_noise(Path::new(name)), "{name}");
        }
        for name in ["s.toml", "a/4913.toml", "#", "runs", "", "data.csv", ".x/s.toml", "a___jb_b"]
        {
            assert!(!is_noise(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn what_the_program_writes_itself() {
        for path in [
            "site",
            "site/index.html",
            ".fairledger/index",
            ".git",
            "experiments/h/runs",
            "experiments/h/runs/ab/cd/run.toml",
        ] {
            assert!(is_generated(Path::new(path)), "{path}");
        }
        for path in
            ["", "data/site/a.csv", "data/runs/a.csv", "experiments/runs/a.toml", "site.toml"]
        {
            assert!(!is_generated(Path::new(path)), "{path}");
        }
    }
}
