//! Rules and their actions over real sockets.

use crate::balancer::{Answer, Balancer, eventually, group};
use model::elbv2::{
    action::{Action, FixedResponse, Forward, Redirect, RedirectStatus, WeightedTargetGroup},
    condition::{Condition, Patterns},
    snapshot::{LoadBalancingSnapshot, RulePlan},
    transform::{Rewrite, Transform},
};
use testkit::{Reply, TestTarget};

pub fn on_path(priority: u32, path: &str, action: Action) -> RulePlan {
    RulePlan {
        priority,
        conditions: vec![Condition::PathPattern(Patterns::Wildcards(vec![path.to_owned()]))],
        action,
        transforms: vec![],
    }
}

fn respond(status: u16, body: &str) -> Action {
    Action::FixedResponse(FixedResponse { status, content_type: Some("text/plain".to_owned()), body: body.to_owned() })
}

pub fn to_https() -> Action {
    Action::Redirect(Redirect {
        status: RedirectStatus::Permanent,
        protocol: "HTTPS".to_owned(),
        host: "#{host}".to_owned(),
        port: "443".to_owned(),
        path: "/#{path}".to_owned(),
        query: "#{query}".to_owned(),
    })
}

fn with_rules(target: &TestTarget, rules: impl FnOnce(&mut LoadBalancingSnapshot) -> Vec<RulePlan>) -> Balancer {
    Balancer::with(&[target.address], |snapshot| {
        let rules = rules(snapshot);
        snapshot.load_balancers[0].listeners[0].rules = rules;
    })
}

fn logged(balancer: &Balancer, requests: usize) -> Vec<serde_json::Value> {
    let mut lines = Vec::new();
    eventually("the requests are logged", || {
        lines.extend(balancer.logged());
        lines.len() >= requests
    });
    lines
}

