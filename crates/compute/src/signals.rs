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

/// Set back to their defaults: a server started by `nohup` or from a script ignores some, instances must not.
const RESET: [i32; 7] =
    [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGCHLD, libc::SIGUSR1, libc::SIGUSR2];

/// Signals that were sent to this process, as something to poll.
pub(crate) struct Signals {
    file: std::fs::File,
}

impl Signals {
    /// From now on these signals wait to be read; all others keep their defaults. To be called while the process has one
    /// thread.
    pub(crate) fn take(taken: &[Signal]) -> io::Result<Self> {
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
            for signal in taken {
                libc::sigaddset(&raw mut set, signal.as_raw());
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

    /// Takes one that has come, without waiting. The kernel keeps one of each kind at most.
    pub(crate) fn next(&mut self) -> Option<Signal> {
        let mut bytes = [0_u8; mem::size_of::<libc::signalfd_siginfo>()];
        match self.file.read(&mut bytes) {
            Ok(length) if length == bytes.len() => {
                let number = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                Signal::from_named_raw(number)
            }
            Ok(_) | Err(_) => None,
        }
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
        unblock_signals();
        Ok(())
    };
    // SAFETY: between fork and exec the hook makes system calls only (prctl, getppid, sigprocmask): it does not allocate,
    // takes no lock, and touches nothing of the parent but one copied number. Its error value holds no allocation.
    unsafe { command.pre_exec(hook) };
}

/// Makes the child begin with no blocked signal; it may outlive this process.
pub(crate) fn with_default_signals(command: &mut Command) {
    let hook = || {
        unblock_signals();
        Ok(())
    };
    // SAFETY: as above; the hook makes one system call.
    unsafe { command.pre_exec(hook) };
}

/// Safe between fork and exec.
fn unblock_signals() {
    let mut none = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset initialises the set before sigprocmask reads it; both are async-signal-safe.
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
    }
}

/// Sends a signal to every process of this PID namespace but its first, which the caller is: on the host itself this
/// would end everything that the user has, so it does nothing there.
pub(crate) fn signal_namespace(signal: Signal) {
    if rustix::process::getpid() == Pid::INIT {
        // SAFETY: kill touches no memory; for whom it is meant was just checked. Nobody left to get it is no error.
        unsafe { libc::kill(-1, signal.as_raw()) };
    }
}

/// Flags every inherited descriptor above the standard three to be closed in children. Best effort: before Linux 5.11 the
/// call is not known, and then only descriptors that a foreign parent left open are passed on.
pub(crate) fn close_inherited_on_exec() {
    // SAFETY: only the close-on-exec flag of descriptors is set; none is closed here, so no owner is affected.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
}
