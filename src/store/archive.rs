//! Folders and archives that the user asked for, wherever they are to lie.

use std::io::Write;
use std::path::Path;

use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime, System};

use super::error::{At, StoreError, found};
use super::file;
use super::outside::write_file;
use super::publish::write_outside;

/// Files on their way out, read one after the other: path with forward slashes, and content.
type Files<'a, E> = &'a mut dyn Iterator<Item = Result<(String, Vec<u8>), E>>;

/// Writes files into a folder or, where the path ends in `.zip`, into an archive; gives their number.
///
/// The same files give the same archive: it holds no time, owner or mode. An archive is written whole or not at
/// all. A folder keeps what else is in it, but one that is not empty must hold `mark`, for else it is somebody's own.
///
/// # Errors
/// Those of the files, of the disk, and a folder that holds other things.
pub fn write_archive<E: From<StoreError>>(
    path: &Path,
    mark: &str,
    files: Files<'_, E>,
) -> Result<usize, E> {
    if is_archive(path) {
        let mut number = 0;
        write_file(path, |output| {
            number = zipped(path, output, files)?;
            Ok::<(), E>(())
        })?;
        return Ok(number);
    }
    check_folder(path, mark)?;
    let mut number = 0;
    for each in files {
        let (name, bytes) = each?;
        let place = file::join(path, &name);
        write_outside(&place, &bytes)?;
        number += 1;
    }
    Ok(number)
}

/// Whether a path asks for an archive.
pub fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

fn check_folder(path: &Path, mark: &str) -> Result<(), StoreError> {
    let there = found(std::fs::symlink_metadata(path)).at("read", path)?;
    if there.is_some_and(|there| !there.is_dir() && !path.is_dir()) {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    let empty = file::list(path)?.is_empty();
    if empty || path.join(mark).is_file() {
        Ok(())
    } else {
        Err(StoreError::Foreign(path.to_owned()))
    }
}

fn zipped<E: From<StoreError>>(
    path: &Path,
    output: &mut dyn Write,
    files: Files<'_, E>,
) -> Result<usize, E> {
    let failed = |error: ZipError| refused(path, error);
    let mut archive: ZipWriter<StreamWriter<&mut dyn Write>> = ZipWriter::new_stream(output);
    let mut number = 0;
    for each in files {
        let (name, bytes) = each?;
        archive.start_file(name, options(bytes.len() as u64)).map_err(failed)?;
        archive.write_all(&bytes).at("write", path)?;
        number += 1;
    }
    archive.finish().map_err(failed)?;
    Ok(number)
}

/// How a file of so many bytes is written: without time, owner or mode, so that the same files give the same archive.
pub(super) fn options(size: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644)
        .large_file(size >= u64::from(u32::MAX))
}

/// An archive that could not be written.
pub(super) fn refused(path: &Path, error: ZipError) -> StoreError {
    StoreError::io("write", path, error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, files: &[(&str, &str)]) -> Result<usize, StoreError> {
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| Ok(((*name).to_owned(), text.as_bytes().to_vec())))
            .collect();
        write_archive(path, "mark.json", &mut files.into_iter())
    }

    #[test]
    fn the_same_files_give_the_same_archive() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.zip"), folder.path().join("b.ZIP"));
        let files = [("mark.json", "{}"), ("größe/x y.txt", "text")];
        assert_eq!(write(&a, &files).unwrap(), 2);
        std::thread::sleep(std::time::Duration::from_millis(5));
        write(&b, &files).unwrap();
        let bytes = std::fs::read(&a).unwrap();
        assert_eq!(bytes, std::fs::read(&b).unwrap());
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 2);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut archive.by_name("größe/x y.txt").unwrap(), &mut text)
            .unwrap();
        assert_eq!(text, "text");
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        write(&path, &[("mark.json", "{}"), ("a/b", "1")]).unwrap();
        write(&path, &[("mark.json", "{}"), ("a/b", "2")]).unwrap();
        assert_eq!(std::fs::read_to_string(path.join("a/b")).unwrap(), "2");
        let error = write(folder.path(), &[("mark.json", "{}")]).unwrap_err();
        assert!(matches!(error, StoreError::Foreign(_)));
        assert!(matches!(write(&path.join("a/b"), &[]).unwrap_err(), StoreError::Foreign(_)));
    }
}
