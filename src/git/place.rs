//! Where the ledger lies in its repository.

use std::path::{Component, Path, PathBuf};

/// The working directory of a repository and the ledger's folder in it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The repository's working directory, canonical.
    pub(super) workdir: PathBuf,
    /// The ledger's path in it, with forward slashes; empty when the two are one.
    pub(super) prefix: String,
}

/// Why a path has no place in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// It leads out of the ledger.
    Outside,
    /// Its name is not Unicode.
    NotUnicode,
    /// It is the repository's or the program's own state.
    Private,
}

impl Place {
    /// Finds the ledger in a working directory; `None` when it is not inside, or not Unicode.
    pub(super) fn find(workdir: &Path, ledger: &Path) -> Option<Self> {
        let inside = ledger.strip_prefix(workdir).ok()?;
        Some(Self { workdir: workdir.to_owned(), prefix: slashed(inside).ok()? })
    }

    /// The path in the repository's trees of a path in the ledger.
    pub(super) fn tree_path(&self, in_ledger: &Path) -> Result<String, Misplaced> {
        let inside = slashed(in_ledger)?;
        Ok(match (self.prefix.is_empty(), inside.is_empty()) {
            (true, _) => inside,
            (false, true) => self.prefix.clone(),
            (false, false) => format!("{}/{inside}", self.prefix),
        })
    }

    /// The path in the ledger of a path in the repository's trees, if it is there.
    pub(super) fn in_ledger<'a>(&self, tree_path: &'a str) -> Option<&'a str> {
        if self.prefix.is_empty() {
            return Some(tree_path);
        }
        tree_path.strip_prefix(&self.prefix)?.strip_prefix('/')
    }

    /// The file that a path in the repository's trees stands for.
    pub(super) fn on_disk(&self, tree_path: &str) -> PathBuf {
        self.workdir.join(tree_path)
    }
}

/// Whether a name is private to git or to this program, in any spelling a file system may fold.
pub(super) fn is_private(name: &str) -> bool {
    let name = name.split(':').next().unwrap_or(name).trim_end_matches(['.', ' ']);
    [".git", "git~1", ".fairledger"].iter().any(|private| name.eq_ignore_ascii_case(private))
}

/// A relative path with forward slashes and nothing but names in it.
fn slashed(path: &Path) -> Result<String, Misplaced> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => {
                let name = name.to_str().ok_or(Misplaced::NotUnicode)?;
                if is_private(name) {
                    return Err(Misplaced::Private);
                }
                names.push(name);
            }
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(Misplaced::Outside);
            }
        }
    }
    Ok(names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_gain_and_lose_the_prefix() {
        let place = Place::find(Path::new("/home/ada"), Path::new("/home/ada/my/ledger")).unwrap();
        let path = place.tree_path(Path::new("./data/a.csv")).unwrap();
        assert_eq!(path, "my/ledger/data/a.csv");
        assert_eq!(place.in_ledger(&path), Some("data/a.csv"));
        assert_eq!(place.in_ledger("my/ledgers/x"), None);
        assert_eq!(place.tree_path(Path::new("")).unwrap(), "my/ledger");
    }

    #[test]
    fn nothing_outside_and_nothing_private() {
        let place = Place::find(Path::new("/home/ada"), Path::new("/home/ada")).unwrap();
        let cases = [
            ("../x", Misplaced::Outside),
            ("/etc/passwd", Misplaced::Outside),
            (".git/config", Misplaced::Private),
            ("data/.GIT/config", Misplaced::Private),
            (".git. /config", Misplaced::Private),
            (".fairledger/writer", Misplaced::Private),
        ];
        for (path, expected) in cases {
            assert_eq!(place.tree_path(Path::new(path)), Err(expected), "{path}");
        }
        assert_eq!(place.tree_path(Path::new(".gitignore")).as_deref(), Ok(".gitignore"));
        assert!(Place::find(Path::new("/home/ada"), Path::new("/elsewhere")).is_none());
    }
}
