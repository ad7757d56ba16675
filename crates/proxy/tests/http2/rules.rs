//! What RFC 9113 says of wrong frames, section by section: as a tester of conformance would send them.

use crate::peer::{
    END, POST, Seen, Subject, block, data, get_block, goaways, headers, raw, reset, resets, settings, window_update,
};
use proxy::{
    http2::{Engine, ErrorCode, Limits, Malformed, frame, frame::flag},
    timer::Millis,
};

/// What a server or client must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Must {
    /// End the connection.
    End(ErrorCode),
    /// Reset the stream and go on.
    Reset(u32, ErrorCode),
    /// Nothing.
    GoOn,
}
use Must::{End, GoOn, Reset};

const PROTOCOL: ErrorCode = ErrorCode::PROTOCOL_ERROR;
const SIZE: ErrorCode = ErrorCode::FRAME_SIZE_ERROR;
const FLOW: ErrorCode = ErrorCode::FLOW_CONTROL_ERROR;
const CLOSED: ErrorCode = ErrorCode::STREAM_CLOSED;
const COMPRESSION: ErrorCode = ErrorCode::COMPRESSION_ERROR;
const ENDED: u8 = flag::END_STREAM;

fn check(subject: &mut Subject, name: &str, bytes: &[u8], must: Must) {
    subject.frames();
    let result = subject.send(bytes);
    let frames = subject.frames();
    let seen = match (&result, &goaways(&frames)[..], &resets(&frames)[..]) {
        (Err(error), [code], _) => {
            assert_eq!(error.code(), *code, "{name}");
            assert_eq!(subject.send(&[]), Err(*error), "{name}: an error stays");
            End(*code)
        }
        (Ok(_), [], [(stream, code)]) => Reset(*stream, *code),
        (Ok(_), [], []) => GoOn,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(seen, must, "{name}: {result:?}");
    if result.is_ok() {
        // The connection is of use.
        let opaque = *b"are you?";
        subject.send(&raw(6, 0, 0, &opaque)).unwrap();
        assert!(subject.frames().iter().any(|frame| frame.payload == opaque), "{name}");
    }
}

fn concat(frames: &[Vec<u8>]) -> Vec<u8> {
    frames.concat()
}

fn get(stream: u32) -> Vec<u8> {
    headers(stream, END, &get_block())
}

fn post(stream: u32) -> Vec<u8> {
    headers(stream, 0, &block(&POST))
}

#[test]
fn section_3_connections_begin_with_preface_and_settings() {
    for (name, bytes, must) in [
        ("another protocol", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), End(PROTOCOL)),
        ("a wrong preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\rX".to_vec(), End(PROTOCOL)),
        ("the beginning of a wrong preface", b"PRJ".to_vec(), End(PROTOCOL)),
        ("no settings", [&frame::PREFACE[..], &get(1)].concat(), End(PROTOCOL)),
        ("PING before settings", [&frame::PREFACE[..], &raw(6, 0, 0, &[0; 8])].concat(), End(PROTOCOL)),
        ("an acknowledgement first", [&frame::PREFACE[..], &raw(4, 1, 0, &[])].concat(), End(PROTOCOL)),
        ("settings", [&frame::PREFACE[..], &settings(&[])].concat(), GoOn),
        ("settings and a request", [&frame::PREFACE[..], &settings(&[]), &get(1)].concat(), GoOn),
    ] {
        let mut subject = Subject::new(Engine::server(Limits::CLIENTS, Millis(1000)));
        check(&mut subject, name, &bytes, must);
    }
    // Byte by byte is as good as all at once.
    let mut subject = Subject::new(Engine::server(Limits::CLIENTS, Millis(1000)));
    let bytes = [&frame::PREFACE[..], &settings(&[(4, 100)]), &post(1), &data(1, ENDED | 8, b"\x03abc\0\0\0")].concat();
    let mut seen = Vec::new();
    for byte in bytes {
        seen.extend(subject.send(&[byte]).unwrap());
    }
    let ends: Vec<_> = seen.iter().filter(|seen| matches!(seen, Seen::Data(_, _, true))).collect();
    assert_eq!(ends.len(), 1);
    let content: Vec<u8> = seen
        .iter()
        .flat_map(|seen| if let Seen::Data(_, bytes, _) = seen { &bytes[..] } else { &[] })
        .copied()
        .collect();
    assert_eq!(content, b"abc");
    // The server's settings come first.
    let frames = Subject::new(Engine::server(Limits::CLIENTS, Millis(1000))).frames();
    assert_eq!((frames[0].kind, frames[0].stream, frames[0].flags), (frame::Kind::Settings, 0, 0));
}

