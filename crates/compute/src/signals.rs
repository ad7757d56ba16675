//! Signals for the shim, which has one thread and a poll loop: they arrive as readable bytes, not as interruptions.
//!
//! The `unsafe` of the shim is here: signal masks, `signalfd` and the hook between fork and exec have no safe form in the
//! libraries we use.
#![allow(unsafe_code)]

use rustix::process::{Pid, Signal};
use std::{
    io::{self, Read},
    mem::{self, MaybeUninit},
    os::{
        fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::Command,
    ptr,
};

/// The signals that the shim takes; all others keep their defaults.
const TAKEN: [i32; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGCHLD];
/// Set back to their defaults: a server started by `nohup` or from a script ignores some, instances must not.
const RESET: [i32; 7] =
    [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGCHLD, libc::SIGUSR1, libc::SIGUSR2];

/// Signals that were sent to this process, as something to poll.
pub(crate) struct Signals {
    file: std::fs::File,
}

/// What came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrived {
    /// Somebody asks this process to end.
    pub(crate) end: bool,
}

impl Signals {
    /// From now on the taken signals wait to be read. To be called while the process has one thread.
    pub(crate) fn take() -> io::Result<Self> {
        for signal in RESET {
            // SAFETY: SIG_DFL runs no code of ours, and each is a valid signal number.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: sigemptyset initialises the whole set it is given, so it may be assumed initialised after it; the set
        // outlives each call, and a null pointer for the old mask is allowed.
        let descriptor = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            let mut set = set.assume_init();
            for signal in TAKEN {
                libc::sigaddset(&raw mut set, signal);
            }
            if libc::sigprocmask(libc::SIG_SETMASK, &raw const set, ptr::null_mut()) != 0 {
                return Err(io::Error::last_os_error());
            }
            libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
        };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made this descriptor for us; nobody else owns it.
        let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
        Ok(Self { file: descriptor.into() })
    }

    /// Reads what has come, without waiting. Deaths of children need no note: every round reaps.
    pub(crate) fn read(&mut self) -> Arrived {
        let mut arrived = Arrived::default();
        // The kernel keeps one of each kind at most, so this ends after as many rounds.
        for _ in TAKEN {
            let mut bytes = [0_u8; mem::size_of::<libc::signalfd_siginfo>()];
            match self.file.read(&mut bytes) {
                Ok(length) if length == bytes.len() => {
                    let number = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                    arrived.end |= number == libc::SIGTERM.unsigned_abs() || number == libc::SIGINT.unsigned_abs();
                }
                Ok(_) | Err(_) => break,
            }
        }
        arrived
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Makes the child die with this process, however that ends. It begins with no blocked signal.
pub(crate) fn die_with_parent(command: &mut Command) {
    let parent: Pid = rustix::process::getpid();
    let hook = move || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the line above.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut none = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: sigemptyset initialises the set before sigprocmask reads it; both are async-signal-safe.
        unsafe {
            libc::sigemptyset(none.as_mut_ptr());
            libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
        }
        Ok(())
    };
    // SAFETY: between fork and exec the hook makes system calls only (prctl, getppid, sigprocmask): it does not allocate,
    // takes no lock, and touches nothing of the parent but one copied number. Its error value holds no allocation.
    unsafe { command.pre_exec(hook) };
}

/// Flags every inherited descriptor above the standard three to be closed in children. Best effort: before Linux 5.11 the
/// call is not known, and then only descriptors that a foreign parent left open are passed on.
pub(crate) fn close_inherited_on_exec() {
    // SAFETY: only the close-on-exec flag of descriptors is set; none is closed here, so no owner is affected.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
}
