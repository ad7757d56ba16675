//! AWS Certificate Manager: certificates of load balancers.

pub mod certificate;
