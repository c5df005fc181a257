//! New rows as JSON: an array of objects, one object, or one object after the other.

use std::collections::BTreeSet;
use std::fmt;
use std::io::BufRead;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::ledger::encode::nfc;

use super::super::error::TrainError;
use super::field::{Field, Row};
use super::{BLOCK, Work, no_columns};

/// Hands over every row, while the text is read.
pub(super) fn each_row(mut input: impl BufRead, work: &mut Work<'_>) -> Result<(), TrainError> {
    let is_array = loop {
        match input.fill_buf().map_err(TrainError::Read)?.first() {
            Some(byte) if byte.is_ascii_whitespace() => input.consume(1),
            first => break first == Some(&b'['),
        }
    };
    let mut objects =
        Objects { work, fields: Vec::new(), waiting: Vec::new(), rows: 0, error: None };
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    let read = if is_array {
        deserializer.deserialize_seq(&mut objects).and_then(|()| deserializer.end())
    } else {
        let mut all = deserializer.into_iter::<Object>();
        all.try_for_each(|object| object.and_then(|object| objects.take(object)))
    };
    match (objects.error.take(), read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(TrainError::Json(error)),
        (None, Ok(())) => objects.finish(),
    }
}

/// An object with its fields in their order.
struct Object(Vec<(String, Field)>);

/// Turns objects into rows. The first block of them decides which columns there are.
struct Objects<'a, 'b> {
    work: &'a mut Work<'b>,
    /// The names of the columns, once known.
    fields: Vec<String>,
    /// Objects that came before the columns were known.
    waiting: Vec<Object>,
    rows: u64,
    /// What the work refused; serde has no place for it.
    error: Option<TrainError>,
}

impl Objects<'_, '_> {
    /// Takes the next object.
    fn take(&mut self, object: Object) -> Result<(), serde_json::Error> {
        self.try_take(object).map_err(|error| {
            self.error = Some(error);
            serde_json::Error::custom("refused")
        })
    }

    fn try_take(&mut self, object: Object) -> Result<(), TrainError> {
        self.rows += 1;
        for (at, (name, value)) in object.0.iter().enumerate() {
            if object.0[..at].iter().any(|(other, _)| other == name) {
                return Err(TrainError::DuplicateField { row: self.rows, name: name.clone() });
            }
            let is_nested = matches!(value, Field::Literal(text) if text.starts_with(['[', '{']));
            if is_nested && self.work.model.features().contains(name) {
                let (row, column) = (self.rows, name.clone());
                return Err(TrainError::Nested { row, column });
            }
        }
        if !self.fields.is_empty() {
            return self.hand_over(object);
        }
        self.waiting.push(object);
        if self.waiting.len() < BLOCK { Ok(()) } else { self.begin() }
    }

    /// Fixes the columns: the fields of the first object, then the features it lacks. A feature that no
    /// object has is missing; one that some lack is empty in these.
    fn begin(&mut self) -> Result<(), TrainError> {
        let seen: BTreeSet<&str> = self
            .waiting
            .iter()
            .flat_map(|object| &object.0)
            .map(|(name, _)| name.as_str())
            .collect();
        let features = self.work.model.features();
        let missing: Vec<&str> =
            features.iter().map(String::as_str).filter(|name| !seen.contains(name)).collect();
        if !missing.is_empty() {
            let present: Vec<String> = seen.iter().map(|name| (*name).to_owned()).collect();
            return Err(no_columns(&missing, &present));
        }
        self.fields = self
            .waiting
            .first()
            .into_iter()
            .flat_map(|first| &first.0)
            .map(|(name, _)| name.clone())
            .collect();
        let lacking: Vec<String> =
            features.iter().filter(|name| !self.fields.contains(name)).cloned().collect();
        self.fields.extend(lacking);
        self.work.begin(self.fields.clone())?;
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().try_for_each(|object| self.hand_over(object))
    }

    fn hand_over(&mut self, object: Object) -> Result<(), TrainError> {
        let mut cells = vec![Field::Empty; self.fields.len()];
        let mut more = Vec::new();
        for (at, (name, value)) in object.0.into_iter().enumerate() {
            // Objects of one file mostly have the same fields in the same order.
            let place = match self.fields.get(at) {
                Some(field) if *field == name => Some(at),
                _ => self.fields.iter().position(|field| *field == name),
            };
            match place {
                Some(place) => cells[place] = value,
                None => more.push((name, value)),
            }
        }
        self.work.push(Row { cells, more })
    }

    fn finish(&mut self) -> Result<(), TrainError> {
        if self.waiting.is_empty() { Ok(()) } else { self.begin() }
    }
}

impl<'de> Visitor<'de> for &mut Objects<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(object) = items.next_element()? {
            self.take(object).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a field for each column")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    fields.push((nfc(&name), Field::of_json(value)));
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
