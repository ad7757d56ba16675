//! Inputs, outputs and enumerations of STS (2011-06-15).
//!
//! Written by `cargo xtask codegen` from `shapes/sts.json` and `shapes/sts.toml`; change those instead.

wire::structure! { GetCallerIdentityRequest: Default {
} }

wire::structure! { GetCallerIdentityResponse: Default {
    "Account" account: Option<String>,
    "Arn" arn: Option<String>,
    "UserId" user_id: Option<String>,
} }
