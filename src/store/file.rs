//! Files written so that they survive a power cut, and files read while their digests are taken.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::ledger::digest::{Digest, StreamDigest, StreamSha256, sha256_hex};

use super::error::{At, StoreError, found};

/// Does something again as long as a signal interrupts it, where the standard library does not.
pub(super) fn uninterrupted<T, E>(
    mut work: impl FnMut() -> Result<T, E>,
    interrupted: impl Fn(&E) -> bool,
) -> Result<T, E> {
    loop {
        match work() {
            Err(error) if interrupted(&error) => {}
            done => return done,
        }
    }
}

/// Whether a signal ended a call before it did anything.
pub(super) fn is_interrupted(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Interrupted
}

/// Writes a new file and syncs it; it must not exist yet. The folder is not synced.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = File::create_new(path).at("create", path)?;
    file.write_all(bytes).at("write", path)?;
    file.sync_all().at("sync", path)
}

/// Replaces a file in one step and syncs it: after a crash the old or the new content is there, whole.
/// `beside` is where the new content is written first, in the same file system.
pub(super) fn replace(path: &Path, beside: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = File::create(beside).at("create", beside)?;
    file.write_all(bytes).at("write", beside)?;
    file.sync_all().at("sync", beside)?;
    fs::rename(beside, path).at("replace", path)
}

/// Syncs a file that was written earlier.
pub(super) fn sync(path: &Path) -> Result<(), StoreError> {
    // Windows syncs only through a handle that may write.
    let file = OpenOptions::new().read(true).write(cfg!(windows)).open(path).at("open", path)?;
    file.sync_all().at("sync", path)
}

/// Syncs the names in a folder.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    sync(path)
}

/// Syncs the names in a folder: nothing to do where the file system journals names itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_path: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Writes a file of a dead process anew and syncs it. Its sync may have failed, and then the system takes its content
/// for written: to sync it once more would succeed and write nothing. `beside` is where it is written first.
pub(super) fn rewrite(path: &Path, beside: &Path) -> Result<(), StoreError> {
    let mut file = File::create(beside).at("create", beside)?;
    let mut written = Ok(());
    let read = read_pieces(path, |piece| {
        if written.is_ok() {
            written = file.write_all(piece);
        }
    });
    read.at("read", path)?;
    written.at("write", beside)?;
    file.sync_all().at("sync", beside)?;
    fs::rename(beside, path).at("replace", path)
}

/// Writes every file below a folder anew and syncs all of it, the folder itself last.
pub(super) fn rewrite_all(folder: &Path, beside: &Path) -> Result<(), StoreError> {
    for (name, kind) in list(folder)? {
        let path = folder.join(name);
        if kind.is_dir() {
            rewrite_all(&path, beside)?;
        } else {
            rewrite(&path, beside)?;
        }
    }
    sync_folder(folder)
}

/// Makes a folder and those above it, each synced into the folder that holds it.
pub(super) fn create_folder(path: &Path) -> Result<(), StoreError> {
    match fs::create_dir(path) {
        Ok(()) => path.parent().map_or(Ok(()), sync_folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), create_folder)?;
            match fs::create_dir(path) {
                Ok(()) => path.parent().map_or(Ok(()), sync_folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                Err(error) => Err(StoreError::io("create", path, error)),
            }
        }
        Err(error) => Err(StoreError::io("create", path, error)),
    }
}

/// The names in a folder, sorted, with what each is; empty when there is no such folder. Names that are
/// not Unicode show their unreadable parts as such: the store never makes any.
pub(super) fn list(path: &Path) -> Result<Vec<(String, fs::FileType)>, StoreError> {
    let folder = uninterrupted(|| fs::read_dir(path), is_interrupted);
    let Some(folder) = found(folder).at("list", path)? else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for item in folder {
        let item = item.at("list", path)?;
        let kind = item.file_type().at("list", path)?;
        names.push((item.file_name().to_string_lossy().into_owned(), kind));
    }
    names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Ok(names)
}

/// The folders in a folder, sorted; links and hidden ones are left out.
pub(super) fn list_folders(path: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = list(path)?;
    names.retain(|(name, kind)| kind.is_dir() && !name.starts_with('.'));
    Ok(names.into_iter().map(|(name, _)| name).collect())
}

/// Both digests of some content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digests {
    /// Size in bytes.
    pub(super) size: u64,
    /// BLAKE3.
    pub(super) blake3: Digest,
    /// SHA-256, 64 hex digits.
    pub(super) sha256: String,
}

/// Takes both digests of bytes.
pub(super) fn digests_of(bytes: &[u8]) -> Digests {
    Digests { size: bytes.len() as u64, blake3: Digest::of(bytes), sha256: sha256_hex(bytes) }
}

/// Takes both digests of a file in one pass.
pub(super) fn digests_of_file(path: &Path) -> io::Result<Digests> {
    let (mut blake3, mut sha256, mut size) = (StreamDigest::default(), StreamSha256::default(), 0);
    read_pieces(path, |piece| {
        blake3.update(piece);
        sha256.update(piece);
        size += piece.len() as u64;
    })?;
    Ok(Digests { size, blake3: blake3.finish(), sha256: sha256.finish() })
}

/// Takes the BLAKE3 digest of a file.
pub(super) fn blake3_of_file(path: &Path) -> io::Result<Digest> {
    let mut digest = StreamDigest::default();
    read_pieces(path, |piece| digest.update(piece))?;
    Ok(digest.finish())
}

fn read_pieces(path: &Path, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; 128 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => take(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Joins a path with forward slashes to a folder.
pub(super) fn join(folder: &Path, relative: &str) -> PathBuf {
    let mut path = folder.to_owned();
    path.extend(relative.split('/'));
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_digests_as_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let bytes = vec![7; 300_000];
        create(&path, &bytes).unwrap();
        assert_eq!(digests_of_file(&path).unwrap(), digests_of(&bytes));
        assert_eq!(blake3_of_file(&path).unwrap(), Digest::of(&bytes));
        assert_eq!(
            digests_of(b"abc").sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_file_is_never_overwritten_by_create() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        create(&path, b"first").unwrap();
        assert!(create(&path, b"second").is_err());
        replace(&path, &folder.path().join("new"), b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        assert_eq!(list(folder.path()).unwrap().len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_dead_process_wrote_is_written_anew() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let (inside, path) = (folder.path().join("a"), folder.path().join("a/x.toml"));
        let beside = folder.path().join("beside");
        create_folder(&inside).unwrap();
        let bytes = vec![7; 300_000];
        create(&path, &bytes).unwrap();
        let before = fs::metadata(&path).unwrap().ino();
        rewrite_all(&inside, &beside).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_ne!(fs::metadata(&path).unwrap().ino(), before);
        assert_eq!(list(&inside).unwrap().len(), 1);
    }

    #[test]
    fn folders_are_made_all_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = join(folder.path(), "a/b/c");
        create_folder(&path).unwrap();
        create_folder(&path).unwrap();
        assert_eq!(list_folders(&join(folder.path(), "a/b")).unwrap(), ["c"]);
        assert_eq!(list_folders(&folder.path().join("absent")).unwrap(), [""; 0]);
    }
}
