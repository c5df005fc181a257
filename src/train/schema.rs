//! `schema.json`: what went into a run, and what the preparation made of it.

use serde::Serialize;

use crate::ledger::facts::ColumnKind;
use crate::ledger::outcome::NewArtifact;

use super::error::TrainError;
use super::job::{Job, Trained};
use super::split::Rows;
use super::table::Table;

/// At most so many categories of a column are listed.
const MAX_LISTED: usize = 100;

#[derive(Serialize)]
struct Schema<'a> {
    features: Vec<SchemaColumn<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<SchemaColumn<'a>>,
    rows: SchemaRows,
    /// The features the preparation makes; absent where numbers are taken as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    prepared: Option<&'a [String]>,
}

#[derive(Serialize)]
struct SchemaColumn<'a> {
    name: &'a str,
    r#type: &'static str,
    missing: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<SchemaCategories>,
}

/// The distinct texts of a text column.
#[derive(Serialize)]
struct SchemaCategories {
    count: usize,
    /// The first of them in their order.
    first: Vec<String>,
}

#[derive(Serialize)]
struct SchemaRows {
    train: usize,
    test: usize,
    /// Rows in neither part because a cell is empty.
    #[serde(skip_serializing_if = "is_zero")]
    dropped: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What went in. Types, missing cells and categories are of all rows, both parts together.
pub(super) fn schema(
    job: &Job<'_>,
    rows: &Rows,
    trained: &Trained,
) -> Result<NewArtifact, TrainError> {
    let data = &job.request.data;
    let target = Some(data.target.as_str()).filter(|target| !target.is_empty());
    let features = data.features.iter().map(|name| column(job.table, name));
    let preparation = &trained.preparation;
    let schema = Schema {
        features: features.collect::<Result<_, _>>()?,
        target: target.map(|name| column(job.table, name)).transpose()?,
        rows: SchemaRows {
            train: rows.train.len(),
            test: rows.test.len(),
            dropped: job.table.rows() - rows.train.len() - rows.test.len(),
        },
        prepared: (!preparation.is_nothing()).then(|| preparation.names()),
    };
    let mut bytes = serde_json::to_vec_pretty(&schema)
        .map_err(|error| TrainError::Read(std::io::Error::other(error)))?;
    bytes.push(b'\n');
    Ok(NewArtifact { path: "schema.json".into(), bytes })
}

fn column<'a>(table: &Table, name: &'a str) -> Result<SchemaColumn<'a>, TrainError> {
    let (kind, missing) = table.describe(name)?;
    let categories = if kind == ColumnKind::Text {
        let mut words = table.labels(name)?.words;
        words.retain(|word| !word.is_empty());
        let count = words.len();
        words.truncate(MAX_LISTED);
        Some(SchemaCategories { count, first: words })
    } else {
        None
    };
    Ok(SchemaColumn { name, r#type: kind.word(), missing, categories })
}

#[cfg(test)]
mod tests {
    use super::super::housing::{artifact, request};
    use super::super::{Table, train};
    use crate::ledger::split::{Split, SplitColumn};

    #[test]
    fn the_schema_tells_types_categories_and_rows() {
        let text = "a,w,y,part\n1,x,1.5,train\n2,y,2,train\n4,x,7,train\n3,,3,test\n4,é,4,test\n";
        let table = Table::read(text.as_bytes(), &["a", "w", "y", "part"]).unwrap();
        let mut request = request("linear-regression", "", 0);
        request.data.features = vec!["a".into(), "w".into()];
        request.data.target = "y".into();
        request.data.split = Some(Split::Column(SplitColumn { column: "part".into() }));
        request.prepare = toml::from_str("missing = 'drop'\ncategories = 'ordinal'").unwrap();
        let outcome = train(&request, &table, &super::super::estimator::Silent).unwrap();
        let value: serde_json::Value =
            serde_json::from_slice(artifact(&outcome, "schema.json")).unwrap();
        assert_eq!(
            value,
            serde_json::json!({
                "features": [
                    { "name": "a", "type": "integer", "missing": 0 },
                    {
                        "name": "w", "type": "text", "missing": 1,
                        "categories": { "count": 3, "first": ["x", "y", "é"] },
                    },
                ],
                "target": { "name": "y", "type": "float", "missing": 0 },
                "rows": { "train": 3, "test": 1, "dropped": 1 },
                "prepared": ["a", "w"],
            })
        );
    }
}
