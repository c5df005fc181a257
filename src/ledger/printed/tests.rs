//! What a printed line says.

use proptest::prelude::*;

use super::*;

fn metric(name: &str, value: f64, step: Option<u64>) -> Reported {
    Reported { name: name.into(), value, step }
}

#[test]
fn both_forms_of_json_are_read() {
    let one = json_line(r#"{"name": "loss", "value": 0.5, "step": 3, "time": "x"}"#).unwrap();
    assert_eq!(one, [metric("loss", 0.5, Some(3))]);
    let two = json_line(r#"{"r2": 1, "step": 2.0, "loss": -1e3}"#).unwrap();
    assert_eq!(two, [metric("loss", -1000.0, Some(2)), metric("r2", 1.0, Some(2))]);
    assert!(json_line(r#"{"loss": "NaN"}"#).unwrap()[0].value.is_nan());
    for wrong in ["", "[]", "{}", r#"{"step": 1}"#, r#"{"a": "b"}"#, r#"{"a": 1, "step": -1}"#] {
        assert_eq!(json_line(wrong), None, "{wrong}");
    }
}

#[test]
fn what_is_given_as_a_name_is_one() {
    for name in ["loss ü", "val acc: top 5", "größe (m²)", "β=0.5", "1st"] {
        let line = serde_json::json!({ "name": name, "value": 0.5 }).to_string();
        assert_eq!(json_line(&line).unwrap(), [metric(name, 0.5, None)]);
        let line = serde_json::json!({ name: 0.5, "step": 1 }).to_string();
        assert_eq!(json_line(&line).unwrap(), [metric(name, 0.5, Some(1))]);
    }
    for wrong in ["", " loss", "a\nb", &"x".repeat(251)] {
        let line = serde_json::json!({ "name": wrong, "value": 0.5 }).to_string();
        assert_eq!(json_line(&line), None, "{wrong:?}");
    }
    assert_eq!(printed_line(r#"{"seconds since start": 3}"#), []);
}

#[test]
fn only_lines_that_are_nothing_else_are_metrics() {
    assert_eq!(printed_line("rmse: 0.31"), [metric("rmse", 0.31, None)]);
    assert_eq!(printed_line("  val/acc : 1e-3\r"), [metric("val/acc", 1e-3, None)]);
    assert_eq!(printed_line(r#"{"r2": 0.5}"#), [metric("r2", 0.5, None)]);
    for prose in ["time: 12:30", "epoch 3: 0.5", "loss: about 2", "http://x", "3: 4", ": 1"] {
        assert_eq!(printed_line(prose), [], "{prose}");
    }
}

#[test]
fn tags_are_read_in_both_forms() {
    let tags = tag_line(r#"{"stage": "best", "epochs": 3}"#).unwrap();
    assert_eq!(tags["stage"], "best");
    assert_eq!(tags["epochs"], "3");
    assert_eq!(tag_line("device = cuda:0").unwrap()["device"], "cuda:0");
    for wrong in ["", "=x", "word", r#"{"a": [1]}"#, "{"] {
        assert_eq!(tag_line(wrong), None, "{wrong}");
    }
}

#[test]
fn values_without_steps_are_counted() {
    let mut steps = Steps::default();
    let taken: Vec<u64> =
        [None, None, Some(7), None].map(|step| steps.of(&metric("a", 0.0, step))).into();
    assert_eq!(taken, [0, 1, 7, 8]);
}

proptest! {
    #[test]
    fn no_line_is_too_strange(line in "\\PC{0,80}", json in "[{}\\[\\]\",:a0.e-]{0,40}") {
        for text in [line.as_str(), json.as_str()] {
            let read = (json_line(text), printed_line(text), tag_line(text));
            prop_assert!(read.1.len() <= 80);
        }
    }

    #[test]
    fn a_value_comes_back_to_the_last_bit(value in any::<f64>().prop_filter("finite", |v| v.is_finite()), step in 0u64..1000) {
        let line = serde_json::json!({ "name": "m", "value": value, "step": step }).to_string();
        let read = json_line(&line).unwrap();
        prop_assert_eq!(read[0].value.to_bits(), value.to_bits());
        prop_assert_eq!(read[0].step, Some(step));
    }
}
