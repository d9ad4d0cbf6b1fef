//! The web floor: what every page and answer shares.

pub mod assets;
