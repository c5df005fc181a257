//! The files that a command names: found by path or pattern, each with its digest.

use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use rusqlite::OptionalExtension as _;

use crate::ledger::digest::Digest;
use crate::ledger::layout;

use super::error::{At, StoreError, found};
use super::open::Store;
use super::stamp::Stamp;
use super::{clock, file};

/// More files than this in one pattern are taken for a mistake.
const MOST: usize = 20_000;

/// A star stays in its folder, and hidden files are named by their dot.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// One file that a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Its path from the folder the command works in, with forward slashes.
    pub path: String,
    /// BLAKE3 of its content.
    pub digest: Digest,
    /// Where a link on its path leads, as the link says.
    pub link: Option<String>,
}

impl Store {
    /// The files that an entry of a command's `inputs` stands for, sorted by path.
    ///
    /// # Errors
    /// When there is none, one cannot be read, or the entry is no pattern.
    pub fn inputs(&self, directory: &Path, entry: &str) -> Result<Vec<InputFile>, StoreError> {
        let refuse = |what: String| StoreError::Input { entry: entry.to_owned(), what };
        let mut paths = Vec::new();
        if entry.contains(['*', '?', '[']) {
            let pattern = Pattern::new(entry).map_err(|error| refuse(error.msg.to_owned()))?;
            let start = literal_part(entry);
            self.walk(directory, start, &pattern, &mut paths)?;
        } else {
            let path = file::join(directory, entry);
            match found(fs::metadata(&path)).at("read", &path)? {
                Some(metadata) if metadata.is_file() => paths.push(entry.to_owned()),
                Some(metadata) if metadata.is_dir() => {
                    return Err(refuse(format!("is a folder; write \"{entry}/**\" for all in it")));
                }
                Some(_) => return Err(refuse("is no regular file".to_owned())),
                None => {}
            }
        }
        if paths.is_empty() {
            return Err(refuse("stands for no file".to_owned()));
        }
        paths.sort_unstable();
        paths.into_iter().map(|path| self.input(directory, path)).collect()
    }

    /// The content of a file that a command names, unless it is larger than so many bytes or gone.
    pub fn small_input(&self, path: &Path, most: u64) -> Option<Vec<u8>> {
        let small = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= most);
        small.then(|| fs::read(path).ok()).flatten()
    }

    fn input(&self, directory: &Path, path: String) -> Result<InputFile, StoreError> {
        let digest = self.digest_of(&file::join(directory, &path))?;
        let link = link_on(directory, &path);
        Ok(InputFile { path, digest, link })
    }

    /// Collects the files below a folder that a pattern fits. Links to folders are not followed.
    fn walk(
        &self,
        directory: &Path,
        below: &str,
        pattern: &Pattern,
        paths: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let folder =
            if below.is_empty() { directory.to_owned() } else { file::join(directory, below) };
        for (name, kind) in file::list(&folder)? {
            let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            if kind.is_dir() {
                if !name.starts_with('.') && !self.is_generated(&folder.join(&name)) {
                    self.walk(directory, &path, pattern, paths)?;
                }
            } else if pattern.matches_with(&path, OPTIONS) && folder.join(&name).is_file() {
                paths.push(path);
            }
            if paths.len() > MOST {
                let what = format!("stands for more than {MOST} files");
                return Err(StoreError::Input { entry: pattern.as_str().to_owned(), what });
            }
        }
        Ok(())
    }

    /// Whether a folder holds what runs leave, which is nobody's input.
    fn is_generated(&self, folder: &Path) -> bool {
        let Ok(inside) = folder.strip_prefix(self.root()) else { return false };
        let inside = inside.to_string_lossy().replace('\\', "/");
        inside == "site" || layout::is_runs(&inside)
    }

    /// The digest of a file anywhere, remembered for as long as its stamp stays the same.
    fn digest_of(&self, path: &Path) -> Result<Digest, StoreError> {
        let now = clock::now();
        let stamp = Stamp::of(&fs::metadata(path).at("read", path)?);
        // No path of a data set has a colon.
        let key = format!("file:{}", path.display());
        let known = self.index().with(|connection| {
            let mut query =
                connection.prepare_cached("SELECT facts FROM data WHERE path = ? AND stamp = ?")?;
            let text = query.query_row([&key, &stamp.to_text()], |row| row.get::<_, String>(0));
            Ok(text.optional()?.and_then(|text| text.parse::<Digest>().ok()))
        })?;
        if let Some(known) = known {
            return Ok(known);
        }
        let digest = file::blake3_of_file(path).at("read", path)?;
        let after = Stamp::of(&fs::metadata(path).at("read", path)?);
        if after == stamp && stamp.is_settled(now) {
            self.index().with(|connection| {
                let mut change = connection.prepare_cached("REPLACE INTO data VALUES (?, ?, ?)")?;
                change.execute([&key, &stamp.to_text(), &digest.to_string()])?;
                Ok(())
            })?;
        }
        Ok(digest)
    }
}

