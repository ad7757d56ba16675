//! Rule: nothing in the repository tells on which machine it was made.
//!
//! No absolute path of a home or work directory, no host name of a package registry or mirror, no setting that
//! points a package manager somewhere else: a clone builds anywhere, with everybody's own settings.

use std::path::Path;

use anyhow::Result;

use super::Violation;
use super::files::tracked;

struct Trace {
    text: &'static str,
    what: &'static str,
}

/// Written in halves so that this file passes its own rule.
const TRACES: &[Trace] = &[
    Trace { text: concat!("/wo", "rk/"), what: "an absolute path of one machine" },
    Trace { text: concat!("/ro", "ot/"), what: "an absolute path of one machine" },
    Trace { text: concat!("/ho", "me/"), what: "an absolute path of one machine" },
    Trace { text: concat!("/Us", "ers/"), what: "an absolute path of one machine" },
    Trace { text: concat!("static.crates", ".io"), what: "the host name of a registry" },
    Trace { text: concat!("index.crates", ".io"), what: "the host name of a registry" },
    Trace { text: concat!("files.python", "hosted.org"), what: "the host name of a registry" },
    Trace { text: concat!("pypi.", "org/simple"), what: "the host name of a registry" },
    Trace { text: concat!("registry.", "npmjs.org"), what: "the host name of a registry" },
    Trace { text: concat!("deb.", "debian.org"), what: "the host name of a registry" },
    Trace { text: concat!("index", "-url"), what: "a setting for one machine's registry" },
    Trace { text: concat!("find", "-links"), what: "a setting for one machine's registry" },
    Trace { text: concat!("replace", "-with"), what: "a setting for one machine's registry" },
];

/// Checks every text file that git tracks or would track.
pub fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for name in tracked(root)? {
        // Not UTF-8 (a picture) or deleted and not committed yet: nothing to read.
        let Ok(text) = std::fs::read_to_string(root.join(&name)) else { continue };
        let found = traces(&text);
        violations.extend(
            found
                .into_iter()
                .map(|(line, trace)| format!("{}:{line}: {:?} is {}", name.display(), trace.text, trace.what)),
        );
    }
    Ok(violations)
}

fn traces(text: &str) -> Vec<(usize, &'static Trace)> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(number, line)| {
            TRACES.iter().filter(|trace| holds(line, trace.text)).map(move |trace| (number + 1, trace))
        })
        .collect()
}

/// A directory counts only where a path begins: `network/work/` is not a path of a machine.
fn holds(line: &str, trace: &str) -> bool {
    let begins_here =
        |at: usize| line[..at].chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || "._-~}".contains(c)));
    line.match_indices(trace).any(|(at, _)| !trace.starts_with('/') || begins_here(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_hosts_of_a_machine_are_found() {
        for line in [
            concat!("let x = \"/wo", "rk/x\";"),
            concat!("see /ro", "ot/.cargo"),
            concat!("url = https://static.crates", ".io/x"),
            concat!("pip install --index", "-url x"),
        ] {
            assert_eq!(traces(line).len(), 1, "{line}");
        }
    }

    #[test]
    fn ordinary_paths_and_addresses_pass() {
        for line in [
            "crates/network/work/x",
            "target/debug/goru",
            "https://crates.io",
            "/tmp/x",
            "$HOME/x",
            "registry+https://github.com/rust-lang/crates.io-index",
        ] {
            assert!(traces(line).is_empty(), "{line}");
        }
    }
}
