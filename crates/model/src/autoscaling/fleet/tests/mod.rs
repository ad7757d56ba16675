//! The fleet in virtual time: what happens to groups in ordinary and in bad hours.

mod healing;
mod hooked;
mod launching;
mod random;
mod replacing;
mod scaled;
mod warmed;
mod world;
mod zoned;
