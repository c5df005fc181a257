//! Small CSV artifacts, read for pictures. What cannot be read is no error, only no picture.

/// All rows as cells, the header first; `None` when a quote stays open or rows differ in length.
pub(super) fn rows(text: &str) -> Option<Vec<Vec<String>>> {
    let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.is_empty());
    let rows: Vec<Vec<String>> = lines.map(cells).collect::<Option<_>>()?;
    let width = rows.first().map(Vec::len);
    rows.iter().all(|row| Some(row.len()) == width).then_some(rows)
}

/// The columns asked for, as text, row by row; `None` when the header lacks one or a row is short.
pub(super) fn columns<const N: usize>(text: &str, names: [&str; N]) -> Option<Vec<[String; N]>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.is_empty());
    let header = cells(lines.next()?)?;
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = header.iter().position(|cell| cell == name)?;
    }
    lines
        .map(|line| {
            let row = cells(line)?;
            let found: Option<Vec<String>> =
                places.iter().map(|place| row.get(*place).cloned()).collect();
            found?.try_into().ok()
        })
        .collect()
}

/// The cells of one line, quotes resolved; `None` when a quote stays open.
fn cells(line: &str) -> Option<Vec<String>> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut()?;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    (!quoted).then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let rows = columns("row,actual,\"pre,dicted\"\n0,1.5,\"2\"\"\"\n", ["pre,dicted", "row"]);
        assert_eq!(rows.unwrap(), [["2\"".to_owned(), "0".to_owned()]]);
    }

    #[test]
    fn malformed_text_gives_nothing() {
        for text in ["", "a\n1", "a,b\n1\n", "a,b\n\"1,2\n", "\u{0}"] {
            assert_eq!(columns(text, ["a", "b"]), None, "{text:?}");
        }
    }
}
