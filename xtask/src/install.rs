//! Puts what the tests need on the machine, once: Debian packages, a Python environment, nextest.
//!
//! Everything is idempotent: what is there already is left alone and costs milliseconds. No service is started,
//! none is stopped, and nothing outside `target/` and the package manager's own places is written.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{capture, cargo, command, find, root, run};

/// What the Python environment holds; pinned, and shared by lint (typos) and e2e (aws, boto3, pytest).
const REQUIREMENTS: &str = "e2e/requirements.txt";
/// The oldest Python that the pinned `aws` CLI runs on.
const OLDEST_PYTHON: (u32, u32) = (3, 10);
/// Compiled only when the machine has no nextest at all.
const NEXTEST_VERSION: &str = "0.9.143";

/// A program and the Debian package that brings it.
pub struct Need {
    pub program: &'static str,
    pub package: &'static str,
}

/// What building and testing needs of Debian: a C compiler for the bundled SQLite, curl and h2load as clients in e2e/, what
/// sandboxed instances and their networks are made with, and what makes a root file system for them.
const FOR_TESTS: &[Need] = &[
    Need { program: "cc", package: "gcc" },
    Need { program: "curl", package: "curl" },
    Need { program: "debootstrap", package: "debootstrap" },
    Need { program: "h2load", package: "nghttp2-client" },
    Need { program: "ip", package: "iproute2" },
    Need { program: "mkfs.ext4", package: "e2fsprogs" },
    Need { program: "mount", package: "mount" },
    Need { program: "nft", package: "nftables" },
    Need { program: "pasta", package: "passt" },
    Need { program: "python3", package: "python3" },
    Need { program: "runc", package: "runc" },
    Need { program: "slirp4netns", package: "slirp4netns" },
];

/// Installs everything that `cargo xtask ci` uses.
pub fn for_ci() -> Result<()> {
    debian(FOR_TESTS)?;
    nextest()?;
    python_environment().map(drop)
}

/// Installs the packages of those programs that are missing.
///
/// # Errors
/// When the package manager fails, or when it needs rights that this user lacks; the error holds the line to run.
pub fn debian(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> =
        needs.iter().filter(|need| find(need.program).is_none()).map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    install_packages(&missing)
}

fn install_packages(packages: &[&str]) -> Result<()> {
    if find("apt-get").is_none() {
        bail!("these programs are missing and there is no apt-get to install them: {}", packages.join(" "));
    }
    let _quiet = ServicesStayDown::new();
    println!("installing {} (its services are not started)", packages.join(" "));
    capture(apt().args(["update", "-qq"])).context("apt-get update failed")?;
    capture(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages)).map(drop).with_context(
        || format!("run this as root, then try again: apt-get install --no-install-recommends {}", packages.join(" ")),
    )
}

fn apt() -> Command {
    let mut apt = if rustix::process::geteuid().is_root() {
        command("apt-get")
    } else {
        let mut sudo = command("sudo");
        sudo.args(["-n", "apt-get"]);
        sudo
    };
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

/// While it lives, packages that are installed do not start their services (Debian asks `policy-rc.d` first).
/// A policy that the machine already has is left as it is.
struct ServicesStayDown {
    written: Option<PathBuf>,
}

impl ServicesStayDown {
    fn new() -> Self {
        let policy = PathBuf::from("/usr/sbin/policy-rc.d");
        if policy.exists() || std::fs::write(&policy, "#!/bin/sh\nexit 101\n").is_err() {
            return Self { written: None };
        }
        use std::os::unix::fs::PermissionsExt;
        // A policy that cannot be made executable is ignored by Debian: services may start, nothing else changes.
        let _ = std::fs::set_permissions(&policy, std::fs::Permissions::from_mode(0o755));
        Self { written: Some(policy) }
    }
}

impl Drop for ServicesStayDown {
    fn drop(&mut self) {
        if let Some(policy) = &self.written {
            // Left behind only if somebody else removed it first.
            let _ = std::fs::remove_file(policy);
        }
    }
}

/// Makes sure that `cargo nextest` works.
pub fn nextest() -> Result<()> {
    if capture(cargo().args(["nextest", "--version"])).is_ok() {
        return Ok(());
    }
    println!("cargo-nextest is missing: compiling it, which takes some minutes, once");
    run(cargo().args(["install", "cargo-nextest", "--locked", "--debug", "--version", NEXTEST_VERSION]))
}

/// The Python environment with the pinned clients, made or brought up to date when its requirements changed.
///
/// Returns its `bin` directory.
pub fn python_environment() -> Result<PathBuf> {
    let wanted =
        std::fs::read_to_string(root().join(REQUIREMENTS)).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let venv = root().join("target/venv");
    let stamp = venv.join("requirements.installed");
    let bin = venv.join("bin");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && bin.join("python").exists() {
        return Ok(bin);
    }
    create_environment(&venv)?;
    run(command(bin.join("python")).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        REQUIREMENTS,
    ]))?;
    std::fs::write(&stamp, wanted)?;
    Ok(bin)
}

fn create_environment(venv: &std::path::Path) -> Result<()> {
    let python = python()?;
    if capture(command(&python).args(["-c", "import ensurepip, venv"])).is_err() {
        install_packages(&["python3-venv"])?;
    }
    run(command(&python).args(["-m", "venv", "--clear"]).arg(venv))
}

fn python() -> Result<PathBuf> {
    let candidates = ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];
    let usable = candidates.iter().filter_map(|name| find(name)).find(|path| is_recent_enough(path));
    usable.with_context(|| {
        format!("the aws CLI needs Python {}.{} or newer; none is on PATH", OLDEST_PYTHON.0, OLDEST_PYTHON.1)
    })
}

fn is_recent_enough(python: &std::path::Path) -> bool {
    let (major, minor) = OLDEST_PYTHON;
    let test = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    capture(command(python).args(["-c", &test])).is_ok()
}
