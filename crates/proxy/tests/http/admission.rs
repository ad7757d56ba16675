//! Whom a listener takes: clients that its load balancer's security groups do not admit are reset, the others notice nothing.
//!
//! Loopback has many addresses; a client binds the one that it is to come from.

use crate::{
    balancer::{Balancer, Client, PATIENCE, ZONE, eventually, group, load_balancer},
    tls::{client_config, over, secured, two_on_one_front},
};
use model::elbv2::{
    admission::Admission,
    listener::MutualAuthentication,
    snapshot::{FrontListener, LoadBalancingSnapshot},
};
use socket2::{Domain, Socket, Type};
use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
};
use testkit::TestTarget;

const NOBODY: [&str; 0] = [];

fn blocks<const N: usize>(blocks: [&str; N]) -> Admission {
    Admission::Blocks(blocks.iter().map(|block| block.parse().unwrap()).collect())
}

/// A connection from 127.0.0.`source`.
fn connected(source: u8, front: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, source], 0)).into()).unwrap();
    socket.connect(&front.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn client(source: u8, front: SocketAddr) -> Client {
    Client::over(connected(source, front))
}

/// Asks for a host on a connection; what came, or `None` when the connection was reset.
fn ask(client: &mut Client, host: &str) -> Option<(u16, String)> {
    let sent = client.stream.write_all(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    match sent.and_then(|()| client.try_answer(false)) {
        Ok(answer) => Some((answer.status, answer.text().to_owned())),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error:?}");
            None
        }
    }
}

fn says(status: u16, text: &str) -> Option<(u16, String)> {
    Some((status, text.to_owned()))
}

