//! Histograms that are used again.

/// More histograms than this do not wait at the same time.
const MOST: usize = 40;

/// Room for histograms, all of the same length.
#[derive(Default)]
pub(super) struct Pool<U> {
    idle: Vec<Vec<U>>,
    lent: usize,
}

impl<U: Copy + Default> Pool<U> {
    /// Histograms of so many units, all empty.
    pub(super) fn take(&mut self, length: usize) -> Vec<U> {
        self.lent += 1;
        let mut histograms = self.idle.pop().unwrap_or_default();
        histograms.clear();
        histograms.resize(length, U::default());
        histograms
    }

    /// Gives back what is not needed any more.
    pub(super) fn give(&mut self, histograms: Option<Vec<U>>) {
        if let Some(histograms) = histograms {
            self.lent = self.lent.saturating_sub(1);
            self.idle.push(histograms);
        }
    }

    /// Whether so many histograms are in use that some should be given back.
    pub(super) fn is_busy(&self) -> bool {
        self.lent > MOST
    }

    /// Takes note that none is in use: what an unfinished tree left is gone.
    pub(super) fn forget(&mut self) {
        self.lent = 0;
    }
}
