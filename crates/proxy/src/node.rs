//! The load balancer node as a process: control socket, last good snapshot, shutdown.
