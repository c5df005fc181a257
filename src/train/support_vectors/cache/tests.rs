//! Rows of the kernel come and go, and stay right.

use super::*;

/// Asks for a row whose kernels are its number; whether they had to be computed.
fn computed(cache: &mut Cache, row: usize) -> bool {
    let mut computed = false;
    let place = cache.place(row, |kernels| {
        computed = true;
        for (column, kernel) in kernels.iter_mut().enumerate() {
            *kernel = (10 * row + column) as f32;
        }
    });
    assert!((cache.at(place)[1] - (10 * row + 1) as f32).abs() < 0.5);
    computed
}

#[test]
fn the_longest_unused_row_goes_first() {
    let mut cache = Cache::new(4, 3 * 16);
    assert!((0..3).all(|row| computed(&mut cache, row)));
    assert!(!computed(&mut cache, 0));
    assert!(computed(&mut cache, 3), "there is room for three");
    assert!(!computed(&mut cache, 0) && !computed(&mut cache, 2));
    assert!(computed(&mut cache, 1), "1 was unused longest when 3 came");
}

#[test]
fn two_rows_fit_however_few_bytes() {
    let mut cache = Cache::new(2, 0);
    assert!(computed(&mut cache, 0) && computed(&mut cache, 1));
    assert!(!computed(&mut cache, 0));
}

#[test]
fn rows_that_stay_keep_their_kernels() {
    let mut cache = Cache::new(4, 1000);
    assert!([0, 2, 3].into_iter().all(|row| computed(&mut cache, row)));
    cache.retain(&[1, 2, 3]);
    let place = cache.place(1, |_| panic!("row 2 is kept, as row 1"));
    assert_eq!(cache.at(place), [21.0, 22.0, 23.0]);
    let mut computed = false;
    cache.place(0, |kernels| computed = kernels.len() == 3);
    assert!(computed);
}