#[test]
fn section_4_frames_and_blocks() {
    let unknown_in_block = concat(&[raw(1, END, 1, &get_block()[..5]), raw(0xff, 0, 1, &[])]);
    let other_in_block = concat(&[raw(1, END, 1, &get_block()[..5]), raw(8, 0, 0, &[0, 0, 0, 1])]);
    let other_stream = concat(&[raw(1, END, 1, &get_block()[..5]), raw(9, 4, 3, &get_block()[5..])]);
    let pieces = concat(&[
        raw(1, END, 1, &get_block()[..5]),
        raw(9, 0, 1, &get_block()[5..9]),
        raw(9, 0, 1, &[]),
        raw(9, 4, 1, &get_block()[9..]),
    ]);
    for (name, bytes, must) in [
        ("4.1: an unknown kind", raw(0xff, 0xff, 0, b"whatever"), GoOn),
        ("4.1: an unknown kind on a stream that never began", raw(0x21, 0, 9, &[]), GoOn),
        ("4.1: flags that PING does not have", raw(6, 0xfe, 0, &[0; 8]), GoOn),
        ("4.1: the reserved bit", raw(6, 0, 1 << 31, &[0; 8]), GoOn),
        ("4.2: DATA that is too long", concat(&[post(1), data(1, 0, &[0; 16_385])]), End(SIZE)),
        ("4.2: HEADERS that are too long", raw(1, 5, 1, &[0; 16_385]), End(SIZE)),
        ("4.2: an unknown kind that is too long", raw(0xff, 0, 0, &[0; 16_385]), End(SIZE)),
        ("4.2: the longest DATA", concat(&[post(1), data(1, 0, &[0; 16_384])]), GoOn),
        ("4.3: a block that is none", headers(1, END, &[0x40]), End(COMPRESSION)),
        ("4.3: an index that is none", headers(1, END, &[0xff, 0x7f]), End(COMPRESSION)),
        ("4.3: an unknown kind within a block", unknown_in_block, End(PROTOCOL)),
        ("4.3: a frame of the connection within a block", other_in_block, End(PROTOCOL)),
        ("4.3: another stream's CONTINUATION", other_stream, End(PROTOCOL)),
        ("4.3: a block in pieces, one of them empty", pieces, GoOn),
        ("6.10: CONTINUATION without HEADERS", raw(9, 4, 1, &[0x82]), End(PROTOCOL)),
        ("6.10: CONTINUATION after a block", concat(&[get(1), raw(9, 4, 1, &[0x82])]), End(PROTOCOL)),
        ("6.10: CONTINUATION after DATA", concat(&[post(1), data(1, 0, b"x"), raw(9, 4, 1, &[0x82])]), End(PROTOCOL)),
        ("6.10: CONTINUATION without a stream", raw(9, 4, 0, &[0x82]), End(PROTOCOL)),
    ] {
        check(&mut Subject::server(), name, &bytes, must);
    }
}

