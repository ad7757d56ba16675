//! Finding files: by directory and extension, or what git tracks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell::{capture, command};

/// The directories directly under `parent`, sorted; none when `parent` does not exist.
pub fn directories(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = entries(parent)?.into_iter().filter(|path| path.is_dir()).collect();
    found.sort();
    Ok(found)
}

/// All files under `dir` (at any depth) with this extension, sorted; none when `dir` does not exist.
pub fn with_extension(dir: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for path in entries(&dir)? {
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let listing = std::fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    listing.map(|entry| Ok(entry?.path())).collect()
}

/// Every file that git tracks or would track (new, not ignored), relative to the root.
pub fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let mut git = command("git");
    git.current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
    Ok(capture(&mut git)?.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

/// `path` as people write it: relative to `root`, with forward slashes.
pub fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// Reads a text file; an error names it.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
