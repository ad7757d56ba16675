//! Questions to the metadata service and their answers.

use super::*;
use crate::Tags;

const MAC: &str = "0a:00:00:00:00:05";

fn about() -> About {
    About {
        account: "123456789012".into(),
        region: "ap-northeast-2".into(),
        zone: "ap-northeast-2a".into(),
        zone_id: "apne2-az1".into(),
        instance_id: "i-00000001".parse().unwrap(),
        instance_type: "t2.micro".into(),
        image_id: "ami-00000001".parse().unwrap(),
        reservation_id: "r-00000001".parse().unwrap(),
        launch_index: 2,
        private_name: "ip-10-0-0-5.ap-northeast-2.compute.internal".into(),
        public_name: None,
        interface: Interface {
            id: "eni-00000001".parse().unwrap(),
            mac: MAC.into(),
            private_address: [10, 0, 0, 5].into(),
            public_address: Some([127, 80, 0, 9].into()),
            security_groups: vec![
                ("sg-00000001".parse().unwrap(), "web".into()),
                ("sg-00000002".parse().unwrap(), "ssh".into()),
            ],
            subnet: ("subnet-00000001".parse().unwrap(), "10.0.0.0/24".parse().unwrap()),
            vpc: ("vpc-00000001".parse().unwrap(), "10.0.0.0/16".parse().unwrap()),
        },
        key: Some(("me".into(), "ssh-ed25519 AAAA me".into())),
        tags: Tags([("Name".to_owned(), "web 1".to_owned())].into_iter().collect()),
        user_data: Some(b"#!/bin/sh\n".to_vec()),
        launched_at: Timestamp::default(),
        target_lifecycle_state: None,
    }
}

fn get(path: &str) -> Question<'_> {
    Question { method: "GET", path, ..Question::default() }
}

fn put<'a>(ttl: &'a str) -> Question<'a> {
    Question { method: "PUT", path: TOKEN_PATH, ttl: Some(ttl), ..Question::default() }
}

struct Service {
    tokens: Tokens,
    number: u64,
    options: MetadataOptions,
}

impl Service {
    fn new() -> Self {
        Self { tokens: Tokens::default(), number: 0, options: MetadataOptions::default() }
    }

    fn ask(&mut self, question: Question<'_>, about: &About, seconds: i64) -> Answer {
        let Self { tokens, number, options } = self;
        let mut ids = || {
            *number += 1;
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        answer(&question, about, *options, tokens, &mut ids, Timestamp::from_seconds(seconds))
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let answer = self.ask(get(path), &about(), 0);
        (answer.status == 200).then(|| String::from_utf8(answer.body).unwrap())
    }
}

#[test]
fn every_path_has_its_text_or_its_listing() {
    let mut service = Service::new();
    for (path, text) in [
        ("/", "latest"),
        ("/latest", "dynamic/\nmeta-data/\nuser-data"),
        ("/latest/", "dynamic/\nmeta-data/\nuser-data"),
        ("/latest/meta-data/instance-id", "i-00000001"),
        ("/2021-07-15/meta-data/instance-id", "i-00000001"),
        ("/1.0/meta-data/ami-launch-index", "2"),
        ("/latest/meta-data/local-ipv4", "10.0.0.5"),
        ("/latest/meta-data/public-ipv4", "127.80.0.9"),
        ("/latest/meta-data/placement", "availability-zone\navailability-zone-id\nregion"),
        ("/latest/meta-data/placement/availability-zone", "ap-northeast-2a"),
        ("/latest/meta-data/security-groups", "web\nssh"),
        ("/latest/meta-data/public-keys/", "0=me"),
        ("/latest/meta-data/public-keys/0", "openssh-key"),
        ("/latest/meta-data/public-keys/0/openssh-key", "ssh-ed25519 AAAA me"),
        ("/latest/meta-data/network/interfaces/macs/", "0a:00:00:00:00:05/"),
        ("/latest/meta-data/network/interfaces/macs/0a:00:00:00:00:05/subnet-ipv4-cidr-block", "10.0.0.0/24"),
        ("/latest/meta-data/network/interfaces/macs/0a:00:00:00:00:05/ipv4-associations/127.80.0.9", "10.0.0.5"),
        ("/latest/user-data", "#!/bin/sh\n"),
    ] {
        assert_eq!(service.text(path).as_deref(), Some(text), "{path}");
    }
    let listing = service.text("/latest/meta-data/").unwrap();
    assert!(listing.contains("\nplacement/\n") && listing.contains("\nreservation-id\n"), "{listing}");
    for path in [
        "/older",
        "/latest/meta-data/nothing",
        "/latest/meta-data/instance-id/more",
        "/latest/meta-data/inst",
        "/latest/meta-data/tags/instance/Name",
        "/latest/meta-data/public-hostname",
        "/latest/meta-data/autoscaling/target-lifecycle-state",
    ] {
        assert_eq!(service.text(path), None, "{path}");
    }
}

#[test]
fn the_identity_document_says_who_it_is() {
    let text = Service::new().text("/latest/dynamic/instance-identity/document").unwrap();
    for line in
        ["  \"accountId\" : \"123456789012\",", "  \"instanceId\" : \"i-00000001\",", "  \"privateIp\" : \"10.0.0.5\","]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.starts_with("{\n") && text.ends_with("\n}"), "{text}");
}

