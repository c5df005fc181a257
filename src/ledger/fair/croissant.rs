//! Croissant 1.0: a data file with its columns, types, splits and digests, so that other programs read its rows.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::ledger::data_view::{ColumnView, DataView};
use crate::ledger::time::Timestamp;
use crate::ledger::view::LedgerView;

use super::graph::text;
use super::licence::licences;

/// A data file as Croissant describes it.
#[derive(Clone, Copy, Debug)]
pub struct Croissant<'a> {
    /// The ledger, for what it declares.
    pub ledger: &'a LedgerView,
    /// The file.
    pub data: &'a DataView,
    /// The file's address from the folder of the description, with forward slashes.
    pub address: &'a str,
    /// The column that divides the rows, and the names it gives the parts.
    pub split: Option<(&'a str, &'a [String])>,
    /// What columns are used for, such as `target of experiments/housing/forest.toml`, by column.
    pub roles: &'a [(String, String)],
    /// When a run last used the file, or else the ledger's last run ended.
    pub used: Option<Timestamp>,
}

/// The format's own context, without which readers warn.
fn context() -> Value {
    let mut context = Map::new();
    for (name, value) in [("@language", "en"), ("@vocab", "https://schema.org/")] {
        context.insert(name.into(), value.into());
    }
    for (prefix, value) in [
        ("cr", "http://mlcommons.org/croissant/"),
        ("rai", "http://mlcommons.org/croissant/RAI/"),
        ("dct", "http://purl.org/dc/terms/"),
        ("sc", "https://schema.org/"),
        ("conformsTo", "dct:conformsTo"),
    ] {
        context.insert(prefix.into(), value.into());
    }
    let terms = "citeAs column equivalentProperty extract field fileProperty fileObject fileSet format includes \
                 isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace \
                 samplingRate separator source subField transform";
    for term in terms.split_whitespace() {
        context.insert(term.into(), format!("cr:{term}").into());
    }
    for term in ["data", "examples"] {
        context.insert(term.into(), json!({ "@id": format!("cr:{term}"), "@type": "@json" }));
    }
    context.insert("dataType".into(), json!({ "@id": "cr:dataType", "@type": "@vocab" }));
    Value::Object(context)
}

