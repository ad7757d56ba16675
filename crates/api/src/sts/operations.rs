//! Operations of STS (2011-06-15).
//!
//! Written by `cargo xtask codegen` from `shapes/sts.json` and `shapes/sts.toml`; change those instead.

use super::shapes;
use wire::shape::Http;

wire::operations! {
    GetCallerIdentity(&shapes::GET_CALLER_IDENTITY_REQUEST, &shapes::GET_CALLER_IDENTITY_RESPONSE, Some("GetCallerIdentityResult"), Http::RPC),
}

impl Operation {
    /// Operations that AWS has and Goru does not serve, ordered by name.
    pub const KNOWN_BUT_UNSERVED: &'static [&'static str] = &[
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetDelegatedAccessToken",
        "GetFederationToken",
        "GetSessionToken",
        "GetWebIdentityToken",
    ];
}
