//! Model files: a readable header and a compact body, both under one digest.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `FLMODEL1` |
//! | 4 | length of the header, big-endian |
//! | … | header: JSON, see [`Header`] |
//! | 32 | BLAKE3 of header and body |
//! | … | body: postcard of the type of its kind and format |

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ledger::digest::StreamDigest;
use crate::ledger::request::{BuiltIn, Trainer};

use super::error::TrainError;
use super::estimator::{Answer, Predictor, estimator};
use super::job::Trained;
use super::prepare::Preparation;
use super::table::Table;
use super::trees::kinds::{boosting, decision, forest, forest_classifier};
use super::wanted::Wanted;
use super::{
    dbscan, hyperplanes, k_means, linear, logistic, naive_bayes, neighbours, support_vectors,
};

const MAGIC: &[u8; 8] = b"FLMODEL1";

/// What a model file says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    kind: String,
    format: u32,
    pub(super) trainer: Trainer,
    pub(super) params: BTreeMap<String, serde_json::Value>,
    pub(super) seed: i64,
    pub(super) features: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub(super) target: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) classes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    nodes: Option<u64>,
    /// Absent where numbers are taken as they are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) preparation: Option<Preparation>,
}

/// The part of a header that every later format keeps.
#[derive(Deserialize)]
struct Origin {
    kind: String,
    format: u32,
}

/// Reads the body of a kind, given the numbers of features and of classes.
type Reader = fn(&[u8], usize, usize) -> Result<Box<dyn Predictor>, TrainError>;

/// The kinds of model files with the newest format of each and its reader.
const KINDS: &[(&str, u32, Reader)] = &[
    (forest::KIND, forest::FORMAT, forest::open),
    (k_means::KIND, k_means::FORMAT, k_means::open),
    (forest_classifier::KIND, forest_classifier::FORMAT, forest_classifier::open),
    (boosting::KIND, boosting::FORMAT, boosting::open),
    (decision::KIND, decision::FORMAT, decision::open),
    (hyperplanes::KIND, hyperplanes::FORMAT, hyperplanes::open),
    (dbscan::KIND, dbscan::FORMAT, dbscan::open),
    (linear::KIND, linear::FORMAT, linear::open),
    (logistic::KIND, logistic::FORMAT, logistic::open),
    (naive_bayes::KIND, naive_bayes::FORMAT, naive_bayes::open),
    (neighbours::KIND, neighbours::FORMAT, neighbours::open),
    (support_vectors::KIND, support_vectors::FORMAT, support_vectors::open),
];

/// A model read from a model file.
pub struct SavedModel {
    pub(super) header: Header,
    pub(super) preparation: Preparation,
    pub(super) predictor: Box<dyn Predictor>,
}

/// Writes a model file.
pub(super) fn write(
    request: &BuiltIn,
    trained: &Trained,
    classes: &[String],
) -> Result<Vec<u8>, TrainError> {
    let predictor = trained.fitted.predictor.as_ref();
    let kind = predictor.kind();
    let format = KINDS.iter().find(|known| known.0 == kind).map_or(1, |known| known.1);
    let fault = |error: serde_json::Error| TrainError::ModelFile(error.to_string());
    let mut params = BTreeMap::new();
    for (name, value) in &request.params {
        params.insert(name.clone(), serde_json::to_value(value).map_err(fault)?);
    }
    let predicts = estimator(&request.trainer.name)?.declaration().task.has_target();
    let header = Header {
        kind: kind.to_owned(),
        format,
        trainer: request.trainer.clone(),
        params,
        seed: request.seed,
        features: request.data.features.clone(),
        target: if predicts { request.data.target.clone() } else { String::new() },
        classes: classes.to_vec(),
        nodes: predictor.nodes(),
        preparation: Some(trained.preparation.clone()).filter(|it| !it.is_nothing()),
    };
    let header = serde_json::to_vec(&header).map_err(fault)?;
    Ok(assemble(&header, &predictor.body()?))
}

