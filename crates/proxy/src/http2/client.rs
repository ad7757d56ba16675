//! A stream that a client opened, as the client of a request ([`Client`]).

use super::{connection::Connection, engine::StreamGone, error::ErrorCode, mailbox::Mailbox};
use crate::{
    error::ProxyError,
    http::{
        body::Body,
        client::{Additions, Client, ClientConnection, Passed, Unpassable},
        header::write_number,
        own_answer::{Envelope, OwnAnswer},
        request::Request,
        response_head::{Asked, ResponseHead},
    },
    io::{
        buffers::SCRATCH,
        stream::Stream,
        wait::{Interruption, interrupted},
    },
    telemetry::record::RequestKind,
    worker::{ConnectionHandle, Worker},
};
use std::{
    cell::Cell,
    future::poll_fn,
    io,
    rc::Rc,
    task::{Context, Poll},
};

/// Room in front of and behind a piece of content for the framing of chunks.
const CHUNK_ROOM: usize = 32;

/// A request's stream.
pub(crate) struct RequestStream {
    pub connection: Rc<Connection>,
    pub mailbox: Rc<Mailbox>,
    kind: Cell<RequestKind>,
    sent: Cell<u64>,
}

impl RequestStream {
    /// A stream that has just begun.
    pub fn new(connection: Rc<Connection>, mailbox: Rc<Mailbox>) -> Self {
        Self { connection, mailbox, kind: Cell::new(RequestKind::H2), sent: Cell::new(0) }
    }

    fn worker(&self) -> &Worker {
        &self.connection.about.worker
    }

    /// Takes what the target will get out of the worker's output buffer, which others use before the request is served.
    pub fn keep_head(&self, mut request: Request) -> Request {
        let mut head = self.worker().buffers.spare();
        head.extend_from_slice(&self.worker().buffers.output.borrow());
        request.saved = Some(head);
        request
    }

    /// It is a call of gRPC.
    pub fn is_grpc(&self) {
        self.kind.set(RequestKind::Grpcs);
    }

    /// Waits until there is content, or the end of it.
    pub fn poll_content(&self, context: &mut Context<'_>) -> Poll<Result<(), ProxyError>> {
        if self.mailbox.reset().is_some() {
            return Poll::Ready(Err(ProxyError::ClientClosed));
        }
        if self.mailbox.has_content() {
            return Poll::Ready(Ok(()));
        }
        self.mailbox.register(context);
        match interrupted(self.worker(), &self.mailbox.handle, context) {
            Some(Interruption::TimedOut) => Poll::Ready(Err(ProxyError::RequestTimeout)),
            Some(Interruption::Cut | Interruption::Closing) => Poll::Ready(Err(ProxyError::Deregistered)),
            Some(Interruption::Broken(_)) => Poll::Ready(Err(ProxyError::ClientClosed)),
            None => Poll::Pending,
        }
    }

    /// Sends an answer's head.
    pub fn send_head<'a>(
        &self,
        status: u16,
        fields: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
        end: bool,
    ) -> Result<(), StreamGone> {
        let mut engine = self.connection.wire.engine.borrow_mut();
        let before = engine.pending().len();
        engine.answer(self.mailbox.id, status, fields, end)?;
        self.note_sent((engine.pending().len() - before) as u64);
        if end {
            self.mailbox.ended_with_head();
        }
        drop(engine);
        self.connection.wire.touch();
        Ok(())
    }

    /// Sends content.
    pub fn send(&self, bytes: &[u8], end: bool) -> Result<(), StreamGone> {
        self.note_sent(bytes.len() as u64);
        self.connection.wire.send(&self.mailbox, bytes, end)
    }

    /// Sends trailers, which are the end.
    pub fn send_trailers(&self, lines: &[u8]) -> Result<(), StreamGone> {
        self.note_sent(lines.len() as u64);
        let sent = self.mailbox.send_trailers(&mut self.connection.wire.engine.borrow_mut(), lines);
        self.connection.wire.touch();
        sent
    }

    /// Content of a body that is framed for HTTP/1.1, without the framing.
    fn unframed(&self, body: &mut Body, bytes: &[u8]) -> Result<(usize, bool), Unpassable> {
        let mut output = self.worker().buffers.output.borrow_mut();
        output.clear();
        let taken = body.advance_unframed(bytes, &mut output).map_err(|_| Unpassable::Chunks)?;
        Ok((taken, body.is_complete()))
    }

    fn pass(&self, body: &mut Body, bytes: &[u8]) -> Result<usize, Unpassable> {
        let gone = |_| Unpassable::Client;
        if matches!(body, Body::Chunked(_)) {
            let (taken, end) = self.unframed(body, bytes)?;
            let content = self.worker().buffers.output.borrow();
            if end || !content.is_empty() {
                self.send(&content, end).map_err(gone)?;
            }
            return Ok(taken);
        }
        let taken = body.advance(bytes).map_err(|_| Unpassable::Chunks)?;
        self.send(&bytes[..taken], body.is_complete()).map_err(gone)?;
        Ok(taken)
    }
}

fn gone(_: StreamGone) -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

impl Client for RequestStream {
    fn connection(&self) -> &ClientConnection {
        &self.connection.about
    }

    fn handle(&self) -> &ConnectionHandle {
        &self.mailbox.handle
    }

    fn kind(&self) -> RequestKind {
        self.kind.get()
    }

    fn http2(&self) -> Option<&RequestStream> {
        Some(self)
    }

