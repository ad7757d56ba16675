//! Flow control in both directions: what may be sent, in which order streams go on, and what is given back.

use crate::peer::{END, Seen, Subject, data, get_block, headers, reset, settings, window_update};
use proxy::{
    http2::{ErrorCode, Limits, StreamId, frame::Kind, frame::flag},
    timer::Millis,
};
use std::time::Duration;

/// The content that the engine sent, by stream.
fn content(subject: &mut Subject) -> Vec<(u32, usize, bool)> {
    let frames = subject.frames();
    let data = frames.iter().filter(|frame| frame.kind == Kind::Data);
    data.map(|frame| (frame.stream, frame.payload.len(), frame.flags & flag::END_STREAM != 0)).collect()
}

fn answered(subject: &mut Subject, number: u32) -> StreamId {
    let stream = subject.get(number);
    subject.engine.answer(stream, 200, [], false).unwrap();
    stream
}

#[test]
fn content_is_cut_into_frames_and_stops_at_the_window() {
    let mut subject = Subject::server();
    let stream = answered(&mut subject, 1);
    let bytes = vec![7; 100_000];
    assert_eq!(subject.engine.room(stream, subject.now), Ok(65_535));
    assert_eq!(subject.engine.data(stream, &bytes, true, subject.now), Ok(65_535));
    assert_eq!(content(&mut subject), [(1, 16_384, false), (1, 16_384, false), (1, 16_384, false), (1, 16_383, false)]);
    assert_eq!(subject.engine.data(stream, &bytes[65_535..], true, subject.now), Ok(0));
    assert_eq!(subject.engine.next_writable(), None);
    subject.send(&window_update(1, 50_000)).unwrap();
    assert_eq!(subject.engine.next_writable(), None, "the connection's window is used up as well");
    subject.send(&window_update(0, 50_000)).unwrap();
    assert_eq!(subject.engine.next_writable(), Some(stream));
    assert_eq!(subject.engine.next_writable(), None);
    assert_eq!(subject.engine.data(stream, &bytes[65_535..], true, subject.now), Ok(34_465));
    assert_eq!(content(&mut subject), [(1, 16_384, false), (1, 16_384, false), (1, 1697, true)]);
    assert!(!subject.engine.is_open(stream));
    assert!(subject.engine.data(stream, b"x", true, subject.now).is_err());
}

#[test]
fn an_end_without_content_needs_no_window() {
    let mut subject = Subject::server();
    let stream = answered(&mut subject, 1);
    assert_eq!(subject.engine.data(stream, &[7; 65_535], false, subject.now), Ok(65_535));
    assert_eq!(subject.engine.data(stream, &[], true, subject.now), Ok(0));
    assert_eq!(content(&mut subject).last(), Some(&(1, 0, true)));
    assert_eq!(subject.engine.open_streams(), 0);
}

#[test]
fn a_stream_that_has_ended_waits_no_more() {
    let mut subject = Subject::server();
    let stream = subject.post(1);
    subject.engine.answer(stream, 200, [], false).unwrap();
    subject.send(&settings(&[(4, 0)])).unwrap();
    assert_eq!(subject.engine.data(stream, b"x", false, subject.now), Ok(0));
    subject.send(&window_update(1, 80)).unwrap();
    assert_eq!(subject.engine.data(stream, b"", true, subject.now), Ok(0));
    assert_eq!(subject.engine.next_writable(), None);
    assert_eq!(subject.engine.open_streams(), 1, "the request has not ended");
}

#[test]
fn streams_that_share_a_window_take_turns() {
    let mut subject = Subject::server();
    subject.send(&settings(&[(4, 1 << 20)])).unwrap();
    let streams: Vec<_> = (0..5).map(|i| answered(&mut subject, 2 * i + 1)).collect();
    let bytes = vec![7; 300_000];
    for stream in &streams {
        subject.engine.data(*stream, &bytes, false, subject.now).unwrap();
    }
    subject.frames();
    let mut order = Vec::new();
    for _ in 0..15 {
        subject.send(&window_update(0, 1000)).unwrap();
        while let Some(stream) = subject.engine.next_writable() {
            order.push(stream.number());
            assert_eq!(subject.engine.data(stream, &bytes, false, subject.now), Ok(1000));
        }
    }
    // The first one used up the window at the beginning and waits since then; all others came after it.
    assert_eq!(order, [1, 3, 5, 7, 9].repeat(3));
}

