//! CloudWatch: metrics, and how points are counted.

pub mod metric;
pub mod statistics;