    fn appetite(&self) -> usize {
        self.connection.wire.appetite(&self.mailbox)
    }

    fn ask_for_body(&self) -> io::Result<()> {
        self.send_head(100, [], false).map_err(gone)
    }

    /// Content is framed on its way: as it is where the length is known, in chunks where it is not.
    async fn read_body(&self, body: &mut Body) -> Result<usize, ProxyError> {
        poll_fn(|context| self.poll_content(context)).await?;
        let wire = &self.connection.wire;
        if !matches!(body, Body::Chunked(_)) {
            let n = wire.take_content(&self.mailbox, 0, SCRATCH);
            let input = self.worker().buffers.input.borrow();
            return body.advance(&input[..n]).map_err(|_| ProxyError::BadRequest("more content than its length"));
        }
        let n = wire.take_content(&self.mailbox, CHUNK_ROOM, SCRATCH - 2 * CHUNK_ROOM);
        let mut framed = self.worker().buffers.spare();
        write_chunk_size(n, &mut framed);
        let mut input = self.worker().buffers.input.borrow_mut();
        let head = framed.len();
        input[..head].copy_from_slice(&framed);
        input.copy_within(CHUNK_ROOM..CHUNK_ROOM + n, head);
        let mut end = head + n;
        framed.clear();
        if n > 0 {
            framed.extend_from_slice(b"\r\n");
        }
        if self.mailbox.is_at_end() {
            framed.extend_from_slice(b"0\r\n");
            framed.extend_from_slice(&self.mailbox.take_trailers());
            framed.extend_from_slice(b"\r\n");
            *body = Body::None;
        }
        input[end..end + framed.len()].copy_from_slice(&framed);
        end += framed.len();
        drop(input);
        self.worker().buffers.give_back(framed);
        Ok(end)
    }

    fn interim(&self, head: &ResponseHead<'_, '_>, _asked: Asked) -> io::Result<()> {
        // 100 was ours to send.
        if head.status == 100 {
            return Ok(());
        }
        self.send_head(head.status, head.fields(Additions::default()), false).map_err(gone)
    }

    fn answer(
        &self,
        head: &ResponseHead<'_, '_>,
        _asked: Asked,
        _keep_alive: bool,
        additions: Additions<'_>,
        body: &mut Body,
        after: &[u8],
    ) -> Result<Passed, Unpassable> {
        let end = body.is_complete();
        let mut number = Vec::new();
        let length = head.content_length().map(|length| {
            write_number(length, &mut number);
            (&b"content-length"[..], number.as_slice())
        });
        self.send_head(head.status, head.fields(additions).chain(length), end).map_err(|_| Unpassable::Client)?;
        let taken = if end || after.is_empty() { 0 } else { self.pass(body, after)? };
        Ok(Passed { taken, keep_alive: true })
    }

    fn pass_body(&self, body: &mut Body, bytes: &[u8]) -> Result<usize, Unpassable> {
        self.pass(body, bytes)
    }

    fn finish(&self) -> io::Result<()> {
        if self.mailbox.has_ended() { Ok(()) } else { self.send(&[], true).map_err(gone) }
    }

    fn send_own(&self, answer: &OwnAnswer<'_>, envelope: &Envelope<'_>, asked: Asked, _keep_alive: bool) -> u64 {
        let before = self.sent.get();
        let body: &[u8] = if asked.head || !answer.has_length() { &[] } else { &answer.body };
        let mut fields: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        answer.each_field(envelope, |name, value| fields.push((name.as_bytes().to_vec(), value.to_vec())));
        if answer.has_length() {
            fields.push((b"content-length".to_vec(), answer.body.len().to_string().into_bytes()));
        }
        let fields = fields.iter().map(|(name, value)| (name.as_slice(), value.as_slice()));
        // A client that is gone misses it; there is nobody else to tell.
        let sent = self.send_head(answer.status, fields, body.is_empty());
        if sent.is_ok() && !body.is_empty() {
            let _missed = self.send(body, true);
        }
        self.sent.get() - before
    }

    /// Waits until the client's windows took all of it.
    async fn flush(&self) -> Result<(), Interruption> {
        if !self.mailbox.has_rest() {
            return Ok(());
        }
        poll_fn(|context| {
            if self.mailbox.reset().is_some() {
                return Poll::Ready(Err(Interruption::Broken(io::ErrorKind::ConnectionReset.into())));
            }
            if !self.mailbox.has_rest() {
                return Poll::Ready(Ok(()));
            }
            self.mailbox.register(context);
            match interrupted(self.worker(), &self.mailbox.handle, context) {
                Some(interruption) => Poll::Ready(Err(interruption)),
                None => Poll::Pending,
            }
        })
        .await
    }

    fn sent_bytes(&self) -> u64 {
        self.sent.get()
    }

    fn note_sent(&self, bytes: u64) {
        self.sent.set(self.sent.get() + bytes);
    }

    fn is_gone(&self) -> bool {
        self.mailbox.reset().is_some_and(|code| code != ErrorCode::NO_ERROR)
    }

    fn take_over(&self) -> Option<(&Stream, Vec<u8>)> {
        // A stream cannot become another protocol (RFC 9113 section 8.6).
        None
    }
}

/// The size of a chunk, and its line's end; nothing for an empty one, which would be the end.
fn write_chunk_size(length: usize, out: &mut Vec<u8>) {
    use std::io::Write;
    if length > 0 {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{length:x}\r\n");
    }
}
