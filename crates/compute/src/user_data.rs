//! What user data is, by its first bytes, as cloud-init tells its formats apart.

use std::fmt;

/// One format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserData {
    /// It names its interpreter.
    Script,
    /// Anything else is for `/bin/sh`.
    Shell,
    /// Modules for cloud-init, as YAML.
    CloudConfig,
    /// Compressed; what it is shows when it is unpacked.
    Gzip,
    /// Forms that cloud-init knows and a shell would misread.
    Unsupported(&'static str),
}

impl UserData {
    /// Tells the format.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let begins =
            |text: &str| bytes.len() >= text.len() && bytes[..text.len()].eq_ignore_ascii_case(text.as_bytes());
        if begins("#!") {
            Self::Script
        } else if begins("#cloud-config-archive") {
            Self::Unsupported("#cloud-config-archive")
        } else if begins("#cloud-config-jsonp") {
            Self::Unsupported("#cloud-config-jsonp")
        } else if begins("#cloud-config") {
            Self::CloudConfig
        } else if begins("#include") {
            Self::Unsupported("#include")
        } else if begins("#cloud-boothook") {
            Self::Unsupported("#cloud-boothook")
        } else if begins("#part-handler") {
            Self::Unsupported("#part-handler")
        } else if begins("## template:") {
            Self::Unsupported("a template")
        } else if begins("Content-Type:") || begins("MIME-Version:") {
            Self::Unsupported("a MIME document")
        } else if bytes.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else {
            Self::Shell
        }
    }
}

impl fmt::Display for UserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Script => "a script",
            Self::Shell => "a shell script",
            Self::CloudConfig => "#cloud-config",
            Self::Gzip => "a gzip archive",
            Self::Unsupported(what) => what,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_data_is_told_apart_by_its_first_bytes() {
        let table: &[(&[u8], UserData)] = &[
            (b"#!/usr/bin/python3\n", UserData::Script),
            (b"echo hello", UserData::Shell),
            (b"# a comment\necho hello", UserData::Shell),
            (b"#cloud-config\npackages: []\n", UserData::CloudConfig),
            (b"#include\nsome-other-place\n", UserData::Unsupported("#include")),
            (b"#cloud-boothook\n", UserData::Unsupported("#cloud-boothook")),
            (b"## template: jinja\n#cloud-config\n", UserData::Unsupported("a template")),
            (b"Content-Type: multipart/mixed\n", UserData::Unsupported("a MIME document")),
            (b"mime-version: 1.0\n", UserData::Unsupported("a MIME document")),
            (&[0x1f, 0x8b, 8, 0], UserData::Gzip),
            (b"#", UserData::Shell),
        ];
        for (bytes, expected) in table {
            assert_eq!(UserData::of(bytes), *expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
