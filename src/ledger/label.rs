//! Labels: the name of a run for people, from a template such as `rf-{n_estimators}-{max_depth}`.

use toml::{Table, Value};

/// The placeholders of a template, in order, each without its braces.
pub fn placeholders(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

/// Fills a template; a placeholder without a value stays as it is.
pub fn fill(template: &str, values: &Table) -> String {
    let mut label = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        label.push_str(before);
        let value =
            after.split_once('}').and_then(|(name, after)| Some((values.get(name)?, after)));
        if let Some((value, after)) = value {
            label.push_str(&plain(value));
            rest = after;
        } else {
            label.push('{');
            rest = after;
        }
    }
    label + rest
}

/// A value as people write it, text without quotes.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        let values: Table = "n = 100\nlr = 0.5\nkind = 'a b'".parse().unwrap();
        assert_eq!(placeholders("rf-{n}-{lr}"), ["n", "lr"]);
        assert_eq!(fill("rf-{n}-{lr}-{kind}-{other}-{", &values), "rf-100-0.5-a b-{other}-{");
    }
}
