//! Tests of the container as a whole: what it promises for every length, range and damage.

mod damage;
mod properties;
mod sources;
mod vectors;
