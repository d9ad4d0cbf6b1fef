//! One order with everything that happened to its money, as studio and operator see it, and what
//! they can do about it.

mod desk;

pub use desk::Desk;
pub use desk::EvidenceFields;
pub use desk::RefundFields;
pub use desk::Role;
pub use desk::evidence_file;
pub use desk::hand_in;
pub use desk::order_words;
pub use desk::send_back;
