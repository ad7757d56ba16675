//! How connections end: by us in two steps, after many requests, by the peer; and what a client does then.

use crate::peer::{END, Frame, Seen, Subject, block, data, get_block, goaways, headers, raw, settings};
use proxy::{
    http2::{ConnectionError, Engine, ErrorCode, Limits, engine::OpenError, frame, frame::Kind},
    timer::Millis,
};
use std::time::Duration;

fn last_streams(frames: &[Frame]) -> Vec<u32> {
    let goaways = frames.iter().filter(|frame| frame.kind == Kind::GoAway);
    goaways.map(|frame| u32::from_be_bytes(frame.payload[..4].try_into().unwrap())).collect()
}

#[test]
fn a_drained_connection_serves_what_was_on_its_way() {
    let mut subject = Subject::server();
    let first = subject.get(1);
    subject.engine.drain();
    subject.engine.drain();
    let frames = subject.frames();
    assert_eq!((last_streams(&frames), goaways(&frames)), (vec![frame::MAXIMUM], vec![ErrorCode::NO_ERROR]));
    let ping = frames.iter().find(|frame| frame.kind == Kind::Ping).unwrap().payload.clone();
    // Sent before the client could know.
    let second = subject.get(3);
    assert_eq!(subject.send(&raw(6, 1, 0, &ping)), Ok(vec![]));
    assert_eq!(last_streams(&subject.frames()), [3]);
    // Sent although it knows: not looked at, but its fields are learnt.
    let late = [headers(5, 0, &block(&crate::peer::POST)), data(5, END, b"x"), raw(3, 0, 5, &[0; 4])].concat();
    assert_eq!(subject.send(&late), Ok(vec![]));
    assert!(!subject.engine.is_drained());
    subject.engine.answer(first, 200, [], true).unwrap();
    subject.engine.answer(second, 200, [], true).unwrap();
    assert!(subject.engine.is_drained());
}

#[test]
fn a_client_that_does_not_answer_is_drained_all_the_same() {
    let mut subject = Subject::server();
    subject.engine.drain();
    subject.engine.finish_drain();
    subject.engine.finish_drain();
    assert_eq!(last_streams(&subject.frames()), [frame::MAXIMUM, 0]);
    assert!(subject.engine.is_drained());
}

#[test]
fn after_ten_thousand_requests_a_connection_ends() {
    let mut subject = Subject::server();
    for i in 0..10_000 {
        assert!(!subject.engine.is_draining());
        let stream = subject.get(2 * i + 1);
        subject.engine.answer(stream, 204, [], true).unwrap();
    }
    assert!(subject.engine.is_drained());
    let frames = subject.frames();
    assert_eq!((last_streams(&frames), goaways(&frames)), (vec![19_999], vec![ErrorCode::NO_ERROR]));
    assert_eq!(subject.send(&headers(20_001, END, &get_block())), Ok(vec![]));
}

#[test]
fn a_target_that_leaves_says_which_requests_it_never_saw() {
    let mut subject = Subject::client();
    let streams = [subject.open(), subject.open(), subject.open(), subject.open()];
    let seen = subject.send(&raw(7, 0, 0, &[&3u32.to_be_bytes()[..], &[0; 4]].concat())).unwrap();
    let refused = |stream| Seen::Reset(stream, ErrorCode::REFUSED_STREAM, None);
    assert_eq!(seen, [Seen::GoAway(3, ErrorCode::NO_ERROR), refused(streams[2]), refused(streams[3])]);
    assert_eq!((subject.engine.capacity(), subject.engine.is_drained()), (0, false));
    assert_eq!(subject.engine.open(b"GET / HTTP/1.1\r\n\r\n", false, true), Err(OpenError::Closing));
    for stream in [1, 3] {
        subject.send(&headers(stream, END, &block(&[(":status", "200")]))).unwrap();
    }
    assert!(subject.engine.is_drained());
}

