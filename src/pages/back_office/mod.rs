//! The operator's desk: how the books stand against Stripe, and every order. It is there for
//! operators only; for everybody else there is nothing at these addresses.

mod routes;
mod views;

pub use routes::router;
