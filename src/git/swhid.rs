//! The ids that git gives contents and folders, without writing any object.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid};

/// A file as git would carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The id of its content, 40 hex digits, as [`blob`] gives it.
    pub blob: String,
    /// Whether it may be executed.
    pub executable: bool,
}

/// The id of a file's content, 40 hex digits; `None` only when libgit2 cannot hash.
pub fn blob(bytes: &[u8]) -> Option<String> {
    Oid::hash_object(ObjectType::Blob, bytes).ok().map(|id| id.to_string())
}

/// The id of a folder that holds exactly these files, by path with forward slashes; `None` when a path or
/// an id is none.
pub fn folder(files: &BTreeMap<String, Carried>) -> Option<String> {
    tree(files.iter().map(|(path, file)| (path.as_str(), file)).collect()).map(|id| id.to_string())
}

fn tree(files: Vec<(&str, &Carried)>) -> Option<Oid> {
    let mut entries: BTreeMap<Vec<u8>, (&'static str, String, Oid)> = BTreeMap::new();
    let mut folders: BTreeMap<&str, Vec<(&str, &Carried)>> = BTreeMap::new();
    for (path, file) in files {
        if path.is_empty() {
            return None;
        }
        if let Some((folder, rest)) = path.split_once('/') {
            folders.entry(folder).or_default().push((rest, file));
        } else {
            let mode = if file.executable { "100755" } else { "100644" };
            let id = Oid::from_str(&file.blob).ok()?;
            entries.insert(path.as_bytes().to_vec(), (mode, path.to_owned(), id));
        }
    }
    for (name, files) in folders {
        // Git sorts a folder as if its name ended in a slash.
        entries.insert(format!("{name}/").into_bytes(), ("40000", name.to_owned(), tree(files)?));
    }
    let mut bytes = Vec::new();
    for (mode, name, id) in entries.into_values() {
        bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        bytes.extend_from_slice(id.as_bytes());
    }
    Oid::hash_object(ObjectType::Tree, &bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_those_of_git() {
        // Known to everybody who ever made an empty file and an empty tree.
        assert_eq!(blob(b"").unwrap(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(folder(&BTreeMap::new()).unwrap(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }

    #[test]
    fn a_folder_has_the_id_that_libgit2_writes() {
        let folder_on_disk = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init(folder_on_disk.path()).unwrap();
        let mut files = BTreeMap::new();
        let mut builder = git2::build::TreeUpdateBuilder::new();
        for (path, executable) in [("a.b/c", true), ("a/b", false), ("a/c/d", false), ("ab", false)]
        {
            let id = repository.blob(path.as_bytes()).unwrap();
            let mode =
                if executable { git2::FileMode::BlobExecutable } else { git2::FileMode::Blob };
            builder.upsert(path, id, mode);
            files.insert(
                path.to_owned(),
                Carried { blob: blob(path.as_bytes()).unwrap(), executable },
            );
        }
        let empty =
            repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let written = builder.create_updated(&repository, &empty).unwrap();
        assert_eq!(folder(&files).unwrap(), written.to_string());
        assert_eq!(folder(&[(String::new(), files["ab"].clone())].into()), None);
    }
}