/// Whether a connection is reset though its client says nothing.
fn is_reset(mut stream: TcpStream) -> bool {
    stream.read_exact(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

#[test]
fn who_is_not_admitted_is_reset_before_a_byte_is_read_and_leaves_no_trace() {
    let target = TestTarget::answering("web");
    let balancer = Balancer::with(&[target.address], |snapshot| {
        snapshot.fronts[0].listeners[0].admission = blocks(["127.0.0.2/32", "127.0.0.8/30"]);
    });
    for (source, admitted) in [(1, false), (2, true), (3, false), (7, false), (8, true), (11, true), (12, false)] {
        match admitted {
            true => assert_eq!(ask(&mut client(source, balancer.front), "web.example"), says(200, "web"), "{source}"),
            false => assert!(is_reset(connected(source, balancer.front)), "{source}"),
        }
    }
    eventually("all connections have ended", || balancer.count(|counts| &counts.active_connections) == 0);
    assert_eq!((target.count(), balancer.count(|counts| &counts.new_connections)), (3, 3));
    assert_eq!(balancer.count(|counts| &counts.rejected_connections), 0, "that count is about limits");
    let mut logged = 0;
    eventually("those who were admitted are logged", || {
        logged += balancer.logged().len();
        logged >= 3
    });
    assert_eq!(logged, 3);
}

#[test]
fn a_change_is_in_force_for_new_connections_and_those_that_are_established_go_on() {
    let target = TestTarget::answering("web");
    let mut balancer = Balancer::new(&[target.address]);
    let mut established = client(3, balancer.front);
    assert_eq!(ask(&mut established, "web.example"), says(200, "web"));
    balancer.change(|snapshot| snapshot.fronts[0].listeners[0].admission = blocks(["127.0.0.2/32"]));
    eventually("the change is in force", || ask(&mut client(3, balancer.front), "web.example").is_none());
    assert_eq!(ask(&mut established, "web.example"), says(200, "web"));
    assert_eq!(ask(&mut client(2, balancer.front), "web.example"), says(200, "web"));
    balancer.change(|snapshot| snapshot.fronts[0].listeners[0].admission = blocks(["127.0.0.2/31"]));
    eventually("it is let in", || ask(&mut client(3, balancer.front), "web.example") == says(200, "web"));
    balancer.change(|snapshot| snapshot.fronts[0].listeners[0].admission = blocks(NOBODY));
    eventually("nobody is let in", || ask(&mut client(2, balancer.front), "web.example").is_none());
    assert_eq!(ask(&mut established, "web.example"), says(200, "web"));
}

/// Two load balancers on one front: of `web.example` and of `shop.example`.
fn shared(targets: [&TestTarget; 2], admissions: [Admission; 2]) -> Balancer {
    let [first, second] = admissions;
    Balancer::with(&[targets[0].address], |snapshot| {
        let other = group("shop", &[targets[1].address]);
        let plan = load_balancer("shop", 80, &other.arn);
        snapshot.fronts[0].listeners[0].hosts = vec!["web.example".to_owned()];
        snapshot.fronts[0].listeners[0].admission = first;
        snapshot.fronts[0].listeners.push(FrontListener {
            listener: plan.listeners[0].arn.clone(),
            hosts: vec!["shop.example".to_owned()],
            zones: vec![ZONE.to_owned()],
            admission: second,
        });
        snapshot.load_balancers.push(plan);
        snapshot.target_groups.push(other);
    })
}

#[test]
fn on_a_shared_front_the_host_decides_whose_rules_hold() {
    let targets = [TestTarget::answering("web"), TestTarget::answering("shop")];
    let balancer = shared(targets.each_ref(), [blocks(["127.0.0.2/32"]), blocks(["127.0.0.2/32", "127.0.0.3/32"])]);
    assert!(is_reset(connected(1, balancer.front)), "whom nobody admits is reset at once");
    for (source, host, expected) in [
        (2, "web.example", says(200, "web")),
        (2, "shop.example", says(200, "shop")),
        (3, "shop.example", says(200, "shop")),
        (3, "web.example", None),
    ] {
        assert_eq!(ask(&mut client(source, balancer.front), host), expected, "{source} {host}");
    }
    // One connection may ask for several hosts.
    let mut both = client(2, balancer.front);
    let mut one = client(3, balancer.front);
    for host in ["web", "shop", "web"] {
        assert_eq!(ask(&mut both, &format!("{host}.example")), says(200, host));
    }
    assert_eq!(ask(&mut one, "shop.example"), says(200, "shop"));
    assert_eq!(ask(&mut one, "web.example"), None);
    assert_eq!(ask(&mut client(3, balancer.front), "unknown.example").map(|(status, _)| status), Some(404));
    assert_eq!(targets[0].count(), 3);
    assert_eq!(balancer.elb_code(404), 0, "nobody's request is counted for nobody");
}

#[test]
fn a_load_balancer_for_everybody_shares_a_front_with_one_that_is_not() {
    let targets = [TestTarget::answering("web"), TestTarget::answering("shop")];
    let mut balancer = shared(targets.each_ref(), [blocks(["127.0.0.2/32"]), Admission::Everybody]);
    let mut visitor = client(1, balancer.front);
    assert_eq!(ask(&mut visitor, "shop.example"), says(200, "shop"));
    assert_eq!(ask(&mut visitor, "web.example"), None);
    assert_eq!(ask(&mut client(2, balancer.front), "web.example"), says(200, "web"));
    // A connection goes on with the load balancer that it is at, and with no other.
    let (mut of_web, mut of_shop) = (client(2, balancer.front), client(2, balancer.front));
    assert_eq!(ask(&mut of_web, "web.example"), says(200, "web"));
    assert_eq!(ask(&mut of_shop, "shop.example"), says(200, "shop"));
    balancer.change(|snapshot| snapshot.fronts[0].listeners[0].admission = blocks(NOBODY));
    eventually("nobody is let in", || ask(&mut client(2, balancer.front), "web.example").is_none());
    assert_eq!(ask(&mut of_web, "web.example"), says(200, "web"));
    assert_eq!(ask(&mut of_shop, "web.example"), None);
}

/// What a client gets that shakes hands for a host: `None` when its connection is reset.
fn ask_over_tls(source: u8, front: SocketAddr, host: &str) -> Option<(u16, String)> {
    let mut client = over(client_config(None), connected(source, front), host);
    let sent = client.stream.write_all(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    match sent.and_then(|()| client.try_answer(false)) {
        Ok(answer) => Some((answer.status, answer.text().to_owned())),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "no alert: {error:?}");
            None
        }
    }
}

#[test]
fn over_tls_who_is_not_admitted_gets_no_handshake() {
    let target = TestTarget::answering("web");
    let mut balancer = secured(&[target.address]);
    balancer.change(|snapshot| snapshot.fronts[0].listeners[0].admission = blocks(["127.0.0.2/32"]));
    eventually("the change is in force", || ask_over_tls(1, balancer.front, "web.example").is_none());
    assert!(is_reset(connected(1, balancer.front)), "before the client has said anything");
    assert_eq!(ask_over_tls(2, balancer.front, "web.example"), says(200, "web"));
    assert_eq!(balancer.count(|counts| &counts.client_tls_errors), 0);
}

#[test]
fn over_tls_on_a_shared_front_the_server_name_decides_whose_rules_hold() {
    let targets = [TestTarget::answering("web"), TestTarget::answering("shop")];
    let mut balancer = two_on_one_front(targets.each_ref().map(|t| t.address), MutualAuthentication::Off, None);
    let restrict = |snapshot: &mut LoadBalancingSnapshot| {
        snapshot.fronts[0].listeners[0].admission = blocks(["127.0.0.2/32"]);
        snapshot.fronts[0].listeners[1].admission = blocks(["127.0.0.2/32", "127.0.0.3/32"]);
    };
    balancer.change(restrict);
    eventually("the change is in force", || ask_over_tls(1, balancer.front, "web.example").is_none());
    assert!(is_reset(connected(1, balancer.front)), "whom nobody admits is reset at once");
    let mut established = over(client_config(None), connected(2, balancer.front), "web.example");
    let request = "GET / HTTP/1.1\r\nHost: web.example\r\n\r\n";
    established.send(request);
    assert_eq!(established.answer().text(), "web");
    for (source, host, expected) in [
        (2, "web.example", says(200, "web")),
        (2, "shop.example", says(200, "shop")),
        (3, "shop.example", says(200, "shop")),
        (3, "web.example", None),
    ] {
        assert_eq!(ask_over_tls(source, balancer.front, host), expected, "{source} {host}");
    }
    assert_eq!(balancer.count(|counts| &counts.client_tls_errors), 0);
    balancer.change(|snapshot| snapshot.fronts[0].listeners[0].admission = blocks(NOBODY));
    eventually("nobody is let in", || ask_over_tls(2, balancer.front, "web.example").is_none());
    established.send(request);
    assert_eq!(established.answer().text(), "web");
}
