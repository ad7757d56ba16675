//! The data plane over real sockets: clients and targets that behave, and ones that do not.

mod balancer;
mod changes;
mod errors;
mod messages;
mod routing;
mod upgrades;
