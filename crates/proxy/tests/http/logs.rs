//! What logs get to know of connections and requests, beyond the access log's own lines.

use crate::{
    authority::Authority,
    balancer::{Balancer, arn, eventually},
    tls::{client_config, connect_with, secure, trust_store},
};
use model::elbv2::{
    listener::MutualAuthentication,
    snapshot::{LoadBalancingSnapshot, LogBucket},
};
use std::io::Write;
use testkit::{Reply, TestTarget};

fn log_connections(snapshot: &mut LoadBalancingSnapshot) {
    snapshot.bucket_dir = "/nowhere".into();
    let bucket = LogBucket { bucket: "logs".to_owned(), prefix: String::new() };
    snapshot.load_balancers[0].connection_logs = Some(bucket);
}

/// Waits for the next line of the connection log; its fields, the subject as one.
fn next_connection(balancer: &Balancer) -> Vec<String> {
    let mut lines = Vec::new();
    eventually("a connection is noted", || {
        lines.extend(balancer.connections());
        !lines.is_empty()
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (before, rest) = lines[0].trim_end().split_once(" \"").unwrap();
    let (subject, after) = rest.split_once("\" ").unwrap();
    before.split(' ').chain([subject]).chain(after.split(' ')).map(str::to_owned).collect()
}

#[test]
fn every_tls_connection_is_noted_whether_or_not_its_handshake_succeeds() {
    let authority = Authority::root("clients");
    let (known, stranger) = (authority.client("known", |_| {}), Authority::root("others").client("stranger", |_| {}));
    let target = TestTarget::answering("a");
    let verify = MutualAuthentication::Verify {
        trust_store: arn("truststore/clients/1"),
        ignore_expiry: false,
        advertise_ca_names: true,
    };
    let balancer = Balancer::with(&[target.address], |snapshot| {
        secure(snapshot, "web", &["web.example"], verify);
        snapshot.trust_stores.push(trust_store(&authority));
        log_connections(snapshot);
    });
    for (shown, subject, status) in [
        (Some(&known), "CN=known", "Success"),
        (Some(&stranger), "CN=stranger", "Failed:ClientCertUntrusted"),
        (None, "-", "Failed:UnmappedConnectionError"),
    ] {
        let mut client = connect_with(client_config(shown), balancer.front, "web.example");
        // Those that are refused may learn it while they write.
        let _ = client.stream.write_all(b"GET / HTTP/1.1\r\nHost: web.example\r\nConnection: close\r\n\r\n");
        let served = client.try_answer(false).is_ok();
        let fields = next_connection(&balancer);
        let [
            time,
            client,
            client_port,
            port,
            protocol,
            cipher,
            latency,
            who,
            validity,
            serial,
            verified,
            trace,
            group,
            elb,
            node,
        ] = fields.as_slice()
        else {
            panic!("{fields:?}")
        };
        assert!(time.ends_with('Z') && client_port.parse::<u16>().is_ok() && trace.starts_with("TID_"), "{fields:?}");
        assert_eq!((client.as_str(), port.as_str(), protocol.as_str()), ("127.0.0.1", "443", "TLSv1.3"));
        assert!(cipher.starts_with("TLS_AES_") && group != "-", "{fields:?}");
        assert_eq!((who.as_str(), verified.as_str()), (subject, status));
        assert_eq!((elb.as_str(), node.as_str()), ("app/web/1", "127.0.0.1"));
        assert_eq!(shown.is_some(), validity.starts_with("NotBefore=") && serial != "-", "{fields:?}");
        assert_eq!((served, latency != "-"), (status == "Success", status == "Success"), "{fields:?}");
    }
    assert_eq!(balancer.get("/").status, 400, "clear text");
    let fields = next_connection(&balancer);
    assert_eq!((&*fields[4], &*fields[6], &*fields[10]), ("-", "-", "Failed:UnmappedConnectionError"));
}

#[test]
fn connections_are_noted_from_the_change_of_the_attribute_on_and_no_longer_after_the_next() {
    let target = TestTarget::answering("a");
    let mut balancer = Balancer::new(&[target.address]);
    assert_eq!(balancer.get("/").status, 200);
    balancer.change(log_connections);
    let mut noted = Vec::new();
    eventually("the change is in force", || {
        assert_eq!(balancer.get("/").status, 200);
        noted.extend(balancer.connections());
        !noted.is_empty()
    });
    let fields: Vec<&str> = noted[0].trim_end().split(' ').collect();
    assert_eq!(fields[3..11], ["80", "-", "-", "-", "\"-\"", "-", "-", "-"]);
    balancer.change(|snapshot| snapshot.load_balancers[0].connection_logs = None);
    eventually("no longer", || {
        // Both workers must have seen it: of so many connections each gets some.
        (0..20).for_each(|_| assert_eq!(balancer.get("/").status, 200));
        let (mut requests, mut connections) = (0, 0);
        eventually("all are noted", || {
            let noted = balancer.noted();
            (requests, connections) = (requests + noted.0, connections + noted.1);
            requests >= 20
        });
        connections == 0
    });
}

#[test]
fn errors_of_our_own_carry_the_id_that_the_log_has_and_other_answers_do_not() {
    let target = TestTarget::start(|request| match &*request.path {
        "/close" => Reply::ThenClose(Vec::new()),
        _ => Reply::ok("fine"),
    });
    let balancer = Balancer::new(&[target.address]);
    for request in ["POST /close HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"] {
        let answer = balancer.ask(request);
        let id = answer.header("x-amzn-trace-id").unwrap().to_owned();
        assert!(answer.status >= 400 && id.starts_with("Root=1-"), "{answer:?}");
        let mut records = Vec::new();
        eventually("it is noted", || {
            records.extend(balancer.logged());
            !records.is_empty()
        });
        assert_eq!(records[0]["trace_id"], id);
    }
    assert_eq!(balancer.get("/").header("x-amzn-trace-id"), None);
}
