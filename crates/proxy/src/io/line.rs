//! A socket, and what is to be sent by it.
//!
//! What is short is sent at the end of the worker's turn ([`super::outbox`]). The rest is sent at once, as far as the peer takes it.
//! What the peer does not take is kept here, in a spare buffer, and nothing more is sent until it is gone.

use super::{buffers::Buffers, socket::Socket};
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// The most bytes that wait for the end of a turn.
const SHORT: usize = 16 * 1024;

/// A socket, shared by its stream with the outbox.
#[derive(Debug)]
pub(crate) struct Line {
    pub socket: RefCell<Socket>,
    buffers: Rc<Buffers>,
    unsent: RefCell<Unsent>,
    /// Whether what is unsent waits for the end of the turn, rather than for the peer.
    queued: Cell<bool>,
    /// Why it could not be sent then.
    failure: Cell<Option<io::ErrorKind>>,
    /// Who waits for something to read: it is told what became of a turn's end, if that was not all well.
    reader: RefCell<Option<Waker>>,
}

/// What was not sent yet.
#[derive(Debug, Default)]
struct Unsent {
    bytes: Vec<u8>,
    sent: usize,
}

impl Unsent {
    fn length(&self) -> usize {
        self.bytes.len() - self.sent
    }
}

impl Line {
    pub fn new(buffers: &Rc<Buffers>, socket: Socket) -> Rc<Self> {
        Rc::new(Self {
            socket: RefCell::new(socket),
            buffers: Rc::clone(buffers),
            unsent: RefCell::default(),
            queued: Cell::new(false),
            failure: Cell::new(None),
            reader: RefCell::new(None),
        })
    }

    pub fn buffers(&self) -> &Rc<Buffers> {
        &self.buffers
    }

