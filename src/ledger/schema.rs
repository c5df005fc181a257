//! The JSON Schema of each TOML file, generated from its type, and the check of a file against it.
//!
//! One declaration, the Rust type, serves three readers: serde, the user's editor and this check,
//! which finds every mistake in one pass where serde stops at the first.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use toml::Value;

use super::problem::{Problem, nearest};
use super::source::{Source, Step};

/// The JSON Schema of a file's type (draft 2020-12).
pub fn schema<T: JsonSchema>() -> Json {
    let settings = SchemaSettings::draft2020_12();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// What a file says: its value as far as it can be read, and every mistake its schema shows.
#[derive(Debug)]
pub struct Read<T> {
    /// The value without the mistaken parts, so that the rest can be checked too.
    pub value: Option<T>,
    /// The mistakes in file order; when there are any, the value is only good for finding more.
    pub problems: Vec<Problem>,
}

/// Reads a file into its type.
pub fn read<T: JsonSchema + DeserializeOwned>(source: &Source) -> Read<T> {
    let root = schema::<T>();
    let mut check = Check { source, root: &root, problems: Vec::new(), mistaken: Vec::new() };
    check.value(&Value::Table(source.table.clone()), &root, &mut Vec::new());
    let mut problems = check.problems;
    let mut table = source.table.clone();
    check.mistaken.iter().for_each(|path| prune(&mut table, path));
    match table.try_into() {
        Ok(value) => {
            problems.sort_by_key(|problem| problem.span.start);
            Read { value: Some(value), problems }
        }
        Err(error) => {
            // The schema says less than serde knows, so serde has the last word.
            if problems.is_empty() {
                problems.push(source.at_value(&[], error.message()));
            }
            Read { value: None, problems }
        }
    }
}

/// Removes the key at a path, or the whole list when the path ends inside one.
fn prune(table: &mut toml::Table, path: &[Step]) {
    let Some((Step::Key(key), rest)) = path.split_first() else { return };
    match (rest.first(), table.get_mut(key)) {
        (Some(Step::Key(_)), Some(Value::Table(inner))) => prune(inner, rest),
        _ => drop(table.remove(key)),
    }
}

struct Check<'a> {
    source: &'a Source,
    root: &'a Json,
    problems: Vec<Problem>,
    mistaken: Vec<Vec<Step>>,
}

impl<'a> Check<'a> {
    fn mistake(&mut self, path: &[Step], problem: Problem) {
        self.problems.push(problem);
        self.mistaken.push(path.to_vec());
    }

    /// Checks one value against its schema, following references.
    fn value(&mut self, value: &Value, schema: &'a Json, path: &mut Vec<Step>) {
        let Some(schema) = self.resolve(schema) else { return };
        if let Some(variants) = schema.get("anyOf").and_then(Json::as_array) {
            return self.any_of(value, variants, path);
        }
        if let Some(words) = words(schema) {
            return self.word(value, &words, path);
        }
        if let Some(expected) = expected_type(schema)
            && !has_type(value, expected)
        {
            let message = format!("expected {}, found {}", describe(expected), found(value));
            self.mistake(path, self.source.at_value(path, message));
            return;
        }
        match value {
            Value::Table(table) => self.table(table, schema, path),
            Value::Array(items) => self.items(items, schema, path),
            Value::Integer(number) => self.range(*number as f64, schema, path),
            Value::Float(number) => self.range(*number, schema, path),
            _ => {}
        }
    }

