//! Pages that show several slices at once. They own no tables.

pub mod back_office;
pub mod dev_mail;
pub mod order_desk;
pub mod personal;
pub mod storefront;
pub mod studio_portal;
