//! Which target gets a request, and what happens when it does not answer.

use crate::balancer::{Balancer, Client, PATIENCE, eventually, group, load_balancer, refusing};
use model::elbv2::{admission::Admission, snapshot::FrontListener, target_health::CheckedState};
use std::time::Duration;
use testkit::{Reply, TestTarget, targets::answer};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

#[test]
fn a_thousand_requests_split_exactly_in_half_over_all_workers() {
    let targets = [TestTarget::answering("a"), TestTarget::answering("b")];
    let balancer = Balancer::new(&[targets[0].address, targets[1].address]);
    for _ in 0..500 {
        assert_eq!(balancer.get("/").status, 200);
    }
    let mut client = balancer.client();
    for _ in 0..500 {
        client.send(GET);
        assert_eq!(client.answer().status, 200);
    }
    assert_eq!([targets[0].count(), targets[1].count()], [500, 500]);
    for (position, target) in targets.iter().enumerate() {
        assert_eq!(balancer.state(position).counts.sum(|c| &c.requests), 500);
        assert_eq!(balancer.state(position).counts.sum(|c| &c.codes[0]), 500);
        eventually("nothing is in flight", || balancer.state(position).counts.sum(|c| &c.in_flight) == 0);
        assert!(target.connections() <= 64, "connections to targets are kept");
    }
}

#[test]
fn only_healthy_targets_get_requests_until_none_is() {
    let targets =
        [TestTarget::answering("healthy"), TestTarget::answering("initial"), TestTarget::answering("unhealthy")];
    let balancer = Balancer::with(&targets.each_ref().map(|t| t.address), |snapshot| {
        let targets = &mut snapshot.target_groups[0].targets;
        targets[1].health.as_mut().unwrap().state = CheckedState::Initial;
        targets[2].health.as_mut().unwrap().state = CheckedState::Unhealthy;
    });
    let unhealthy_routing =
        || (0..3).map(|i| balancer.state(i).counts.sum(|c| &c.unhealthy_routing_requests)).sum::<u64>();
    for _ in 0..30 {
        assert_eq!(balancer.get("/").text(), "healthy");
    }
    assert_eq!(unhealthy_routing(), 0);
    balancer.state(0).set_health(CheckedState::Unhealthy, None);
    for _ in 0..30 {
        assert_eq!(balancer.get("/").status, 200);
    }
    assert_eq!([targets[0].count(), targets[1].count(), targets[2].count()], [40, 10, 10]);
    assert_eq!(unhealthy_routing(), 30);
    balancer.state(2).set_health(CheckedState::Healthy, None);
    for _ in 0..30 {
        assert_eq!(balancer.get("/").text(), "unhealthy");
    }
}

#[test]
fn a_refused_connection_is_tried_elsewhere_and_the_target_avoided() {
    let target = TestTarget::answering("up");
    let balancer = Balancer::new(&[target.address, refusing()]);
    for i in 0..40 {
        assert_eq!(balancer.ask(if i % 2 == 0 { GET } else { POST }).text(), "up");
    }
    let errors = balancer.state(1).counts.sum(|c| &c.connection_errors);
    let retried = balancer.count(|c| &c.retried_requests);
    assert!((1..=10).contains(&errors), "avoided for a second at a time, but {errors} tries");
    assert_eq!(errors, retried);
    assert_eq!(balancer.elb_code(502), 0);
}

#[test]
fn without_the_retry_attribute_failures_are_passed_on_as_aws_does() {
    let balancer = Balancer::with(&[refusing()], |snapshot| snapshot.target_groups[0].retry = false);
    assert_eq!(balancer.get("/").status, 502);
    let target = TestTarget::start(|_| Reply::ThenClose(vec![]));
    let balancer = Balancer::with(&[target.address], |snapshot| snapshot.target_groups[0].retry = false);
    assert_eq!(balancer.get("/").status, 502);
    assert_eq!(target.count(), 1);
}

