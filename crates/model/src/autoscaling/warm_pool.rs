//! The warm pool: instances that are ready beside the group (Auto Scaling API reference, WarmPoolConfiguration).

use serde::{Deserialize, Serialize};

/// What a group's warm pool should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmPool {
    /// Group and pool together; the group's maximum unless given.
    pub maximum_prepared_capacity: Option<u32>,
    /// The least size; 0 unless given.
    pub minimum_size: u32,
    /// What ready instances do.
    pub state: PoolState,
    /// Whether scale-in returns instances to the pool.
    pub reuse_on_scale_in: bool,
    /// Whether the pool is being emptied to be deleted.
    pub deleting: bool,
    /// Whether it is emptied without waiting for hooks (ForceDelete).
    #[serde(default)]
    pub without_hooks: bool,
}

/// What instances of a warm pool do. `Hibernated` is not served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolState {
    /// They are stopped (AWS's default).
    #[default]
    Stopped,
    /// They run, without traffic.
    Running,
}
