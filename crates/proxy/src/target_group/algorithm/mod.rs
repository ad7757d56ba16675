//! How a target is chosen among the usable ones (`load_balancing.algorithm.type`).

pub mod round_robin;
