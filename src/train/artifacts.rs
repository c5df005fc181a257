//! The files a built-in trainer leaves: the model, predictions, importances, schema.

use crate::ledger::outcome::NewArtifact;

use super::error::TrainError;
use super::estimator::Answer;

/// A table of text cells as an artifact; floats are written as the shortest text that reads back.
pub(super) fn csv(
    path: &str,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<NewArtifact, TrainError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| TrainError::Read(error.into_error()))?;
    Ok(NewArtifact { path: path.into(), bytes })
}

/// `predictions.csv`: row number from 1, actual and predicted target of each test row.
pub(super) fn predictions(
    rows: &[usize],
    actual: &[f64],
    predicted: &[f64],
) -> Result<NewArtifact, TrainError> {
    let lines = rows.iter().zip(actual).zip(predicted).map(|((row, actual), predicted)| {
        vec![(row + 1).to_string(), format!("{actual:?}"), format!("{predicted:?}")]
    });
    csv("predictions.csv", &["row", "actual", "predicted"], lines)
}

/// `predictions.csv` of a classification: row number from 1, actual and predicted class of each test
/// row, and `probability_…` of each class, or `score_…` where the scores are no probabilities.
pub(super) fn class_predictions(
    rows: &[usize],
    actual: &[f64],
    answer: &Answer,
    classes: &[String],
) -> Result<NewArtifact, TrainError> {
    let mut header: Vec<String> = ["row", "actual", "predicted"].map(str::to_owned).to_vec();
    let word = answer
        .scores
        .as_ref()
        .map(|scores| if scores.probabilities { "probability" } else { "score" });
    header.extend(
        word.into_iter()
            .flat_map(|word| classes.iter().map(move |class| format!("{word}_{class}"))),
    );
    let name = |class: f64| classes.get(class as usize).cloned().unwrap_or_default();
    let lines = rows.iter().enumerate().map(|(at, row)| {
        let class = |of: &[f64]| of.get(at).map_or_else(String::new, |class| name(*class));
        let mut line = vec![(row + 1).to_string(), class(actual), class(&answer.values)];
        let scores = answer.scores.iter().flat_map(|scores| &scores.by_class);
        line.extend(scores.filter_map(|scores| scores.get(at)).map(|score| format!("{score:?}")));
        line
    });
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    csv("predictions.csv", &header, lines)
}

/// `feature_importance.csv`: highest first, equal ones by name.
pub(super) fn importance(names: &[String], values: &[f64]) -> Result<NewArtifact, TrainError> {
    let mut pairs: Vec<(&String, f64)> = names.iter().zip(values.iter().copied()).collect();
    pairs.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let lines = pairs.into_iter().map(|(name, value)| vec![name.clone(), format!("{value:?}")]);
    csv("feature_importance.csv", &["feature", "importance"], lines)
}

/// `coefficients.csv`: in the order of the features, one column or one a class.
pub(super) fn coefficients(
    names: &[String],
    rows: &[Vec<f64>],
    classes: &[String],
) -> Result<NewArtifact, TrainError> {
    let mut header = vec!["feature"];
    if rows.len() == classes.len() {
        header.extend(classes.iter().map(String::as_str));
    } else {
        header.extend(rows.iter().map(|_| "coefficient"));
    }
    let lines = names.iter().enumerate().map(|(at, name)| {
        let values = rows.iter().filter_map(|row| row.get(at)).map(|value| format!("{value:?}"));
        std::iter::once(name.clone()).chain(values).collect()
    });
    csv("coefficients.csv", &header, lines)
}

/// `clusters.csv`: row number from 1 and cluster of each row, -1 for noise.
pub(super) fn clusters(rows: &[(usize, f64)]) -> Result<NewArtifact, TrainError> {
    let line = |(row, cluster): &(usize, f64)| vec![(row + 1).to_string(), format!("{cluster:.0}")];
    csv("clusters.csv", &["row", "cluster"], rows.iter().map(line))
}

/// `centroids.csv`: a line a cluster, a column a feature.
pub(super) fn centroids(
    names: &[String],
    centroids: &[Vec<f64>],
) -> Result<NewArtifact, TrainError> {
    let mut header = vec!["cluster"];
    header.extend(names.iter().map(String::as_str));
    let lines = centroids.iter().enumerate().map(|(cluster, centroid)| {
        let values = centroid.iter().map(|value| format!("{value:?}"));
        std::iter::once(cluster.to_string()).chain(values).collect()
    });
    csv("centroids.csv", &header, lines)
}

#[cfg(test)]
mod tests {
    use super::super::estimator::Scores;
    use super::*;

    fn text(artifact: Result<NewArtifact, TrainError>) -> String {
        String::from_utf8(artifact.unwrap().bytes).unwrap()
    }

    #[test]
    fn tables_read_back_exactly() {
        let written = text(predictions(&[0, 7], &[1.0, 0.1], &[1e300, 1.0 / 3.0]));
        assert_eq!(written, "row,actual,predicted\n1,1.0,1e300\n8,0.1,0.3333333333333333\n");
    }

    #[test]
    fn classes_are_written_by_name_with_their_probabilities() {
        let scores = Scores { by_class: vec![vec![0.25], vec![0.75]], probabilities: true };
        let classes = ["no".to_owned(), "yes, sir".to_owned()];
        let written = text(class_predictions(&[3], &[0.0], &Answer::of_scores(scores), &classes));
        let header = "row,actual,predicted,probability_no,\"probability_yes, sir\"\n";
        assert_eq!(written, header.to_owned() + "4,no,\"yes, sir\",0.25,0.75\n");
        let written = text(class_predictions(&[0], &[1.0], &Answer::plain(vec![0.0]), &classes));
        assert_eq!(written, "row,actual,predicted\n1,\"yes, sir\",no\n");
    }

    #[test]
    fn the_most_important_feature_comes_first() {
        let names = ["b".to_owned(), "a".to_owned(), "c, d".to_owned()];
        let written = text(importance(&names, &[0.25, 0.25, 0.5]));
        assert_eq!(written, "feature,importance\n\"c, d\",0.5\na,0.25\nb,0.25\n");
    }
}
