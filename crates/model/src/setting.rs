//! Records that belong to the installation rather than to one AWS service: which account it serves, which regions have
//! had their default VPC made, and which requests with a client token were already answered.

use crate::{Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// How long the answer to a client token is remembered (EC2 developer guide, idempotency: at least a day).
pub const IDEMPOTENCY_RETENTION_SECONDS: u64 = 24 * 60 * 60;

/// What was fixed when the installation was first started. There is one such record, in [`Settings::scope`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The account id, twelve digits.
    pub account: String,
    /// When the data directory was first used.
    pub created_at: Timestamp,
}

impl Settings {
    /// The only id of such a record.
    pub const ID: &'static str = "settings";

    /// Where the record is kept. It cannot be the account's own scope, because the record is what names the account.
    pub fn scope() -> Scope {
        Scope::global("000000000000")
    }
}

/// Marks a region whose default VPC, subnets, gateway, route table and security group have been made. It stays when
/// the user deletes them, so that they are not made a second time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionSetup {
    /// The region's name; the record is kept in the scope of the same region.
    pub region: String,
    /// When it was first used.
    pub at: Timestamp,
}

/// The answer that a request with a client token got; the same request with the same token gets it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// `ClientToken` (or the like) of the request.
    pub token: String,
    /// The operation, for example `RunInstances`: tokens of different operations do not meet.
    pub operation: String,
    /// A digest of the request's other parameters: a token reused with others is refused.
    pub fingerprint: String,
    /// What the first call made, in the operation's own form (for example a reservation id).
    pub result: String,
    /// When it was first answered; forgotten [`IDEMPOTENCY_RETENTION_SECONDS`] later.
    pub at: Timestamp,
}

impl IdempotencyRecord {
    /// The id under which the record of this token is kept.
    pub fn id_of(operation: &str, token: &str) -> String {
        format!("{operation}|{token}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_token_of_two_operations_has_two_records() {
        assert_ne!(
            IdempotencyRecord::id_of("RunInstances", "t"),
            IdempotencyRecord::id_of("CreateLaunchTemplate", "t")
        );
    }
}
