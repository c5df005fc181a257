//! Trees with some files changed, built without reading the rest.

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult};

use super::change::Changes;

/// The tree of a commit, or the empty one before the first.
pub(super) fn of(repository: &Repository, commit: Option<Oid>) -> Result<Tree<'_>, git2::Error> {
    match commit {
        Some(commit) => repository.find_commit(commit)?.tree(),
        None => repository.find_tree(repository.treebuilder(None)?.write()?),
    }
}

/// The tree after some changes.
///
/// Removals come first in a step of their own, because one step cannot turn a file into a folder.
pub(super) fn with(
    repository: &Repository,
    base: &Tree<'_>,
    changes: &Changes,
) -> Result<Oid, git2::Error> {
    let mut remove = TreeUpdateBuilder::new();
    for path in &changes.removed {
        remove.remove(path.as_str());
    }
    let thinned = repository.find_tree(remove.create_updated(repository, base)?)?;
    let mut write = TreeUpdateBuilder::new();
    for (path, file) in &changes.written {
        write.upsert(path.as_str(), file.id, file.mode);
    }
    write.create_updated(repository, &thinned)
}

/// The paths of all files and links in a folder of a tree; none when it is no folder.
pub(super) fn files_under(
    repository: &Repository,
    tree: &Tree<'_>,
    path: &str,
) -> Result<Vec<String>, git2::Error> {
    let mut files = Vec::new();
    let (folder, start) = if path.is_empty() {
        (tree.clone(), String::new())
    } else {
        match tree.get_path(std::path::Path::new(path)) {
            Ok(entry) if entry.kind() == Some(ObjectType::Tree) => {
                (repository.find_tree(entry.id())?, format!("{path}/"))
            }
            _ => return Ok(files),
        }
    };
    folder.walk(TreeWalkMode::PreOrder, |inside, entry| {
        if let (Some(ObjectType::Blob), Ok(name)) = (entry.kind(), entry.name()) {
            files.push(format!("{start}{inside}{name}"));
        }
        TreeWalkResult::Ok
    })?;
    Ok(files)
}

/// Whether a tree holds a symbolic link or a submodule under this mode.
pub(super) fn is_link(mode: i32) -> bool {
    mode == i32::from(FileMode::Link) || mode == i32::from(FileMode::Commit)
}
