//! One run of a built-in trainer, from request and table to metrics and artifacts.

use std::collections::BTreeMap;
use std::time::Instant;

use toml::Value;

use crate::ledger::outcome::{NewArtifact, Outcome, Reporter};
use crate::ledger::request::BuiltIn;

use super::error::{TrainError, listing};
use super::estimator::{Estimator, Fitted, Sample, Work, estimator};
use super::metrics::{metrics, score};
use super::model_file::SavedModel;
use super::params::Params;
use super::split::{Rows, divide};
use super::table::Table;
use super::{artifacts, model_file};

/// Trains the model a request names on the training rows and judges it on both parts.
///
/// Metrics go to the reporter: those of the test rows under their names, then those of the training
/// rows as `train_…`.
pub fn train(
    request: &BuiltIn,
    table: &Table,
    reporter: &dyn Reporter,
) -> Result<Outcome, TrainError> {
    let estimator = estimator(&request.trainer.name)?;
    check(request, estimator)?;
    let params = Params::check(estimator.declaration(), &request.params)?;
    let rows = divide(&request.data.split, table)?;
    let training = gather(request, table, &rows.train)?;
    let test = gather(request, table, &rows.test)?;

    let start = Instant::now();
    let names = &request.data.features;
    let work = Work { names, sample: &training, params: &params, seed: request.seed, reporter };
    let fitted = estimator.fit(&work)?;
    let fit = start.elapsed().as_secs_f64();
    if reporter.cancelled() {
        return Err(TrainError::Cancelled);
    }

    let start = Instant::now();
    let predicted = fitted.predictor.predict(&test.features);
    let predict = start.elapsed().as_secs_f64();
    let predicted_training = fitted.predictor.predict(&training.features);

    report(request, estimator, reporter, "", &test.target, &predicted);
    report(request, estimator, reporter, "train_", &training.target, &predicted_training);
    let artifacts = collect(request, table, &rows, &fitted, &test.target, &predicted)?;
    let mut facts = fitted.facts;
    facts.insert("train_rows".into(), Value::Integer(rows.train.len() as i64));
    facts.insert("test_rows".into(), Value::Integer(rows.test.len() as i64));
    let timings = BTreeMap::from([("fit".into(), fit), ("predict".into(), predict)]);
    Ok(Outcome { artifacts, timings, facts })
}

/// Predicts every row of a table with the model of a model file.
pub fn predict(model_file: &[u8], table: &Table) -> Result<Vec<f64>, TrainError> {
    SavedModel::read(model_file)?.predict(table)
}

/// What can be refused before any row is looked at.
fn check(request: &BuiltIn, estimator: &dyn Estimator) -> Result<(), TrainError> {
    let model = estimator.declaration();
    if request.trainer.version != model.version {
        return Err(TrainError::OtherVersion {
            name: model.name.into(),
            asked: request.trainer.version,
            here: model.version,
        });
    }
    let known = metrics(model.task);
    if let Some(name) = request.evaluate.metrics.iter().find(|name| !known.contains(&name.as_str()))
    {
        let present = listing(known.iter().copied());
        return Err(TrainError::NoMetric { name: name.clone(), present });
    }
    let features = &request.data.features;
    if features.is_empty() {
        return Err(TrainError::Features("are none; name at least one"));
    }
    if features.contains(&request.data.target) {
        return Err(TrainError::Features("contain the target; leave it out"));
    }
    Ok(())
}

/// Some rows of the features and the target.
fn gather(request: &BuiltIn, table: &Table, rows: &[usize]) -> Result<Sample, TrainError> {
    let pick = |name: &str| {
        let numbers = table.numbers(name)?;
        Ok::<Vec<f64>, TrainError>(rows.iter().map(|row| numbers[*row]).collect())
    };
    let features = request.data.features.iter().map(|name| pick(name)).collect::<Result<_, _>>()?;
    Ok(Sample { features, target: pick(&request.data.target)? })
}

/// Reports the requested metrics in the order of [`metrics`], whatever the order of the request.
fn report(
    request: &BuiltIn,
    estimator: &dyn Estimator,
    reporter: &dyn Reporter,
    prefix: &str,
    actual: &[f64],
    predicted: &[f64],
) {
    for name in metrics(estimator.declaration().task) {
        if request.evaluate.metrics.iter().any(|asked| asked == name)
            && let Some(value) = score(name, actual, predicted)
        {
            reporter.metric(&format!("{prefix}{name}"), value, 0);
        }
    }
}

fn collect(
    request: &BuiltIn,
    table: &Table,
    rows: &Rows,
    fitted: &Fitted,
    actual: &[f64],
    predicted: &[f64],
) -> Result<Vec<NewArtifact>, TrainError> {
    let names = &request.data.features;
    let predictor = fitted.predictor.as_ref();
    let mut made = vec![
        NewArtifact {
            path: format!("model.{}", predictor.kind()),
            bytes: model_file::write(request, predictor)?,
        },
        artifacts::predictions(&rows.test, actual, predicted)?,
        artifacts::importance(names, &fitted.importance)?,
        artifacts::schema(table, names, &request.data.target, rows)?,
    ];
    if let Some(coefficients) = &fitted.coefficients {
        made.push(artifacts::coefficients(names, coefficients)?);
    }
    Ok(made)
}
