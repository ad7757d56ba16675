//! A laboratory: two namespaces that stand for the host and for somebody outside, and a driver that knows no other host.
//!
//! It needs root, `ip` and `nft`; where they are missing, a test prints why and does nothing. Everything is removed in the end,
//! also after a failure.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail like tests, and say what they measured"
)]
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod probe;

use model::ec2::network_plan::{HostFacts, HostTag, NetworkPlan, plan};
use network::{LinuxDriver, NetworkDriver, enter};
use std::{
    net::Ipv4Addr,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};
use testkit::network::World;

/// The host's address towards the outside.
pub const HOST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
/// Somebody outside.
pub const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);

pub struct Lab {
    pub driver: LinuxDriver,
    pub facts: HostFacts,
    pub host: String,
    pub outside: String,
}

/// The `n`-th address of the pool that is routed to the host.
pub fn pool(n: u8) -> Ipv4Addr {
    Ipv4Addr::new(198, 51, 100, n)
}

impl Lab {
    /// A laboratory of its own, or `None` with a printed reason.
    pub fn new() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if let Some(reason) = missing() {
            println!("skipped: {reason}");
            return None;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let tag = HostTag::of_data_directory(&format!("test {} {number}", std::process::id()));
        let (host, outside) = (format!("goru-test-{tag}-host"), format!("goru-test-{tag}-outside"));
        let facts = HostFacts { tag, outer: Some(host.clone()) };
        let lab = Self { driver: LinuxDriver::new(facts.clone()), facts, host, outside };
        lab.wire();
        Some(lab)
    }

    fn wire(&self) {
        let (host, outside) = (&self.host, &self.outside);
        run(&["ip", "netns", "add", host]);
        run(&["ip", "netns", "add", outside]);
        let link = ["ip", "-n", host, "link", "add", "wan", "type", "veth", "peer", "name", "wan", "netns", outside];
        run(&link);
        for (namespace, address) in [(host, HOST), (outside, OUTSIDE)] {
            run(&["ip", "-n", namespace, "link", "set", "lo", "up"]);
            run(&["ip", "-n", namespace, "addr", "add", &format!("{address}/24"), "dev", "wan"]);
            run(&["ip", "-n", namespace, "link", "set", "wan", "up"]);
        }
        run(&["ip", "-n", outside, "route", "add", "198.51.100.0/24", "via", &HOST.to_string()]);
    }

    pub fn plan(&self, world: &World) -> NetworkPlan {
        plan(&[world.records()], &self.facts)
    }

    /// Runs a command in a namespace and returns what it printed.
    pub fn inside(&self, namespace: &str, command: &[&str]) -> String {
        enter(namespace, || run(command)).unwrap()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // Whatever fails here would hide why the test failed.
        let _ = self.driver.remove_all();
        for namespace in [&self.host, &self.outside] {
            let _ = Command::new("ip").args(["netns", "delete", namespace]).output();
        }
    }
}

fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("networks of their own need root".to_owned());
    }
    let absent = ["ip", "nft"].into_iter().find(|program| Command::new(program).arg("-V").output().is_err());
    absent.map(|program| format!("there is no `{program}`"))
}

/// Runs a command and returns what it printed.
pub fn run(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