#[test]
fn section_5_states_of_streams() {
    for (name, bytes, must) in [
        ("5.1: DATA before the stream begins", data(1, 0, b"x"), End(PROTOCOL)),
        ("5.1: RST_STREAM before the stream begins", reset(1, ErrorCode::CANCEL), End(PROTOCOL)),
        ("5.1: WINDOW_UPDATE before the stream begins", window_update(1, 1), End(PROTOCOL)),
        ("5.1: PRIORITY before the stream begins", raw(2, 0, 1, &[0, 0, 0, 0, 1]), GoOn),
        ("5.1: DATA after the end", concat(&[get(1), data(1, 0, b"x")]), Reset(1, CLOSED)),
        ("5.1: HEADERS after the end", concat(&[get(1), get(1)]), Reset(1, CLOSED)),
        ("5.1: WINDOW_UPDATE after the end", concat(&[get(1), window_update(1, 1)]), GoOn),
        ("5.1: PRIORITY after the end", concat(&[get(1), raw(2, 0, 1, &[0; 5])]), GoOn),
        ("5.1: RST_STREAM after the end", concat(&[get(1), reset(1, ErrorCode::CANCEL)]), GoOn),
        (
            "5.1: DATA after the client's reset",
            concat(&[post(1), reset(1, ErrorCode::CANCEL), data(1, 0, b"x")]),
            End(CLOSED),
        ),
        ("5.1: HEADERS after the client's reset", concat(&[post(1), reset(1, ErrorCode::CANCEL), get(1)]), End(CLOSED)),
        (
            "5.1: WINDOW_UPDATE and RST_STREAM after the client's reset",
            concat(&[post(1), reset(1, ErrorCode::CANCEL), window_update(1, 1), reset(1, ErrorCode::CANCEL)]),
            GoOn,
        ),
        ("5.1.1: an even number", get(2), End(PROTOCOL)),
        ("5.1.1: a lower number", concat(&[get(5), get(3)]), End(PROTOCOL)),
        ("5.1.1: no number", get(0), End(PROTOCOL)),
        ("5.1.1: numbers with gaps", concat(&[get(1), get(77), get(1001)]), GoOn),
        ("5.1.1: the last number", get(frame::MAXIMUM), GoOn),
        ("5.1: DATA on a stream that was skipped", concat(&[get(5), data(3, 0, b"x")]), GoOn),
    ] {
        check(&mut Subject::server(), name, &bytes, must);
    }
}

#[test]
fn section_5_closed_streams() {
    let closed = || {
        let mut subject = Subject::server();
        let stream = subject.get(1);
        subject.engine.answer(stream, 200, [], true).unwrap();
        subject
    };
    for (name, bytes, must) in [
        ("5.1: DATA", data(1, 0, b"x"), End(CLOSED)),
        ("5.1: HEADERS", get(1), End(CLOSED)),
        ("5.1: WINDOW_UPDATE", window_update(1, 1), GoOn),
        ("5.1: RST_STREAM", reset(1, ErrorCode::CANCEL), GoOn),
        ("5.1: PRIORITY", raw(2, 0, 1, &[0; 5]), GoOn),
    ] {
        check(&mut closed(), name, &bytes, must);
    }
    let reset_by_us = || {
        let mut subject = Subject::server();
        let stream = subject.post(1);
        subject.engine.reset(stream, ErrorCode::CANCEL);
        subject
    };
    for (name, bytes) in [
        ("5.1: DATA that crosses our reset", data(1, 0, &[0; 1000])),
        ("5.1: the last DATA that crosses our reset", data(1, ENDED, b"")),
        ("5.1: trailers that cross our reset", headers(1, END, &block(&[("a", "b")]))),
        ("5.1: WINDOW_UPDATE that crosses our reset", window_update(1, 1)),
        ("5.1: RST_STREAM that crosses our reset", reset(1, ErrorCode::CANCEL)),
    ] {
        check(&mut reset_by_us(), name, &bytes, GoOn);
    }
}

