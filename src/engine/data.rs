//! Looking into a data file.

use std::fs::File;
use std::path::Path;

use crate::ledger::data_view::DataView;
use crate::ledger::source::Source;
use crate::train::{self, TrainError};

use super::error::Error;
use super::ledger::Ledger;

/// What is in a data file, and which specs use it where it lies in a ledger.
pub fn data(path: &Path) -> Result<DataView, Error> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|source| Error::File { path: name.clone(), source })?;
    let view = check_name(path, &mut file).and_then(|()| train::summary(Box::new(file)));
    let mut view = view.map_err(|source| Error::Rows { name: name.clone(), source })?;
    view.path = name;
    let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = absolute.parent()
        && let Ok(ledger) = Ledger::open(folder)
        && let Ok(inside) = absolute.strip_prefix(ledger.root())
    {
        view.path = inside.to_string_lossy().replace('\\', "/");
        view.specs = ledger.specs_on(&view.path)?;
    }
    Ok(view)
}

/// Refuses a file that is called a Parquet file and is none.
pub(super) fn check_name(path: &Path, file: &mut File) -> Result<(), TrainError> {
    let extension = path.extension();
    let named = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    if named && !train::is_parquet(file).map_err(TrainError::Read)? {
        return Err(TrainError::NoParquet);
    }
    Ok(())
}

impl Ledger {
    /// The paths of the specs whose data is a file of the ledger; one that cannot be read is none.
    fn specs_on(&self, data: &str) -> Result<Vec<String>, Error> {
        let uses = |file: &String| {
            let text = self.store.read_text(file).ok()?;
            let source = Source::parse(file, &text).ok()?;
            let path = source.table.get("data")?.get("path")?.as_str()?;
            (path == data).then_some(())
        };
        let files = self.select(&[])?.into_iter().map(|spec| spec.path());
        Ok(files.filter(|file| uses(file).is_some()).collect())
    }
}
