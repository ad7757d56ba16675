//! What is sent at the end of a worker's turn.
//!
//! A turn of the event loop brings many connections something to read. If each sent its answer as soon as it has one, the kernel's
//! code for sending, ours and the kernel's for receiving would push each other out of the processor's caches with each request. So
//! all tasks that a turn woke run first, and what they have to say is then sent in a row, for a tenth less time or better
//! (docs/benchmarks.md). When there is one connection only, its turn ends at once.

use super::line::Line;
use std::{
    cell::RefCell,
    convert::Infallible,
    future::poll_fn,
    rc::{Rc, Weak},
    task::{Poll, Waker},
};

/// The connections of one worker that have something to send.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    lines: RefCell<Vec<Weak<Line>>>,
    waker: RefCell<Option<Waker>>,
}

impl Outbox {
    /// Has what waits on a line sent at the end of the turn.
    #[inline]
    pub fn add(&self, line: &Rc<Line>) {
        let mut lines = self.lines.borrow_mut();
        lines.push(Rc::downgrade(line));
        // Who is woken comes behind all that were woken before: when they have run, the turn is over.
        if lines.len() == 1
            && let Some(waker) = &*self.waker.borrow()
        {
            waker.wake_by_ref();
        }
    }

    /// Sends at the end of each turn. To be run in a task of its own.
    pub async fn run(&self) -> Infallible {
        let mut turn = Vec::new();
        loop {
            poll_fn(|context| {
                self.waker.borrow_mut().get_or_insert_with(|| context.waker().clone());
                if self.lines.borrow().is_empty() { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
            std::mem::swap(&mut turn, &mut *self.lines.borrow_mut());
            turn.drain(..).filter_map(|line| line.upgrade()).for_each(|line| line.end_turn());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{buffers::Buffers, socket::Socket};
    use std::{
        io::{ErrorKind, Read},
        net::{TcpListener, TcpStream},
    };

    #[tokio::test]
    async fn everybody_who_was_woken_has_spoken_before_anything_is_sent() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let buffers = Rc::new(Buffers::default());
        let mut pairs: Vec<(Rc<Line>, TcpStream)> = (0..3)
            .map(|_| {
                let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                let (peer, _) = listener.accept().unwrap();
                peer.set_nonblocking(true).unwrap();
                (Line::new(&buffers, Socket::Fresh(stream)), peer)
            })
            .collect();
        let lines: Vec<_> = pairs.iter().map(|(line, _)| Rc::clone(line)).collect();
        let mut heard = |text: &str| {
            for (_, peer) in &mut pairs {
                let mut room = [0; 8];
                match peer.read(&mut room) {
                    Ok(n) => assert_eq!(&room[..n], text.as_bytes()),
                    Err(error) => assert_eq!((error.kind(), text), (ErrorKind::WouldBlock, "")),
                }
            }
        };
        let local = tokio::task::LocalSet::new();
        let outbox = Rc::clone(&buffers);
        local.spawn_local(async move { outbox.outbox.run().await });
        local
            .run_until(async {
                // The outbox waits by then.
                tokio::task::yield_now().await;
                for turn in ["one", "two"] {
                    let speakers: Vec<_> = lines
                        .iter()
                        .map(|line| {
                            let line = Rc::clone(line);
                            tokio::task::spawn_local(async move { line.send(turn.as_bytes(), false).unwrap() })
                        })
                        .collect();
                    heard("");
                    for speaker in speakers {
                        speaker.await.unwrap();
                    }
                    tokio::task::yield_now().await;
                    heard(turn);
                }
            })
            .await;
    }
}
