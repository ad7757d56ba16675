//! Slow clients: whoever sends heads or bodies byte by byte, or takes an answer so, is served, and nobody waits for them.

use crate::balancer::{Balancer, Client, eventually};
use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use testkit::{Reply, TestTarget};

/// Of each kind: heads, bodies, reads. Together 200.
const SLOW: [usize; 3] = [70, 70, 60];
const LARGE: usize = 2 << 20;

#[test]
fn two_hundred_slow_clients_are_served_and_hold_up_nobody() {
    let target = TestTarget::start(|request| match request.path.as_str() {
        "/large" => Reply::ok(vec![b'x'; LARGE]),
        "/body" => Reply::ok(&request.body),
        _ => Reply::ok("quick"),
    });
    let balancer = Balancer::new(&[target.address]);
    let connect = |n| (0..n).map(|_| balancer.client()).collect::<Vec<_>>();
    let [mut heads, mut bodies, mut reads] = SLOW.map(connect);
    for client in &mut bodies {
        client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
    }
    for client in &mut reads {
        socket2::SockRef::from(&client.stream).set_recv_buffer_size(16 * 1024).unwrap();
        client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    // Somebody who asks all the time, on a connection of their own or on the same.
    let stop = Arc::new(AtomicBool::new(false));
    let quick: Vec<_> = [true, false]
        .map(|keep_alive| {
            let (front, stop) = (balancer.front, Arc::clone(&stop));
            std::thread::spawn(move || {
                let (mut client, mut served, mut slowest) = (Client::connect(front), 0, Duration::ZERO);
                while !stop.load(SeqCst) || served < 100 {
                    let asked_at = Instant::now();
                    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                    assert_eq!(client.answer().text(), "quick");
                    slowest = slowest.max(asked_at.elapsed());
                    served += 1;
                    if !keep_alive {
                        client = Client::connect(front);
                    }
                }
                (served, slowest)
            })
        })
        .into();
    let head = b"GET / HTTP/1.1\r\nHost: slow.example\r\nX-Filler: a\r\n\r\n";
    for (i, byte) in head.iter().enumerate() {
        for client in &mut heads {
            client.stream.write_all(&[*byte]).unwrap();
        }
        for client in &mut bodies {
            if i < 10 {
                client.stream.write_all(b"b").unwrap();
            }
        }
        for client in &mut reads {
            let piece = client.take(100).unwrap();
            assert!(i > 0 || piece.starts_with(b"HTTP/1.1 200"));
        }
        // So that the quick ones ask between two bytes of the slow ones.
        let asked = target.count();
        eventually("somebody else was served", || target.count() > asked + 2);
    }
    for client in &mut heads {
        assert_eq!(client.answer().text(), "quick");
    }
    for client in &mut bodies {
        assert_eq!(client.answer().body, vec![b'b'; 10]);
    }
    for client in &mut reads {
        // The head went with the first bytes; what is left is at least the content less what was taken.
        let taken = 100 * head.len();
        assert!(client.take(LARGE - taken).unwrap().iter().all(|byte| *byte == b'x'));
    }
    stop.store(true, SeqCst);
    for thread in quick {
        let (served, slowest) = thread.join().unwrap();
        assert!(served >= 100 && slowest < Duration::from_secs(3), "{served} served, the slowest took {slowest:?}");
    }
    assert_eq!(balancer.count(|c| &c.rejected_connections), 0);
}
