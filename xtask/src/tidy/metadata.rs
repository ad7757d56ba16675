//! The parts of `cargo metadata` that the rules read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::shell::{capture, cargo};

/// Packages and which of them are ours.
#[derive(Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
    workspace_members: Vec<String>,
}

/// One package: ours or from a registry.
#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    id: String,
    pub license: Option<String>,
    /// Where it comes from; `None` for a path in this repository.
    pub source: Option<String>,
    pub manifest_path: PathBuf,
    pub dependencies: Vec<Dependency>,
}

/// One line of a manifest.
#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    /// The name used in code, when it differs.
    pub rename: Option<String>,
    /// `None` (ordinary), `dev` or `build`.
    pub kind: Option<String>,
    /// Set for dependencies by path, which are ours.
    pub path: Option<PathBuf>,
}

impl Package {
    /// `name vVERSION`, as `cargo tree` writes it.
    pub fn named(&self) -> String {
        format!("{} v{}", self.name, self.version)
    }
}

impl Metadata {
    /// Reads the whole tree of dependencies.
    pub fn read(root: &Path) -> Result<Self> {
        let json = capture(cargo().current_dir(root).args(["metadata", "--format-version", "1", "--quiet"]))?;
        serde_json::from_str(&json).context("cargo metadata is not what this program expects")
    }

    /// Our own packages.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }
}
