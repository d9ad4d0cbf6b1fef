//! The progress bar of long work: on stderr, and only when that is a terminal.

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

/// A bar over `total` bytes with speed and time left.
pub(super) fn bytes_bar(verb: &'static str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{msg} {bar:32} {percent:>3} %  {bytes} of {total_bytes}  {binary_bytes_per_sec}  {eta} left",
    )
    .expect("the template is a constant that a test draws");
    ProgressBar::new(total).with_style(style).with_message(verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_made() {
        let bar = bytes_bar("sealing", 10);
        bar.set_position(5);
        assert_eq!((bar.position(), bar.length()), (5, Some(10)));
    }
}
