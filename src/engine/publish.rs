//! Publishing the site where others look: a branch of its own, or a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::git::PagesRequest;
use crate::ledger::fair::citation::CITATION;
use crate::ledger::fair::sitemap::sitemap;
use crate::report;

use super::error::Error;
use super::fair::hide;
use super::ledger::Ledger;
use super::surroundings::now;

/// What publishing did.
#[derive(Clone, Debug)]
pub enum PublishedSite {
    /// The files went into a folder.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Number of files that changed.
        written: usize,
        /// Number of files that stayed as they were.
        unchanged: usize,
    },
    /// The files are on a branch.
    Branch {
        /// Its name.
        name: String,
        /// The new commit; `None` when the branch held all of it already.
        commit: Option<String>,
        /// Number of files.
        files: usize,
    },
}

impl Ledger {
    /// Brings the site up to date and copies it into a folder. From an `anonymous` one the names of users and
    /// machines are left out, and with them logs.
    pub fn publish_into(&self, folder: &Path, anonymous: bool) -> Result<PublishedSite, Error> {
        let files = self.site_files(anonymous)?;
        let published = self.store.publish(folder, files)?;
        Ok(PublishedSite::Folder {
            folder: folder.to_owned(),
            written: published.written,
            unchanged: published.unchanged,
        })
    }

    /// Brings the site up to date and makes it the content of a branch, which with a remote is pushed;
    /// `anonymous` as for a folder.
    pub fn publish_branch(
        &self,
        branch: &str,
        remote: Option<&str>,
        anonymous: bool,
    ) -> Result<PublishedSite, Error> {
        let repository = self.repository()?;
        let repository =
            repository.ok_or_else(|| Error::NoRepository(self.root().display().to_string()))?;
        let files = self.site_files(anonymous)?;
        let request = PagesRequest { branch, files: &files, time: now() };
        let commit = repository.publish(&request)?;
        if let Some(remote) = remote {
            repository.push_branch(branch, remote)?;
        }
        Ok(PublishedSite::Branch { name: branch.to_owned(), commit, files: files.len() })
    }

    /// Every file of the published site: the pages, a report of each experiment in Markdown, how to cite it,
    /// where its pages are, and the mark that hosts are to serve them as they are.
    fn site_files(&self, anonymous: bool) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        self.must_be_declared()?;
        let (view, mut files) = if anonymous {
            let mut view = self.view()?;
            view.experiments.iter_mut().flat_map(|it| &mut it.runs).for_each(hide);
            let pages = self.pages_of(&view, true)?;
            (view, pages.into_iter().map(|page| (page.path, page.bytes)).collect())
        } else {
            self.build_site()?;
            (self.outline()?, self.store.published(Path::new(super::site::FOLDER))?)
        };
        for experiment in &view.experiments {
            let pages = report::markdown_report(experiment)?;
            files.extend(pages.into_iter().map(|page| (page.path, page.bytes)));
        }
        let runs = view.experiments.iter().flat_map(|experiment| &experiment.runs);
        files.insert(CITATION.into(), self.citation(runs.map(|run| run.ended).max())?);
        files.extend(sitemap(&files, &view.about.url));
        files.insert(".nojekyll".into(), Vec::new());
        Ok(files)
    }
}
