//! What any web service needs; no business.

pub mod web;
