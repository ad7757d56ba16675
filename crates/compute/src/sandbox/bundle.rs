//! The OCI runtime configuration of a sandbox: the few fields that we set, from the plan, with no side effect.

use super::{
    plan::{CPU_PERIOD, Limits, SandboxPlan},
    seccomp,
};
use crate::{environment::MARKER, init::CARRIED};
use serde_json::{Value, json};
use std::{env::consts::ARCH, path::Path};

/// What root may do inside: the usual set of a container without `MKNOD` (an instance gets no devices), and with
/// `SYS_BOOT`, which in a PID namespace of its own ends that namespace and nothing else.
const CAPABILITIES: &[&str] = &[
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_BOOT",
    "CAP_SYS_CHROOT",
];
/// Parts of /proc and /sys that tell about the host.
const MASKED: &[&str] = &[
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
];
/// Parts of /proc that act on the host.
const READ_ONLY: &[&str] = &["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
/// Open files: the usual soft limit, and what a program may ask for.
const FILES: (u64, u64) = (1024, 524_288);

/// The configuration of the instance whose directory on the host is `directory` and whose root is mounted at `root`, by a
/// shim that may itself have so many open files.
pub(super) fn config(plan: &SandboxPlan, directory: &Path, root: &Path, files: u64) -> Value {
    let capabilities = json!({ "bounding": CAPABILITIES, "effective": CAPABILITIES, "permitted": CAPABILITIES });
    let mut config = json!({
        "ociVersion": "1.0.2",
        "hostname": plan.boot.hostname,
        "root": { "path": root, "readonly": false },
        "process": {
            "terminal": false,
            "cwd": "/",
            "user": { "uid": 0, "gid": 0 },
            "args": plan.boot.program,
            // Finds it again if its shim is gone; it does not pass it on.
            "env": [format!("{MARKER}={}", directory.display()), "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            "capabilities": capabilities,
            "noNewPrivileges": !plan.new_privileges,
            "rlimits": [{ "type": "RLIMIT_NOFILE", "soft": FILES.0.min(files), "hard": FILES.1.min(files) }],
        },
        "mounts": mounts(plan),
        "linux": {
            "namespaces": namespaces(plan),
            "resources": resources(&plan.limits),
            "seccomp": seccomp::profile(ARCH),
            "maskedPaths": MASKED,
            "readonlyPaths": READ_ONLY,
        },
    });
    if let Some(group) = &plan.cgroup {
        config["linux"]["cgroupsPath"] = json!(group);
    }
    config
}

fn namespaces(plan: &SandboxPlan) -> Vec<Value> {
    let mut namespaces: Vec<Value> =
        ["pid", "mount", "ipc", "uts"].iter().map(|kind| json!({ "type": kind })).collect();
    namespaces.push(match &plan.network_namespace {
        Some(path) => json!({ "type": "network", "path": path }),
        None => json!({ "type": "network" }),
    });
    namespaces
}

fn mounts(plan: &SandboxPlan) -> Vec<Value> {
    let special = |place: &str, kind: &str, options: &[&str]| json!({ "destination": place, "type": kind, "source": kind, "options": options });
    let mut mounts = vec![
        special("/proc", "proc", &["nosuid", "noexec", "nodev"]),
        special("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=1m"]),
        special("/dev/pts", "devpts", &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
        special("/dev/shm", "tmpfs", &["nosuid", "noexec", "nodev", "mode=1777"]),
        special("/dev/mqueue", "mqueue", &["nosuid", "noexec", "nodev"]),
        special("/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
        special("/run", "tmpfs", &["nosuid", "nodev", "mode=755"]),
    ];
    mounts.extend(plan.carried.files.iter().map(|file| {
        json!({
            "destination": format!("{CARRIED}/{}", file.name),
            "type": "bind",
            "source": file.source,
            "options": ["bind", "ro", "nosuid", "nodev"],
        })
    }));
    mounts
}

fn resources(limits: &Limits) -> Value {
    let mut resources = json!({ "devices": [{ "allow": false, "access": "rwm" }] });
    if let Some(bytes) = limits.memory_bytes {
        resources["memory"] = json!({ "limit": bytes });
        if limits.swap_counted {
            // Memory and swap together: none beyond the memory.
            resources["memory"]["swap"] = json!(bytes);
        }
    }
    if let Some(quota) = limits.cpu_quota {
        resources["cpu"] = json!({ "quota": quota, "period": CPU_PERIOD });
    }
    if let Some(tasks) = limits.tasks {
        resources["pids"] = json!({ "limit": tasks });
    }
    resources
}
