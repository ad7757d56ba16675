//! The HTTP/2 engine in both roles, fed with frames that were changed, and its compression.

use crate::{
    driver::{Random, Target, outcome},
    peer::{END, POST, Seen, Subject, block, data, get_block, headers, parse, raw, reset, settings, window_update},
};
use proxy::http2::{
    ConnectionError, Engine, ErrorCode, Limits, StreamId,
    frame::{self, Header},
    hpack::{Block, Decoder, Encoder, MAXIMUM_FIELDS, Reader},
    text::Text,
};
use proxy::timer::Millis;

/// The most that one engine may hold to be written, whatever comes: beyond that the driver would stop reading.
const MOST_PENDING: usize = 2 << 20;

/// Cuts the input into frames (as far as they are whole), changes one or some, and puts it together again.
fn change_frames(input: &mut Vec<u8>, random: &mut Random) {
    let (mut frames, mut rest) = (Vec::new(), &input[..]);
    while let Some(header) = Header::parse(rest) {
        let Some(frame) = rest.get(..frame::HEADER + header.length) else { break };
        frames.push(frame.to_vec());
        rest = &rest[frame.len()..];
    }
    let tail = rest.to_vec();
    if frames.is_empty() {
        return;
    }
    let at = random.below(frames.len());
    match random.below(8) {
        0 => drop(frames.remove(at)),
        1 => frames.insert(at, frames[random.below(frames.len())].clone()),
        2 => {
            let other = random.below(frames.len());
            frames.swap(at, other);
        }
        3 => frames[at][3] = u8::try_from(random.below(11)).unwrap(),
        4 => frames[at][4] ^= 1 << random.below(6),
        5 => frames[at][8] = [0, 1, 3, 5, 7, 9, 2, 255][random.below(8)],
        // The payload, and the length with it.
        _ => {
            let payload = &mut frames[at].split_off(frame::HEADER);
            for _ in 0..=random.below(4) {
                let place = random.below(payload.len() + 1);
                match random.below(4) {
                    0 if place < payload.len() => payload[place] = random.byte(),
                    1 if place < payload.len() => drop(payload.remove(place)),
                    2 => payload.truncate(place),
                    _ => payload.insert(place, random.byte()),
                }
            }
            let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
            frames[at][..3].copy_from_slice(&length[1..]);
            frames[at].append(payload);
        }
    }
    *input = frames.concat();
    input.extend_from_slice(&tail);
}

/// What a driver would do with what comes, and what must hold after each event.
fn drive(subject: &mut Subject, input: &[u8]) -> u64 {
    let (mut seen, mut open) = (Vec::new(), Vec::<StreamId>::new());
    for piece in input.chunks(1000) {
        subject.feed(piece);
        loop {
            let event = match subject.next() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(error) => {
                    let frames = subject.frames();
                    assert_eq!(crate::peer::goaways(&frames), [error.code()]);
                    assert_eq!(subject.next(), Err(error), "an error is the end");
                    seen.push(outcome(std::mem::discriminant(&error)));
                    return outcome(seen);
                }
            };
            seen.push(outcome(std::mem::discriminant(&event)));
            act(subject, event, &mut open);
        }
        while let Some(stream) = subject.engine.next_writable() {
            assert!(subject.engine.is_open(stream));
            subject.engine.data(stream, &[7; 3000], false, subject.now).unwrap();
        }
        assert!(subject.engine.pending().len() < MOST_PENDING);
        assert!(subject.engine.open_streams() <= Limits::CLIENTS.streams as usize);
        subject.frames();
        subject.now = Millis(subject.now.0 + 100);
    }
    seen.truncate(12);
    outcome(seen)
}

fn act(subject: &mut Subject, event: Seen, open: &mut Vec<StreamId>) {
    match event {
        Seen::Head(stream, head, end) => {
            assert!(head.ends_with("\r\n\r\n") && head.matches("\r\n\r\n").count() == 1, "{head:?}");
            open.push(stream);
            // Some are answered at once, some with content, some never.
            match stream.number() % 5 {
                1 => drop(subject.engine.answer(stream, 200, [(&b"server"[..], &b"x"[..])], true)),
                3 if !end => subject.engine.reset(stream, ErrorCode::NO_ERROR),
                3 | 0 if subject.engine.answer(stream, 200, [], false).is_ok() => {
                    subject.engine.data(stream, &[7; 20_000], false, subject.now).unwrap();
                }
                _ => {}
            }
        }
        Seen::Data(stream, bytes, _) => subject.engine.release(stream, bytes.len()),
        Seen::Trailers(_, lines) => assert!(lines.is_empty() || lines.ends_with("\r\n"), "{lines:?}"),
        Seen::Reset(stream, ..) => assert!(!subject.engine.is_open(stream)),
        Seen::Refused(..) | Seen::GoAway(..) | Seen::Settings | Seen::Pong(_) => {}
    }
}

