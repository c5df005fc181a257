//! Rows as a solver wants them: column by column, with the square of each row's length.

/// Some rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Points {
    /// By feature, a value a row.
    columns: Vec<Vec<f64>>,
    /// By row, the sum of its squares.
    squares: Vec<f64>,
}

impl Points {
    /// Takes columns of equal length.
    pub(super) fn new(columns: Vec<Vec<f64>>) -> Self {
        let mut squares = vec![0.0; columns.first().map_or(0, Vec::len)];
        for column in &columns {
            squares.iter_mut().zip(column).for_each(|(sum, value)| *sum += value * value);
        }
        Self { columns, squares }
    }

    /// Some of the rows.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let of = |values: &Vec<f64>| rows.iter().map(|row| values[*row]).collect();
        Self { columns: self.columns.iter().map(of).collect(), squares: of(&self.squares) }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.squares.len()
    }

    /// By feature, a value a row.
    pub(super) fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// The sums of squares.
    pub(super) fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// A row.
    pub(super) fn row(&self, at: usize) -> Vec<f64> {
        self.columns.iter().map(|column| column[at]).collect()
    }
}
