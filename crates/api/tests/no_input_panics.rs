//! No bytes make a decoder panic, whatever the protocol: garbage, and valid requests with bytes changed, cut and
//! doubled. Decoding also keeps within its bounds.

#![allow(clippy::unwrap_used)]

#[path = "../../wire/tests/support/mod.rs"]
mod support;

use proptest::prelude::*;
use support::vectors::{Sent, load};
use wire::identify::identify;
use wire::protocol::{MAX_LIST_LENGTH, MAX_UNKNOWN, decode};
use wire::{Request, Value};

/// Identifies and decodes; what comes out must be within the bounds.
fn feed(request: &Request<'_>) {
    if let Ok(call) = identify(request, api::SERVICES)
        && let Ok(value) = decode(&call, request)
    {
        assert!(matches!(value, Value::Structure(_)));
        assert_bounded(&value);
    }
}

fn assert_bounded(value: &Value) {
    match value {
        Value::List(values) => {
            assert!(values.len() <= MAX_LIST_LENGTH);
            values.iter().for_each(assert_bounded);
        }
        Value::Map(entries) => {
            assert!(entries.len() <= MAX_LIST_LENGTH);
            entries.iter().for_each(|(_, value)| assert_bounded(value));
        }
        Value::Structure(structure) => {
            assert!(structure.unknown.len() <= MAX_UNKNOWN);
            structure.members.iter().for_each(|(_, value)| assert_bounded(value));
        }
        Value::Boolean(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::String(_)
        | Value::Blob(_)
        | Value::Timestamp(_)
        | Value::Malformed(_) => {}
    }
}

fn valid_requests() -> Vec<Sent> {
    load("requests.json").iter().map(Sent::of).collect()
}

/// One change of a body.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Cut(usize),
    Double(usize, usize),
    Insert(usize, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Change::Double(from, to)),
        (any::<usize>(), proptest::collection::vec(any::<u8>(), 1..9))
            .prop_map(|(at, bytes)| Change::Insert(at, bytes)),
    ]
}

fn apply(body: &mut Vec<u8>, change: &Change) {
    let place = |at: usize| at % (body.len() + 1);
    match change {
        Change::Set(at, byte) => {
            let at = place(*at);
            if let Some(found) = body.get_mut(at) {
                *found = *byte;
            }
        }
        Change::Cut(at) => {
            let at = place(*at);
            body.truncate(at);
        }
        Change::Double(one, other) => {
            let (one, other) = (place(*one), place(*other));
            let piece = body[one.min(other)..one.max(other)].to_vec();
            body.extend(piece);
        }
        Change::Insert(at, bytes) => {
            let at = place(*at);
            body.splice(at..at, bytes.iter().copied());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_garbage_makes_a_decoder_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for mut sent in valid_requests() {
            sent.body = body.clone();
            feed(&sent.request());
        }
    }

    #[test]
    fn no_change_of_a_valid_request_makes_a_decoder_panic(
        index in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let requests = valid_requests();
        let mut sent = index.get(&requests).clone();
        for change in &changes {
            apply(&mut sent.body, change);
        }
        feed(&sent.request());
    }

    #[test]
    fn no_form_makes_a_decoder_panic(
        pairs in proptest::collection::vec(("[A-Za-z]{0,6}(Tags|Filter|MetricData)?(\\.(member|entry|key|value|-?[0-9]{1,9}|Key))*", "[ -~]{0,8}"), 0..20),
        choice in any::<prop::sample::Index>(),
    ) {
        let calls = [("CreateTargetGroup", "2015-12-01"), ("RunInstances", "2016-11-15"), ("PutMetricData", "2010-08-01")];
        let (action, version) = choice.get(&calls);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", version).extend_pairs(&pairs);
        let mut sent = valid_requests().remove(0);
        sent.headers.remove("authorization");
        sent.body = form.finish().into_bytes();
        prop_assert!(identify(&sent.request(), api::SERVICES).is_ok());
        feed(&sent.request());
    }

    #[test]
    fn no_target_makes_identification_panic(path in "(/[a-z.%/]{0,10}){0,5}", query in "[ -~]{0,40}", target in "[ -~]{0,30}") {
        let mut sent = valid_requests().remove(0);
        sent.path = path;
        sent.query = query;
        feed(&sent.request());
        sent.headers.insert("x-amz-target", target.parse().unwrap());
        feed(&sent.request());
    }
}
