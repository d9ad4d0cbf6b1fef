//! Matinee, a store where studios sell sealed films straight to their audience.

pub mod accounts;
pub mod app;
pub mod catalog;
pub mod checkout;
pub mod commands;
pub mod invoices;
pub mod kernel;
pub mod ledger;
pub mod library;
pub mod offers;
pub mod packaging;
pub mod pages;
pub mod payouts;
pub mod platform;
pub mod playback;
pub mod sealed;
pub mod studios;
pub mod uploads;
