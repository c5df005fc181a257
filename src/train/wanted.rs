//! What of a data file a request needs in memory.

use crate::ledger::evaluate::FoldKind;
use crate::ledger::model::Task;
use crate::ledger::request::BuiltIn;
use crate::ledger::split::Split;

use super::estimator::estimator;

/// A column to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Whether its texts are needed although its cells are numbers: for classes, groups, parts.
    pub words: bool,
}

/// The columns a request reads, each once.
pub fn wanted(request: &BuiltIn) -> Vec<Wanted> {
    let data = &request.data;
    let mut words: Vec<&str> = Vec::new();
    let of_classes = |task| task != Task::Regression;
    if estimator(&request.trainer.name).is_ok_and(|it| of_classes(it.declaration().task)) {
        // The known groups that clusters are compared with are texts too.
        words.push(&data.target);
    }
    match &data.split {
        Some(Split::Time(_)) | None => {}
        Some(split) => words.extend(split.columns()),
    }
    let folds = request.evaluate.cv.as_ref().filter(|folds| folds.kind != FoldKind::Time);
    words.extend(folds.and_then(|folds| folds.column.as_deref()));
    let with_categories = request.prepare.columns.iter();
    words.extend(
        with_categories.filter(|(_, it)| it.categories.is_some()).map(|(name, _)| name.as_str()),
    );
    let columns = data.columns(&request.evaluate).into_iter();
    columns.map(|name| Wanted { name: name.to_owned(), words: words.contains(&name) }).collect()
}
