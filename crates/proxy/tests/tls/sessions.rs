//! One session: content both ways, in pieces of any size, and the ways in which it ends.

use crate::{
    authority::server_plan,
    peers::{BOTH, Client, ONLY12, ONLY13, Ours, POLICY, acceptor, carry, give, shaken, take, write},
};
use proptest::prelude::*;
use proxy::tls::{Acceptor, TlsError, TlsRegistry, hello::Hello, outgoing::Outgoing, session::sealed_length};
use rustls::{Connection, Error, SupportedProtocolVersion};
use std::sync::{Arc, LazyLock};

static ACCEPTOR: LazyLock<Arc<Acceptor>> = LazyLock::new(|| {
    acceptor(&TlsRegistry::new(), POLICY, &[server_plan("a", &["a.example"], &rcgen::PKCS_ECDSA_P256_SHA256, 9)])
});

fn pair(versions: &[&'static SupportedProtocolVersion]) -> (Ours, Connection) {
    shaken(&ACCEPTOR, &Client::new(versions), "a.example")
}

fn pattern(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

#[test]
fn content_of_every_size_arrives_in_both_directions() {
    for versions in [ONLY12, ONLY13] {
        let (mut ours, mut peer) = pair(versions);
        for length in [0, 1, 200, 16_383, 16_384, 16_385, 100_000, 1 << 20] {
            let content = pattern(length);
            ours.send(&content).unwrap();
            assert!(ours.out.len() <= sealed_length(length), "{length}");
            let bytes = ours.take();
            assert_eq!(give(&mut peer, &bytes).unwrap(), content, "{length}");
            for part in write(&mut peer, &content).chunks(256 * 1024) {
                ours.feed(part).unwrap();
            }
            assert_eq!(std::mem::take(&mut ours.content), content, "{length}");
        }
    }
}

#[test]
fn many_small_records_arrive_in_one_read() {
    let (mut ours, mut peer) = pair(BOTH);
    let mut bytes = Vec::new();
    let mut expected = Vec::new();
    for i in 0..2000_u32 {
        bytes.extend(write(&mut peer, &i.to_be_bytes()));
        expected.extend(i.to_be_bytes());
    }
    ours.feed(&bytes).unwrap();
    assert_eq!(ours.content, expected);
}

#[test]
fn a_handshake_survives_a_split_at_every_byte() {
    for versions in [ONLY12, ONLY13] {
        let whole = take(&mut Client::new(versions).connect("a.example")).len();
        for split in 1..whole {
            let (mut ours, mut peer) = (Ours::server(&ACCEPTOR), Client::new(versions).connect("a.example"));
            let hello = take(&mut peer);
            ours.feed(&hello[..split.min(hello.len() - 1)]).unwrap();
            assert!(ours.out.is_empty(), "nothing is said before the message is complete");
            ours.feed(&hello[split.min(hello.len() - 1)..]).unwrap();
            let answer = ours.take();
            give(&mut peer, &answer).unwrap();
            let rest = take(&mut peer);
            let (first, second) = rest.split_at(split % rest.len());
            ours.feed(first).unwrap();
            ours.feed(second).unwrap();
            carry(&mut ours, &mut peer).unwrap();
            assert!(!ours.session.is_handshaking() && !peer.is_handshaking(), "{split}");
        }
    }
}

#[test]
fn a_first_message_may_be_split_over_many_records() {
    for versions in [ONLY12, ONLY13] {
        for size in [1, 2, 3, 4, 5, 6, 7, 100] {
            let (mut ours, mut peer) = (Ours::server(&ACCEPTOR), Client::new(versions).connect("a.example"));
            let message = take(&mut peer).split_off(5);
            let record = |part: &[u8]| [&[22, 3, 1, 0, u8::try_from(part.len()).unwrap()], part].concat();
            let records: Vec<_> = message.chunks(size).map(record).collect();
            let (last, before) = records.split_last().unwrap();
            before.iter().for_each(|record| ours.feed(record).unwrap());
            ours.feed(last).unwrap();
            carry(&mut ours, &mut peer).unwrap();
            assert_eq!(ours.session.server_name(), Some("a.example"), "{size}");
        }
    }
}

#[test]
fn single_bytes_are_enough() {
    for versions in [ONLY12, ONLY13] {
        let (mut ours, mut peer) = (Ours::server(&ACCEPTOR), Client::new(versions).connect("a.example"));
        loop {
            let bytes = take(&mut peer);
            if bytes.is_empty() {
                break;
            }
            bytes.iter().for_each(|byte| ours.feed(&[*byte]).unwrap());
            let answer = ours.take();
            give(&mut peer, &answer).unwrap();
        }
        assert_eq!(ours.handshakes_done, 1);
        let content = pattern(40_000);
        write(&mut peer, &content).iter().for_each(|byte| ours.feed(&[*byte]).unwrap());
        assert_eq!(ours.content, content);
    }
}

#[test]
fn content_that_comes_with_the_end_of_the_handshake_is_handed_over() {
    let (mut ours, mut peer) = (Ours::server(&ACCEPTOR), Client::new(ONLY13).connect("a.example"));
    ours.feed(&take(&mut peer)).unwrap();
    let answer = ours.take();
    give(&mut peer, &answer).unwrap();
    let mut last = take(&mut peer);
    last.extend(write(&mut peer, b"GET / HTTP/1.1\r\n\r\n"));
    ours.feed(&last).unwrap();
    assert_eq!((ours.handshakes_done, ours.content.as_slice()), (1, b"GET / HTTP/1.1\r\n\r\n".as_slice()));
}

#[test]
fn a_close_is_told_from_a_connection_that_just_ends() {
    for versions in [ONLY12, ONLY13] {
        let (mut ours, mut peer) = pair(versions);
        ours.feed(&write(&mut peer, b"half")).unwrap();
        assert_eq!(ours.session.end(), Err(TlsError::Truncated));
        peer.send_close_notify();
        let mut last = take(&mut peer);
        last.extend_from_slice(b"noise behind the end is ignored");
        ours.feed(&last).unwrap();
        assert!(ours.peer_closed);
        assert_eq!(ours.session.end(), Ok(()));
        // The other direction is still open.
        ours.send(b"answer").unwrap();
        let bytes = ours.take();
        assert_eq!(give(&mut peer, &bytes).unwrap(), b"answer");
        ours.session.close(&mut ours.out);
        ours.session.close(&mut ours.out);
        let bytes = ours.take();
        give(&mut peer, &bytes).unwrap();
        assert!(peer.process_new_packets().unwrap().peer_has_closed());
        assert!(ours.out.is_empty(), "it is said once");
        assert_eq!(ours.send(b"more"), Err(TlsError::Closed));
    }
}

#[test]
fn closing_before_or_during_the_handshake_says_nothing() {
    let (mut ours, mut peer) = (Ours::server(&ACCEPTOR), Client::new(ONLY13).connect("a.example"));
    ours.session.close(&mut ours.out);
    assert!(ours.out.is_empty());
    let mut ours = Ours::server(&ACCEPTOR);
    ours.feed(&take(&mut peer)[..50]).unwrap();
    assert_eq!(ours.send(b"too early"), Err(TlsError::Handshaking));
    ours.session.close(&mut ours.out);
    assert!(ours.out.is_empty());
}

#[test]
fn keys_are_updated_by_either_side_with_content_on_its_way() {
    let (mut ours, mut peer) = pair(ONLY13);
    for round in 0..5 {
        let content = pattern(20_000 + round);
        peer.refresh_traffic_keys().unwrap();
        ours.feed(&write(&mut peer, &content)).unwrap();
        assert_eq!(std::mem::take(&mut ours.content), content);
        ours.send(&content).unwrap();
        let bytes = ours.take();
        assert_eq!(give(&mut peer, &bytes).unwrap(), content);
        carry(&mut ours, &mut peer).unwrap();
    }
}

#[test]
fn a_changed_byte_ends_the_session_with_an_alert_and_content_before_it_is_kept() {
    for versions in [ONLY12, ONLY13] {
        let (mut ours, mut peer) = pair(versions);
        let good = write(&mut peer, b"good");
        let mut bad = write(&mut peer, b"bad");
        *bad.last_mut().unwrap() ^= 1;
        ours.feed(&[good, bad].concat()).unwrap();
        assert_eq!(ours.content, b"good");
        assert_eq!(ours.session.end(), Err(TlsError::Undecryptable));
        assert_eq!(ours.feed(b"more"), Err(TlsError::Undecryptable));
        assert_eq!(ours.send(b"x"), Err(TlsError::Undecryptable));
        let alert = ours.take();
        assert!(matches!(give(&mut peer, &alert), Err(Error::AlertReceived(_))));
        ours.session.close(&mut ours.out);
        assert!(ours.out.is_empty());
    }
}

#[test]
fn a_fatal_alert_of_the_peer_is_named() {
    let (mut ours, mut peer) = pair(ONLY13);
    // The peer does not understand what is no record of this session.
    let _error = give(&mut peer, &[23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let alert = take(&mut peer);
    let error = ours.feed(&alert).unwrap_err();
    assert_eq!(error.to_string(), "the peer sent the alert bad_record_mac (20)");
}

#[test]
fn garbage_and_oversized_records_are_refused() {
    let handshake_of_70_kb = [22, 3, 3, 0, 4, 11, 1, 0x11, 0x70];
    for versions in [ONLY12, ONLY13] {
        for garbage in
            [[23, 3, 3, 0xff, 0xff].as_slice(), &[99, 3, 3, 0, 1, 0], &[23, 9, 9, 0, 1, 0], &handshake_of_70_kb]
        {
            let (mut ours, mut peer) = pair(versions);
            assert!(ours.feed(garbage).is_err(), "{garbage:?}");
            let alert = ours.take();
            assert!(give(&mut peer, &alert).is_err(), "{garbage:?}");
        }
    }
}

#[test]
fn what_is_not_a_client_hello_is_refused_at_its_first_bytes() {
    for (bytes, expected) in [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".as_slice(), TlsError::PlainHttp),
        (&[0x80, 0x2e, 1, 3, 1], TlsError::NotTls),
        (&[22, 3, 1, 0x40, 0, 1, 0, 0x40, 1], TlsError::HelloTooLarge),
    ] {
        let mut ours = Ours::server(&ACCEPTOR);
        assert_eq!(ours.feed(bytes), Err(expected.clone()));
        assert_eq!(ours.feed(bytes), Err(expected));
    }
    let mut ours = Ours::server(&ACCEPTOR);
    let mut hello = take(&mut Client::new(BOTH).connect("a.example"));
    hello[9..].fill(7);
    assert!(matches!(ours.feed(&hello), Err(TlsError::Malformed(_) | TlsError::NoCommonVersion)));
    assert_eq!(ours.out[0], 21, "an alert says so");
}

#[test]
fn a_buffer_without_room_for_what_was_read_is_refused() {
    let (mut ours, mut peer) = pair(ONLY13);
    let bytes = write(&mut peer, b"content");
    let mut small = vec![0; ours.session.read_at() + bytes.len() - 1];
    let error = ours.session.receive(&mut small, bytes.len(), &mut ours.out).unwrap_err();
    assert_eq!(error.to_string(), "TLS failed: the buffer is shorter than what was read");
}

#[test]
fn an_endless_handshake_is_cut_off() {
    let (mut ours, mut peer) = (Ours::server(&ACCEPTOR), Client::new(ONLY12).connect("a.example"));
    ours.feed(&take(&mut peer)).unwrap();
    // A message of 64 kB in records of one byte: a header each.
    let mut bytes = vec![22, 3, 3, 0, 4, 16, 0, 0xff, 0xff];
    (0..30_000).for_each(|_| bytes.extend([22, 3, 3, 0, 1, 0]));
    let result: Result<Vec<()>, _> = bytes.chunks(4000).map(|part| ours.feed(part)).collect();
    assert_eq!(result, Err(TlsError::TooLarge));
}

#[test]
fn the_host_can_be_read_before_a_listener_is_chosen() {
    let mut peer = Client::new(BOTH).connect("Shop.Example");
    let bytes = take(&mut peer);
    let mut out = Outgoing::default();
    assert!(Hello::read(&bytes[..bytes.len() - 1], &mut out).unwrap().is_none());
    let hello = Hello::read(&bytes, &mut out).unwrap().unwrap();
    assert_eq!(hello.server_name().as_deref(), Some("shop.example"));
    let mut ours = Ours::server(&ACCEPTOR);
    ours.feed(&bytes).unwrap();
    carry(&mut ours, &mut peer).unwrap();
    assert_eq!(ours.session.server_name(), Some("shop.example"));
    let mut nameless = Client::new(BOTH).connect("192.0.2.1");
    let hello = Hello::read(&take(&mut nameless), &mut out).unwrap().unwrap();
    assert_eq!(hello.server_name(), None);
    assert!(out.is_empty());
}

#[test]
fn a_peer_that_gives_up_is_noticed_during_the_handshake() {
    let (mut ours, mut peer) = (Ours::server(&ACCEPTOR), Client::new(ONLY13).connect("a.example"));
    ours.feed(&take(&mut peer)).unwrap();
    let mut answer = ours.take();
    let last = answer.len() - 1;
    answer[last] ^= 1;
    assert!(give(&mut peer, &answer).is_err());
    let error = ours.feed(&take(&mut peer)).unwrap_err();
    assert!(matches!(error, TlsError::AlertReceived(_)), "{error}");
    assert_eq!(ours.session.end(), Err(error));
}

#[test]
fn a_connection_that_ends_before_anything_came_was_cut_off() {
    assert_eq!(Ours::server(&ACCEPTOR).session.end(), Err(TlsError::Truncated));
}

#[test]
fn what_was_agreed_is_told() {
    for (versions, version, cipher) in
        [(ONLY13, "TLSv1.3", "TLS_AES_128_GCM_SHA256"), (ONLY12, "TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256")]
    {
        let (ours, _peer) = pair(versions);
        let agreed = ours.session.agreed().unwrap();
        assert_eq!((agreed.version, agreed.cipher, agreed.group), (version, cipher, Some("x25519")));
        assert!(!ours.session.is_resumed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn however_the_bytes_are_split_the_content_is_the_same(
        lengths in prop::collection::vec(0usize..40_000, 1..8),
        cuts in prop::collection::vec(1usize..30_000, 1..20),
        newer in any::<bool>(),
    ) {
        let (mut ours, mut peer) = pair(if newer { ONLY13 } else { ONLY12 });
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (i, length) in lengths.iter().enumerate() {
            let content = pattern(*length);
            if newer && i % 3 == 2 {
                peer.refresh_traffic_keys().unwrap();
            }
            bytes.extend(write(&mut peer, &content));
            expected.extend(content);
        }
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            let (first, second) = rest.split_at((*cut).min(rest.len()));
            ours.feed(first).unwrap();
            rest = second;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&ours.content, &expected);
        prop_assert_eq!(ours.session.read_at(), proxy::tls::session::HEADROOM, "nothing is kept at a boundary");
    }
}
