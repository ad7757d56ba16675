//! The driver of hosts that do not allow namespaces: it makes nothing, and says so when something is wanted.

use crate::driver::{Applied, Inventory, NetworkDriver, NetworkError};
use model::ec2::network_plan::{NetworkPlan, Place};

/// Makes no networks.
#[derive(Clone, Debug)]
pub struct NoneDriver {
    /// Why this host has it, for example `goru does not run as root`.
    pub reason: String,
}

impl NetworkDriver for NoneDriver {
    fn apply(&self, plan: &NetworkPlan) -> Result<Applied, NetworkError> {
        let wanted = plan.namespaces.keys().any(|place| *place != Place::Outer);
        if wanted { Err(NetworkError::Unsupported(self.reason.clone())) } else { Ok(Applied::default()) }
    }

    fn inventory(&self) -> Result<Inventory, NetworkError> {
        Ok(Inventory::default())
    }

    fn remove_all(&self) -> Result<(), NetworkError> {
        Ok(())
    }
}
