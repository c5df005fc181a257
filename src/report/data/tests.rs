use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{history, sample};
use super::column::Datum;
use super::*;

/// The arguments of the call in a file, as a script would read them.
fn arguments(page: &Page) -> Vec<Value> {
    let text = std::str::from_utf8(&page.bytes).unwrap();
    let inner = text.split_once('(').unwrap().1.trim_end().strip_suffix(");").unwrap();
    // What a script does with `JSON.parse('…')`: the text without its escapes is JSON.
    let mut plain = String::new();
    for (index, part) in inner.split("JSON.parse('").enumerate() {
        match part.rsplit_once("')").filter(|_| index > 0) {
            None => plain.push_str(part),
            Some((quoted, after)) => {
                plain.push_str(&quoted.replace("\\'", "'").replace("\\\\", "\\"));
                plain.push_str(after);
            }
        }
    }
    serde_json::from_str(&format!("[{plain}]")).unwrap()
}

/// The values of a column by row, special ones as their names.
fn decoded(column: &Value, rows: usize) -> Vec<Value> {
    if let Some(value) = column.get("same") {
        return vec![value.clone(); rows];
    }
    let list = ["numbers", "texts", "values"].iter().find_map(|kind| column[kind].as_array());
    let special = column.get("special").cloned().unwrap_or(json!({}));
    let items = list.unwrap().iter().enumerate().map(|(place, item)| match item.as_u64() {
        Some(word) if column["words"].is_array() => {
            column["words"][usize::try_from(word).unwrap()].clone()
        }
        _ => special.get(place.to_string()).unwrap_or(item).clone(),
    });
    let items: Vec<Value> = items.collect();
    let Some(places) = column["rows"].as_array() else { return items };
    let mut all = vec![Value::Null; rows];
    for (place, item) in places.iter().zip(items) {
        all[usize::try_from(place.as_u64().unwrap()).unwrap()] = item;
    }
    all
}

fn table(page: &Page) -> BTreeMap<String, Vec<Value>> {
    let arguments = arguments(page);
    let rows = usize::try_from(arguments[1].as_u64().unwrap()).unwrap();
    let columns = arguments[2].as_array().unwrap().iter();
    columns
        .map(|column| {
            let values = decoded(column, rows);
            assert_eq!(values.len(), rows);
            (column["name"].as_str().unwrap().to_owned(), values)
        })
        .collect()
}

/// The files of all runs of a ledger without curves.
fn made(ledger: &LedgerView) -> Vec<Page> {
    files(ledger, &history::of(ledger), &BTreeMap::new(), &Parts::default()).unwrap()
}

#[test]
fn a_chunk_reads_back_as_the_runs() {
    let ledger = sample::ledger();
    let runs = history::of(&ledger);
    let curves = Curves { count: 3, shape: "0z-9".into() };
    let curves = BTreeMap::from([(runs[2].run.id, curves)]);
    let pages = files(&ledger, &runs, &curves, &Parts::default()).unwrap();
    assert_eq!(pages.len(), 2);
    let table = table(&pages[0]);
    for (row, Listed { run, .. }) in runs.iter().enumerate() {
        let value = serde_json::to_value(run).unwrap();
        for kind in ["params", "metrics", "tags"] {
            for (name, column) in table.iter().filter(|(name, _)| name.starts_with(kind)) {
                let own = value[kind].get(name.split_once('.').unwrap().1).unwrap_or(&Value::Null);
                let same = own
                    .as_f64()
                    .map_or(*own == column[row], |own| column[row].as_f64() == Some(own));
                assert!(same, "{name} of row {row}: {own} is {}", column[row]);
            }
        }
        for name in ["id", "label", "spec", "status", "seed", "trainer", "target", "cause"] {
            assert_eq!(table[name][row], value[name], "{name}");
        }
        assert_eq!(table["started"][row], run.started.microseconds());
    }
    assert_eq!(table["metrics.r2"][8], "NaN", "diverged is not missing");
    assert_eq!(table["metrics.r2"][7], Value::Null, "missing is not diverged");
    assert_eq!((&table["curves"][2], &table["curve"][2]), (&json!(3), &json!("0z-9")));
}

#[test]
fn a_full_chunk_never_changes() {
    let mut experiment = sample::many(2010);
    experiment.name = "housing".into();
    let newest = experiment.runs.pop().unwrap();
    let mut ledger = LedgerView { experiments: vec![experiment], ..sample::ledger() };
    let before = made(&ledger);
    ledger.experiments[0].runs.push(newest);
    let after = made(&ledger);
    let changed: Vec<_> =
        after.iter().filter(|page| !before.contains(page)).map(|page| &*page.path).collect();
    assert_eq!(changed, ["data/runs-0003.js", "data/manifest.js"]);
    let manifest = arguments(after.last().unwrap());
    assert_eq!(manifest[0], json!({"format": 1, "rows": 2010, "chunk": 1000, "time_zone": "UTC"}));
    assert_eq!(manifest[1][2]["rows"], 10);
    assert_eq!(manifest[3][0]["page"], "x/housing/index.html");
    let r2 = manifest[2].as_array().unwrap().iter().find(|column| column["name"] == "metrics.r2");
    assert_eq!(r2.unwrap()["rows"], 2010);
    assert_eq!(r2.unwrap()["direction"], "maximize");
}