#[test]
fn section_5_streams_at_once() {
    let mut subject = Subject::server_with(Limits { streams: 2, ..Limits::CLIENTS });
    subject.post(1);
    subject.post(3);
    check(&mut subject, "5.1.2: one too many", &get(5), Reset(5, ErrorCode::REFUSED_STREAM));
    check(&mut subject, "5.1.2: its DATA", &data(5, ENDED, b"x"), GoOn);
    check(&mut subject, "5.1.2: room again", &concat(&[reset(1, ErrorCode::CANCEL), get(7)]), GoOn);
    assert_eq!(subject.engine.open_streams(), 2);
}

#[test]
fn section_6_kinds_of_frames() {
    let padded = |padding: u8, rest: &[u8]| [&[padding][..], rest].concat();
    for (name, bytes, must) in [
        ("6.1: DATA without a stream", data(0, 0, b"x"), End(PROTOCOL)),
        ("6.1: more padding than bytes", concat(&[post(1), data(1, 8, &padded(5, b"abcd"))]), End(PROTOCOL)),
        ("6.1: nothing but padding", concat(&[post(1), data(1, 8, &padded(4, b"abcd"))]), GoOn),
        ("6.1: padding of no length", concat(&[post(1), data(1, 8, &[])]), End(PROTOCOL)),
        ("6.2: more padding than bytes", raw(1, 0xd, 1, &padded(200, &get_block())), End(PROTOCOL)),
        ("6.2: padding of no length", raw(1, 0xd, 1, &[]), End(PROTOCOL)),
        ("6.2: padding", raw(1, 0xd, 1, &[&[3][..], &get_block(), b"\0\0\0"].concat()), GoOn),
        ("6.2: priority", raw(1, 0x25, 1, &[&[0, 0, 0, 0, 7][..], &get_block()].concat()), GoOn),
        ("6.2: padding and priority", raw(1, 0x2d, 1, &[&[1, 0, 0, 0, 0, 7][..], &get_block(), b"\0"].concat()), GoOn),
        ("6.2: priority that is cut off", raw(1, 0x25, 1, &[0; 4]), End(SIZE)),
        ("6.3: PRIORITY without a stream", raw(2, 0, 0, &[0; 5]), End(PROTOCOL)),
        ("6.3: PRIORITY of 4 bytes", raw(2, 0, 1, &[0; 4]), End(SIZE)),
        ("6.4: RST_STREAM without a stream", reset(0, ErrorCode::CANCEL), End(PROTOCOL)),
        ("6.4: RST_STREAM of 3 bytes", concat(&[get(1), raw(3, 0, 1, &[0; 3])]), End(SIZE)),
        ("6.5: SETTINGS on a stream", raw(4, 0, 1, &[]), End(PROTOCOL)),
        ("6.5: SETTINGS of 5 bytes", raw(4, 0, 0, &[0; 5]), End(SIZE)),
        ("6.5: an acknowledgement with a payload", raw(4, 1, 0, &[0; 6]), End(SIZE)),
        ("6.5: an acknowledgement", raw(4, 1, 0, &[]), GoOn),
        ("6.5.2: ENABLE_PUSH 2", settings(&[(2, 2)]), End(PROTOCOL)),
        ("6.5.2: ENABLE_PUSH 1", settings(&[(2, 1)]), GoOn),
        ("6.5.2: INITIAL_WINDOW_SIZE 2^31", settings(&[(4, 1 << 31)]), End(FLOW)),
        ("6.5.2: INITIAL_WINDOW_SIZE 2^31 - 1", settings(&[(4, frame::MAXIMUM)]), GoOn),
        ("6.5.2: MAX_FRAME_SIZE 16,383", settings(&[(5, 16_383)]), End(PROTOCOL)),
        ("6.5.2: MAX_FRAME_SIZE 2^24", settings(&[(5, 1 << 24)]), End(PROTOCOL)),
        ("6.5.2: MAX_FRAME_SIZE 2^24 - 1", settings(&[(5, (1 << 24) - 1)]), GoOn),
        ("6.5.2: an unknown setting", settings(&[(0xfafa, 7), (0, 1)]), GoOn),
        ("8441: ENABLE_CONNECT_PROTOCOL 2", settings(&[(8, 2)]), End(PROTOCOL)),
        ("9218: NO_RFC7540_PRIORITIES 2", settings(&[(9, 2)]), End(PROTOCOL)),
        ("6.6: PUSH_PROMISE from a client", concat(&[post(1), raw(5, 4, 1, &[0, 0, 0, 2, 0x82])]), End(PROTOCOL)),
        ("6.7: PING on a stream", raw(6, 0, 1, &[0; 8]), End(PROTOCOL)),
        ("6.7: PING of 6 bytes", raw(6, 0, 0, &[0; 6]), End(SIZE)),
        ("6.7: an answer that nobody asked for", raw(6, 1, 0, &[0; 8]), GoOn),
        ("6.8: GOAWAY on a stream", raw(7, 0, 1, &[0; 8]), End(PROTOCOL)),
        ("6.8: GOAWAY of 7 bytes", raw(7, 0, 0, &[0; 7]), End(SIZE)),
        ("6.8: GOAWAY", raw(7, 0, 0, &[0; 8]), GoOn),
        ("6.9: WINDOW_UPDATE of 3 bytes", raw(8, 0, 0, &[0; 3]), End(SIZE)),
        ("6.9: the connection's window opened by nothing", window_update(0, 0), End(PROTOCOL)),
        ("6.9: a stream's window opened by nothing", concat(&[post(1), window_update(1, 0)]), Reset(1, PROTOCOL)),
        ("6.9.1: the connection's window too large", window_update(0, frame::MAXIMUM), End(FLOW)),
        ("6.9.1: a stream's window too large", concat(&[post(1), window_update(1, frame::MAXIMUM)]), Reset(1, FLOW)),
        (
            "6.9.2: settings make a window too large",
            concat(&[post(1), window_update(1, 1 << 20), settings(&[(4, frame::MAXIMUM)])]),
            End(FLOW),
        ),
    ] {
        check(&mut Subject::server(), name, &bytes, must);
    }
}

