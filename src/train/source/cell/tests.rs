//! What a cell is read as.

use super::*;

#[test]
fn a_cell_is_what_it_says() {
    for (text, cell) in [
        ("", Cell::Missing),
        (" \t", Cell::Missing),
        ("3", Cell::Integer(3.0)),
        (" -3 ", Cell::Integer(-3.0)),
        ("3.0", Cell::Float(3.0)),
        ("1e3", Cell::Float(1000.0)),
        ("99999999999999999999", Cell::Float(1e20)),
        (" True", Cell::Boolean(true)),
        ("false", Cell::Boolean(false)),
        ("tRUE", Cell::Text),
        ("1e999", Cell::Text),
        ("NaN", Cell::Text),
        ("inf", Cell::Text),
        ("1,5", Cell::Text),
    ] {
        assert_eq!(Cell::read(text), cell, "{text:?}");
    }
}

#[test]
fn floats_are_spelt_as_python_spells_them() {
    let text = |number: f64| {
        let mut text = String::new();
        float_text(number, &mut text);
        text
    };
    for (number, expected) in [
        (0.1, "0.1"),
        (2.0, "2.0"),
        (-0.0, "-0.0"),
        (1e-5, "1e-05"),
        (1.5e-10, "1.5e-10"),
        (0.0001, "0.0001"),
        (1e16, "1e+16"),
        (123_456_789_012_345.6, "123456789012345.6"),
        (-1e300, "-1e+300"),
        (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
    ] {
        assert_eq!(text(number), expected);
    }
    let mut single = String::new();
    float_text(0.1_f32, &mut single);
    assert_eq!(single, "0.1");
    assert_eq!(number_text(-3.0), "-3");
    assert_eq!(number_text(0.5), "0.5");
    assert_eq!(number_text(1e16), "1e+16");
}