    fn resolve(&self, schema: &'a Json) -> Option<&'a Map<String, Json>> {
        let schema = schema.as_object()?;
        let Some(reference) = schema.get("$ref").and_then(Json::as_str) else {
            return Some(schema);
        };
        self.resolve(self.root.pointer(reference.strip_prefix('#')?)?)
    }

    /// A value that may have one of several shapes: the mistakes of the shape it resembles most.
    fn any_of(&mut self, value: &Value, variants: &'a [Json], path: &mut Vec<Step>) {
        let is_null = |variant: &&Json| variant.get("type") == Some(&"null".into());
        let shapes: Vec<&Json> = variants.iter().filter(|variant| !is_null(variant)).collect();
        if let [only] = shapes.as_slice() {
            return self.value(value, only, path);
        }
        let mut best: Option<((bool, usize), Check<'_>)> = None;
        for variant in &shapes {
            let mut check = Check { problems: Vec::new(), mistaken: Vec::new(), ..*self };
            check.value(value, variant, path);
            if check.problems.is_empty() {
                return;
            }
            let likeness = (self.fits_type(value, variant), self.shared_keys(value, variant));
            if best.as_ref().is_none_or(|(most, _)| likeness > *most) {
                best = Some((likeness, check));
            }
        }
        match best {
            Some(((true, _), check)) => {
                self.problems.extend(check.problems);
                self.mistaken.push(path.clone());
            }
            _ => self.no_shape(value, &shapes, path),
        }
    }

    /// A value of a type that none of its possible shapes has.
    fn no_shape(&mut self, value: &Value, shapes: &[&'a Json], path: &[Step]) {
        let schemas = shapes.iter().filter_map(|shape| self.resolve(shape));
        let mut types: Vec<&str> =
            schemas.map(|schema| expected_type(schema).map_or("a word", describe)).collect();
        types.dedup();
        let message = format!("expected {}, found {}", types.join(" or "), found(value));
        self.mistake(path, self.source.at_value(path, message));
    }

    fn fits_type(&self, value: &Value, schema: &'a Json) -> bool {
        let expected = self.resolve(schema).map(|schema| expected_type(schema));
        expected.is_some_and(|expected| expected.is_none_or(|name| has_type(value, name)))
    }

    /// How many keys of a table a schema knows.
    fn shared_keys(&self, value: &Value, schema: &'a Json) -> usize {
        let properties = self.resolve(schema).and_then(|schema| schema.get("properties"));
        match (value, properties) {
            (Value::Table(table), Some(properties)) => {
                table.keys().filter(|key| properties.get(key.as_str()).is_some()).count()
            }
            _ => 0,
        }
    }

    fn word(&mut self, value: &Value, words: &[&str], path: &[Step]) {
        let list = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        match value {
            Value::String(word) if words.contains(&word.as_str()) => {}
            Value::String(word) => {
                let problem =
                    self.source.at_value(path, format!("expected one of {list}, found \"{word}\""));
                let near = nearest(word, words.iter().copied());
                self.mistake(path, problem.suggest(near.map(|near| format!("\"{near}\""))));
            }
            other => {
                let message = format!("expected one of {list}, found {}", found(other));
                self.mistake(path, self.source.at_value(path, message));
            }
        }
    }

    fn table(&mut self, table: &toml::Table, schema: &'a Map<String, Json>, path: &mut Vec<Step>) {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Json::as_object);
        let additional = schema.get("additionalProperties");
        for (key, value) in table {
            path.push(Step::Key(key.clone()));
            match properties.and_then(|properties| properties.get(key)) {
                Some(schema) => self.value(value, schema, path),
                None if additional == Some(&Json::Bool(false)) => {
                    let known = properties.unwrap_or(&none).keys().map(String::as_str);
                    let known: Vec<&str> = known.collect();
                    self.mistake(path, self.unknown_key(key, &known, path));
                }
                None => {
                    if let Some(schema) = additional {
                        self.value(value, schema, path);
                    }
                }
            }
            path.pop();
        }
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten();
        for key in required.filter_map(Json::as_str).filter(|key| !table.contains_key(*key)) {
            let place = path.last().map_or("this file".to_owned(), |step| format!("[{step}]"));
            let message = format!("{place} needs the key `{key}`");
            self.mistake(path, self.source.at_key(path, message));
        }
    }

    fn unknown_key(&self, key: &str, known: &[&str], path: &[Step]) -> Problem {
        let problem = self.source.at_key(path, format!("unknown key `{key}`"));
        match nearest(key, known.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!("known keys: {}", known.join(", "))),
        }
    }

    fn items(&mut self, items: &[Value], schema: &'a Map<String, Json>, path: &mut Vec<Step>) {
        let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
        if (items.len() as u64) < least {
            self.mistake(path, self.source.at_value(path, "this list is empty"));
        }
        if let Some(schema) = schema.get("items") {
            for (item, value) in items.iter().enumerate() {
                path.push(Step::Item(item));
                self.value(value, schema, path);
                path.pop();
            }
        }
    }

    fn range(&mut self, number: f64, schema: &Map<String, Json>, path: &[Step]) {
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        let wrong = if !number.is_finite() {
            Some("a finite number".to_owned())
        } else if let Some(low) = bound("minimum").filter(|low| number < *low) {
            Some(format!("at least {low}"))
        } else if let Some(low) = bound("exclusiveMinimum").filter(|low| number <= *low) {
            Some(format!("more than {low}"))
        } else if let Some(high) = bound("maximum").filter(|high| number > *high) {
            Some(format!("at most {high}"))
        } else {
            bound("exclusiveMaximum")
                .filter(|high| number >= *high)
                .map(|high| format!("less than {high}"))
        };
        if let Some(wanted) = wrong {
            let message = format!("expected {wanted}, found {number}");
            self.mistake(path, self.source.at_value(path, message));
        }
    }
}

/// The words of an enumeration, written by schemars as `enum` or as `oneOf` constants.
fn words(schema: &Map<String, Json>) -> Option<Vec<&str>> {
    if let Some(words) = schema.get("enum").and_then(Json::as_array) {
        return words.iter().map(Json::as_str).collect();
    }
    let variants = schema.get("oneOf").and_then(Json::as_array)?;
    variants.iter().map(|variant| variant.get("const").and_then(Json::as_str)).collect()
}

/// The type a schema names, `null` left out since TOML has none.
fn expected_type(schema: &Map<String, Json>) -> Option<&str> {
    match schema.get("type")? {
        Json::String(name) => Some(name),
        Json::Array(names) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn has_type(value: &Value, expected: &str) -> bool {
    match expected {
        "string" => value.is_str(),
        "boolean" => value.is_bool(),
        "integer" => value.is_integer(),
        "number" => value.is_integer() || value.is_float(),
        "array" => value.is_array(),
        "object" => value.is_table(),
        _ => true,
    }
}

fn describe(expected: &str) -> &'static str {
    match expected {
        "string" => "text in quotes",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "array" => "a list",
        _ => "a table",
    }
}

/// What a value is, in words.
pub(crate) fn found(value: &Value) -> String {
    match value {
        Value::String(text) => format!("the text \"{text}\""),
        Value::Integer(number) => format!("the number {number}"),
        Value::Float(number) => format!("the number {number:?}"),
        Value::Boolean(value) => value.to_string(),
        Value::Datetime(value) => format!("the date {value}"),
        Value::Array(_) => "a list".into(),
        Value::Table(_) => "a table".into(),
    }
}
