//! The record of a run: every field by its path, every value exact. Complete by construction.

use serde_json::Value;

use super::text;

/// Every scalar of a value with its dotted path, in order; an empty list or table is written as such.
pub(super) fn flatten(value: &Value) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    walk(String::new(), value, &mut rows);
    rows
}

fn walk(path: String, value: &Value, rows: &mut Vec<(String, String)>) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                walk(below(name), field, rows);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                walk(below(&index.to_string()), item, rows);
            }
        }
        other => rows.push((path, text::exact(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scalar_has_a_row() {
        let value = serde_json::json!({"b": [1, {"c": "x"}], "a": {}, "d": null, "e": 0.1});
        let rows: Vec<_> = flatten(&value).into_iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(rows, ["a={}", "b.0=1", "b.1.c=x", "d=null", "e=0.1"]);
    }
}
