//! Publishing pages: only what differs is written, and only what was written before is removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::ledger::layout::{self, PathError};
use crate::ledger::manifest::is_inside;

use super::error::{At, StoreError, found};
use super::file;
use super::lease;
use super::open::Store;

/// What publishing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Number of pages written.
    pub written: usize,
    /// Number of pages that were there already.
    pub unchanged: usize,
    /// Number of pages removed because nobody asks for them any more.
    pub removed: usize,
}

/// The list of files the store has written into folders of pages, one path a line.
struct Written {
    path: PathBuf,
    lines: BTreeSet<String>,
    /// Number of bytes up to the end of the last whole line.
    whole: u64,
    /// The list, opened for further lines.
    file: Option<File>,
}

/// Pages on their way into a folder; what is there stays until [`Publication::finish`].
pub struct Publication {
    folder: PathBuf,
    /// The folder's path in the ledger; `None` when it lies elsewhere.
    prefix: Option<String>,
    list: Written,
    asked: BTreeSet<String>,
    published: Published,
    _lock: File,
}

/// The right to build the site, given back when it is dropped.
#[derive(Debug)]
pub struct SiteTurn {
    _lock: File,
}

impl Store {
    /// Waits for the right to build the site, from the reading of what it shows on.
    pub fn site_turn(&self) -> Result<SiteTurn, StoreError> {
        Ok(SiteTurn { _lock: lease::wait(&self.state("site-turn.lock"))? })
    }

    /// Brings a folder, such as `site`, to hold some pages: path with forward slashes, and content.
    ///
    /// Pages whose bytes are there already are not touched. Files of earlier pages are removed, files of
    /// anybody else never; a folder outside the ledger keeps its earlier pages too.
    pub fn publish(
        &self,
        folder: &Path,
        pages: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<Published, StoreError> {
        let mut publication = self.publication(folder)?;
        for (page, bytes) in pages {
            publication.put(page, &bytes)?;
        }
        publication.finish(&|_| false)
    }

    /// Starts to do what [`Self::publish`] does, page by page.
    pub fn publication(&self, folder: &Path) -> Result<Publication, StoreError> {
        let lock = lease::wait(&self.state("site.lock"))?;
        let folder = self.root().join(folder);
        let list = Written::read(self.state("site-files"))?;
        let prefix = self.prefix(&folder);
        let (asked, published) = (BTreeSet::new(), Published::default());
        Ok(Publication { folder, prefix, list, asked, published, _lock: lock })
    }

    /// The files that [`Self::publish`] wrote into a folder of the ledger and that lie there: path below it
    /// and content.
    pub fn published(&self, folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let folder = self.root().join(folder);
        let list = Written::read(self.state("site-files"))?;
        let Some(prefix) = self.prefix(&folder) else { return Ok(BTreeMap::new()) };
        let mut files = BTreeMap::new();
        for line in &list.lines {
            let page = line.strip_prefix(&prefix).and_then(|rest| rest.strip_prefix('/'));
            if let Some(page) = page.filter(|page| is_inside(page)) {
                let path = file::join(&folder, page);
                if let Some(bytes) = found(fs::read(&path)).at("read", &path)? {
                    files.insert(page.to_owned(), bytes);
                }
            }
        }
        Ok(files)
    }

    /// The folder's path in the ledger; `None` when it lies elsewhere.
    fn prefix(&self, folder: &Path) -> Option<String> {
        let below = folder.strip_prefix(self.root()).ok()?;
        let parts: Option<Vec<_>> = below.iter().map(|part| part.to_str()).collect();
        let prefix = parts?.join("/");
        (is_inside(&prefix) && !prefix.starts_with(layout::STATE)).then_some(prefix)
    }
}

/// Writes a file the user asked for, wherever it is to lie, unless its bytes are there already.
pub fn write_outside(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let there = found(fs::symlink_metadata(path)).at("read", path)?;
    // A link or a device is written through, for a rename would put a file in its place.
    if there.is_some_and(|there| !there.is_file()) {
        return fs::write(path, bytes).at("write", path);
    }
    write_if_different(path, bytes).map(|_| ())
}

/// Writes a page in one step unless its bytes are there already.
fn write_if_different(path: &Path, bytes: &[u8]) -> Result<bool, StoreError> {
    let same_size = found(fs::metadata(path))
        .at("read", path)?
        .is_some_and(|there| there.is_file() && there.len() == bytes.len() as u64);
    if same_size && fs::read(path).at("read", path)? == bytes {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(path);
    // Pages can be made again, so they are renamed into place but not synced.
    let beside = folder.join(".fairledger-page");
    if let Err(error) = fs::write(&beside, bytes) {
        if error.kind() != std::io::ErrorKind::NotFound {
            return Err(StoreError::io("write", &beside, error));
        }
        fs::create_dir_all(folder).at("create", folder)?;
        fs::write(&beside, bytes).at("write", &beside)?;
    }
    fs::rename(&beside, path).at("replace", path)?;
    Ok(true)
}

impl Publication {
    /// Writes a page in one step unless its bytes are there already; whether it was written.
    pub fn put(&mut self, page: String, bytes: &[u8]) -> Result<bool, StoreError> {
        if !is_inside(&page) {
            return Err(PathError::Outside(page).into());
        }
        let path = file::join(&self.folder, &page);
        if let Some(prefix) = &self.prefix {
            self.list.add(format!("{prefix}/{page}"))?;
        }
        let is_written = write_if_different(&path, bytes)?;
        if is_written {
            self.published.written += 1;
        } else {
            self.published.unchanged += 1;
        }
        self.asked.insert(page);
        Ok(is_written)
    }

    /// Removes the files of earlier pages, but for those that are `kept`: they are not looked at.
    pub fn finish(mut self, kept: &dyn Fn(&str) -> bool) -> Result<Published, StoreError> {
        if let Some(prefix) = &self.prefix {
            let asked = |page: &str| self.asked.contains(page) || kept(page);
            let prefix = format!("{prefix}/");
            self.published.removed = self.list.remove_others(&self.folder, &prefix, &asked)?;
        }
        Ok(self.published)
    }
}

impl Written {
    fn read(path: PathBuf) -> Result<Self, StoreError> {
        let bytes = found(fs::read(&path)).at("read", &path)?.unwrap_or_default();
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(&bytes[..whole]);
        let lines = text.lines().map(str::to_owned).collect();
        Ok(Self { path, lines, whole: whole as u64, file: None })
    }

    /// Adds a file before it is written, so that a crash leaves no file that is not listed.
    fn add(&mut self, line: String) -> Result<(), StoreError> {
        if self.lines.contains(&line) {
            return Ok(());
        }
        let mut file = if let Some(file) = self.file.take() {
            file
        } else {
            let mut options = OpenOptions::new();
            let file = options.append(true).create(true).open(&self.path);
            let file = file.at("open", &self.path)?;
            // A line that a crash tore must not become the beginning of the next.
            file.set_len(self.whole).at("write", &self.path)?;
            file
        };
        file.write_all(format!("{line}\n").as_bytes()).at("write", &self.path)?;
        self.file = Some(file);
        self.lines.insert(line);
        Ok(())
    }

    /// Removes the listed files below a folder that were not asked for, and the folders this empties.
    fn remove_others(
        &mut self,
        folder: &Path,
        prefix: &str,
        asked: &dyn Fn(&str) -> bool,
    ) -> Result<usize, StoreError> {
        let below = self.lines.iter().filter_map(|line| line.strip_prefix(prefix));
        let orphans: Vec<String> = below.filter(|page| !asked(page)).map(str::to_owned).collect();
        if orphans.is_empty() {
            return Ok(0);
        }
        let mut removed = 0;
        for page in orphans {
            self.lines.remove(&format!("{prefix}{page}"));
            if !is_inside(&page) {
                continue;
            }
            let path = file::join(folder, &page);
            if found(fs::remove_file(&path)).at("remove", &path)?.is_some() {
                remove_empty(&path, folder);
                removed += 1;
            }
        }
        let text = self.lines.iter().fold(String::new(), |text, line| text + line + "\n");
        file::replace(&self.path, &self.path.with_extension("new"), text.as_bytes())?;
        Ok(removed)
    }
}

/// Removes the folders above a removed file as far as they are empty.
fn remove_empty(path: &Path, top: &Path) {
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != top) {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(layout::LEDGER), "format = 1\n").unwrap();
        let store = Store::open(folder.path()).unwrap();
        (folder, store)
    }

