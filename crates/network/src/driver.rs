//! The trait of the network drivers, and what comes out of it.
//!
//! The calls block for milliseconds (they run `ip` and `nft`): asynchronous callers put them on a thread for blocking work.

use model::ec2::network_plan::{NetworkPlan, Place};
use std::{io, path::PathBuf};

/// What makes a plan true.
pub trait NetworkDriver: Send + Sync {
    /// Makes everything that the plan has and that is not there, and removes everything of this installation that is there
    /// and not in the plan. What is right already is not touched. Established connections survive, as far as the plan
    /// still has their ends.
    ///
    /// # Errors
    /// When something could not be looked at or changed. What was done until then stays; applying the plan again goes on.
    fn apply(&self, plan: &NetworkPlan) -> Result<Applied, NetworkError>;

    /// What is there of this installation.
    ///
    /// # Errors
    /// When it cannot be looked at.
    fn inventory(&self) -> Result<Inventory, NetworkError>;

    /// Removes everything of this installation.
    ///
    /// # Errors
    /// When something stays.
    fn remove_all(&self) -> Result<(), NetworkError>;
}

/// What applying a plan came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many things were changed: commands and settings. None when the plan was true already.
    pub changes: usize,
}

/// What is there of one installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Names of namespaces, sorted.
    pub namespaces: Vec<String>,
    /// Links in the outer namespace, sorted.
    pub uplinks: Vec<String>,
}

/// Why the network could not be looked at or changed.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A program of the system failed, or is missing.
    #[error("{program} failed in {place}: {reason}; it was given: {input}")]
    Command {
        /// `ip` or `nft`.
        program: &'static str,
        /// In which namespace.
        place: String,
        /// What it said.
        reason: String,
        /// The beginning of its input.
        input: String,
    },
    /// A namespace that cannot be entered.
    #[error("cannot enter namespace {name}: {source}")]
    Enter {
        /// Its name.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// A question to the kernel that failed.
    #[error("cannot read the kernel's {what}: {source}")]
    Netlink {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the system.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried, for example `cannot read`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// This host does not let us make networks.
    #[error("this host does not allow networks of their own: {0}")]
    Unsupported(String),
}

/// A place as a person reads it.
pub(crate) fn place_name(place: &Place) -> String {
    match place {
        Place::Outer => "the outer namespace".to_owned(),
        Place::Named(name) => format!("namespace {name}"),
    }
}
