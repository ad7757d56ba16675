//! Shape tables of STS (2011-06-15).
//!
//! Written by `cargo xtask codegen` from `shapes/sts.json` and `shapes/sts.toml`; change those instead.

use wire::shape::{Member, STRING, Shape};

pub static GET_CALLER_IDENTITY_REQUEST: Shape = Shape::structure("GetCallerIdentityRequest", &[]);
pub static GET_CALLER_IDENTITY_RESPONSE: Shape = Shape::structure(
    "GetCallerIdentityResponse",
    &[Member::new("Account", &STRING), Member::new("Arn", &STRING), Member::new("UserId", &STRING)],
);
