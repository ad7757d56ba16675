//! User data as a command: a script, lines for the shell, or modules of `#cloud-config`; unpacked first if need be.

use super::CARRIED;
use crate::user_data::UserData;
use base64::Engine;
use flate2::read::MultiGzDecoder;
use std::{
    fs::OpenOptions,
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The most that user data may be when it is unpacked.
const MAXIMUM_UNPACKED: u64 = 4 << 20;

/// How to run user data (in base64); `program` is how this program is started.
///
/// # Errors
/// Why it is not run, for the console.
pub(super) fn command(encoded: &str, program: &[String]) -> Result<Command, String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|error| error.to_string())?;
    let bytes = unpacked(bytes)?;
    match UserData::of(&bytes) {
        UserData::Script => Ok(Command::new(store("user-data", &bytes)?)),
        UserData::Shell => {
            let mut command = Command::new("/bin/sh");
            command.arg(store("user-data", &bytes)?);
            Ok(command)
        }
        UserData::CloudConfig => {
            let path = store("cloud-config", &bytes)?;
            let (first, rest) = program.split_first().ok_or("this program does not know how it was started")?;
            let mut command = Command::new(first);
            command.args(rest).arg(path);
            Ok(command)
        }
        kind @ (UserData::Gzip | UserData::Unsupported(_)) => {
            Err(format!("{kind} is not supported; give a script or #cloud-config"))
        }
    }
}

fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    match UserData::of(&bytes) {
        UserData::Gzip => gunzip(&bytes),
        UserData::Script | UserData::Shell | UserData::CloudConfig | UserData::Unsupported(_) => Ok(bytes),
    }
}

/// Unpacks a gzip archive of bounded size.
pub(super) fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(MAXIMUM_UNPACKED + 1);
    decoder.read_to_end(&mut unpacked).map_err(|error| format!("the gzip archive is damaged: {error}"))?;
    if unpacked.len() as u64 > MAXIMUM_UNPACKED {
        return Err(format!("unpacked it is larger than {MAXIMUM_UNPACKED} bytes"));
    }
    Ok(unpacked)
}

/// Puts a file beside this program, where no image has files of its own.
pub(super) fn store(name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let path = Path::new(CARRIED).join(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o700);
    let written = options.open(&path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_packed_is_unpacked_once_and_within_bounds() {
        assert_eq!(unpacked(gzip(b"#!/bin/sh\n")).unwrap(), b"#!/bin/sh\n");
        let twice = unpacked(gzip(&gzip(b"echo"))).unwrap();
        assert_eq!(UserData::of(&twice), UserData::Gzip, "which is then refused");
        let bomb = gzip(&vec![0; usize::try_from(MAXIMUM_UNPACKED).unwrap() + 1]);
        assert!(bomb.len() < 16 << 10);
        assert!(unpacked(bomb).unwrap_err().contains("larger than"));
        assert!(unpacked(vec![0x1f, 0x8b, 1, 2]).unwrap_err().contains("damaged"));
    }

    #[test]
    fn what_is_not_run_is_named() {
        for (text, name) in [("#include\nx", "#include"), ("Content-Type: multipart/mixed", "MIME")] {
            let encoded = base64::engine::general_purpose::STANDARD.encode(text);
            let error = command(&encoded, &[]).unwrap_err();
            assert!(error.contains(name) && error.contains("give a script"), "{error}");
        }
    }
}
