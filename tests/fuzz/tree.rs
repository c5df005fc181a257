//! Changes of what is in a file, whatever its notation: values, keys and lists.

use serde_json::Value as Json;
use toml::Value as Toml;

use crate::draws::Draws;
use crate::vary;

/// A value with values in it.
pub(crate) trait Tree: Clone {
    /// The values directly in it.
    fn children(&mut self) -> Vec<&mut Self>;
    /// Some value.
    fn some(draws: &mut Draws) -> Self;
    /// Changes a number or a text; false for what is neither.
    fn tweak(&mut self, draws: &mut Draws) -> bool;
    /// Its items, of a list.
    fn items(&mut self) -> Option<&mut Vec<Self>>;
    /// Its keys, of a table.
    fn keys(&self) -> Option<Vec<String>>;
    /// Takes an entry out of a table.
    fn remove(&mut self, key: &str) -> Option<Self>;
    /// Puts an entry into a table.
    fn insert(&mut self, key: String, value: Self);
}

/// Changes a tree in one to three places; `words` are keys it may have, `other` is another of its kind.
pub(crate) fn change<T: Tree>(draws: &mut Draws, tree: &mut T, words: &[&str], other: &mut T) {
    for _ in 0..=draws.below(2) {
        let number = count(tree);
        let at = draws.below(number);
        let given = count(other);
        let from = draws.below(given);
        let given = nth(other, &mut { from }).cloned();
        if let Some(place) = nth(tree, &mut { at }) {
            change_one(draws, place, words, given.as_ref());
        }
    }
}

fn change_one<T: Tree>(draws: &mut Draws, place: &mut T, words: &[&str], given: Option<&T>) {
    if draws.once_in(2) && place.tweak(draws) {
        return;
    }
    let new = |draws: &mut Draws| {
        let given = given.cloned().filter(|_| draws.once_in(2));
        given.unwrap_or_else(|| T::some(draws))
    };
    if let Some(keys) = place.keys().filter(|keys| !keys.is_empty()) {
        let key = draws.one(&keys).clone();
        let name = match draws.below(4) {
            0 => vary::odd(draws),
            1 => key.clone(),
            _ => (*draws.one(words)).to_owned(),
        };
        match draws.below(3) {
            0 => drop(place.remove(&key)),
            1 => {
                if let Some(value) = place.remove(&key) {
                    place.insert(name, value);
                }
            }
            _ => {
                let value = new(draws);
                place.insert(name, value);
            }
        }
        return;
    }
    let value = new(draws);
    let at = draws.number() as usize;
    match place.items() {
        Some(items) if !items.is_empty() && draws.once_in(2) => {
            let at = at % items.len();
            match draws.below(4) {
                0 => drop(items.remove(at)),
                1 => items.clear(),
                2 => items.push(items[at].clone()),
                _ => items.reverse(),
            }
        }
        Some(items) => items.push(value),
        None => *place = value,
    }
}

fn count<T: Tree>(tree: &mut T) -> usize {
    1 + tree.children().into_iter().map(count).sum::<usize>()
}

/// The value at a place, counted from above.
fn nth<'a, T: Tree>(tree: &'a mut T, left: &mut usize) -> Option<&'a mut T> {
    if *left == 0 {
        return Some(tree);
    }
    *left -= 1;
    tree.children().into_iter().find_map(|child| nth(child, left))
}

const WHOLE: [i64; 12] =
    [0, 1, -1, 2, 10, 42, 1000, 65536, 1 << 53, i64::MAX, i64::MIN, 1_000_000_007];
const FLOATS: [f64; 11] = [
    0.0,
    -0.0,
    0.1,
    1.0,
    -1.5,
    1e-320,
    1e308,
    f64::MAX,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

impl Tree for Toml {
    fn children(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Array(items) => items.iter_mut().collect(),
            Self::Table(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }

    fn some(draws: &mut Draws) -> Self {
        match draws.below(8) {
            0 => Self::Boolean(draws.once_in(2)),
            1 => Self::Array((0..draws.below(4)).map(|_| Self::some(draws)).collect()),
            2 => Self::Table(
                (0..draws.below(3)).map(|_| (vary::odd(draws), Self::some(draws))).collect(),
            ),
            3 => Self::Datetime("2026-11-16T08:41:00Z".parse().unwrap()),
            4 => Self::Float(*draws.one(&FLOATS)),
            5 => Self::String(vary::odd(draws)),
            _ => Self::Integer(*draws.one(&WHOLE)),
        }
    }

    fn tweak(&mut self, draws: &mut Draws) -> bool {
        match self {
            Self::Integer(number) => {
                *number = number.wrapping_add(*draws.one(&WHOLE));
            }
            Self::Float(number) => *number *= *draws.one(&FLOATS),
            Self::Boolean(truth) => *truth = !*truth,
            Self::String(text) => tweak(draws, text),
            _ => return false,
        }
        true
    }

    fn items(&mut self) -> Option<&mut Vec<Self>> {
        self.as_array_mut()
    }

    fn keys(&self) -> Option<Vec<String>> {
        Some(self.as_table()?.keys().cloned().collect())
    }

    fn remove(&mut self, key: &str) -> Option<Self> {
        self.as_table_mut()?.remove(key)
    }

    fn insert(&mut self, key: String, value: Self) {
        if let Some(table) = self.as_table_mut() {
            table.insert(key, value);
        }
    }
}

impl Tree for Json {
    fn children(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Array(items) => items.iter_mut().collect(),
            Self::Object(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }

    fn some(draws: &mut Draws) -> Self {
        match draws.below(8) {
            0 => Self::Bool(draws.once_in(2)),
            1 => Self::Array((0..draws.below(4)).map(|_| Self::some(draws)).collect()),
            2 => Self::Object(
                (0..draws.below(3)).map(|_| (vary::odd(draws), Self::some(draws))).collect(),
            ),
            3 => Self::Null,
            // What is no number in JSON is written as a word.
            4 => serde_json::json!(*draws.one(&FLOATS)),
            5 => {
                Self::String((*draws.one::<&str>(&["NaN", "Infinity", "-Infinity", ""])).to_owned())
            }
            6 => Self::String(vary::odd(draws)),
            _ => serde_json::json!(*draws.one(&WHOLE)),
        }
    }

    fn tweak(&mut self, draws: &mut Draws) -> bool {
        match self {
            Self::Number(number) => {
                let changed = if let Some(whole) = number.as_i64() {
                    serde_json::json!(whole.wrapping_add(*draws.one(&WHOLE)))
                } else {
                    let float = number.as_f64().unwrap_or(0.0) * *draws.one(&FLOATS);
                    serde_json::json!(float)
                };
                *self = changed;
            }
            Self::Bool(truth) => *truth = !*truth,
            Self::String(text) => tweak(draws, text),
            _ => return false,
        }
        true
    }

    fn items(&mut self) -> Option<&mut Vec<Self>> {
        self.as_array_mut()
    }

    fn keys(&self) -> Option<Vec<String>> {
        Some(self.as_object()?.keys().cloned().collect())
    }

    fn remove(&mut self, key: &str) -> Option<Self> {
        self.as_object_mut()?.remove(key)
    }

    fn insert(&mut self, key: String, value: Self) {
        if let Some(object) = self.as_object_mut() {
            object.insert(key, value);
        }
    }
}

fn tweak(draws: &mut Draws, text: &mut String) {
    let changed = vary::text(draws, text.as_bytes(), &[], &[]);
    *text = String::from_utf8_lossy(&changed).into_owned();
}