fn conversations() -> Vec<Vec<u8>> {
    let continued = [&raw(1, END, 1, &get_block()[..10])[..], &raw(9, 4, 1, &get_block()[10..])].concat();
    let trailers = block(&[("x-sum", "1"), ("grpc-status", "0")]);
    vec![
        [headers(1, END, &get_block()), headers(3, END, &get_block()), window_update(0, 1000)].concat(),
        [headers(1, 0, &block(&POST)), data(1, 0, b"some content"), data(1, 1, b"the end")].concat(),
        [headers(1, 0, &block(&POST)), data(1, 8, b"\x03abc\0\0\0"), headers(1, END, &trailers)].concat(),
        [continued, raw(6, 0, 0, &[1; 8]), settings(&[(4, 10), (3, 5), (1, 0)]), window_update(1, 5)].concat(),
        [headers(1, END, &get_block()), reset(1, ErrorCode::CANCEL), raw(2, 0, 3, &[0, 0, 0, 0, 9])].concat(),
        [raw(7, 0, 0, &[0; 8]), raw(0xbb, 0, 0, b"x"), settings(&[])].concat(),
        [headers(1, 0x20 | END, &[&[0, 0, 0, 0, 1][..], &get_block()].concat()), settings(&[(4, 0)])].concat(),
    ]
}

#[test]
fn http2_server() {
    let run = |bytes: &[u8]| drive(&mut Subject::server(), bytes);
    Target { seeds: conversations(), pieces: &[], change: Some(change_frames), run: &run, executions: 20_000 }
        .fuzz("http2_server");
}

#[test]
fn http2_client() {
    let answer = block(&[(":status", "200"), ("content-type", "text/plain")]);
    let trailers = block(&[("grpc-status", "0")]);
    let interim = block(&[(":status", "103"), ("link", "</a>")]);
    let seeds = vec![
        [headers(1, 0, &answer), data(1, 0, b"some"), data(1, 1, b"the end")].concat(),
        [headers(1, 0, &interim), headers(1, 0, &answer), data(3, 0, b"x"), headers(1, END, &trailers)].concat(),
        [headers(1, END, &answer), headers(3, 0, &answer), reset(3, ErrorCode::REFUSED_STREAM)].concat(),
        [settings(&[(3, 1), (4, 3), (5, 20_000)]), window_update(0, 100), window_update(3, 7), raw(7, 0, 0, &[0; 8])]
            .concat(),
    ];
    let run = |bytes: &[u8]| {
        let mut subject = Subject::client();
        subject.open();
        let upload =
            subject.engine.open(b"POST /y HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", true, false).unwrap();
        subject.engine.data(upload, b"123", false, subject.now).unwrap();
        drive_client(&mut subject, bytes)
    };
    Target { seeds, pieces: &[], change: Some(change_frames), run: &run, executions: 20_000 }.fuzz("http2_client");
}

fn drive_client(subject: &mut Subject, input: &[u8]) -> u64 {
    let mut seen = Vec::new();
    subject.feed(input);
    loop {
        match subject.next() {
            Ok(Some(event)) => {
                seen.push(outcome(std::mem::discriminant(&event)));
                match event {
                    Seen::Head(_, head, _) => {
                        assert!(head.starts_with("HTTP/1.1 ") && head.ends_with("\r\n\r\n"), "{head:?}");
                        assert_eq!(head.matches("\r\n\r\n").count(), 1, "{head:?}");
                    }
                    Seen::Data(stream, bytes, _) => subject.engine.release(stream, bytes.len()),
                    Seen::Reset(stream, ..) => assert!(!subject.engine.is_open(stream)),
                    Seen::Trailers(..) | Seen::Refused(..) | Seen::GoAway(..) | Seen::Settings | Seen::Pong(_) => {}
                }
            }
            Ok(None) => break,
            Err(error) => {
                seen.push(outcome(std::mem::discriminant(&error)));
                break;
            }
        }
    }
    assert!(subject.engine.open_streams() <= 2);
    subject.frames();
    seen.truncate(12);
    outcome(seen)
}

