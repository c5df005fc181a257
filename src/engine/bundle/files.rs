//! Files of a bundle that people write: specs and what lies beside them, and data sets.

use crate::engine::error::Error;
use crate::ledger::layout;
use crate::store::StoreError;

use super::import::Bringing;

impl Bringing<'_> {
    /// A file of an experiment. One that is here stays as it is.
    pub(super) fn own(&mut self, path: &str) -> Result<(), Error> {
        match self.ledger.store.digest_at(path)? {
            None => self.unpacked.stage_file(&mut self.bundle, path, path)?,
            Some(there) => {
                self.bundle.check(path)?;
                if self.bundle.file(path).is_none_or(|file| file.blake3 != there) {
                    self.brought.kept.push(path.to_owned());
                }
                return Ok(());
            }
        }
        if is_command(path, &self.bundle.read(path)?) {
            self.brought.pending.push(path.to_owned());
        }
        self.brought.files.push(path.to_owned());
        Ok(())
    }

    /// A data set. Runs know theirs by content, so that one whose name is taken comes under another.
    pub(super) fn data(&mut self, path: &str) -> Result<(), Error> {
        let Some(wanted) = self.bundle.file(path).map(|file| file.blake3) else { return Ok(()) };
        let other = beside(path, &wanted.to_string());
        for target in [path, &other] {
            match self.ledger.store.digest_at(target)? {
                Some(there) if there == wanted => return Ok(self.bundle.check(path)?),
                Some(_) => {}
                None => {
                    self.unpacked.stage_file(&mut self.bundle, path, target)?;
                    if target == path {
                        self.brought.files.push(path.to_owned());
                    } else {
                        self.brought.renamed.push((path.to_owned(), target.to_owned()));
                    }
                    return Ok(());
                }
            }
        }
        Err(StoreError::Data { file: other, what: "is in the way of a data set; move it".into() }
            .into())
    }
}

/// The path of a file beside one that has another content: `data/a.csv` and `data/a-1f0c000000.csv`.
fn beside(path: &str, digest: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, ending) = match name.split_once('.') {
        Some((stem, ending)) => (stem, format!(".{ending}")),
        None => (name, String::new()),
    };
    format!("{folder}/{stem}-{}{ending}", &digest[..10])
}

/// Whether a file is a spec that executes a command.
fn is_command(path: &str, text: &[u8]) -> bool {
    let name = path.split('/').nth(2).filter(|_| path.matches('/').count() == 2);
    let table = || String::from_utf8_lossy(text).parse::<toml::Table>().ok();
    name.is_some_and(layout::is_spec) && table().is_some_and(|it| it.contains_key("command"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_set_goes_beside_another_of_its_name() {
        let digest = "1f0c0000001111";
        assert_eq!(beside("data/a.csv", digest), "data/a-1f0c000000.csv");
        assert_eq!(beside("data/x/a.csv.gz", digest), "data/x/a-1f0c000000.csv.gz");
        assert_eq!(beside("data/a", digest), "data/a-1f0c000000");
    }

    #[test]
    fn only_specs_with_commands_wait() {
        let command = b"[command]\nrun = [\"true\"]\n";
        assert!(is_command("experiments/e/steps.toml", command));
        for (path, text) in [
            ("experiments/e/steps.toml", &b"[train]\n"[..]),
            ("experiments/e/steps.toml", b"[command"),
            ("experiments/e/experiment.toml", command),
            ("experiments/e/x/steps.toml", command),
        ] {
            assert!(!is_command(path, text), "{path}");
        }
    }
}