#[test]
fn the_first_rule_that_is_met_decides_and_the_log_says_which() {
    let target = TestTarget::answering("default");
    let balancer = with_rules(&target, |_| {
        vec![
            on_path(10, "/old*", to_https()),
            on_path(20, "/teapot", respond(418, "short and stout")),
            on_path(30, "/old/teapot", respond(500, "never")),
        ]
    });
    let redirect = balancer.get("/old/teapot?milk=no");
    assert_eq!(redirect.status, 301);
    assert_eq!(redirect.header("location"), Some("https://web.example:443/old/teapot?milk=no"));
    let fixed = balancer.get("/teapot");
    assert_eq!((fixed.status, fixed.text()), (418, "short and stout"));
    assert_eq!((fixed.header("server"), fixed.header("content-type")), (Some("awselb/2.0"), Some("text/plain")));
    assert_eq!(balancer.get("/").text(), "default");
    let head = {
        let mut client = balancer.client();
        client.send("HEAD /teapot HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        client.try_answer(true).unwrap()
    };
    assert_eq!((head.status, head.header("content-length")), (418, Some("15")));
    let mut seen: Vec<_> = logged(&balancer, 4)
        .iter()
        .map(|line| (line["matched_rule_priority"].clone(), line["actions_executed"].clone()))
        .collect();
    seen.sort_by_key(|(priority, _)| priority.as_u64());
    let expected = [(0, "forward"), (10, "redirect"), (20, "fixed-response"), (20, "fixed-response")];
    assert_eq!(seen, expected.map(|(priority, action)| (priority.into(), action.into())));
    // 1 + 2 + 3 + 2: the default rule is not counted.
    assert_eq!(balancer.count(|c| &c.rule_evaluations), 8);
    assert_eq!((balancer.count(|c| &c.redirects), balancer.count(|c| &c.fixed_responses)), (1, 2));
    assert_eq!(target.count(), 1);
}

#[test]
fn a_connection_goes_on_after_an_answer_of_our_own_when_the_body_was_small() {
    let target = TestTarget::answering("t");
    let balancer = with_rules(&target, |_| vec![on_path(1, "/fixed", respond(200, "ok"))]);
    let mut client = balancer.client();
    client.send("POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!((client.answer().text(), client.answer().text()), ("ok", "t"));
    // The body comes after the answer.
    client.send("POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.text(), answer.header("connection")), ("ok", Some("keep-alive")));
    client.send("x".repeat(40_000));
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.answer().text(), "t");
    for request in [
        "POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n",
        "POST /fixed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    ] {
        let mut client = balancer.client();
        client.send(request);
        let answer = client.answer();
        assert_eq!((answer.text(), answer.header("connection")), ("ok", Some("close")), "{request}");
        assert!(client.is_closed(), "{request}");
    }
}

#[test]
fn a_location_of_more_than_8_kilobytes_is_refused_and_counted() {
    let target = TestTarget::answering("t");
    let balancer = with_rules(&target, |_| vec![on_path(1, "/*", to_https())]);
    assert_eq!(balancer.get(&format!("/{}", "a".repeat(9000))).status, 500);
    assert_eq!(balancer.count(|c| &c.redirect_url_limit_exceeded), 1);
    assert_eq!(balancer.get("/a").status, 301);
}

#[test]
fn groups_get_requests_by_their_weights_and_one_with_the_weight_0_none() {
    let targets = ["a", "b", "c"].map(TestTarget::answering);
    let balancer = Balancer::with(&[targets[0].address], |snapshot| {
        for (name, target) in [("b", &targets[1]), ("c", &targets[2])] {
            snapshot.target_groups.push(group(name, &[target.address]));
        }
        let weights = [30, 10, 0];
        let shares = snapshot.target_groups.iter().zip(weights);
        let target_groups = shares.map(|(group, weight)| WeightedTargetGroup { arn: group.arn.clone(), weight });
        let forward = Forward { target_groups: target_groups.collect(), stickiness_seconds: None };
        snapshot.load_balancers[0].listeners[0].rules = vec![on_path(1, "/split", Action::Forward(forward))];
    });
    let mut client = balancer.client();
    for _ in 0..2000 {
        client.send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer().status, 200);
    }
    let counts = targets.each_ref().map(TestTarget::count);
    assert!(counts[0] > 1350 && counts[0] < 1650 && counts[2] == 0, "{counts:?}");
}

#[test]
fn transforms_change_what_the_target_gets_and_the_log_says_what() {
    let target = TestTarget::start(|request| {
        Reply::ok(format!("{} {}", request.header("host").unwrap_or_default(), request.path))
    });
    let rewrite = |regex: &str, replace: &str| Rewrite { regex: regex.to_owned(), replace: replace.to_owned() };
    let balancer = with_rules(&target, |snapshot| {
        let forward = Action::forward_to(snapshot.target_groups[0].arn.clone());
        let mut api = on_path(1, "/api/*", forward.clone());
        api.transforms = vec![
            Transform::UrlRewrite(rewrite("^/api/(.*)$", "/v2/$1")),
            Transform::HostHeaderRewrite(rewrite("^(.*)\\.example$", "$1.internal")),
        ];
        let mut broken = on_path(2, "/broken", forward);
        broken.transforms = vec![Transform::UrlRewrite(rewrite("^/broken$", "no slash"))];
        vec![api, broken]
    });
    assert_eq!(balancer.get("/api/users?id=3").text(), "web.internal /v2/users?id=3");
    assert_eq!(balancer.get("/other").text(), "web.example /other");
    assert_eq!(balancer.get("/broken").status, 500);
    let lines = logged(&balancer, 3);
    let line = |path: &str| lines.iter().find(|line| line["path"] == path).unwrap();
    let transformed = line("/api/users?id=3");
    assert_eq!(transformed["transformed_host"], "web.internal");
    assert_eq!(transformed["transformed_uri"], "/v2/users?id=3");
    assert_eq!(transformed["request_transform_status"], "TransformSuccess");
    assert_eq!(line("/broken")["request_transform_status"], "TransformInvalidPath");
    assert!(line("/other")["request_transform_status"].is_null());
}

#[test]
fn conditions_see_the_request_as_it_came() {
    let target = TestTarget::answering("none");
    let one = |priority, condition| RulePlan {
        priority,
        conditions: vec![condition],
        action: respond(200, &priority.to_string()),
        transforms: vec![],
    };
    let balancer = with_rules(&target, |_| {
        vec![
            one(1, Condition::HostHeader(Patterns::Wildcards(vec!["*.shop.example".to_owned()]))),
            one(2, Condition::HttpRequestMethod(vec!["PURGE".to_owned()])),
            one(
                3,
                Condition::HttpHeader {
                    name: "X-Beta".to_owned(),
                    values: Patterns::Wildcards(vec!["y?s".to_owned()]),
                },
            ),
            one(4, Condition::HostHeader(Patterns::Wildcards(vec!["web.elb.localhost".to_owned()]))),
        ]
    });
    let ask = |request: &str| -> Answer { balancer.ask(request) };
    for (request, expected) in [
        ("GET / HTTP/1.1\r\nHost: A.Shop.Example:8080\r\nConnection: close\r\n\r\n", "1"),
        ("PURGE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "2"),
        ("purge / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "none"),
        ("GET / HTTP/1.1\r\nHost: a\r\nx-beta: YES\r\nConnection: close\r\n\r\n", "3"),
        ("GET http://x.shop.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "1"),
        ("GET / HTTP/1.0\r\n\r\n", "4"),
    ] {
        assert_eq!(ask(request).text(), expected, "{request}");
    }
}

#[test]
fn rules_that_cannot_be_used_are_refused_with_the_whole_snapshot() {
    let target = TestTarget::answering("t");
    let balancer = with_rules(&target, |_| vec![on_path(1, "/a", respond(200, "a"))]);
    let mut snapshot = balancer.snapshot.clone();
    snapshot.generation += 1;
    snapshot.load_balancers[0].listeners[0].rules =
        vec![on_path(2, "/a", respond(200, "b")), on_path(2, "/b", respond(200, "b"))];
    let error = proxy::config::CompiledSnapshot::compile(&snapshot, &balancer.states).unwrap_err();
    assert!(error.to_string().contains("rule 2"), "{error}");
    assert_eq!(balancer.get("/a").text(), "a");
}