#[test]
fn an_idempotent_request_whose_target_dies_is_answered_by_another() {
    let (bad, good) = (TestTarget::start(|_| Reply::ThenReset(vec![])), TestTarget::answering("good"));
    let balancer = Balancer::new(&[bad.address, good.address]);
    for request in
        [GET, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"]
    {
        for _ in 0..4 {
            let mut client = balancer.client();
            client.send(request);
            assert_eq!(client.try_answer(request.starts_with("HEAD")).unwrap().status, 200);
        }
    }
    assert!(bad.count() > 0);
    assert_eq!(bad.count() as u64, balancer.count(|c| &c.retried_requests));
}

#[test]
fn a_request_that_is_not_idempotent_is_never_sent_twice() {
    let targets: Vec<_> = (0..2).map(|_| TestTarget::start(|_| Reply::ThenClose(vec![]))).collect();
    let balancer = Balancer::new(&[targets[0].address, targets[1].address]);
    for n in 1..=6 {
        assert_eq!(balancer.ask(POST).status, 502);
        assert_eq!(targets[0].count() + targets[1].count(), n);
    }
    assert_eq!(balancer.elb_code(502), 6);
}

#[test]
fn a_target_that_closes_kept_connections_costs_no_request() {
    let target = TestTarget::start(|_| Reply::ThenClose(answer("200 OK", &[], b"bye")));
    let balancer = Balancer::new(&[target.address]);
    let mut client = balancer.client();
    for _ in 0..200 {
        client.send(GET);
        assert_eq!(client.answer().text(), "bye");
    }
    assert_eq!(balancer.elb_code(502), 0);
}

#[test]
fn killing_one_of_two_targets_under_load_fails_no_get() {
    let targets = [TestTarget::answering("a"), TestTarget::answering("b")];
    let balancer = Balancer::new(&[targets[0].address, targets[1].address]);
    let front = balancer.front;
    let threads: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(move || {
                let mut client = Client::connect(front);
                for _ in 0..500 {
                    client.send(GET);
                    assert_eq!(client.answer().status, 200);
                }
            })
        })
        .collect();
    eventually("some requests were served", || targets[0].count() > 100);
    targets[0].kill();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(balancer.elb_code(502), 0);
}

#[test]
fn several_load_balancers_share_a_front_by_host() {
    let targets = [TestTarget::answering("one"), TestTarget::answering("two")];
    let balancer = Balancer::with(&[targets[0].address], |snapshot| {
        let second = group("second", &[targets[1].address]);
        let plan = load_balancer("second", 80, &second.arn);
        let listener = plan.listeners[0].arn.clone();
        snapshot.fronts[0].listeners[0].hosts = vec!["one.example".into(), "web.elb.localhost".into()];
        snapshot.fronts[0].listeners.push(FrontListener {
            listener,
            hosts: vec!["two.example".into()],
            zones: vec!["ap-northeast-2a".into()],
            admission: Admission::Everybody,
        });
        snapshot.load_balancers.push(plan);
        snapshot.target_groups.push(second);
    });
    let mut client = balancer.client();
    for (host, status, body) in [
        ("one.example", 200, Some("one")),
        ("TWO.example.:8080", 200, Some("two")),
        ("web.elb.localhost", 200, Some("one")),
    ] {
        client.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        let answer = client.answer();
        assert_eq!((answer.status, Some(answer.text())), (status, body), "{host}");
    }
    let unknown = balancer.ask("GET / HTTP/1.1\r\nHost: three.example\r\n\r\n");
    assert_eq!(unknown.status, 404);
    assert!(!unknown.text().contains("example"), "the page lists nothing");
}

#[test]
fn a_group_without_targets_answers_503_and_goes_on() {
    let mut balancer = Balancer::new(&[]);
    let mut client = balancer.client();
    client.send(GET);
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("server")), (503, Some("awselb/2.0")));
    assert!(answer.text().contains("<title>503 Service Temporarily Unavailable</title>"));
    let target = TestTarget::answering("now");
    balancer.change(|snapshot| snapshot.target_groups[0] = group("web", &[target.address]));
    eventually("the same connection is served", || {
        client.send(GET);
        client.answer().status == 200
    });
    assert!(balancer.elb_code(503) >= 1);
}

#[test]
fn a_hanging_target_is_answered_for_at_the_idle_timeout() {
    let target = TestTarget::start(|_| Reply::Silence);
    let balancer = Balancer::with(&[target.address], |snapshot| snapshot.load_balancers[0].idle_timeout_seconds = 1);
    let began = std::time::Instant::now();
    assert_eq!(balancer.get("/").status, 504);
    assert!(began.elapsed() >= Duration::from_millis(900) && began.elapsed() < PATIENCE);
    assert_eq!(balancer.elb_code(504), 1);
    assert_eq!(target.count(), 1);
}