#[test]
fn a_client_opens_as_many_streams_as_the_target_allows() {
    let mut subject = Subject::new(Engine::client(Limits::TARGETS, Millis(1000)));
    assert_eq!(subject.engine.capacity(), 100, "before the settings");
    subject.send(&settings(&[])).unwrap();
    assert_eq!(subject.engine.capacity(), 128, "as many as we want");
    subject.send(&settings(&[(3, 2)])).unwrap();
    let first = subject.open();
    subject.open();
    assert_eq!(subject.engine.open(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", false, true), Err(OpenError::Full));
    subject.engine.reset(first, ErrorCode::CANCEL);
    assert_eq!(subject.engine.capacity(), 1);
    assert!(matches!(subject.engine.open(b"nonsense", false, true), Err(OpenError::NotAHead(_))));
    assert_eq!(subject.open().number(), 5);
    subject.engine.drain();
    assert_eq!(subject.engine.capacity(), 0);
}

#[test]
fn requests_to_targets_are_sent_with_content_and_trailers() {
    let mut subject = Subject::client();
    let head = b"POST /s/m HTTP/1.1\r\nHost: a.example\r\nTE: trailers\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n";
    let stream = subject.engine.open(head, true, false).unwrap();
    assert_eq!(subject.engine.data(stream, b"hello", false, subject.now), Ok(5));
    subject.engine.trailers(stream, b"X-Sum: 5\r\n").unwrap();
    let frames = subject.frames();
    assert_eq!(frames.iter().map(|frame| frame.kind).collect::<Vec<_>>(), [Kind::Headers, Kind::Data, Kind::Headers]);
    // Our own server understands it.
    let mut server = Subject::server();
    let bytes: Vec<u8> = frames
        .iter()
        .flat_map(|frame| raw(if frame.kind == Kind::Data { 0 } else { 1 }, frame.flags, frame.stream, &frame.payload))
        .collect();
    let seen = server.send(&bytes).unwrap();
    let [Seen::Head(_, text, false), Seen::Data(_, content, false), Seen::Trailers(_, lines)] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(
        text,
        "POST /s/m HTTP/1.1\r\nhost: a.example\r\nte: trailers\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    assert_eq!((&content[..], &lines[..]), (&b"hello"[..], "x-sum: 5\r\n"));
    let answer = [
        headers(1, 0, &block(&[(":status", "200"), ("content-type", "application/grpc")])),
        data(1, 0, b"answer"),
        headers(1, END, &block(&[("grpc-status", "0"), ("host", "evil")])),
    ];
    let seen = subject.send(&answer.concat()).unwrap();
    assert_eq!(seen[2], Seen::Trailers(stream, "grpc-status: 0\r\n".to_owned()));
    assert_eq!(subject.engine.open_streams(), 0);
}

#[test]
fn heads_that_are_longer_than_a_frame_are_continued() {
    let mut subject = Subject::server();
    let stream = subject.get(1);
    let value = "\u{7f}".repeat(5000);
    let fields: Vec<_> = (0..8).map(|i| (format!("x-long-{i}"), value.clone())).collect();
    subject.engine.answer(stream, 200, fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())), true).unwrap();
    let frames = subject.frames();
    let shape: Vec<_> = frames.iter().map(|frame| (frame.kind, frame.flags, frame.payload.len())).collect();
    assert_eq!(shape[0], (Kind::Headers, 1, 16_384));
    assert_eq!(shape[1], (Kind::Continuation, 0, 16_384));
    assert_eq!((shape[2].0, shape[2].1, shape.len()), (Kind::Continuation, 4, 3));
}

#[test]
fn what_is_begun_must_be_finished_in_time() {
    let second = Duration::from_secs(1);
    let expires = |mut subject: Subject, begin: &[u8]| {
        subject.send(begin).unwrap();
        for _ in 0..59 {
            subject.now = subject.now.plus(second);
            assert_eq!(subject.engine.expire(subject.now), Ok(None));
        }
        subject.now = subject.now.plus(second);
        subject.engine.expire(subject.now)
    };
    let fresh = || Subject::new(Engine::server(Limits::CLIENTS, Millis(1000)));
    assert_eq!(expires(fresh(), b"PRI * HT"), Err(ConnectionError::TimedOut));
    assert_eq!(expires(fresh(), frame::PREFACE), Err(ConnectionError::TimedOut));
    assert_eq!(expires(Subject::server(), &raw(1, 1, 1, &get_block())), Err(ConnectionError::TimedOut));
    assert_eq!(expires(Subject::server(), &headers(1, 1, &get_block())[..12]), Err(ConnectionError::TimedOut));
    assert_eq!(expires(Subject::server(), &headers(1, 1, &get_block())[..1]), Err(ConnectionError::TimedOut));
    assert_eq!(expires(Subject::server(), &headers(1, 1, &get_block())), Ok(None));
}

#[test]
fn pings_are_answered_and_asked() {
    let mut subject = Subject::server();
    subject.send(&raw(6, 0, 0, b"question")).unwrap();
    subject.engine.ping(*b"12345678");
    let frames = subject.frames();
    let pings: Vec<_> = frames.iter().map(|frame| (frame.flags, frame.payload.clone())).collect();
    assert_eq!(pings, [(1, b"question".to_vec()), (0, b"12345678".to_vec())]);
    assert_eq!(subject.send(&raw(6, 1, 0, b"12345678")), Ok(vec![Seen::Pong(*b"12345678")]));
}
