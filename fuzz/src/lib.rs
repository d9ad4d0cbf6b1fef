//! The sealed container alone, and what must hold for any bytes given to it.

pub mod checks;
#[path = "../../src/sealed/mod.rs"]
pub mod sealed;