fn assemble(header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend((header.len() as u32).to_be_bytes());
    bytes.extend(header);
    bytes.extend(seal(header, body));
    bytes.extend(body);
    bytes
}

fn seal(header: &[u8], body: &[u8]) -> [u8; 32] {
    let mut digest = StreamDigest::default();
    digest.update(header);
    digest.update(body);
    *digest.finish().as_bytes()
}

impl SavedModel {
    /// Reads a model file; damaged bytes are an error, never a wrong model.
    pub fn read(bytes: &[u8]) -> Result<Self, TrainError> {
        let fault = |text: &str| TrainError::ModelFile(text.into());
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| fault("it is no model file"))?;
        let (header, seal_read, body) = sections(rest).ok_or_else(|| fault("it is cut short"))?;
        if seal(header, body) != *seal_read {
            return Err(fault("its bytes have changed since it was written"));
        }
        let unreadable = |error: serde_json::Error| TrainError::ModelFile(error.to_string());
        let Origin { kind, format } = serde_json::from_slice(header).map_err(unreadable)?;
        let Some(&(_, known, open)) = KINDS.iter().find(|known| known.0 == kind) else {
            return Err(TrainError::ModelFile(format!("its kind '{kind}' is unknown here")));
        };
        if format > known {
            return Err(TrainError::NewerModelFile { kind, found: format, known });
        }
        let header: Header = serde_json::from_slice(header).map_err(unreadable)?;
        let preparation =
            header.preparation.clone().unwrap_or_else(|| Preparation::nothing(&header.features));
        preparation.check()?;
        let predictor = open(body, preparation.names().len(), header.classes.len())?;
        Ok(Self { header, preparation, predictor })
    }

    /// The features it needs, in order.
    pub fn features(&self) -> &[String] {
        &self.header.features
    }

    /// The column it predicts.
    pub fn target(&self) -> &str {
        &self.header.target
    }

    /// The classes it tells apart, by number; empty unless it is a classifier.
    pub fn classes(&self) -> &[String] {
        &self.header.classes
    }

    /// Who trained it.
    pub fn trainer(&self) -> &Trainer {
        &self.header.trainer
    }

    /// The columns it needs, in the form in which it needs them.
    pub fn wanted(&self) -> Vec<Wanted> {
        self.preparation.wanted()
    }

    /// Predicts every row of a table, which has a column for each feature. A row that the preparation
    /// drops for an empty cell gets NaN.
    pub(super) fn predict(&self, table: &Table) -> Result<Answer, TrainError> {
        let rows = self.preparation.complete(table, (0..table.rows()).collect())?;
        let answer = self.predictor.predict(&self.preparation.apply(table, &rows)?);
        Ok(if rows.len() < table.rows() { answer.spread(&rows, table.rows()) } else { answer })
    }
}

