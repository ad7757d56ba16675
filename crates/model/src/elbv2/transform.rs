//! What a rule changes in a request before it goes to a target.
//!
//! Source: ELB user guide, "Transforms for listener rules". Routing is decided on the request as it came.

use serde::{Deserialize, Serialize};

/// The longest regular expression and the longest replacement, in characters.
pub const MAXIMUM_TEXT: usize = 1024;

/// One change. A rule has at most one of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// Of the Host field.
    HostHeaderRewrite(Rewrite),
    /// Of path and query.
    UrlRewrite(Rewrite),
}

/// A search and what is put in the place of what it finds first. Where it finds nothing, nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    /// A regular expression (linear time, without look-around and back-references).
    pub regex: String,
    /// What takes the place of the match; `$1` to `$9` stand for its groups.
    pub replace: String,
}
