//! The system calls that an instance may not make: a short list of what reaches past its namespaces.
//!
//! Everything else is allowed. An instance is a machine on which people install what they like, and most of what container
//! engines forbid by not listing it is harmless; what is listed here either acts on the whole host whatever namespace one
//! is in, or is a door to parts of the kernel that had many holes and that no server needs. Much of it would fail for want
//! of a capability anyway: two locks.

use serde_json::{Value, json};

/// Answered with "operation not permitted".
const DENIED: &[(&str, &[&str])] = &[
    // The tree of mounts is made outside. With user namespaces forbidden too, nobody inside could use these.
    (
        "mounts",
        &[
            "mount",
            "umount",
            "umount2",
            "pivot_root",
            "move_mount",
            "open_tree",
            "fsopen",
            "fsconfig",
            "fsmount",
            "fspick",
            "mount_setattr",
            "setns",
        ],
    ),
    // The kernel itself: another one, parts of it, its log, its ports. reboot(2) acts on the PID namespace and is allowed.
    (
        "kernel",
        &[
            "kexec_load",
            "kexec_file_load",
            "init_module",
            "finit_module",
            "delete_module",
            "create_module",
            "query_module",
            "get_kernel_syms",
            "syslog",
            "iopl",
            "ioperm",
            "lookup_dcookie",
            "nfsservctl",
            "_sysctl",
            "sysfs",
            "uselib",
            "vm86",
            "vm86old",
        ],
    ),
    ("accounting, swap and quotas of the host", &["acct", "swapon", "swapoff", "quotactl", "quotactl_fd"]),
    // Programs in the kernel, counters that see other processes, page faults that stop the kernel at a chosen moment,
    // and the ring whose calls no filter sees.
    (
        "kernel programming",
        &["bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"],
    ),
    // Key rings belong to user ids, which are the host's.
    ("key rings", &["add_key", "request_key", "keyctl"]),
    // One clock for all.
    ("clocks", &["settimeofday", "stime", "clock_settime", "clock_settime64"]),
    // Files by their numbers, past every root directory; comparing with processes that one may not see. ptrace itself
    // stays: it reaches the instance's own processes only.
    ("other people's objects", &["open_by_handle_at", "kcmp"]),
];

/// clone's and unshare's flag for a user namespace, in which everybody has every capability.
const NEW_USER: u64 = 0x1000_0000;
/// "No such system call": the C library then uses clone, whose flags a filter can see.
const ENOSYS: u32 = 38;

/// The profile for the runtime, for programs of this architecture.
pub(super) fn profile(architecture: &str) -> Value {
    let names: Vec<&str> = DENIED.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let user_namespace = json!([{ "index": 0, "value": NEW_USER, "valueTwo": NEW_USER, "op": "SCMP_CMP_MASKED_EQ" }]);
    json!({
        "defaultAction": "SCMP_ACT_ALLOW",
        // Calls of any other architecture end the process that makes them.
        "architectures": architectures(architecture),
        "syscalls": [
            { "names": names, "action": "SCMP_ACT_ERRNO" },
            { "names": ["clone", "unshare"], "action": "SCMP_ACT_ERRNO", "args": user_namespace },
            { "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS },
        ],
    })
}

fn architectures(architecture: &str) -> &'static [&'static str] {
    match architecture {
        "x86_64" => &["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
        "aarch64" => &["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
        "riscv64" => &["SCMP_ARCH_RISCV64"],
        // The runtime then takes the one it runs on.
        _ => &[],
    }
}
