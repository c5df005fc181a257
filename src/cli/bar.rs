//! A bar for work of many parts, on a terminal only.

use indicatif::ProgressBar;

use super::output::is_terminal;

/// Does some work with a bar on a terminal; the bar is told the parts done and their number.
pub(super) fn with_bar<T>(work: impl FnOnce(&mut dyn FnMut(u64, u64)) -> T) -> T {
    let bar = if is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let done = work(&mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    done
}