/// From the preface on, and before it.
#[test]
fn http2_beginnings() {
    let begin =
        [&frame::PREFACE[..], &settings(&[(1, 4096), (2, 0), (3, 100), (4, 65_535), (5, 16_384), (6, 100)])].concat();
    let seeds = vec![
        [&begin[..], &headers(1, END, &get_block())].concat(),
        begin,
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
    ];
    let run = |bytes: &[u8]| {
        let mut subject = Subject::new(Engine::server(Limits::CLIENTS, Millis(1000)));
        let result = subject.send(bytes);
        parse(subject.engine.pending());
        match result {
            Ok(events) => outcome(events.iter().map(std::mem::discriminant).collect::<Vec<_>>()),
            Err(error) => outcome(std::mem::discriminant(&error)),
        }
    };
    Target { seeds, pieces: &[&frame::PREFACE[..]], change: None, run: &run, executions: 20_000 }
        .fuzz("http2_beginnings");
}

/// The most that a block may become in these tests, in bytes.
const MOST_DECODED: usize = 10_000;

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

fn decode(decoder: &mut Decoder, bytes: &[u8]) -> Result<Fields, ConnectionError> {
    let (mut block, mut text, mut fields) = (Block::new(bytes, MOST_DECODED), Text::default(), Vec::new());
    decoder.begin(&mut block)?;
    while let Some(field) = decoder.next(&mut block, &mut text)? {
        fields.push((field.name(&text).to_vec(), field.value(&text).to_vec()));
    }
    Ok(fields)
}

/// What was decoded is within the limits, and encoded again it means the same. The first byte says where a second block begins,
/// which finds the table as the first one left it.
fn hpack(bytes: &[u8]) -> u64 {
    let Some((first, bytes)) = bytes.split_first() else { return 0 };
    let (one, two) = bytes.split_at(usize::from(*first).min(bytes.len()));
    let (mut decoder, mut encoder, mut again) = (Decoder::default(), Encoder::new(Reader::Client), Decoder::default());
    let mut shapes = Vec::new();
    for block in [one, two] {
        let fields = match decode(&mut decoder, block) {
            Ok(fields) => fields,
            Err(error) => return outcome((shapes, std::mem::discriminant(&error), error.code().0, error.to_string())),
        };
        let size: usize = fields.iter().map(|(name, value)| name.len() + value.len() + 32).sum();
        assert!(size <= MOST_DECODED && fields.len() <= MAXIMUM_FIELDS);
        let mut out = Vec::new();
        encoder.begin(&mut out);
        fields.iter().for_each(|(name, value)| encoder.field(name, value, &mut out));
        let lower: Vec<_> = fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        assert_eq!(decode(&mut again, &out).unwrap(), lower);
        shapes.push((fields.len(), size / 64));
    }
    outcome(shapes)
}

#[test]
fn header_blocks() {
    let huffman = {
        let (mut encoder, mut out) = (Encoder::new(Reader::Target), vec![30]);
        encoder.begin(&mut out);
        for (name, value) in
            [("user-agent", "Mozilla/5.0 (X11)"), ("cookie", "a=b"), ("x-own", "some value"), ("x-own", "some value")]
        {
            encoder.field(name.as_bytes(), value.as_bytes(), &mut out);
        }
        out
    };
    let indexed = vec![3, 0x82, 0x86, 0x84, 0x41, 0x01, b'a', 0xbe, 0x20, 0x3f, 0xe1, 0x1f];
    let literal = [&[40][..], &get_block(), &get_block()].concat();
    let seeds = vec![huffman, indexed, literal, vec![0, 0x40, 1, b'a', 3, b'x', b'y', b'z', 0xbe, 0xbe]];
    let pieces: [&[u8]; 8] = [
        &[0x40, 1, b'a', 1, b'b'],
        &[0xbe],
        &[0x20],
        &[0x3f, 0xe1, 0x1f],
        &[0xff, 0xff, 0xff, 0x7f],
        &[0x7f, 0],
        &[0x10],
        &[0x82],
    ];
    Target { seeds, pieces: &pieces, change: None, run: &hpack, executions: 30_000 }.fuzz("header_blocks");
}
