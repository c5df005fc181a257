//! The rows of the kernel matrix that were used last.

/// Kernel rows in 32 bits, as many as a number of bytes allows and at least two.
#[derive(Debug)]
pub(super) struct Cache {
    bytes: usize,
    /// By row of the matrix, the place of its kernels.
    places: Vec<Option<usize>>,
    kept: Vec<Kept>,
    /// Counts uses, so that the longest unused row is known.
    uses: u64,
}

#[derive(Debug)]
struct Kept {
    row: usize,
    used: u64,
    kernels: Vec<f32>,
}

impl Cache {
    /// A cache for a matrix of some rows.
    pub(super) fn new(rows: usize, bytes: usize) -> Self {
        Self { bytes, places: vec![None; rows], kept: Vec::new(), uses: 0 }
    }

    /// The place of a row's kernels, computed if they are not kept; the row asked for before it
    /// stays where it is.
    pub(super) fn place(&mut self, row: usize, compute: impl FnOnce(&mut [f32])) -> usize {
        self.uses += 1;
        let place = self.places[row].unwrap_or_else(|| {
            let place = self.free();
            compute(&mut self.kept[place].kernels);
            self.kept[place].row = row;
            self.places[row] = Some(place);
            place
        });
        self.kept[place].used = self.uses;
        place
    }

    /// The kernels at a place.
    pub(super) fn at(&self, place: usize) -> &[f32] {
        &self.kept[place].kernels
    }

    /// A place to fill: a new one while there is room, else that of the longest unused row.
    fn free(&mut self) -> usize {
        let length = self.places.len();
        let room = (self.bytes / (4 * length.max(1))).max(2);
        if self.kept.len() < room {
            self.kept.push(Kept { row: 0, used: 0, kernels: vec![0.0; length] });
            return self.kept.len() - 1;
        }
        let oldest = self.kept.iter().enumerate().min_by_key(|(_, kept)| kept.used);
        let place = oldest.map_or(0, |(place, _)| place);
        self.places[self.kept[place].row] = None;
        place
    }

    /// Forgets all but some rows and columns of the matrix, given in rising order.
    pub(super) fn retain(&mut self, rows: &[usize]) {
        let places: Vec<Option<usize>> = rows.iter().map(|row| self.places[*row]).collect();
        self.places = vec![None; rows.len()];
        let mut before: Vec<Option<Kept>> = self.kept.drain(..).map(Some).collect();
        for (row, place) in places.into_iter().enumerate() {
            let Some(mut kept) = place.and_then(|place| before[place].take()) else { continue };
            kept.row = row;
            kept.kernels = rows.iter().map(|column| kept.kernels[*column]).collect();
            self.places[row] = Some(self.kept.len());
            self.kept.push(kept);
        }
    }
}

#[cfg(test)]
mod tests;
