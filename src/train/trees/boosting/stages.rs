//! The stages of boosting at rest: for each raw score what it starts at and the trees that add to it.

use rayon::prelude::*;

use super::super::tree::Tree;

/// Rows predicted at a time: a block stays in the cache while all trees see it.
const BLOCK: usize = 256;

/// What each raw score is the sum of.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train::trees) struct Stages {
    pub(super) features: usize,
    /// By output, the raw score before the first stage.
    pub(super) initial: Vec<f64>,
    /// By output, the tree of each stage; its values are steps as they are made.
    pub(super) trees: Vec<Vec<Tree>>,
}

impl Stages {
    /// The raw scores of some rows, by output.
    pub(super) fn raw(
        &self,
        rows: usize,
        cell: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Vec<Vec<f64>> {
        let blocks: Vec<Vec<Vec<f64>>> = (0..rows.div_ceil(BLOCK))
            .into_par_iter()
            .map(|at| {
                let rows = at * BLOCK..rows.min((at + 1) * BLOCK);
                let (cell, count) = (&cell, rows.len());
                let block: Vec<f32> = rows
                    .flat_map(|row| (0..self.features).map(move |feature| cell(row, feature)))
                    .collect();
                let output = |(initial, trees): (&f64, &Vec<Tree>)| {
                    let mut sums = vec![*initial; count];
                    for tree in trees {
                        tree.add_predictions(&block, self.features, &mut sums);
                    }
                    sums
                };
                self.initial.iter().zip(&self.trees).map(output).collect()
            })
            .collect();
        let output = |at: usize| blocks.iter().flat_map(|block| &block[at]).copied().collect();
        (0..self.initial.len()).map(output).collect()
    }

    /// All trees, output by output.
    pub(super) fn all(&self) -> impl Iterator<Item = &Tree> {
        self.trees.iter().flatten()
    }

    /// Number of nodes of all trees.
    pub(super) fn nodes(&self) -> usize {
        self.all().map(|tree| tree.nodes.len()).sum()
    }
}
