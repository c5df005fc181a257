//! Names from elsewhere, made such that every system and git can hold them.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::layout::check_portable;

/// The longest name that is made, in bytes: endings still fit into what systems allow.
const LONGEST: usize = 100;

/// The name of a folder for something that people call otherwise: `Housing prices` is `housing-prices`.
pub fn folder(name: &str) -> String {
    let mut made = String::new();
    for character in name.nfc().flat_map(char::to_lowercase).collect::<String>().nfc() {
        if character.is_alphanumeric() || matches!(character, '_' | '.') {
            made.push(character);
        } else if !made.ends_with('-') {
            made.push('-');
        }
    }
    let made = shortened(made.trim_matches(['-', '.']));
    let made = made.trim_end_matches(['-', '.']);
    match made {
        "" => "experiment".to_owned(),
        made if check_portable([made]).is_err() => format!("{made}-experiment"),
        made => made.to_owned(),
    }
}

/// Paths that can be kept side by side, one for each of some paths, in their order; those that can be kept stay.
pub fn paths<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let (mut taken, mut made) = (Taken::default(), Vec::new());
    for path in paths {
        let names: Vec<String> = path.split('/').map(name).collect();
        let (mut parts, mut numbers) = (names.clone(), vec![1; names.len()]);
        // What is in the way may be a folder: that one gets the number.
        while let Some(at) = taken.refuses(&parts.join("/")) {
            numbers[at] += 1;
            parts[at] = numbered(&names[at], numbers[at]);
        }
        let path = parts.join("/");
        taken.take(&path);
        made.push(path);
    }
    made
}

/// What paths take on systems that ignore case: files, and the folders above them.
#[derive(Default)]
struct Taken {
    files: BTreeSet<String>,
    /// As written, for a folder is one only under one spelling.
    folders: BTreeSet<String>,
    folded: BTreeSet<String>,
}

impl Taken {
    /// Which part of a path is a file or folder under another spelling.
    fn refuses(&self, path: &str) -> Option<usize> {
        for (at, (end, _)) in path.match_indices('/').enumerate() {
            let (folder, lower) = (&path[..end], path[..end].to_lowercase());
            let other = self.folded.contains(&lower) && !self.folders.contains(folder);
            if other || self.files.contains(&lower) {
                return Some(at);
            }
        }
        let lower = path.to_lowercase();
        let taken = self.files.contains(&lower) || self.folded.contains(&lower);
        taken.then(|| path.matches('/').count())
    }

    fn take(&mut self, path: &str) {
        self.files.insert(path.to_lowercase());
        for (end, _) in path.match_indices('/') {
            self.folded.insert(path[..end].to_lowercase());
            self.folders.insert(path[..end].to_owned());
        }
    }
}

/// A name with a number before its ending.
fn numbered(name: &str, number: usize) -> String {
    match name.rfind('.').filter(|at| *at > 0) {
        Some(at) => format!("{}~{number}{}", &name[..at], &name[at..]),
        None => format!("{name}~{number}"),
    }
}

/// A name of a file that can be kept.
fn name(name: &str) -> String {
    let refused =
        |c: char| c.is_control() || matches!(c, '<' | '>' | '"' | '|' | '?' | '*' | ':' | '\\');
    let made: String = name.nfc().map(|c| if refused(c) { '_' } else { c }).collect();
    let made = if made.len() > 250 { shortened(&made) } else { &made };
    let made = made.trim_end_matches(['.', ' ']);
    if check_portable([made]).is_ok() { made.to_owned() } else { format!("_{made}") }
}

/// The beginning of a text that is no longer than names may be.
fn shortened(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_after_what_people_call_it() {
        for (called, expected) in [
            ("Housing prices", "housing-prices"),
            ("실험 / odd: \"names\" ✓", "실험-odd-names"),
            ("  ../..", "experiment"),
            ("a.b_c-1", "a.b_c-1"),
            ("AUX", "aux-experiment"),
            ("", "experiment"),
        ] {
            assert_eq!(folder(called), expected, "{called}");
        }
    }

    #[test]
    fn paths_that_can_be_kept_stay() {
        let kept = ["model/MLmodel", "model/python_env.yaml", "a b.txt", "이름.txt", ".hidden"];
        assert_eq!(paths(kept), kept);
    }

    #[test]
    fn paths_that_cannot_be_kept_are_renamed() {
        assert_eq!(
            paths([
                "a:b?.txt",
                "A_B_.TXT",
                "con",
                "aux.tar.gz",
                "x. ",
                "a/B/c",
                "a/b/c",
                "x/y",
                "a/b/d"
            ]),
            [
                "a_b_.txt",
                "A_B_~2.TXT",
                "_con",
                "_aux.tar.gz",
                "x",
                "a/B/c",
                "a/b~2/c",
                "x~2/y",
                "a/b~2/d"
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_can_be_kept(given in proptest::collection::vec("[a-cA-C.:? /é\u{301}]{1,12}", 1..8)) {
            let given: Vec<&str> = given.iter().map(String::as_str).filter(|path| path.split('/').all(|name| !matches!(name, "" | "." | ".."))).collect();
            let made = paths(given.iter().copied());
            proptest::prop_assert!(check_portable(made.iter().map(String::as_str)).is_ok(), "{:?}", made);
        }

        #[test]
        fn any_name_gives_a_folder(called in "\\PC{0,300}") {
            let made = folder(&called);
            proptest::prop_assert!(check_portable([made.as_str()]).is_ok(), "{}", made);
            proptest::prop_assert!(!made.contains('/'));
        }
    }
}
