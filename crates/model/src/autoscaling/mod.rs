//! Amazon EC2 Auto Scaling: groups, what makes them grow, shrink and heal, and the record of why.

pub mod trigger;
