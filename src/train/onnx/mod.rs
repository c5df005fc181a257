//! Trained models as ONNX files, which other programs run without this one.
//!
//! The graph of a file takes raw columns, one input each, prepares them as the model was trained, and
//! gives the answer. It computes in 64 bits; trees compare in 32 bits, as ours do. Operators are
//! those of opset 17 and `ai.onnx.ml` 3, for which onnxruntime has 64-bit kernels since 1.16.

mod answer;
mod attribute;
mod ensemble;
mod features;
mod file;
mod graph;
mod operators;
mod proto;
mod tensor;

#[cfg(test)]
mod tests;

pub(in crate::train) use answer::Outputs;
pub(in crate::train) use ensemble::TreeNode;
pub(in crate::train) use features::Prepared;
pub use file::Provenance;
pub(in crate::train) use graph::{Graph, Tensor};
pub(in crate::train) use tensor::Element;