#[test]
fn section_6_9_more_than_the_window() {
    let limits = Limits { stream_window: 70_000, connection_window: 100_000, ..Limits::CLIENTS };
    let full = |stream| data(stream, 0, &[0; 10_000]).repeat(7);
    let mut subject = Subject::server_with(limits);
    subject.post(1);
    check(&mut subject, "a stream's window", &full(1), GoOn);
    check(&mut subject, "one byte more", &data(1, 0, b"x"), Reset(1, FLOW));
    // What nobody will pass on any more was given back: the stream is gone.
    subject.post(3);
    check(&mut subject, "another stream's window", &full(3), GoOn);
    subject.post(5);
    let mut subject = Subject::server_with(limits);
    subject.post(1);
    subject.post(3);
    check(&mut subject, "two streams", &full(1), GoOn);
    check(&mut subject, "the connection's window", &data(3, 0, &[0; 10_000]).repeat(3), GoOn);
    check(&mut subject, "padding counts", &data(3, 8, &[0]), End(FLOW));
}

#[test]
fn section_8_messages() {
    let with = |fields: &[(&str, &str)], flags| headers(1, flags, &block(&[&POST[..], fields].concat()));
    let trailers = |fields: &[(&str, &str)], flags| headers(1, flags, &block(fields));
    let long = [("content-length", "5")];
    for (name, bytes, must) in [
        ("8.1: trailers", concat(&[post(1), data(1, 0, b"x"), trailers(&[("a", "b")], END)]), GoOn),
        ("8.1: trailers of nothing", concat(&[post(1), trailers(&[], END)]), GoOn),
        ("8.1: trailers without an end", concat(&[post(1), trailers(&[("a", "b")], 0)]), Reset(1, PROTOCOL)),
        ("8.1: trailers with a path", concat(&[post(1), trailers(&[(":path", "/")], END)]), Reset(1, PROTOCOL)),
        ("8.1: trailers in upper case", concat(&[post(1), trailers(&[("A", "b")], END)]), Reset(1, PROTOCOL)),
        ("8.2: a name in upper case", with(&[("X-A", "b")], END), Reset(1, PROTOCOL)),
        ("8.2.1: a value with a line end", with(&[("x-a", "b\r\nc: d")], END), Reset(1, PROTOCOL)),
        ("8.2.2: connection", with(&[("connection", "close")], END), Reset(1, PROTOCOL)),
        ("8.2.2: transfer-encoding", with(&[("transfer-encoding", "chunked")], END), Reset(1, PROTOCOL)),
        ("8.2.2: te", with(&[("te", "gzip")], END), Reset(1, PROTOCOL)),
        ("8.2.2: te: trailers", with(&[("te", "trailers")], END), GoOn),
        ("8.3: an unknown pseudo-header field", with(&[(":x", "y")], END), Reset(1, PROTOCOL)),
        ("8.3: :status in a request", with(&[(":status", "200")], END), Reset(1, PROTOCOL)),
        ("8.3: :path twice", with(&[(":path", "/")], END), Reset(1, PROTOCOL)),
        ("8.3: :path after others", with(&[("a", "b"), (":path", "/")], END), Reset(1, PROTOCOL)),
        ("8.3.1: nothing", headers(1, END, &[]), Reset(1, PROTOCOL)),
        ("8.3.1: no :method", headers(1, END, &block(&POST[1..])), Reset(1, PROTOCOL)),
        ("8.3.1: no :path", headers(1, END, &block(&POST[..3])), Reset(1, PROTOCOL)),
        ("8.3.1: another host", with(&[("host", "b.example")], END), Reset(1, PROTOCOL)),
        ("8.1.1: as long as it says", concat(&[with(&long, 0), data(1, 0, b"abc"), data(1, ENDED, b"de")]), GoOn),
        ("8.1.1: longer than it says", concat(&[with(&long, 0), data(1, 0, b"abcdef")]), Reset(1, PROTOCOL)),
        ("8.1.1: shorter than it says", concat(&[with(&long, 0), data(1, ENDED, b"abc")]), Reset(1, PROTOCOL)),
        ("8.1.1: nothing though it says", with(&long, END), Reset(1, PROTOCOL)),
        (
            "8.1.1: trailers before it is as long as it says",
            concat(&[with(&long, 0), data(1, 0, b"abc"), trailers(&[("a", "b")], END)]),
            Reset(1, PROTOCOL),
        ),
        ("8.5: the extended CONNECT", with(&[(":protocol", "websocket")], 0), Reset(1, PROTOCOL)),
    ] {
        check(&mut Subject::server(), name, &bytes, must);
    }
}

