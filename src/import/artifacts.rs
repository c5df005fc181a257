//! Where the artifacts of a run lie, and which they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::ledger::percent;

use super::error::ImportError;
use super::record::Artifact;

/// Folders beside a database in which MLflow keeps artifacts, itself or through its server.
const BESIDE: [&str; 3] = ["mlruns", "mlartifacts", ""];

/// Finds the folder that a location means: below the store, wherever that was moved to, else where the location says.
///
/// `ending` are the last components every location of this kind has, such as `<run>/artifacts`. A location without them
/// is not followed: a store from elsewhere must not name any folder of this machine as its artifacts.
pub(super) fn find(store: &Path, location: &str, ending: &[&str]) -> Option<PathBuf> {
    let parts: Vec<&str> = location.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    if !parts.ends_with(ending) || parts.contains(&"..") {
        return None;
    }
    // Above a run's folder lies its experiment's, above a logged model's a folder of models too.
    for number in [ending.len() + 2, ending.len() + 1] {
        let tail: PathBuf = parts.iter().skip(parts.len().saturating_sub(number)).collect();
        let found =
            BESIDE.iter().map(|beside| store.join(beside).join(&tail)).find(|it| it.is_dir());
        if found.is_some() {
            return found;
        }
    }
    local(location).filter(|folder| folder.is_dir())
}

/// Whether a location is the one on a disk that MLflow gives a run: where nothing is there, the run left nothing.
pub(super) fn is_usual(location: &str, experiment: &str, run: &str) -> bool {
    let on_disk = location.starts_with("file:") || !location.contains(":/");
    let parts: Vec<&str> = location.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    on_disk && parts.ends_with(&[experiment, run, "artifacts"])
}

/// The folder of a location on this machine's disk.
fn local(location: &str) -> Option<PathBuf> {
    let path = match location.split_once("://") {
        Some(("file", rest)) => percent::decoded(rest)?,
        Some(_) => return None,
        None => location.to_owned(),
    };
    let path = PathBuf::from(path);
    path.is_absolute().then_some(path)
}

/// Adds every file below a folder, its path below `prefix`. What is no regular file is named in `absent`: a link could lead
/// anywhere.
pub(super) fn collect(
    folder: &Path,
    prefix: &str,
    (files, absent): (&mut Vec<Artifact>, &mut Vec<String>),
) -> Result<(), ImportError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(ImportError::file(folder))? {
        let entry = entry.map_err(ImportError::file(folder))?;
        entries.push((entry.file_name(), entry.path()));
    }
    entries.sort_unstable();
    for (name, file) in entries {
        let path = format!("{prefix}{}", name.to_string_lossy());
        let kind = fs::symlink_metadata(&file).map_err(ImportError::file(&file))?;
        if kind.is_dir() {
            collect(&file, &format!("{path}/"), (files, absent))?;
        } else if kind.is_file() {
            files.push(Artifact { path, file });
        } else {
            absent.push(format!("the artifact {path} is no regular file"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_are_found_where_the_store_was_moved_to() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("mlruns/1/abc/artifacts");
        fs::create_dir_all(&there).unwrap();
        let find = |location: &str| find(folder.path(), location, &["abc", "artifacts"]);
        for location in [
            "/gone/mlruns/1/abc/artifacts",
            "file:///gone/1/abc/artifacts",
            "mlflow-artifacts:/1/abc/artifacts",
            "s3://bucket/x/1/abc/artifacts",
        ] {
            assert_eq!(find(location), Some(there.clone()), "{location}");
        }
        let named = format!("file://{}", there.display()).replace("abc", "a%62c");
        assert_eq!(find(&named), None, "what a location ends with is read before it is decoded");
    }

    #[test]
    fn a_location_that_is_no_artifact_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir_all(home.join("abc/artifacts")).unwrap();
        let store = folder.path().join("store");
        let ending = ["abc", "artifacts"];
        assert_eq!(find(&store, home.to_str().unwrap(), &ending), None);
        assert_eq!(find(&store, &format!("{}/../abc/artifacts", home.display()), &ending), None);
        assert!(find(&store, &format!("{}/abc/artifacts", home.display()), &ending).is_some());
    }

    #[test]
    fn a_run_without_a_folder_in_the_usual_place_left_nothing() {
        for usual in [
            "file:///gone/7/ab/artifacts",
            "/gone/7/ab/artifacts",
            "./mlruns/7/ab/artifacts",
            "C:\\x\\7\\ab\\artifacts",
        ] {
            assert!(is_usual(usual, "7", "ab"), "{usual}");
        }
        for other in
            ["s3://bucket/7/ab/artifacts", "mlflow-artifacts:/7/ab/artifacts", "/data/ab/artifacts"]
        {
            assert!(!is_usual(other, "7", "ab"), "{other}");
        }
    }

    #[test]
    fn percent_signs_are_read() {
        assert_eq!(local("file:///a%20b/%ED%95%9C"), Some(PathBuf::from("/a b/한")));
        assert_eq!(local("file:///a%2"), Some(PathBuf::from("/a%2")));
        assert_eq!(local("s3://bucket/a"), None);
        assert_eq!(local("relative/a"), None);
    }
}