/// Header, digest and body.
fn sections(rest: &[u8]) -> Option<(&[u8], &[u8; 32], &[u8])> {
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (header, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let (seal, body) = rest.split_first_chunk::<32>()?;
    Some((header, seal, body))
}

/// Writes a body.
pub(super) fn encode(body: &impl Serialize) -> Result<Vec<u8>, TrainError> {
    postcard::to_stdvec(body).map_err(|error| TrainError::ModelFile(error.to_string()))
}

/// Reads a body to its last byte. Every element takes at least one byte of the input and nothing
/// larger is reserved ahead, so a false length costs no memory.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, TrainError> {
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(TrainError::ModelFile("it has bytes after its end".into())),
        Err(error) => Err(TrainError::ModelFile(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::housing::{artifact, request, run, table};
    use super::*;
    use crate::ledger::model::Task;

    fn forest() -> Vec<u8> {
        static BYTES: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let make = || {
            let request = request("random-forest-regressor", "n_estimators = 3\nmax_depth = 3", 1);
            artifact(&run(&request).0, "model.forest").to_vec()
        };
        BYTES.get_or_init(make).clone()
    }

    fn error(bytes: &[u8]) -> String {
        SavedModel::read(bytes).err().unwrap().to_string()
    }

    /// The file with another header and a digest that fits.
    fn with_header(bytes: &[u8], change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
        let (header, _, body) = sections(&bytes[MAGIC.len()..]).unwrap();
        let mut header: serde_json::Value = serde_json::from_slice(header).unwrap();
        change(&mut header);
        assemble(&serde_json::to_vec(&header).unwrap(), body)
    }

    #[test]
    fn the_header_is_plain_json() {
        let bytes = forest();
        let saved = SavedModel::read(&bytes).unwrap();
        assert_eq!(saved.trainer().name, "random-forest-regressor");
        let (header, ..) = sections(&bytes[MAGIC.len()..]).unwrap();
        let header: serde_json::Value = serde_json::from_slice(header).unwrap();
        assert_eq!(header["params"], serde_json::json!({ "n_estimators": 3, "max_depth": 3 }));
        assert_eq!(header["kind"], "forest");
        assert_eq!(header["nodes"], 45);
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let bytes = forest();
        assert!(error(b"").starts_with("the model file cannot be used: it is no model file"));
        assert!(error(&bytes[..30]).contains("it is cut short"));
        let newer = with_header(&bytes, |header| header["format"] = 2.into());
        let text = "the model file has format 2 of 'forest'; this program reads up to 1";
        assert_eq!(error(&newer), text);
        let other = with_header(&bytes, |header| header["kind"] = "oracle".into());
        assert!(error(&other).contains("its kind 'oracle' is unknown here"));
        let fewer = with_header(&bytes, |header| header["features"] = serde_json::json!(["area"]));
        assert!(error(&fewer).contains("its trees do not belong to its features"));
        let table = Table::read(b"area\n1\n", &["area"]).unwrap();
        let missing = SavedModel::read(&bytes).unwrap().predict(&table).unwrap_err().to_string();
        assert_eq!(missing, "there is no column 'bedrooms'; the columns are 'area'");
    }

    #[test]
    fn every_model_predicts_the_same_after_reading() {
        for model in super::super::models() {
            let (outcome, _) = run(&request(model.name, "", 3));
            let (name, place) = match model.task {
                Task::Clustering => ("clusters.csv", 1),
                _ => ("predictions.csv", 2),
            };
            let made = &outcome.artifacts[0];
            assert!(made.path.starts_with("model."));
            let saved = SavedModel::read(&made.bytes).unwrap();
            let all = saved.predict(&table()).unwrap().values;
            for record in csv::Reader::from_reader(artifact(&outcome, name)).records() {
                let record = record.unwrap();
                let row: usize = record[0].parse().unwrap();
                let read = all[row - 1];
                let class = saved.classes().get(read as usize).cloned();
                let number = match model.task {
                    Task::Clustering => format!("{read:.0}"),
                    _ => format!("{read:?}"),
                };
                assert_eq!(record[place], class.unwrap_or(number), "{}", model.name);
            }
        }
    }

    proptest! {
        #[test]
        fn a_changed_bit_is_found(at in any::<proptest::sample::Index>(), bit in 0_u8..8) {
            let mut bytes = forest();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(SavedModel::read(&bytes).is_err());
        }

        #[test]
        fn a_cut_is_found(at in any::<proptest::sample::Index>()) {
            let bytes = forest();
            prop_assert!(SavedModel::read(&bytes[..at.index(bytes.len())]).is_err());
        }

        #[test]
        fn a_body_with_a_digest_that_fits_does_not_panic(
            at in any::<proptest::sample::Index>(),
            value in any::<u8>(),
        ) {
            let bytes = forest();
            let (header, _, body) = sections(&bytes[MAGIC.len()..]).unwrap();
            let mut body = body.to_vec();
            let at = at.index(body.len());
            body[at] = value;
            if let Ok(saved) = SavedModel::read(&assemble(header, &body)) {
                prop_assert!(saved.predict(&table()).is_ok());
            }
        }
    }
}
