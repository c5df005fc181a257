//! Which folders are watched.

use super::*;

fn listed(folders: &[&str], also: &[&str]) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    for folder in folders {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    let also: Vec<_> = also.iter().map(PathBuf::from).collect();
    let found = Folders::list(root.path(), &also);
    let inside = |path: &PathBuf| path.strip_prefix(root.path()).unwrap().display().to_string();
    found.paths.iter().map(inside).collect()
}

#[test]
fn people_write_here_and_the_program_there() {
    let folders = [
        "data/2026/raw",
        "data/.cache",
        "experiments/h/runs/ab/x",
        "experiments/h/annotations",
        "experiments/h/src/deep",
        "site/x",
        ".fairledger/tmp",
        ".git/objects",
        "other",
        "theme",
    ];
    assert_eq!(
        listed(&folders, &[]),
        [
            "",
            "data",
            "data/2026",
            "data/2026/raw",
            "experiments",
            "experiments/h",
            "experiments/h/annotations",
            "experiments/h/src",
            "theme",
        ]
    );
}

#[test]
fn folders_that_specs_name_are_watched_too() {
    let folders = ["other/deep", "site", "data"];
    let also = ["other", "site", "../elsewhere", "/etc", "missing", ".git"];
    assert_eq!(listed(&folders, &also), ["", "data", "other"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(root.path().join("data")).unwrap();
    std::os::unix::fs::symlink(outside.path(), root.path().join("data/out")).unwrap();
    assert_eq!(Folders::list(root.path(), &[]).paths.len(), 2);
}
