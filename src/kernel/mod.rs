//! Words every part of the store shares. Pure: no I/O, no clock of its own, no business.

pub mod clock;
pub mod country;
pub mod ids;
pub mod money;
pub mod note;
pub mod range;
pub mod source;
pub mod text;

pub use clock::Clock;
pub use clock::Time;
pub use country::Country;
pub use money::BasisPoints;
pub use money::Currency;
pub use money::Money;
pub use note::Note;
pub use source::Source;