    /// Reads once; 0 is the end. What the peer did not take is sent on before that.
    #[inline]
    pub fn poll_read(&self, room: &mut [u8], context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Err(failure.into()));
        }
        if self.has_unsent()
            && let Poll::Ready(Err(error)) = self.poll_send_unsent(context)
        {
            return Poll::Ready(Err(error));
        }
        let polled = self.socket.borrow_mut().poll_read(room, context);
        if polled.is_pending() {
            self.remember(context.waker());
        }
        polled
    }

    #[inline]
    fn remember(&self, waker: &Waker) {
        let mut reader = self.reader.borrow_mut();
        match &mut *reader {
            Some(known) => known.clone_from(waker),
            None => *reader = Some(waker.clone()),
        }
    }

    /// Nobody waits for it any more.
    pub fn forget_reader(&self) {
        self.reader.take();
    }

    /// Sends bytes: at the end of the turn if they are short and not the `last` ones. The end of the connection travels with the
    /// last ones.
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send(self: &Rc<Self>, bytes: &[u8], last: bool) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let waiting = self.unsent.borrow().length();
        let may_wait = !last && waiting + bytes.len() <= SHORT;
        if self.queued.get() && !may_wait {
            self.send_queued()?;
        } else if self.queued.get() || (waiting == 0 && may_wait) {
            self.keep(bytes);
            if !self.queued.replace(true) {
                self.buffers.outbox.add(self);
            }
            return Ok(());
        }
        if self.has_unsent() {
            self.keep(bytes);
            return Ok(());
        }
        let sent = self.socket.borrow().send(bytes, last)?;
        if sent < bytes.len() {
            self.keep(&bytes[sent..]);
        }
        Ok(())
    }

    /// Sends two pieces one behind the other, at once, without copying them together.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn send_both(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        self.send_queued()?;
        if self.has_unsent() {
            self.keep(first);
            self.keep(second);
            return Ok(());
        }
        let sent = self.socket.borrow().send_both(first, second)?;
        if sent < first.len() {
            self.keep(&first[sent..]);
        }
        if sent < first.len() + second.len() {
            self.keep(&second[sent.saturating_sub(first.len())..]);
        }
        Ok(())
    }

    /// Whether the peer did not take everything.
    #[inline]
    pub fn has_unsent(&self) -> bool {
        !self.queued.get() && self.unsent.borrow().length() > 0
    }

    #[inline]
    fn keep(&self, bytes: &[u8]) {
        let mut unsent = self.unsent.borrow_mut();
        if unsent.bytes.capacity() == 0 {
            unsent.bytes = self.buffers.spare();
        }
        unsent.bytes.extend_from_slice(bytes);
        self.buffers.waits(bytes.len(), 0);
    }

    /// Sends on what the peer did not take, as far as it does now; how much that was. Pending when it takes nothing.
    pub fn poll_send_unsent(&self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut sent = 0;
        while self.has_unsent() {
            match self.socket.borrow_mut().poll_writable(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if sent > 0 => break,
                Poll::Pending => return Poll::Pending,
            }
            sent += self.send_unsent()?;
        }
        Poll::Ready(Ok(sent))
    }

    /// Sends now what waits for the end of the turn.
    ///
    /// # Errors
    /// The connection is broken.
    #[inline]
    pub fn send_queued(&self) -> io::Result<()> {
        if self.queued.replace(false) {
            self.send_unsent()?;
        }
        Ok(())
    }

    /// The end of the turn. Whoever reads next meets what failed.
    pub fn end_turn(&self) {
        let sent = self.send_queued();
        if sent.is_ok() && !self.has_unsent() {
            return;
        }
        if let Err(error) = sent {
            self.clear();
            self.failure.set(Some(error.kind()));
        }
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    fn send_unsent(&self) -> io::Result<usize> {
        let mut unsent = self.unsent.borrow_mut();
        let sent = self.socket.borrow().send(&unsent.bytes[unsent.sent..], false)?;
        unsent.sent += sent;
        if unsent.length() == 0 {
            drop(unsent);
            self.clear();
        }
        Ok(sent)
    }

    /// Gives up what is unsent.
    fn clear(&self) {
        let Unsent { bytes, sent: _ } = self.unsent.take();
        self.buffers.waits(0, bytes.len());
        self.buffers.give_back(bytes);
    }

    /// Nobody has anything to do with it any more.
    pub fn close(&self) {
        // A peer that is gone misses it.
        let _missed = self.send_queued();
        self.clear();
        self.forget_reader();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        future::poll_fn,
        io::Read,
        net::{TcpListener, TcpStream},
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
        task::Wake,
    };

    #[derive(Default)]
    struct Counter(AtomicUsize);
    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// A line, and its peer, whose reads do not wait.
    fn connected() -> (Rc<Line>, TcpStream, Rc<Buffers>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (peer, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        peer.set_nonblocking(true).unwrap();
        let buffers = Rc::new(Buffers::default());
        (Line::new(&buffers, Socket::Fresh(stream)), peer, buffers)
    }

    /// What has arrived. On one machine it has when the call that sent it returns.
    fn arrived(peer: &mut TcpStream) -> Vec<u8> {
        let (mut seen, mut room) = (Vec::new(), [0; 65536]);
        while let Ok(n @ 1..) = peer.read(&mut room) {
            seen.extend_from_slice(&room[..n]);
        }
        seen
    }

    #[tokio::test]
    async fn short_pieces_wait_for_the_end_of_the_turn_and_keep_their_order() {
        let (line, mut peer, _buffers) = connected();
        line.send(b"one ", false).unwrap();
        line.send(b"two ", false).unwrap();
        assert!(!line.has_unsent(), "what is on its way stops nobody");
        assert_eq!(arrived(&mut peer), b"");
        line.end_turn();
        assert_eq!(arrived(&mut peer), b"one two ");
        line.end_turn();
        assert_eq!(arrived(&mut peer), b"");
    }

    #[tokio::test]
    async fn long_and_last_pieces_go_at_once_behind_what_waits() {
        let long = vec![b'x'; SHORT + 1];
        for (last, piece) in [(false, &long[..]), (true, b"last")] {
            let (line, mut peer, _buffers) = connected();
            line.send(b"first ", false).unwrap();
            line.send(piece, last).unwrap();
            drop(line);
            assert_eq!(arrived(&mut peer), [b"first ", piece].concat());
        }
        let (line, mut peer, _buffers) = connected();
        line.send(b"first ", false).unwrap();
        line.send_both(b"second ", b"third").unwrap();
        assert_eq!(arrived(&mut peer), b"first second third");
        // No more than a short piece waits: the third one goes at once with the two before it.
        for _ in 0..4 {
            line.send(&long[..SHORT / 2], false).unwrap();
        }
        assert_eq!(arrived(&mut peer).len(), 3 * SHORT / 2);
        line.end_turn();
        assert_eq!(arrived(&mut peer).len(), SHORT / 2);
    }

    #[tokio::test]
    async fn what_waits_is_sent_when_nobody_has_to_do_with_the_line_any_more() {
        let (line, mut peer, _buffers) = connected();
        line.send(b"goodbye", false).unwrap();
        line.close();
        assert_eq!(arrived(&mut peer), b"goodbye");
    }

    #[tokio::test]
    async fn what_the_peer_does_not_take_is_sent_on_by_who_reads() {
        let (line, mut peer, buffers) = connected();
        let (counter, mut room, mut sent) = (Arc::new(Counter::default()), [0; 8], 0);
        let waker = Waker::from(Arc::clone(&counter));
        assert!(line.poll_read(&mut room, &mut Context::from_waker(&waker)).is_pending());
        while !line.has_unsent() {
            line.send(&[b'x'; SHORT], false).unwrap();
            line.end_turn();
            sent += SHORT;
        }
        assert_eq!(counter.0.load(Relaxed), 1, "the reader is told");
        line.send(b"y", false).unwrap();
        line.end_turn();
        assert!(line.has_unsent(), "nothing overtakes it");
        let mut seen = Vec::new();
        while seen.len() < sent + 1 {
            seen.extend(arrived(&mut peer));
            let read = poll_fn(|context| Poll::Ready(line.poll_read(&mut room, context)));
            assert!(read.await.is_pending());
            tokio::task::yield_now().await;
        }
        assert_eq!((seen.len(), seen.last(), line.has_unsent()), (sent + 1, Some(&b'y'), false));
        assert_eq!(buffers.read_size(), crate::io::buffers::SCRATCH);
    }

    #[tokio::test]
    async fn who_reads_meets_what_went_wrong_at_the_end_of_the_turn() {
        let (line, peer, _buffers) = connected();
        crate::io::socket::reset_on_close(&peer);
        drop(peer);
        line.send(b"in vain", false).unwrap();
        line.end_turn();
        assert!(!line.has_unsent());
        let read = poll_fn(|context| Poll::Ready(line.poll_read(&mut [0; 8], context))).await;
        assert!(matches!(read, Poll::Ready(Err(_))), "{read:?}");
    }
}
