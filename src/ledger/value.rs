//! TOML values as JSON.

/// A TOML value as JSON; a date becomes its text.
pub fn json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => {
            table.iter().map(|(key, value)| (key.clone(), json(value))).collect()
        }
        plain => serde_json::to_value(plain).unwrap_or_default(),
    }
}
