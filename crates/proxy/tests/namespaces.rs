//! Targets in another network than the host's: connections and checks leave from the load balancer's interface there.

// Tests may panic and wait in plain threads.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod running_node;

use model::{
    elbv2::{snapshot::NodeInterface, target_health::CheckedState},
    node::ToNode,
};
use running_node::{RunningNode, free_address, get, snapshot, until};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    os::fd::AsFd,
    process::{Child, Command, Stdio},
    sync::mpsc,
};

const TARGET: &str = "10.99.0.5:3000";
const INTERFACE: &str = "10.99.0.9";
/// Where a load balancer listens in there.
const INSIDE: &str = "10.99.0.9:80";

/// A network of its own, with a server that tells who asks.
struct Network {
    /// A process that is in it: what keeps it alive.
    keeper: Child,
    /// Who asked.
    clients: mpsc::Receiver<SocketAddr>,
}

impl Network {
    /// `None`, and why, where we may not make one.
    fn new() -> Option<Self> {
        let commands = "ip link set lo up && ip address add 10.99.0.5/32 dev lo && ip address add 10.99.0.9/32 dev lo";
        let script = format!("{commands} && echo ready && exec sleep 600");
        let mut keeper =
            Command::new("unshare").args(["--net", "sh", "-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = [0; 5];
        if keeper.stdout.as_mut().unwrap().read_exact(&mut ready).is_err() {
            eprintln!("skipped: a network namespace cannot be made here");
            keeper.wait().unwrap();
            return None;
        }
        let (seen, clients) = mpsc::channel();
        let network = Self { keeper, clients };
        let namespace = File::open(network.namespace()).unwrap();
        std::thread::spawn(move || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            for stream in TcpListener::bind(TARGET).unwrap().incoming() {
                let mut stream = stream.unwrap();
                let client = stream.peer_addr().unwrap();
                // A client that goes away is no concern of this server's.
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                if seen.send(client).is_err() {
                    return;
                }
            }
        });
        Some(network)
    }

    /// The file that stands for it.
    fn namespace(&self) -> String {
        format!("/proc/{}/ns/net", self.keeper.id())
    }

    /// The status of an answer to somebody in there; none: nobody listens.
    fn get(&self, address: SocketAddr) -> Option<u16> {
        let namespace = File::open(self.namespace()).unwrap();
        let asks = std::thread::spawn(move || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            get(address, "/").ok()
        });
        asks.join().unwrap()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.keeper.kill().unwrap();
        self.keeper.wait().unwrap();
    }
}

#[test]
fn requests_and_checks_reach_a_target_from_the_load_balancers_interface() {
    let Some(network) = Network::new() else { return };
    let (front, target) = (free_address(), TARGET.parse().unwrap());
    let node = RunningNode::start();
    let mut controller = node.connect();
    let mut plan = snapshot(1, &[front], &[target]);
    let interface = NodeInterface { namespace: network.namespace(), address: INTERFACE.parse().unwrap() };
    plan.target_groups[0].targets[0].interface = Some(interface);
    controller.apply(&plan).unwrap();
    controller.health(target, CheckedState::Healthy);
    until(|| network.clients.try_iter().count() > 0);
    for _ in 0..20 {
        assert_eq!(get(front, "/").unwrap(), 200);
    }
    assert!(network.clients.try_iter().all(|client| client.ip().to_string() == INTERFACE));
    // Without it the target is in no network that we are in; nor when the network is gone.
    plan.generation = 2;
    plan.target_groups[0].targets[0].interface.as_mut().unwrap().namespace = "/proc/1/no-such-file".to_owned();
    controller.apply(&plan).unwrap();
    until(|| get(front, "/").unwrap() == 502);
    // The threads are where they were: fronts open and close as before.
    let another = free_address();
    plan.fronts.push(plan.fronts[0].clone());
    plan.fronts[1].place = another.into();
    plan.generation = 3;
    plan.target_groups[0].targets[0].interface.as_mut().unwrap().namespace = network.namespace();
    controller.apply(&plan).unwrap();
    until(|| get(another, "/").is_ok_and(|status| status == 200));
    controller.send(&ToNode::Shutdown { grace_seconds: 0 });
    node.ended();
}

#[test]
fn a_front_in_a_network_is_reached_from_there_alone_and_follows_the_networks_name() {
    let (Some(network), Some(new)) = (Network::new(), Network::new()) else { return };
    let name = tempfile::tempdir().unwrap();
    let name = name.path().join("network");
    let inside: SocketAddr = INSIDE.parse().unwrap();
    let node = RunningNode::start();
    let mut controller = node.connect();
    let mut plan = snapshot(1, &[inside], &[TARGET.parse().unwrap()]);
    plan.fronts[0].place.namespace = Some(name.to_str().unwrap().into());
    plan.target_groups[0].targets[0].interface =
        Some(NodeInterface { namespace: name.to_str().unwrap().to_owned(), address: INTERFACE.parse().unwrap() });
    let failed = controller.apply(&plan).unwrap();
    assert_eq!(
        failed.iter().map(|(place, _)| place).collect::<Vec<_>>(),
        [&plan.fronts[0].place],
        "it is not there yet"
    );
    // The name comes, and leads to another network later.
    for (network, other) in [(&network, &new), (&new, &network)] {
        let _none = std::fs::remove_file(&name);
        std::os::unix::fs::symlink(network.namespace(), &name).unwrap();
        until(|| network.get(inside) == Some(200));
        until(|| other.get(inside).is_none());
    }
    controller.send(&ToNode::Shutdown { grace_seconds: 0 });
    node.ended();
}
