//! This program carried into a sandbox: the file itself, and where it needs some, the C library's files of the host.
//!
//! The image may have another C library, an older one or none, so the host's goes along and is used for this program
//! alone: it is started through its own dynamic loader, which looks for libraries in that one place.

use crate::{driver::DriverError, init::CARRIED};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Commands for people and scripts in the instance; images have others, for an init that does not run here.
const COMMANDS: &[(&str, &str)] = &[
    (
        "shutdown",
        "case \" $* \" in *\" -r \"*) exec kill -s INT 1;; *\" -c \"*) exit 1;; *) exec kill -s TERM 1;; esac",
    ),
    ("poweroff", "exec kill -s TERM 1"),
    ("halt", "exec kill -s TERM 1"),
    ("reboot", "exec kill -s INT 1"),
];

/// What goes into every sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Carried {
    /// Bound read-only below [`CARRIED`].
    pub(crate) files: Vec<CarriedFile>,
    /// How the program is started in there.
    pub(crate) command: Vec<String>,
}

/// One file or directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CarriedFile {
    pub(crate) source: PathBuf,
    /// Below [`CARRIED`].
    pub(crate) name: String,
}

impl Carried {
    /// Gathers what `program` needs; the commands are written below `directory`.
    pub(crate) fn gather(program: &Path, directory: &Path) -> Result<Self, DriverError> {
        let mut files = vec![
            CarriedFile { source: program.to_owned(), name: "init".to_owned() },
            CarriedFile { source: write_commands(directory)?, name: "bin".to_owned() },
        ];
        let program_inside = format!("{CARRIED}/init");
        let Some(loader) = interpreter(program) else { return Ok(Self { files, command: vec![program_inside] }) };
        let libraries = libraries(&loader, program)?;
        let name = |path: &Path| format!("lib/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let command = vec![
            format!("{CARRIED}/{}", name(&loader)),
            "--library-path".to_owned(),
            format!("{CARRIED}/lib"),
            program_inside,
        ];
        let carried = libraries.into_iter().map(|source| CarriedFile { name: name(&source), source });
        files.extend(carried.filter(|file| file.name != name(&loader)));
        files.push(CarriedFile { name: name(&loader), source: loader });
        Ok(Self { files, command })
    }
}

fn write_commands(directory: &Path) -> Result<PathBuf, DriverError> {
    let bin = directory.join("bin");
    fs::create_dir_all(&bin).map_err(DriverError::io("cannot create", &bin))?;
    for (name, line) in COMMANDS {
        let path = bin.join(name);
        let text = format!("#!/bin/sh\n{line}\n");
        if fs::read_to_string(&path).is_ok_and(|present| present == text) {
            continue;
        }
        let new = bin.join(format!("{name}.{}.new", std::process::id()));
        fs::write(&new, text)
            .and_then(|()| fs::set_permissions(&new, fs::Permissions::from_mode(0o755)))
            .and_then(|()| fs::rename(&new, &path))
            .map_err(DriverError::io("cannot write", &path))?;
    }
    // Passed through by users of the instance who are not root.
    for directory in [directory, bin.as_path()] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755))
            .map_err(DriverError::io("cannot set the permissions of", directory))?;
    }
    Ok(bin)
}

/// The libraries that the loader finds for a program: what it prints when it is only to tell.
fn libraries(loader: &Path, program: &Path) -> Result<Vec<PathBuf>, DriverError> {
    let told = Command::new(loader).arg("--list").arg(program).env_clear().output();
    let told = told.map_err(DriverError::io("cannot start", loader))?;
    let text = String::from_utf8_lossy(&told.stdout);
    // `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`; what has no path is the kernel's own.
    let path = |line: &str| {
        let (_, found) = line.split_once("=> ")?;
        let path = PathBuf::from(found.split(" (").next()?.trim());
        path.is_absolute().then_some(path)
    };
    Ok(text.lines().filter_map(path).collect())
}

/// The dynamic loader that an ELF file of 64 bits asks for; `None` for a static one.
fn interpreter(program: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::FileExt;
    let file = fs::File::open(program).ok()?;
    let mut header = [0_u8; 64];
    file.read_exact_at(&mut header, 0).ok()?;
    let half = |bytes: &[u8], at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let word = |bytes: &[u8], at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let long = |bytes: &[u8], at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (offset, size, count) = (long(&header, 32)?, u64::from(half(&header, 54)?), u64::from(half(&header, 56)?));
    (0..count).find_map(|place| {
        let mut segment = [0_u8; 56];
        file.read_exact_at(&mut segment, offset + place * size).ok()?;
        let is_interpreter = word(&segment, 0)? == 3;
        let length = usize::try_from(long(&segment, 32)?).ok().filter(|length| *length <= 4096)?;
        if !is_interpreter {
            return None;
        }
        let mut path = vec![0_u8; length];
        file.read_exact_at(&mut path, long(&segment, 8)?).ok()?;
        let path = path.split(|byte| *byte == 0).next()?;
        Some(PathBuf::from(String::from_utf8_lossy(path).into_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_itself_could_be_carried() {
        let temporary = tempfile::tempdir().unwrap();
        let carried = Carried::gather(&std::env::current_exe().unwrap(), temporary.path()).unwrap();
        assert_eq!(carried.files[0].name, "init");
        assert!(carried.files.iter().all(|file| file.source.exists()), "{carried:?}");
        let names: Vec<&str> = carried.files.iter().map(|file| file.name.as_str()).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        if carried.command.len() > 1 {
            assert!(names.iter().any(|name| name.starts_with("lib/libc.")), "{names:?}");
        }
    }
}
