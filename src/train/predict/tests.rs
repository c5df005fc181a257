//! New rows in every form, and what is wrong with them.

use proptest::prelude::*;

use super::super::housing::{artifact, request, run};
use super::*;

const HOUSE: &str =
    r#"{"area":2000,"bedrooms":3,"bathrooms":2,"age":5,"distance_to_city":8,"zip":"007"}"#;
const HOUSES: &str = "\
id,distance_to_city,area,bedrooms,bathrooms,age
a,8,2000,3,2,5
\"b, c\",8,2000,3,2,5
";

fn model() -> &'static SavedModel {
    static MODEL: std::sync::OnceLock<SavedModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| {
        let request = request("random-forest-regressor", "n_estimators = 3\nmax_depth = 3", 1);
        SavedModel::read(artifact(&run(&request).0, "model.forest")).unwrap()
    })
}

fn predicted(input: &str, form: OutputFormat, only: bool) -> Result<String, TrainError> {
    let mut output = Vec::new();
    let rows = NewRows {
        input: &mut input.as_bytes(),
        input_format: None,
        output: &mut output,
        output_format: form,
        only_predictions: only,
    };
    predict(model(), rows)?;
    Ok(String::from_utf8(output).unwrap())
}

fn csv(input: &str) -> String {
    predicted(input, OutputFormat::Csv, false).unwrap()
}

fn error(input: &str) -> String {
    predicted(input, OutputFormat::Csv, false).unwrap_err().to_string()
}

fn house() -> f64 {
    let values = [("area", "2000"), ("bedrooms", "3"), ("bathrooms", "2"), ("age", "5")];
    let values = values.into_iter().chain([("distance_to_city", "8")]);
    let values: Vec<_> = values.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    predict_one(model(), &values).unwrap()["prediction"].as_f64().unwrap()
}

#[test]
fn columns_are_found_by_name_and_passed_on_as_they_came() {
    let price = house();
    let expected = format!(
        "id,distance_to_city,area,bedrooms,bathrooms,age,prediction\n\
         a,8,2000,3,2,5,{price:?}\n\"b, c\",8,2000,3,2,5,{price:?}\n"
    );
    assert_eq!(csv(HOUSES), expected);
    let only = predicted(HOUSES, OutputFormat::Csv, true).unwrap();
    assert_eq!(only, format!("prediction\n{price:?}\n{price:?}\n"));
    let json = predicted(HOUSES, OutputFormat::Json, false).unwrap();
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&rows[1]["id"], rows[1]["age"].as_i64()), (&"b, c".into(), Some(5)));
    assert_eq!(rows[1]["prediction"], price);
}

#[test]
fn json_comes_as_an_array_an_object_or_one_object_after_the_other() {
    let row = format!("2000,3,2,5,8,007,{:?}\n", house());
    let header = "area,bedrooms,bathrooms,age,distance_to_city,zip,prediction\n";
    let two = format!("{header}{row}{row}");
    assert_eq!(csv(HOUSE), format!("{header}{row}"));
    assert_eq!(csv(&format!("\u{feff} [{HOUSE}, {HOUSE}]\n")), two);
    assert_eq!(csv(&format!("{HOUSE}\n{HOUSE}\n")), two);
    let turned = HOUSE.replace("\"area\":2000,", "").replace('}', ",\"area\":2000.0,\"more\":[1]}");
    let json = predicted(&format!("[{HOUSE},{turned}]"), OutputFormat::Json, false).unwrap();
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[0]["prediction"], rows[1]["prediction"]);
    assert_eq!((&rows[1]["more"], &rows[1]["zip"]), (&serde_json::json!([1]), &"007".into()));
    assert_eq!(predicted("[]", OutputFormat::Json, false).unwrap(), "[]\n");
    assert_eq!(csv("[]"), "prediction\n");
}

#[test]
fn every_missing_column_is_named_at_once() {
    let message = "the model needs the columns 'bedrooms', 'age', which are missing; \
                   the columns are 'area', 'Bedrooms', 'bathrooms', 'distance_to_city'";
    assert_eq!(error("area,Bedrooms,bathrooms,distance_to_city\n1,2,3,4\n"), message);
    let json = r#"{"area":1,"bathrooms":2}"#;
    assert!(error(json).starts_with("the model needs the columns 'bedrooms', 'age', 'dist"));
    assert!(error("").starts_with("the file is empty"));
    let taken = HOUSES.replace("id,", "prediction,");
    assert!(error(&taken).starts_with("there is a column 'prediction' already"));
    assert!(predicted(&taken, OutputFormat::Csv, true).is_ok());
}

#[test]
fn a_cell_that_is_no_number_is_named_in_any_block() {
    assert_eq!(
        error(&HOUSES.replace("c\",8,2000", "c\",8,big")),
        "row 2 has \"big\" for 'area', which is no number; correct or exclude it"
    );
    let row = "a,8,2000,3,2,5\n";
    let long = format!("{}{}a,8,2000,,2,5\n", HOUSES, row.repeat(BLOCK));
    assert!(error(&long).starts_with("row 4099 has no value for 'bedrooms'"), "{}", error(&long));
    assert_eq!(csv(&format!("{HOUSES}{}", row.repeat(BLOCK))).lines().count(), BLOCK + 3);
}

#[test]
fn json_that_is_no_row_says_where() {
    for (text, expected) in [
        (
            "[1]".to_owned(),
            "the JSON cannot be read: invalid type: integer `1`, expected an object",
        ),
        (format!("[{HOUSE},"), "the JSON cannot be read: EOF while parsing a value at line 1"),
        (format!("[{HOUSE}] x"), "the JSON cannot be read: trailing characters at line 1"),
        (format!("{HOUSE}\n{{"), "the JSON cannot be read: EOF while parsing an object at line 2"),
        (HOUSE.replace("2000", "[]"), "row 1 has a list or an object for 'area'"),
        (HOUSE.replace("zip", "age"), "row 1 has two fields 'age'"),
        (HOUSE.replace("2000", "null"), "row 1 has no value for 'area'"),
        (format!("{HOUSE}{{\"area\":1}}"), "row 2 has no value for 'bedrooms'"),
    ] {
        assert!(error(&text).starts_with(expected), "{text}: {}", error(&text));
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), json in any::<bool>()) {
        let start = if json { &b"[{\"area\":"[..] } else { b"area,age\n" };
        let bytes = [start, &bytes].concat();
        let mut output = Vec::new();
        let rows = NewRows {
            input: &mut &bytes[..],
            input_format: None,
            output: &mut output,
            output_format: OutputFormat::Json,
            only_predictions: false,
        };
        prop_assert!(predict(model(), rows).is_err());
    }
}
