//! Why a run is not one of those before it: the parts in which two requests differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use toml::{Table, Value};

use super::request::Request;

/// A part in which two requests differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Dotted name of the part, such as `params.max_depth`.
    pub part: String,
    /// Its value in the earlier request, as TOML; `None` when it has no such part.
    pub before: Option<String>,
    /// Its value in this request.
    pub after: Option<String>,
}

/// The parts in which two requests differ, by name.
pub fn differences(before: &Request, after: &Request) -> Vec<Difference> {
    let (before, after) = (leaves(before.parts()), leaves(after.parts()));
    let parts: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    parts
        .into_iter()
        .filter(|part| before.get(*part) != after.get(*part))
        .map(|part| Difference {
            part: part.clone(),
            before: before.get(part).cloned(),
            after: after.get(part).cloned(),
        })
        .collect()
}

/// The earlier request that differs in the fewest parts, and those parts; the first of equals.
pub fn nearest<'a, T>(
    request: &Request,
    earlier: impl IntoIterator<Item = (&'a Request, T)>,
) -> Option<(T, Vec<Difference>)> {
    earlier
        .into_iter()
        .map(|(other, tag)| (tag, differences(other, request)))
        .min_by_key(|(_, differences)| differences.len())
}

/// Every value below a table by its dotted name, as TOML.
fn leaves(table: &Table) -> BTreeMap<String, String> {
    fn walk(prefix: &str, table: &Table, leaves: &mut BTreeMap<String, String>) {
        for (key, value) in table {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value {
                Value::Table(inner) => walk(&name, inner, leaves),
                other => {
                    leaves.insert(name, other.to_string());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk("", table, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Request {
        Request::from_table(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_nearest_earlier_run_explains() {
        let far = request("seed = 1\nparams = { a = 1, b = 2 }");
        let near = request("seed = 2\nparams = { a = 1, b = 2 }");
        let this = request("seed = 2\nparams = { a = 1, b = 3, c = 'x' }");
        let (name, differences) = nearest(&this, [(&far, "far"), (&near, "near")]).unwrap();
        assert_eq!(name, "near");
        assert_eq!(
            differences,
            [
                Difference {
                    part: "params.b".into(),
                    before: Some("2".into()),
                    after: Some("3".into())
                },
                Difference { part: "params.c".into(), before: None, after: Some("\"x\"".into()) },
            ]
        );
    }
}
