//! One run of a built-in trainer, from request and table to metrics and artifacts.

use std::time::Instant;

use toml::Value;

use crate::ledger::outcome::{NewArtifact, Outcome, Reporter};
use crate::ledger::request::{BuiltIn, Request};

use super::error::{TrainError, listing};
use super::estimator::{Answer, Estimator, estimator};
use super::job::{Job, Trained};
use super::metrics::{Undefined, metrics};
use super::model_file::SavedModel;
use super::onnx::Provenance;
use super::params::Params;
use super::prepare::kept;
use super::schema::schema;
use super::split::{Rows, divide};
use super::table::Table;
use super::target::Target;
use super::{artifacts, clusters, evaluate, model_file};

/// Trains the model a request names on the training rows and judges it on both parts.
///
/// Metrics go to the reporter: those of the test rows under their names, then those of the training
/// rows as `train_…`; then what else the request asks for.
pub fn train(
    request: &BuiltIn,
    table: &Table,
    reporter: &dyn Reporter,
) -> Result<Outcome, TrainError> {
    let estimator = estimator(&request.trainer.name)?;
    check(request, estimator)?;
    let task = estimator.declaration().task;
    let params = Params::check(estimator.declaration(), &request.params)?;
    let target = Target::read(task, table, &request.data.target)?;
    let job = Job { request, estimator, params, table, target };
    let rows = complete(&job, divide(request.data.split.as_ref(), table)?, reporter)?;
    let progress = evaluate::progress(&request.evaluate, reporter);
    let trained = evaluate::fit(&job, &rows.train, reporter, &progress)?;

    let judged = if task.has_target() {
        predictions(&job, &rows, &trained, reporter)?
    } else {
        clusters::judge(&job, &rows, &trained, reporter)?
    };
    let judgement = evaluate::judge(&job, &rows, &trained, reporter, &progress)?;

    let mut artifacts = collect(&job, &rows, &trained, judged.answers)?;
    artifacts.extend(judged.curves);
    artifacts.extend(judgement.artifacts);
    let mut facts = trained.fitted.facts;
    facts.insert("train_rows".into(), Value::Integer(rows.train.len() as i64));
    facts.insert("test_rows".into(), Value::Integer(rows.test.len() as i64));
    let mut timings = judgement.timings;
    timings.extend([("fit".into(), trained.seconds), ("predict".into(), judged.predict)]);
    Ok(Outcome { artifacts, timings, facts, ..Outcome::default() })
}

/// What asking a trained model about the rows gave, beside the metrics.
pub(super) struct Judged {
    /// What it says of the rows.
    pub(super) answers: Vec<NewArtifact>,
    /// Files that pictures are drawn from.
    pub(super) curves: Vec<NewArtifact>,
    /// Seconds it took to answer for the test rows.
    pub(super) predict: f64,
}

/// Predicts the test rows and reports the metrics of both parts.
fn predictions(
    job: &Job<'_>,
    rows: &Rows,
    trained: &Trained,
    reporter: &dyn Reporter,
) -> Result<Judged, TrainError> {
    let start = Instant::now();
    let answer = job.ask(trained, &rows.test)?;
    let predict = start.elapsed().as_secs_f64();
    let actual = job.target.of(&rows.test);
    report(job, reporter, "", &actual, &answer);
    let own = job.ask(trained, &rows.train)?;
    report(job, reporter, "train_", &job.target.of(&rows.train), &own);
    let (predictions, curves) = match job.target.classes.as_slice() {
        [] => (artifacts::predictions(&rows.test, &actual, &answer.values)?, Vec::new()),
        classes => (
            artifacts::class_predictions(&rows.test, &actual, &answer, classes)?,
            evaluate::curves(&job.target, &actual, &answer, reporter)?,
        ),
    };
    Ok(Judged { answers: vec![predictions], curves, predict })
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
    if request.artifacts.onnx && !estimator.is_in_onnx() {
        return Err(TrainError::NotInOnnx { model: model.name.into() });
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
    let target = &request.data.target;
    if !target.is_empty() && features.contains(target) {
        return Err(TrainError::Features("contain the target; leave it out"));
    }
    Ok(())
}

/// Both parts without the rows that are dropped for an empty cell; how many is told in the log.
fn complete(job: &Job<'_>, rows: Rows, reporter: &dyn Reporter) -> Result<Rows, TrainError> {
    let (declared, columns) = (&job.request.prepare, &job.request.data.features);
    let (had_test, before) = (!rows.test.is_empty(), rows.train.len() + rows.test.len());
    let rows = Rows {
        train: kept(declared, columns, job.table, rows.train)?,
        test: kept(declared, columns, job.table, rows.test)?,
    };
    let after = rows.train.len() + rows.test.len();
    if after < before {
        let dropped = before - after;
        reporter.line(&format!(
            "{dropped} of {before} rows are left out: they have empty cells in the features"
        ));
    }
    for (part, is_empty) in
        [("train", rows.train.is_empty()), ("test", had_test && rows.test.is_empty())]
    {
        if is_empty {
            return Err(TrainError::EmptyPart { part });
        }
    }
    Ok(rows)
}

/// Reports the requested metrics in the order of [`metrics`], whatever the order of the request.
fn report(job: &Job<'_>, reporter: &dyn Reporter, prefix: &str, actual: &[f64], answer: &Answer) {
    for (name, value) in job.metrics().zip(job.scores(actual, answer)) {
        match value {
            Ok(value) => reporter.metric(&format!("{prefix}{name}"), value, 0),
            // The result of a part of one row has always held this NaN.
            Err(_) if name == "r2" => reporter.metric(&format!("{prefix}{name}"), f64::NAN, 0),
            Err(Undefined(reason)) => reporter.line(&format!("no {prefix}{name}: {reason}")),
        }
    }
}

fn collect(
    job: &Job<'_>,
    rows: &Rows,
    trained: &Trained,
    answers: Vec<NewArtifact>,
) -> Result<Vec<NewArtifact>, TrainError> {
    let names = trained.preparation.names();
    let (request, fitted) = (job.request, &trained.fitted);
    let predictor = fitted.predictor.as_ref();
    let mut made = vec![NewArtifact {
        path: format!("model.{}", predictor.kind()),
        bytes: model_file::write(request, trained, &job.target.classes)?,
    }];
    made.extend(answers);
    if !fitted.importance.is_empty() {
        made.push(artifacts::importance(names, &fitted.importance)?);
    }
    made.push(schema(job, rows, trained)?);
    if request.artifacts.onnx {
        // From the bytes of the model file, as `export onnx` makes it, so that both agree.
        let run = Request::built_in(request).ok().map(|request| request.id());
        let provenance = Provenance { run, data: Some(request.data.digest), program: None };
        let bytes = SavedModel::read(&made[0].bytes)?.to_onnx(&provenance)?;
        made.push(NewArtifact { path: "model.onnx".into(), bytes });
    }
    if let Some(coefficients) = &fitted.coefficients {
        made.push(artifacts::coefficients(names, coefficients, &job.target.classes)?);
    }
    Ok(made)
}