#[test]
fn ten_thousand_runs_stay_within_the_budget() {
    let mut experiment = sample::many(10_000);
    experiment.name = "housing".into();
    let ledger = LedgerView { experiments: vec![experiment], ..sample::ledger() };
    let pages = made(&ledger);
    let size: usize = pages.iter().map(|page| page.bytes.len()).sum();
    let columns = arguments(pages.last().unwrap())[2].as_array().unwrap().len();
    // Nine bytes a value, most of which are metrics of 17 digits.
    assert!(size < 90_000 * columns, "{size} bytes for {columns} columns");
}

#[test]
fn columns_that_few_runs_have_go_into_a_file_of_their_own() {
    let mut ledger = sample::ledger();
    for (index, run) in ledger.experiments[0].runs.iter_mut().enumerate() {
        for metric in 0..40 {
            run.metrics.insert(format!("m-{index}-{metric}"), 0.5);
        }
    }
    let pages = made(&ledger);
    let names: Vec<_> = pages.iter().map(|page| page.path.as_str()).collect();
    assert_eq!(names, ["data/runs-0001.js", "data/more-0001.js", "data/manifest.js"]);
    let own = table(&pages[0]);
    assert_eq!(own.keys().filter(|name| name.contains('.')).count(), COLUMNS);
    assert!(own.contains_key("metrics.r2") && own.contains_key("id"));
    assert!(table(&pages[1]).contains_key("metrics.m-8-39"));
}

#[test]
fn no_value_ends_the_script() {
    for text in ["</script><script>", "'); alert(1); ('", "\\", "\u{2028}", "\n\r\0", "__proto__"] {
        let mut column = Column::new(text);
        column.set(0, text.into());
        let line = parse(&column.to_json(1));
        let inner = line.strip_prefix("JSON.parse('").unwrap().strip_suffix("')").unwrap();
        assert!(!inner.contains(['<', '\n', '\r', '\u{2028}']), "{line}");
        assert!(!inner.replace("\\\\", "").replace("\\'", "").contains('\''), "{line}");
        let page = Page { path: String::new(), bytes: format!("x(1, 1, [{line}]);").into() };
        assert_eq!(table(&page)[text], [text]);
    }
}

#[test]
fn numbers_that_scripts_cannot_hold_are_kept_apart() {
    let mut column = Column::new("n");
    let all = [
        Datum::Number(f64::NAN),
        Datum::Number(f64::INFINITY),
        Datum::Number(f64::NEG_INFINITY),
        Datum::Whole(9_007_199_254_740_993),
        Datum::Number(2.0),
        Datum::Number(0.1),
    ];
    for (row, datum) in all.into_iter().enumerate() {
        column.set(row, datum);
    }
    assert_eq!(
        column.to_json(7),
        r#"{"name":"n","numbers":[null,null,null,null,2,0.1,null],"special":{"0":"NaN","1":"Infinity","2":"-Infinity","3":"9007199254740993"}}"#
    );
    let mut column = Column::new("s");
    (0..3).for_each(|row| column.set(row, "one for all".into()));
    assert_eq!(column.to_json(3), r#"{"name":"s","same":"one for all"}"#);
    assert!(!column.to_json(4).contains("same"), "a row has none");
    let mut column = Column::new("s");
    column.set(0, Datum::Number(f64::NAN));
    assert!(!column.to_json(1).contains("same"), "JSON has no word for it");
    let mixed = [(1, json!(3)), (5, json!("auto")), (8, json!(true))];
    let mut column = Column::new("m");
    for (row, value) in &mixed {
        column.set(*row, value.into());
    }
    assert_eq!(
        column.to_json(9),
        r#"{"name":"m","rows":[1,5,8],"values":[0,1,2],"words":[3,"auto",true]}"#
    );
}

#[test]
fn curves_keep_their_ends_and_say_when_they_diverge() {
    let run = sample::experiment().runs[0].id;
    assert_eq!(series::of(&run, &[sample::point("r2", 0.5, 0)]), None);
    let mut points: Vec<_> =
        (0..50_000).map(|step| sample::point("loss", 1.0 / (1.0 + step as f64), step)).collect();
    points[30_001].value = 7.0;
    points[40_000].value = f64::NAN;
    let text = series::of(&run, &points).unwrap();
    assert_eq!(series::curves(&points).len(), 1);
    let page = Page { path: String::new(), bytes: text.into_bytes() };
    let metric = arguments(&page)[1][0].clone();
    assert_eq!(metric["of"], 50_000);
    let steps: Vec<u64> =
        metric["steps"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    assert!(steps.len() <= 2000 && steps.is_sorted());
    assert!(steps.contains(&0) && steps.contains(&30_001) && steps.contains(&40_000));
    let odd = steps.iter().position(|step| *step == 40_000).unwrap();
    assert_eq!(metric["special"], json!({odd.to_string(): "NaN"}));
}
