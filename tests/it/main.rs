//! Integration tests of the whole store, one module per slice. They enter it as the outside does:
//! over HTTP, or through a slice's front door, with a fresh database, on SQLite and PostgreSQL.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

#[macro_use]
mod harness;

mod accounts;
mod buying;
mod catalog;
mod checkout;
mod connect;
mod erasing;
mod floor;
mod invoices;
mod ledger;
mod library;
mod packaging;
mod payouts;
mod permutations;
mod platform;
mod playback;
mod portal;
mod process;
mod returns;
mod routes;
mod sales;
mod sealing;
mod sending;
mod speed;
mod storefront;
mod studios;
mod uploading;
mod uploads;
mod verifying;
mod withdrawing;
mod words;
mod year;
mod years;