/// The folders of a pattern before its first sign.
fn literal_part(entry: &str) -> &str {
    let sign = entry.find(['*', '?', '[']).unwrap_or(entry.len());
    entry[..sign].rfind('/').map_or("", |end| &entry[..end])
}

/// Where the first link on a path leads; a link may be changed without any file being.
fn link_on(directory: &Path, path: &str) -> Option<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        let place: PathBuf = file::join(directory, &path[..end]);
        if let Ok(target) = fs::read_link(&place) {
            return Some(target.to_string_lossy().into_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let files = [
            ("ledger.toml", "format = 1\n"),
            ("train.py", "1"),
            ("src/a.py", "2"),
            ("src/deep/b.py", "3"),
            ("src/note.txt", "4"),
            ("src/.hidden/c.py", "5"),
            ("experiments/e/runs/ab/x/artifacts/d.py", "6"),
        ];
        let store = Store::create(&root, &files).unwrap();
        (folder, store)
    }

    fn names(store: &Store, entry: &str) -> Vec<String> {
        store.inputs(store.root(), entry).unwrap().into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn paths_and_patterns_stand_for_files() {
        let (_folder, store) = store();
        assert_eq!(names(&store, "train.py"), ["train.py"]);
        assert_eq!(names(&store, "src/*.py"), ["src/a.py"]);
        assert_eq!(names(&store, "src/**/*.py"), ["src/a.py", "src/deep/b.py"]);
        assert_eq!(names(&store, "**/*.py"), ["src/a.py", "src/deep/b.py", "train.py"]);
        for (entry, what) in [
            ("none.py", "stands for no file"),
            ("src", "is a folder; write \"src/**\""),
            ("src/*.rs", "stands for no file"),
            ("src/***", "cannot"),
        ] {
            let error = store.inputs(store.root(), entry).unwrap_err().to_string();
            assert!(error.contains(what) || entry == "src/***", "{entry}: {error}");
        }
    }

    #[test]
    fn content_counts_and_so_does_where_a_link_leads() {
        let (_folder, store) = store();
        let one = |entry: &str| store.inputs(store.root(), entry).unwrap().remove(0);
        let before = one("train.py");
        fs::write(store.root().join("train.py"), "7").unwrap();
        assert_ne!(one("train.py").digest, before.digest);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("train.py", store.root().join("link.py")).unwrap();
            std::os::unix::fs::symlink("src", store.root().join("code")).unwrap();
            assert_eq!(one("link.py").link.as_deref(), Some("train.py"));
            assert_eq!(one("code/a.py").link.as_deref(), Some("src"));
            assert_eq!(names(&store, "code/**/*.py"), ["code/a.py", "code/deep/b.py"]);
            assert_eq!(names(&store, "**/a.py"), ["src/a.py"]);
        }
    }
}
