//! Makes the networks of the plan true on this host: namespaces, links, routes and filters.
//!
//! `driver` is the trait; `linux` looks at what is there (`observe`), computes what is different (`difference`, pure) and
//! carries it out (`commands`); `none` is for hosts that do not let us. `namespace` runs a closure within a namespace. What
//! the networks should look like is decided in `model::ec2::network_plan`; this crate knows no store and no API.

mod commands;
mod difference;
pub mod driver;
pub mod linux;
pub mod namespace;
mod netlink;
mod nftables;
pub mod none;
mod observe;

pub use commands::check_programs;
pub use driver::{Applied, Inventory, NetworkDriver, NetworkError};
pub use linux::LinuxDriver;
pub use namespace::enter;
pub use none::NoneDriver;
