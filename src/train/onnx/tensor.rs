//! Types of tensors, and constants.

use super::proto::{
    DimensionProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

/// The dimension of an input or output that counts the rows asked about.
const ROWS: &str = "N";

/// What a tensor holds; the numbers are those of `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(in crate::train) enum Element {
    /// 32-bit floats.
    Float = 1,
    /// 64-bit whole numbers.
    Integer = 7,
    /// UTF-8.
    Text = 8,
    /// 64-bit floats.
    Double = 11,
}

/// A constant of numbers, given as their little-endian bytes.
pub(super) fn numbers<const SIZE: usize>(
    element: Element,
    shape: &[usize],
    values: impl Iterator<Item = [u8; SIZE]>,
) -> TensorProto {
    TensorProto {
        dims: dims(shape),
        data_type: element as i32,
        raw_data: Some(values.flatten().collect()),
        ..TensorProto::default()
    }
}

/// A constant list of words.
pub(super) fn words(values: &[String]) -> TensorProto {
    TensorProto {
        dims: dims(&[values.len()]),
        data_type: Element::Text as i32,
        string_data: values.iter().map(|value| value.as_bytes().to_vec()).collect(),
        ..TensorProto::default()
    }
}

/// The type of an input or output: so many columns a row, or one value a row.
pub(super) fn described(
    name: &str,
    element: Element,
    columns: Option<usize>,
    text: &str,
) -> ValueInfoProto {
    let rows = DimensionProto { dim_value: None, dim_param: Some(ROWS.to_owned()) };
    let columns =
        columns.map(|columns| DimensionProto { dim_value: Some(columns as i64), dim_param: None });
    let shape = TensorShapeProto { dim: [rows].into_iter().chain(columns).collect() };
    let tensor_type = TensorTypeProto { elem_type: element as i32, shape: Some(shape) };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { tensor_type: Some(tensor_type) }),
        doc_string: text.to_owned(),
    }
}

/// The type of a tensor of 64-bit floats inside the graph, whatever its shape.
pub(super) fn inner(name: &str) -> ValueInfoProto {
    let tensor_type = TensorTypeProto { elem_type: Element::Double as i32, shape: None };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { tensor_type: Some(tensor_type) }),
        doc_string: String::new(),
    }
}

fn dims(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|length| *length as i64).collect()
}