#[test]
fn tags_are_shown_where_the_owner_wants_that() {
    let mut service = Service::new();
    service.options.shows_tags = true;
    assert_eq!(service.text("/latest/meta-data/tags/instance").as_deref(), Some("Name"));
    assert_eq!(service.text("/latest/meta-data/tags/instance/Name").as_deref(), Some("web 1"));
}

#[test]
fn a_session_is_its_instances_own_and_ends() {
    let mut service = Service::new();
    let begun = service.ask(put("60"), &about(), 100);
    assert_eq!((begun.status, begun.ttl), (200, Some(60)));
    let token = String::from_utf8(begun.body).unwrap();
    assert_eq!(token.len(), 56);
    let other = About { instance_id: "i-00000002".parse().unwrap(), ..about() };
    service.options.requires_token = true;
    let with = |token| Question { token, ..get("/latest/meta-data/instance-id") };
    for (token, about, seconds, status) in [
        (Some(token.as_str()), &about(), 159, 200),
        (Some(&token), &about(), 160, 401),
        (Some(&token), &other, 101, 401),
        (Some("another"), &about(), 101, 401),
        (None, &about(), 101, 401),
    ] {
        assert_eq!(service.ask(with(token), about, seconds).status, status, "{token:?} after {seconds}");
    }
    // Version 1 needs none, but a wrong one is wrong.
    service.options.requires_token = false;
    assert_eq!(service.ask(with(None), &about(), 101).status, 200);
    assert_eq!(service.ask(with(Some("another")), &about(), 101).status, 401);
    service.tokens.keep_only(|_| false);
    assert_eq!(service.ask(with(Some(&token)), &about(), 101).status, 401);
}

#[test]
fn sessions_are_bounded_and_not_given_to_proxies_or_for_odd_times() {
    let mut service = Service::new();
    let mut begin = |question: Question<'_>| service.ask(question, &about(), 0);
    for (ttl, status) in [("1", 200), ("21600", 200), ("0", 400), ("21601", 400), ("", 400), ("-1", 400), ("x", 400)] {
        assert_eq!(begin(put(ttl)).status, status, "{ttl}");
    }
    assert_eq!(begin(Question { ttl: None, ..put("") }).status, 400);
    assert_eq!(begin(Question { is_forwarded: true, ..put("60") }).status, 403);
    let first = String::from_utf8(begin(put("600")).body).unwrap();
    for _ in 0..MAXIMUM_TOKENS {
        begin(put("600"));
    }
    let question = Question { token: Some(&first), ..get("/latest/meta-data/instance-id") };
    assert_eq!(service.ask(question, &about(), 1).status, 401, "the oldest gave way");
}

#[test]
fn nothing_else_is_answered() {
    let mut service = Service::new();
    for (method, path) in [("POST", "/latest/meta-data/"), ("PUT", "/latest/meta-data/"), ("DELETE", "/"), ("", "/")] {
        let question = Question { method, path, ..Question::default() };
        assert_eq!(service.ask(question, &about(), 0).status, 405, "{method} {path}");
    }
    service.options.is_enabled = false;
    assert_eq!(service.ask(get("/"), &about(), 0).status, 403);
    assert_eq!(service.ask(put("60"), &about(), 0).status, 403);
}
