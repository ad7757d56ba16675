//! CloudWatch: metrics, how points are counted, and alarms.

pub mod alarm;
pub mod alarm_history;
pub mod alarm_message;
pub mod alarm_state;
pub mod any_alarm;
pub mod composite_alarm;
pub mod metric;
pub mod metric_math;
pub mod region_name;
pub mod statistics;
