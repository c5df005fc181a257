//! Files that the user asked for, wherever they are to lie.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::error::{At, StoreError, found};

/// Writes a file whole or not at all: what `fill` writes stands beside it until it is complete.
///
/// # Errors
/// Those of `fill`, and of the disk; what stood there before then still does.
pub fn write_file<E: From<StoreError>>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    let there = found(fs::metadata(path)).at("read", path)?;
    // A pipe or a terminal is written to as it is: it cannot be replaced.
    let is_file = there.is_none_or(|there| there.is_file());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let beside = if is_file { path.with_file_name(name) } else { path.to_owned() };
    let file = File::options().write(true).create(is_file).truncate(is_file).open(&beside);
    let mut output = BufWriter::new(file.at("create", &beside)?);
    let written = fill(&mut output)
        .and_then(|()| {
            Ok(output
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error)
                .at("write", &beside)?)
        })
        .and_then(|_| {
            if is_file { Ok(fs::rename(&beside, path).at("replace", path)?) } else { Ok(()) }
        });
    if written.is_err() && is_file {
        drop(fs::remove_file(&beside));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let write = |text: &str, end: Result<(), StoreError>| {
            write_file(&path, |output| {
                output.write_all(text.as_bytes()).at("write", &path)?;
                end
            })
        };
        write("first", Ok(())).unwrap();
        assert!(write("second", Err(StoreError::Request("no".into()))).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        write("third", Ok(())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "third");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