#[test]
fn an_upload_leaves_a_part_of_the_targets_window_to_others() {
    let mut subject = Subject::client();
    let post =
        |subject: &mut Subject| subject.engine.open(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", false, false).unwrap();
    let bytes = vec![7; 100_000];
    // Alone, it takes all.
    let alone = post(&mut subject);
    assert_eq!(subject.engine.data(alone, &bytes, false, subject.now), Ok(65_535));
    assert!(!subject.engine.may_send_content());
    let update = window_update(0, 65_535);
    subject.send(&[settings(&[(4, 1 << 20)]), update.clone()].concat()).unwrap();
    assert_eq!(subject.engine.next_writable(), Some(alone));
    // One that has begun and sent nothing yet can do so whenever it comes to it.
    let other = post(&mut subject);
    assert_eq!(subject.engine.data(alone, &bytes, false, subject.now), Ok(65_535 - 16_384));
    assert_eq!(subject.engine.next_writable(), None);
    assert_eq!(subject.engine.data(other, &bytes[..10_000], false, subject.now), Ok(10_000));
    assert_eq!(subject.engine.data(other, &bytes, false, subject.now), Ok(6384), "and no more than that");
    assert_eq!(subject.engine.next_writable(), None);
    // Now both had their share and take turns; what is left for one that ends is for those that go on.
    let third = post(&mut subject);
    subject.send(&window_update(0, 16_384)).unwrap();
    assert_eq!(subject.engine.next_writable(), None);
    assert_eq!(subject.engine.data(third, b"abc", true, subject.now), Ok(3));
    assert_eq!(subject.engine.next_writable(), Some(alone));
    assert_eq!(subject.engine.data(alone, &bytes, false, subject.now), Ok(16_381));
    subject.send(&update).unwrap();
    assert_eq!(subject.engine.next_writable(), Some(other));
}

#[test]
fn changed_settings_move_the_windows_of_open_streams() {
    let mut subject = Subject::server();
    let stream = answered(&mut subject, 1);
    assert_eq!(subject.engine.data(stream, &[7; 60_000], false, subject.now), Ok(60_000));
    subject.send(&settings(&[(4, 10_000)])).unwrap();
    assert_eq!(subject.engine.data(stream, b"x", false, subject.now), Ok(0));
    subject.send(&window_update(1, 50_000)).unwrap();
    assert_eq!(subject.engine.next_writable(), None, "the window is at zero, not above");
    subject.send(&settings(&[(4, 10_001)])).unwrap();
    assert_eq!(subject.engine.next_writable(), Some(stream));
    assert_eq!(subject.engine.room(stream, subject.now), Ok(1));
    // New streams begin with the new one.
    let other = answered(&mut subject, 3);
    assert_eq!(subject.engine.room(other, subject.now), Ok(5535));
}

#[test]
fn a_full_output_makes_streams_wait() {
    let mut subject = Subject::server();
    subject.send(&[settings(&[(4, 1 << 24)]), window_update(0, 1 << 24)].concat()).unwrap();
    let stream = answered(&mut subject, 1);
    let bytes = vec![7; 256 * 1024];
    assert_eq!(subject.engine.data(stream, &bytes, false, subject.now), Ok(bytes.len()), "one read of a worker");
    assert_eq!(subject.engine.data(stream, &bytes, false, subject.now), Ok(0));
    assert_eq!(subject.engine.room(stream, subject.now), Ok(0));
    assert_eq!(subject.engine.next_writable(), None);
    assert!(subject.engine.wants_input(), "the peer may read only while it is read");
    let written = subject.engine.pending().len() / 2;
    subject.engine.written(written);
    assert_eq!(subject.engine.next_writable(), Some(stream));
    assert_eq!(subject.engine.expire(Millis(1 << 40)), Ok(None), "that is not the peer's window");
}

#[test]
fn content_that_is_released_may_be_sent_again_and_no_other() {
    let limits = Limits { stream_window: 70_000, connection_window: 100_000, ..Limits::CLIENTS };
    let mut subject = Subject::server_with(limits);
    let stream = subject.post(1);
    let seen = subject.send(&data(1, 0, &[7; 10_000]).repeat(7)).unwrap();
    assert_eq!(seen.len(), 7);
    subject.engine.release(stream, 34_000);
    assert_eq!(subject.frames(), []);
    subject.engine.release(stream, 16_000);
    let updates: Vec<_> =
        subject.frames().iter().map(|frame| (frame.kind, frame.stream, frame.payload.clone())).collect();
    let grown = 50_000u32.to_be_bytes().to_vec();
    assert_eq!(updates, [(Kind::WindowUpdate, 1, grown.clone()), (Kind::WindowUpdate, 0, grown)]);
    // More than is held cannot be given back.
    subject.engine.release(stream, 1 << 30);
    subject.send(&data(1, 0, &[7; 10_000]).repeat(5)).unwrap();
    assert!(
        subject.send(&data(1, 0, &[7; 10_000]).repeat(3)).unwrap().iter().any(|seen| matches!(seen, Seen::Reset(..)))
    );
}

#[test]
fn nothing_of_the_connections_window_is_lost_however_streams_end() {
    let limits = Limits { stream_window: 70_000, connection_window: 100_000, ..Limits::CLIENTS };
    let mut subject = Subject::server_with(limits);
    let mut window = 100_000i64;
    for i in 0..400u32 {
        let number = 2 * i + 1;
        let stream = subject.post(number);
        let flags = if i % 5 == 0 { flag::END_STREAM } else { 0 };
        let padding = u8::try_from(i % 7).unwrap();
        let payload = [&[padding][..], &vec![7; 9000], &vec![0; padding.into()]].concat();
        subject.send(&data(number, 8 | flags, &payload)).unwrap();
        window -= payload.len() as i64;
        match i % 6 {
            0 => subject.engine.release(stream, 9000),
            1 => subject.engine.reset(stream, ErrorCode::CANCEL),
            2 => drop(subject.send(&reset(number, ErrorCode::CANCEL)).unwrap()),
            3 => {
                subject.engine.answer(stream, 200, [], true).unwrap();
                subject.engine.reset(stream, ErrorCode::NO_ERROR);
            }
            4 => {
                // Content that crosses the reset.
                subject.engine.reset(stream, ErrorCode::CANCEL);
                subject.send(&data(number, flag::END_STREAM, &[7; 500])).unwrap();
                window -= 500;
            }
            _ => {
                subject.engine.release(stream, 4000);
                subject.engine.answer(stream, 200, [], true).unwrap();
            }
        }
        if subject.engine.is_open(stream) {
            subject.engine.reset(stream, ErrorCode::NO_ERROR);
        }
        subject.engine.release(stream, 9000);
        let frames = subject.frames();
        let updates = frames.iter().filter(|frame| frame.kind == Kind::WindowUpdate && frame.stream == 0);
        window +=
            updates.map(|frame| i64::from(u32::from_be_bytes(frame.payload[..].try_into().unwrap()))).sum::<i64>();
        assert!((50_000..=100_000).contains(&window), "{i}: {window}");
    }
}

#[test]
fn content_comes_in_the_pieces_in_which_it_was_read() {
    let mut subject = Subject::server();
    let stream = subject.post(1);
    let frame = data(1, flag::END_STREAM | 8, &[&[4][..], &[7; 1000], &[0; 4]].concat());
    assert_eq!(subject.send(&frame[..9]), Ok(vec![]));
    assert_eq!(subject.send(&frame[9..300]), Ok(vec![Seen::Data(stream, vec![7; 290], false)]));
    assert_eq!(subject.send(&frame[300..301]), Ok(vec![Seen::Data(stream, vec![7; 1], false)]));
    assert_eq!(subject.send(&frame[301..1010]), Ok(vec![Seen::Data(stream, vec![7; 709], true)]));
    // The end is known before the padding is there; the next frame follows it.
    let rest = [&frame[1010..], &headers(3, END, &get_block())].concat();
    assert!(matches!(subject.send(&rest).unwrap()[..], [Seen::Head(other, _, true)] if other.number() == 3));
}

#[test]
fn a_stream_that_is_reset_within_a_frame_gets_no_more_of_it() {
    let mut subject = Subject::server();
    let stream = subject.post(1);
    let frame = data(1, 0, &[7; 1000]);
    assert_eq!(subject.send(&frame[..500]), Ok(vec![Seen::Data(stream, vec![7; 491], false)]));
    subject.engine.reset(stream, ErrorCode::CANCEL);
    assert_eq!(subject.send(&frame[500..]), Ok(vec![]));
    subject.get(3);
}

#[test]
fn a_stream_without_a_window_is_given_up_and_one_that_moves_is_not() {
    let mut subject = Subject::server();
    subject.send(&settings(&[(4, 0)])).unwrap();
    let (stalled, slow, idle) = (answered(&mut subject, 1), answered(&mut subject, 3), answered(&mut subject, 5));
    for stream in [stalled, slow] {
        assert_eq!(subject.engine.data(stream, &[7; 50_000], false, subject.now), Ok(0));
    }
    assert_eq!(subject.engine.data(idle, &[], false, subject.now), Ok(0));
    // One opens its window byte by byte, the other by a kilobyte; a minute is the limit.
    let second = Duration::from_secs(1);
    for i in 1..60 {
        subject.now = subject.now.plus(second);
        let by = if i % 20 == 0 { 1024 } else { 1 };
        subject.send(&[window_update(1, 1), window_update(3, by)].concat()).unwrap();
        while let Some(stream) = subject.engine.next_writable() {
            let room = subject.engine.room(stream, subject.now).unwrap();
            assert_eq!(subject.engine.data(stream, &vec![7; room], false, subject.now), Ok(room));
            assert_eq!(subject.engine.room(stream, subject.now), Ok(0));
        }
        assert_eq!(subject.engine.expire(subject.now), Ok(None));
    }
    subject.now = subject.now.plus(second);
    assert_eq!(subject.engine.expire(subject.now), Ok(Some(stalled)));
    assert_eq!(subject.engine.expire(subject.now), Ok(None));
    assert!(subject.engine.is_open(slow) && subject.engine.is_open(idle) && !subject.engine.is_open(stalled));
    assert_eq!(crate::peer::resets(&subject.frames()), [(1, ErrorCode::CANCEL)]);
}
