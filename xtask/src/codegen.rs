//! `cargo xtask codegen`: `crates/api` and `docs/coverage.md` out of `shapes/`.
//!
//! The output is checked in; `--check` writes nothing and fails when a file differs from what would be written, or
//! when a file is there that would not be. There is no build script: what is compiled can be read.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::shell;
use definition::Definition;
use overlay::Overlay;
use surface::Surface;

mod coverage;
pub mod definition;
mod emit;
mod names;
pub mod overlay;
mod surface;

/// Where the generated crate is, from the repository's root.
const API: &str = "crates/api/src";

/// The table by which the tests of the generated crate reach every type.
const CONVERSIONS: &str = "crates/api/tests/support/conversions.rs";

/// Regenerates everything; with `check`, only compares.
///
/// # Errors
/// When a definition and its overlay do not fit, rustfmt fails, or - with `check` - a file differs.
pub fn run(check: bool) -> Result<()> {
    let wanted = generate()?;
    if !check {
        return write(&wanted);
    }
    let differing = differing(&wanted)?;
    if !differing.is_empty() {
        bail!("not what `cargo xtask codegen` writes: {}", differing.join(", "));
    }
    Ok(())
}

/// The services, ordered by name: every `shapes/<service>.toml` is one.
///
/// # Errors
/// When `shapes/` cannot be read.
pub fn services() -> Result<Vec<String>> {
    let directory = shell::root().join("shapes");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Every generated file by its path from the repository's root.
fn generate() -> Result<BTreeMap<PathBuf, String>> {
    let shapes = shell::root().join("shapes");
    let services = services()?;
    let load = |service: &String| {
        let definition = Definition::load(&shapes.join(format!("{service}.json")))?;
        Ok((definition, Overlay::load(&shapes.join(format!("{service}.toml")))?))
    };
    let sources: Vec<(Definition, Overlay)> = services.iter().map(load).collect::<Result<_>>()?;
    let mut surfaces = Vec::new();
    for (name, (definition, overlay)) in services.iter().zip(&sources) {
        surfaces.push(Surface::resolve(name, definition, overlay)?);
    }
    let mut files = BTreeMap::from([
        (PathBuf::from(API).join("lib.rs"), rustfmt(&emit::library(&services))?),
        (PathBuf::from("docs/coverage.md"), coverage::document(&surfaces)?),
        (PathBuf::from(CONVERSIONS), rustfmt(&emit::conversions(&surfaces)?)?),
    ]);
    for surface in &surfaces {
        let texts = emit::service(surface).with_context(|| format!("generating {}", surface.name))?;
        for (name, text) in texts {
            let path = PathBuf::from(API).join(surface.name).join(name);
            files.insert(path, rustfmt(&text).with_context(|| format!("{}/{name}", surface.name))?);
        }
    }
    Ok(files)
}

/// Passes a text through rustfmt with the repository's configuration.
fn rustfmt(text: &str) -> Result<String> {
    let mut command = shell::command("rustfmt");
    command.args(["--edition", "2024"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start rustfmt")?;
    let mut stdin = child.stdin.take().context("rustfmt has no stdin")?;
    let text = text.to_string();
    // Written from a thread of its own: rustfmt may fill its stdout before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("the thread that feeds rustfmt panicked"))??;
    if !output.status.success() {
        bail!("rustfmt: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn write(wanted: &BTreeMap<PathBuf, String>) -> Result<()> {
    let root = shell::root();
    for (path, text) in wanted {
        let full = root.join(path);
        if std::fs::read_to_string(&full).is_ok_and(|present| present == *text) {
            continue; // Its time stamp stays, and with it everything that cargo has built.
        }
        std::fs::create_dir_all(full.parent().context("a generated file has a folder")?)?;
        std::fs::write(&full, text).with_context(|| path.display().to_string())?;
        println!("wrote {}", path.display());
    }
    for stale in stale(wanted)? {
        std::fs::remove_file(root.join(&stale))?;
        println!("removed {}", stale.display());
    }
    Ok(())
}

fn differing(wanted: &BTreeMap<PathBuf, String>) -> Result<Vec<String>> {
    let root = shell::root();
    let differs =
        |(path, text): &(&PathBuf, &String)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text);
    let differing = wanted.iter().filter(differs).map(|(path, _)| path.clone());
    Ok(differing.chain(stale(wanted)?).map(|path| path.display().to_string()).collect())
}

/// Files of the generated crate that would not be written any more.
fn stale(wanted: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(&shell::root(), Path::new(API), &mut files)?;
    files.retain(|path| !wanted.contains_key(path));
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