#[test]
fn what_was_refused_never_became_a_request_and_later_ones_do() {
    let mut subject = Subject::server();
    let seen = subject.send(&concat(&[headers(1, 0, &block(&[("A", "b")])), data(1, ENDED, b"xyz"), get(3)])).unwrap();
    assert_eq!(seen[0], Seen::Refused(1, Malformed::MissingPseudoHeader));
    assert!(
        matches!(&seen[1], Seen::Head(stream, text, true) if stream.number() == 3 && text.starts_with("GET /x HTTP/1.1\r\n"))
    );
    assert_eq!((seen.len(), subject.engine.open_streams()), (2, 1));
}

#[test]
fn a_target_that_breaks_the_rules() {
    let answer =
        |fields: &[(&str, &str)], flags| headers(1, flags, &block(&[&[(":status", "200")][..], fields].concat()));
    let interim = headers(1, 0, &block(&[(":status", "103")]));
    for (name, bytes, must) in [
        ("an answer", answer(&[], END), GoOn),
        (
            "an answer with content and trailers",
            concat(&[answer(&[], 0), data(1, 0, b"x"), headers(1, END, &block(&[("a", "b")]))]),
            GoOn,
        ),
        ("an interim answer", concat(&[interim.clone(), interim.clone(), answer(&[], END)]), GoOn),
        ("an interim answer that ends", headers(1, END, &block(&[(":status", "103")])), Reset(1, PROTOCOL)),
        ("content before the answer", data(1, 0, b"x"), Reset(1, PROTOCOL)),
        ("content after an interim answer", concat(&[interim.clone(), data(1, 0, b"x")]), Reset(1, PROTOCOL)),
        ("a second answer", concat(&[answer(&[], 0), answer(&[], 0)]), Reset(1, PROTOCOL)),
        ("content after the end", concat(&[answer(&[], END), data(1, 0, b"x")]), End(CLOSED)),
        ("an answer after the end", concat(&[answer(&[], END), answer(&[], END)]), End(CLOSED)),
        (
            "content that is too long",
            concat(&[answer(&[("content-length", "2")], 0), data(1, 0, b"abc")]),
            Reset(1, PROTOCOL),
        ),
        (
            "content that is too short",
            concat(&[answer(&[("content-length", "2")], 0), data(1, ENDED, b"a")]),
            Reset(1, PROTOCOL),
        ),
        (
            "content of an answer that has none",
            concat(&[headers(1, 0, &block(&[(":status", "304")])), data(1, 0, b"a")]),
            Reset(1, PROTOCOL),
        ),
        ("101", headers(1, 0, &block(&[(":status", "101")])), Reset(1, PROTOCOL)),
        ("a request", headers(1, END, &get_block()), Reset(1, PROTOCOL)),
        ("an answer on a stream of its own", headers(2, END, &block(&[(":status", "200")])), End(PROTOCOL)),
        ("an answer to what was not asked", headers(3, END, &block(&[(":status", "200")])), End(PROTOCOL)),
        ("a promise", raw(5, 4, 1, &[0, 0, 0, 2, 0x82]), End(PROTOCOL)),
        ("ENABLE_PUSH 1", settings(&[(2, 1)]), End(PROTOCOL)),
        ("ENABLE_PUSH 0", settings(&[(2, 0)]), GoOn),
        ("a reset", reset(1, ErrorCode::REFUSED_STREAM), GoOn),
    ] {
        let mut subject = Subject::client();
        subject.open();
        check(&mut subject, name, &bytes, must);
    }
    let mut subject = Subject::new(Engine::client(Limits::TARGETS, Millis(1000)));
    subject.engine.written(subject.engine.pending().len());
    check(&mut subject, "HTTP/1.1", b"HTTP/1.1 400 Bad Request\r\n\r\n", End(PROTOCOL));
    let mut subject = Subject::new(Engine::client(Limits::TARGETS, Millis(1000)));
    subject.engine.written(subject.engine.pending().len());
    check(&mut subject, "no settings", &raw(6, 0, 0, &[0; 8]), End(PROTOCOL));
}

#[test]
fn answers_to_head_requests_have_no_content() {
    let mut subject = Subject::client();
    let stream = subject.engine.open(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", true, true).unwrap();
    let answer = headers(1, END, &block(&[(":status", "200"), ("content-length", "5")]));
    let text = "HTTP/1.1 200 \r\ncontent-length: 5\r\n\r\n".to_owned();
    assert_eq!(subject.send(&answer), Ok(vec![Seen::Head(stream, text, true)]));
    subject.engine.open(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", true, true).unwrap();
    let answer = headers(3, 0, &block(&[(":status", "200"), ("content-length", "5")]));
    check(&mut subject, "content of an answer to HEAD", &concat(&[answer, data(3, 0, b"hello")]), Reset(3, PROTOCOL));
}
