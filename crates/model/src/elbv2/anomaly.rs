//! DECIDER: which targets of a group fail more than their peers, and how much less they get for it (Automatic Target
//! Weights).
//!
//! AWS publishes what is looked at (answers of the class 5XX, failed connections and TLS handshakes; groups with at least three
//! healthy targets) and that traffic is taken away and given back step by step; the steps are ours.

use serde::{Deserialize, Serialize};

/// What DescribeTargetHealth shows as AnomalyDetection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnomalyState {
    /// `Result`: whether it fails more than its peers.
    pub anomalous: bool,
    /// `MitigationInEffect`: whether it gets less than its share.
    pub mitigated: bool,
}
