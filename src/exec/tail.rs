//! A file that another program appends lines to, read while it grows.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::output::Lines;

/// So much is read at a time, so that a program that writes without end is still watched.
const PIECE: u64 = 4 * 1024 * 1024;

/// The end of a growing file.
pub(super) struct Tail {
    path: PathBuf,
    file: Option<File>,
    read: u64,
    lines: Lines,
}

impl Tail {
    /// Follows a file, which need not exist yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None, read: 0, lines: Lines::default() }
    }

    /// The lines that were completed since the last look.
    pub(super) fn new_lines(&mut self) -> Vec<String> {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return Vec::new() };
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        if size < self.read {
            // It was written anew: what stands there now is new.
            (self.read, self.lines) = (0, Lines::default());
        }
        let mut piece = Vec::new();
        if file.seek(SeekFrom::Start(self.read)).is_ok() {
            drop(file.take(PIECE).read_to_end(&mut piece));
        }
        self.read += piece.len() as u64;
        self.lines.add(&piece)
    }

    /// The last line, when its writer is gone and left it without an end.
    pub(super) fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let new = self.new_lines();
            let at_end = new.is_empty();
            lines.extend(new);
            if at_end {
                break;
            }
        }
        lines.extend(self.lines.rest());
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn only_whole_lines_are_read_until_the_writer_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics");
        let mut tail = Tail::new(path.clone());
        assert!(tail.new_lines().is_empty());
        let mut file = File::create(&path).unwrap();
        file.write_all(b"a\nb").unwrap();
        assert_eq!(tail.new_lines(), ["a"]);
        file.write_all(b"b\nc").unwrap();
        assert_eq!(tail.new_lines(), ["bb"]);
        assert!(tail.new_lines().is_empty());
        assert_eq!(tail.rest(), ["c"]);
        std::fs::write(&path, "x\n").unwrap();
        assert_eq!(tail.new_lines(), ["x"]);
    }
}
