//! Models as they are shown.

use super::super::model::Default;
use super::*;

const MODEL: Model = Model {
    name: "oracle",
    version: 3,
    task: Task::Classification,
    summary: "Knows",
    parameters: &[Parameter {
        name: "max_features",
        kinds: &[
            Kind::Integer(1, i64::MAX),
            Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0)),
            Kind::Word(&["sqrt", "none"]),
        ],
        default: Default::Float(1.0),
        summary: "Features.",
        added_later: false,
    }],
};

#[test]
fn every_kind_is_told_as_json_schema() {
    let view = ModelView::new(&MODEL, &["accuracy", "f1"], &["accuracy"]);
    assert_eq!(
        serde_json::to_value(&view.parameters).unwrap(),
        json!([{
            "name": "max_features",
            "default": 1.0,
            "takes": "a whole number of at least 1, or a number above 0.0 up to 1.0, or \"sqrt\" or \"none\"",
            "schema": { "anyOf": [
                { "type": "integer", "minimum": 1 },
                { "type": "number", "exclusiveMinimum": 0.0, "maximum": 1.0 },
                { "enum": ["sqrt", "none"] },
            ] },
            "summary": "Features.",
        }])
    );
    assert_eq!((view.version, view.task), (3, "classification"));
    assert_eq!(schema(&Kind::Integer(i64::MIN, 5)), json!({ "type": "integer", "maximum": 5 }));
    assert_eq!(schema(&Kind::Float(Bound::None, Bound::None)), json!({ "type": "number" }));
    assert_eq!(schema(&Kind::Boolean), json!({ "type": "boolean" }));
}
