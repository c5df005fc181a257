//! What the last snapshot holds, so that only what differs from it is looked at.

use git2::{ObjectType, Oid, Repository, Tree};

use super::error::GitError;
use super::obstacle;
use super::reference::{ref_name, target};
use super::repo::Repo;
use super::snapshot::Mode;
use super::tree;

impl Repo {
    /// The names of what lies directly in each of some folders of the ledger, sorted; empty for a
    /// folder that the last snapshot does not hold.
    pub fn names(
        &self,
        mode: Mode,
        writer: &str,
        folders: &[String],
    ) -> Result<Vec<Vec<String>>, GitError> {
        self.in_base(mode, writer, |repository, base| {
            folders.iter().map(|folder| self.names_in(repository, base, folder)).collect()
        })
    }

    /// The paths of all files below some folders of the ledger, relative to it.
    pub fn files(
        &self,
        mode: Mode,
        writer: &str,
        folders: &[String],
    ) -> Result<Vec<String>, GitError> {
        self.in_base(mode, writer, |repository, base| {
            let mut files = Vec::new();
            for folder in folders {
                let Ok(path) = self.place.tree_path(folder.as_ref()) else { continue };
                files.extend(tree::files_under(repository, base, &path)?);
            }
            let inside = files.iter().filter_map(|path| self.place.in_ledger(path));
            Ok(inside.map(str::to_owned).collect())
        })
    }

    /// Number and bytes of the files that the last snapshot holds below some folders of the ledger, before
    /// compression.
    pub fn size_of(
        &self,
        mode: Mode,
        writer: &str,
        folders: &[String],
    ) -> Result<(usize, u64), GitError> {
        self.in_base(mode, writer, |repository, base| {
            let (mut files, mut bytes, objects) = (0, 0, repository.odb()?);
            for folder in folders {
                let Ok(path) = self.place.tree_path(folder.as_ref()) else { continue };
                for file in tree::files_under(repository, base, &path)? {
                    let entry = base.get_path(file.as_ref())?;
                    files += 1;
                    bytes += objects.read_header(entry.id())?.0 as u64;
                }
            }
            Ok((files, bytes))
        })
    }

    /// The commit that the next snapshot follows, 40 hex digits; `None` before the first.
    pub fn tip(&self, mode: Mode, writer: &str) -> Result<Option<String>, GitError> {
        Ok(self.base(&self.open()?, mode, writer)?.map(|tip| tip.to_string()))
    }

    fn base(
        &self,
        repository: &Repository,
        mode: Mode,
        writer: &str,
    ) -> Result<Option<Oid>, GitError> {
        match mode {
            Mode::Branch => Ok(obstacle::position(repository).ok().and_then(|it| it.tip)),
            Mode::Ref => {
                target(repository, &ref_name(writer)?).map_err(self.failed("read the snapshot ref"))
            }
        }
    }

    /// Works on the tree that the next snapshot starts from.
    fn in_base<T>(
        &self,
        mode: Mode,
        writer: &str,
        work: impl Fn(&Repository, &Tree<'_>) -> Result<T, git2::Error>,
    ) -> Result<T, GitError> {
        let repository = self.open()?;
        let tip = self.base(&repository, mode, writer)?;
        let read = || work(&repository, &tree::of(&repository, tip)?);
        read().map_err(self.failed("read the last snapshot"))
    }

    fn names_in(
        &self,
        repository: &Repository,
        base: &Tree<'_>,
        folder: &str,
    ) -> Result<Vec<String>, git2::Error> {
        let Ok(path) = self.place.tree_path(folder.as_ref()) else { return Ok(Vec::new()) };
        let entry = match base.get_path(path.as_ref()) {
            Ok(entry) if entry.kind() == Some(ObjectType::Tree) => entry,
            _ => return Ok(Vec::new()),
        };
        let folder = repository.find_tree(entry.id())?;
        Ok(folder.iter().filter_map(|entry| entry.name().ok().map(str::to_owned)).collect())
    }
}
