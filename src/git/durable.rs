//! Making a snapshot survive a power cut.
//!
//! By default neither libgit2 nor git sync loose objects, and a cut leaves empty ones behind. So the
//! objects are synced before the ref that names them moves, and the ref is synced after it.

use git2::Repository;

use super::error::GitError;

/// Makes ready for durable writes; to be called before the first object is touched.
#[cfg(target_os = "linux")]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn prepare(_repository: &Repository) -> Result<(), GitError> {
    Ok(())
}

/// Waits until everything written to the repository's file system is on the disk.
///
/// One `syncfs` takes about 5 ms where syncing each object takes ten times that.
#[cfg(target_os = "linux")]
pub(super) fn sync(repository: &Repository) -> Result<(), GitError> {
    let path = repository.commondir();
    let directory = std::fs::File::open(path).map_err(GitError::io(path))?;
    rustix::fs::syncfs(&directory).map_err(|error| GitError::Io(path.to_owned(), error.into()))
}

/// Makes ready for durable writes; to be called before the first object is touched.
#[cfg(not(target_os = "linux"))]
pub(super) fn prepare(repository: &Repository) -> Result<(), GitError> {
    sync_each_object(repository)
}

/// Each object and ref was synced when it was written.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "on Linux it can fail")]
pub(super) fn sync(_repository: &Repository) -> Result<(), GitError> {
    Ok(())
}

/// Lets libgit2 sync each object it writes, by a setting that only this process sees: in the
/// repository's own configuration the key would make every git command print a warning.
#[cfg(any(test, not(target_os = "linux")))]
fn sync_each_object(repository: &Repository) -> Result<(), GitError> {
    const SETTING: &str = "[core]\n\tfsyncObjectFiles = true\n";
    let path = repository.commondir().join("fairledger.config");
    if std::fs::read_to_string(&path).ok().as_deref() != Some(SETTING) {
        std::fs::write(&path, SETTING).map_err(GitError::io(&path))?;
    }
    let add = || {
        let mut config = repository.config()?;
        config.add_file(&path, git2::ConfigLevel::App, true)?;
        repository.set_config(&config)
    };
    add().map_err(GitError::at(&path, "load the setting"))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn the_private_setting_leaves_the_repository_alone() {
        let fixture = Fixture::new();
        let config = fixture.root().join(".git/config");
        let before = std::fs::read(&config).unwrap();
        let repository = fixture.repo().open().unwrap();
        sync_each_object(&repository).unwrap();
        assert!(repository.config().unwrap().get_bool("core.fsyncObjectFiles").unwrap());
        repository.blob(b"synced").unwrap();
        sync(&repository).unwrap();
        assert_eq!(std::fs::read(&config).unwrap(), before);
        assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    }
}
