//! Pages that show several slices at once. They own no tables.

pub mod dev_mail;
pub mod storefront;
pub mod studio_portal;
