//! A launch configuration: what instances of a group are made from; it never changes (Auto Scaling API reference,
//! LaunchConfiguration).

use crate::{Arn, Timestamp, ec2::launch::LaunchSpec};
use serde::{Deserialize, Serialize};

/// The most launch configurations of an account and region (Auto Scaling user guide, quotas).
pub const MAXIMUM_LAUNCH_CONFIGURATIONS: usize = 200;

/// A launch configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchConfiguration {
    /// Unique per account and region.
    pub name: String,
    /// `arn:aws:autoscaling:<region>:<account>:launchConfiguration:<uuid>:launchConfigurationName/<name>`
    pub arn: Arn,
    /// When it was made; termination policies go by it.
    pub created_at: Timestamp,
    /// What is launched.
    pub spec: LaunchSpec,
}