    fn pages(pages: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
        pages.iter().map(|(page, text)| ((*page).into(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn only_differences_are_written_and_only_own_orphans_removed() {
        let (folder, store) = store();
        let site = Path::new("site");
        let first = pages(&[("index.html", "a"), ("runs/x.html", "b"), ("runs/y.html", "c")]);
        let published = store.publish(site, first).unwrap();
        assert_eq!(published, Published { written: 3, ..Published::default() });
        fs::write(folder.path().join("site/CNAME"), "mine").unwrap();

        let second = store.publish(site, pages(&[("index.html", "A"), ("new.html", "d")])).unwrap();
        assert_eq!(second, Published { written: 2, unchanged: 0, removed: 2 });
        let left: Vec<_> = file::list(&folder.path().join("site")).unwrap();
        let left: Vec<_> = left.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(left, ["CNAME", "index.html", "new.html"]);

        let third = store.publish(site, pages(&[("index.html", "A"), ("new.html", "d")])).unwrap();
        assert_eq!(third, Published { unchanged: 2, ..Published::default() });
    }

    #[test]
    fn two_folders_do_not_take_each_other_for_orphans() {
        let (folder, store) = store();
        store.publish(Path::new("site"), pages(&[("a.html", "a")])).unwrap();
        store.publish(Path::new("other"), pages(&[("b.html", "b")])).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        store.publish(elsewhere.path(), pages(&[("c.html", "c")])).unwrap();
        assert!(folder.path().join("site/a.html").exists());
        assert!(folder.path().join("other/b.html").exists());
        assert!(elsewhere.path().join("c.html").exists());
    }

    #[test]
    fn a_page_never_leads_out() {
        let (_folder, store) = store();
        assert!(store.publish(Path::new("site"), pages(&[("../x", "a")])).is_err());
    }
}
