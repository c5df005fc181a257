//! A flat JSON-LD graph: entities in the order in which they were added, each once.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::ledger::percent;

/// One entity: its `@id`, its `@type`, and properties.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    id: String,
    properties: Map<String, Value>,
}

impl Entity {
    /// An entity of a type.
    pub(super) fn new(id: impl Into<String>, kind: &str) -> Self {
        let id = id.into();
        let mut properties = Map::new();
        properties.insert("@id".into(), id.clone().into());
        properties.insert("@type".into(), kind.into());
        Self { id, properties }
    }

    /// Sets a property; nothing when the value says nothing.
    pub(super) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if !empty {
            self.properties.insert(name.into(), value);
        }
        self
    }

    /// Sets a property to several values: the value itself where there is one, for JSON-LD is compacted so.
    pub(super) fn set_all(self, name: &str, mut values: Vec<Value>) -> Self {
        match values.len() {
            1 => self.set(name, values.remove(0)),
            _ => self.set(name, values),
        }
    }

    /// Refers to other entities.
    pub(super) fn refer(self, name: &str, ids: &[String]) -> Self {
        self.set_all(name, ids.iter().map(|id| reference(id)).collect())
    }
}

/// A reference to an entity.
pub(super) fn reference(id: &str) -> Value {
    json!({ "@id": id })
}

/// Entities in order.
#[derive(Debug, Default)]
pub(super) struct Graph {
    entities: Vec<Value>,
    known: BTreeSet<String>,
}

impl Graph {
    /// Adds an entity unless one of its `@id` is there; gives the `@id`.
    pub(super) fn add(&mut self, entity: Entity) -> String {
        if self.known.insert(entity.id.clone()) {
            self.entities.push(Value::Object(entity.properties));
        }
        entity.id
    }

    /// The document with these contexts, indented, with a line break at its end.
    pub(super) fn document(self, context: &Value) -> Vec<u8> {
        let document = json!({ "@context": context, "@graph": self.entities });
        text(&document)
    }
}

/// A JSON document, indented, with a line break at its end.
pub(super) fn text(document: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// A path with forward slashes as a relative reference (RFC 3986): everything but letters, digits and `-._~/` of
/// ASCII becomes `%` and two hex digits.
pub(super) fn address(path: &str) -> String {
    percent::encoded(path.as_bytes(), b"-._~/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_stands_alone_and_nothing_is_left_out() {
        let mut graph = Graph::default();
        let id = graph.add(
            Entity::new("./", "Dataset")
                .set("name", "")
                .refer("hasPart", &["a".into()])
                .refer("mentions", &["b".into(), "c".into()])
                .refer("about", &[]),
        );
        graph.add(Entity::new(id, "Other"));
        let document: Value = serde_json::from_slice(&graph.document(&"x".into())).unwrap();
        let expected = json!([{ "@id": "./", "@type": "Dataset", "hasPart": { "@id": "a" },
            "mentions": [{ "@id": "b" }, { "@id": "c" }] }]);
        assert_eq!(document["@graph"], expected);
    }

    #[test]
    fn odd_names_are_addresses() {
        assert_eq!(address("a b/größe=1#2.csv"), "a%20b/gr%C3%B6%C3%9Fe%3D1%232.csv");
    }
}
