//! Reconcilers: each keeps one thing true by observing the store and the world, deciding in `model`, and acting.
//!
//! They meet the AWS operations in the store and nowhere else, and know neither wire formats nor operations. A
//! controller is never told what changed; it is woken, looks at everything it cares about, and says when to look again.
//!
//! | file | keeps true |
//! |---|---|
//! | `images` | images that were asked for have their files, and files that no image needs go |
//! | `instances` | what runs on this host is what the instance records ask for |
//! | `nat_gateways` | NAT gateways are in the state that follows from what is there |
//! | `networks` | the networks of this host are those of the records |
//! | `load_balancer_interfaces` | load balancers have a network interface in each of their zones |
//! | `load_balancing` | the node runs what load balancer records say; their state says whether it does |
//! | `cookie_keys` | there is a fresh key to seal cookies of stickiness with |
//! | `trust_store_files` | the data directory has the revocation lists that trust stores name |
//! | `target_health` | target records say what the node's checks found; drained targets go |
//! | `metrics` | CloudWatch has the points of instances and load balancers |
//! | `auto_scaling` | groups have the members that they should, and follow their policies |
//! | `alarms` | alarms are in the state that their datapoints say, and a change does what it is to do |
//! | `group_metrics` | CloudWatch has the metrics that Auto Scaling groups publish |
//! | `predictive_scaling` | predictive scaling policies have a forecast that is fresh |
//! | `notifications` | every SNS message that is due is sent, and forgotten once the other side has it |
//! | `garbage` | what nobody can ask for any more is forgotten |
//!
//! `runner` wakes them; `virtual_time` is the clock of test servers, which waits for them.

pub mod alarms;
pub mod auto_scaling;
pub mod controller;
pub mod cookie_keys;
mod elastic_ips;
pub mod garbage;
pub mod group_metrics;
pub mod images;
pub mod instances;
pub mod load_balancer_interfaces;
pub mod load_balancing;
pub mod metrics;
pub mod nat_gateways;
pub mod networks;
pub mod node_link;
pub mod notifications;
pub mod predictive_scaling;
pub mod runner;
pub mod target_health;
pub mod trust_store_files;
pub mod virtual_time;

pub use controller::{Context, Controller, ControllerError, Next};
