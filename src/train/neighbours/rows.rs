//! Rows side by side in memory.

/// Rows of the same number of features, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train) struct Rows {
    /// Number of features, at least 1.
    pub(in crate::train) features: usize,
    /// By row, a value a feature.
    pub(in crate::train) values: Vec<f64>,
}

impl Rows {
    /// Turns columns into rows; there is at least one column and all are equally long.
    pub(in crate::train) fn of(columns: &[Vec<f64>]) -> Self {
        let (features, rows) = (columns.len().max(1), columns.first().map_or(0, Vec::len));
        let mut values = vec![0.0; features * rows];
        for (at, column) in columns.iter().enumerate() {
            for (row, value) in values.chunks_exact_mut(features).zip(column) {
                row[at] = *value;
            }
        }
        Self { features, values }
    }

    /// Number of rows.
    pub(in crate::train) fn len(&self) -> usize {
        self.values.len() / self.features
    }

    /// A row.
    pub(in crate::train) fn row(&self, at: usize) -> &[f64] {
        &self.values[at * self.features..(at + 1) * self.features]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_rows() {
        let rows = Rows::of(&[vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]]);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows.values, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert!(rows.row(1).iter().eq(&[2.0, 5.0]));
        assert_eq!(Rows::of(&[vec![]]).len(), 0);
    }
}
