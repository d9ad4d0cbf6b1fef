//! Commands of the `matinee` binary.
fn main() {}