impl Croissant<'_> {
    /// The bytes of the description.
    pub fn document(&self) -> Vec<u8> {
        let (ledger, data) = (self.ledger, self.data);
        let name = data.path.rsplit('/').next().unwrap_or(&data.path);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let mut document = json!({
            "@context": context(),
            "@type": "sc:Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "name": stem,
            "description": self.description(),
            "citeAs": self.cite(),
            // The file has no version but its content.
            "version": format!("1.0.0+{}", &data.blake3.to_string()[..10]),
            "distribution": [self.file(name)],
            "recordSet": self.record_sets(),
        });
        let mut set = |name: &str, value: Value| {
            if value.as_array().is_none_or(|items| !items.is_empty()) && value != "" {
                document[name] = value;
            }
        };
        let licences = licences(&ledger.licence).unwrap_or_default();
        set("license", licences.iter().map(|licence| json!(licence.address())).collect());
        set("url", json!(ledger.about.url));
        if let Some(used) = self.used {
            set("datePublished", json!(used.date(&ledger.time_zone)));
        }
        let creator = |it: &super::about::Creator| {
            let id = (!it.orcid.is_empty()).then(|| format!("https://orcid.org/{}", it.orcid));
            match id {
                Some(id) => json!({ "@type": "sc:Person", "@id": id, "name": it.name }),
                None => json!({ "@type": "sc:Person", "name": it.name }),
            }
        };
        set("creator", ledger.about.creators.iter().map(creator).collect());
        if let Some(publisher) = &ledger.about.publisher {
            set("publisher", json!({ "@type": "sc:Organization", "name": publisher.name }));
        }
        text(&document)
    }

    fn description(&self) -> String {
        let data = self.data;
        let columns = data.columns.len();
        let about = if self.ledger.description.is_empty() {
            String::new()
        } else {
            format!(" {}", self.ledger.description)
        };
        format!(
            "{} rows and {columns} columns of {}, used by {}.{about}",
            data.rows, data.path, self.ledger.title
        )
    }

    fn cite(&self) -> String {
        let names: Vec<&str> =
            self.ledger.about.creators.iter().map(|it| it.name.as_str()).collect();
        let names =
            if names.is_empty() { String::new() } else { format!("{}: ", names.join(", ")) };
        let doi = &self.ledger.about.doi;
        let doi = if doi.is_empty() { String::new() } else { format!(", https://doi.org/{doi}") };
        format!("{names}{} ({}){doi}", self.ledger.title, self.data.path)
    }

    fn file(&self, name: &str) -> Value {
        let media =
            if self.data.format == "parquet" { "application/x-parquet" } else { "text/csv" };
        json!({
            "@type": "cr:FileObject",
            "@id": "file",
            "name": name,
            "contentUrl": self.address,
            "contentSize": format!("{} B", self.data.size),
            "encodingFormat": media,
            "sha256": self.data.sha256,
        })
    }

    fn record_sets(&self) -> Vec<Value> {
        let mut ids = BTreeSet::new();
        let fields: Vec<Value> =
            self.data.columns.iter().map(|column| self.field(column, &mut ids)).collect();
        let rows =
            json!({ "@type": "cr:RecordSet", "@id": "rows", "name": "rows", "field": fields });
        let Some((_, parts)) = self.split else { return vec![rows] };
        let part = |name: &String| json!({ "splits/name": name });
        let splits = json!({
            "@type": "cr:RecordSet",
            "@id": "splits",
            "name": "splits",
            "description": "The parts into which the rows are divided",
            "dataType": "cr:Split",
            "key": { "@id": "splits/name" },
            "field": [{ "@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text" }],
            "data": parts.iter().map(part).collect::<Vec<_>>(),
        });
        vec![splits, rows]
    }

    fn field(&self, column: &ColumnView, ids: &mut BTreeSet<String>) -> Value {
        let kind = match column.r#type {
            "integer" => "sc:Integer",
            "float" => "sc:Float",
            "boolean" => "sc:Boolean",
            _ => "sc:Text",
        };
        let mut facts: Vec<String> = self
            .roles
            .iter()
            .filter(|(name, _)| *name == column.name)
            .map(|(_, role)| role.clone())
            .collect();
        if column.missing > 0 {
            facts.push(format!("{} empty cells", column.missing));
        }
        let mut field = json!({
            "@type": "cr:Field",
            "@id": format!("rows/{}", id(&column.name, ids)),
            "name": column.name,
            "dataType": kind,
            "source": { "fileObject": { "@id": "file" }, "extract": { "column": column.name } },
        });
        if !facts.is_empty() {
            field["description"] = facts.join("; ").into();
        }
        if self.split.is_some_and(|(split, _)| split == column.name) {
            field["references"] = json!({ "field": { "@id": "splits/name" } });
        }
        field
    }
}

/// A column's name as a part of an `@id`, in which readers take no blanks, escaped or not; each once.
fn id(name: &str, ids: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let plain: String = name.chars().map(plain).collect();
    let plain = if plain.is_empty() { "column".to_owned() } else { plain };
    let mut id = plain.clone();
    let mut number = 2;
    while !ids.insert(id.clone()) {
        id = format!("{plain}-{number}");
        number += 1;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_any_name_have_ids_of_their_own() {
        let mut ids = BTreeSet::new();
        let names = ["size (m2)", "size [m2]", "größe", "", ""].map(|name| id(name, &mut ids));
        assert_eq!(names, ["size__m2_", "size__m2_-2", "gr__e", "column", "column-2"]);
    }
}
