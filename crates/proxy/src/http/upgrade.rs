//! After a 101: bytes in both directions until both sides have ended, or nobody sent anything for the idle timeout.
//!
//! Nothing that the client sent after its request reaches the target before the target has agreed: until then it stays
//! in the client connection's buffer.

use crate::{
    io::{buffers::SCRATCH, stream::Stream, wait::Interruption},
    worker::{ConnectionHandle, Worker},
};
use std::{cell::Cell, future::poll_fn, pin::pin, task::Poll, time::Duration};

/// Bytes that went through a tunnel.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// From the client.
    pub received: Cell<u64>,
    /// To the client.
    pub sent: Cell<u64>,
}

/// Who shares a tunnel.
#[derive(Clone, Copy)]
pub(crate) struct Tunnel<'a> {
    pub worker: &'a Worker,
    pub handle: &'a ConnectionHandle,
    pub idle_timeout: Duration,
}

impl Tunnel<'_> {
    /// Runs until both directions have ended, or one failed. `early`: what the client sent already.
    pub async fn run(
        self,
        client: &Stream,
        target: &Stream,
        early: Vec<u8>,
        traffic: &Traffic,
    ) -> Result<(), Interruption> {
        self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
        let mut up = pin!(self.pipe(client, target, early, &traffic.received));
        let mut down = pin!(self.pipe(target, client, Vec::new(), &traffic.sent));
        let (mut up_ended, mut down_ended) = (false, false);
        poll_fn(|context| {
            if !up_ended && let Poll::Ready(result) = up.as_mut().poll(context) {
                match result {
                    Ok(()) => up_ended = true,
                    Err(interruption) => return Poll::Ready(Err(interruption)),
                }
            }
            if !down_ended && let Poll::Ready(result) = down.as_mut().poll(context) {
                match result {
                    Ok(()) => down_ended = true,
                    Err(interruption) => return Poll::Ready(Err(interruption)),
                }
            }
            if up_ended && down_ended { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await
    }

    /// One direction: `early` first, then what is read, then the end.
    async fn pipe(self, from: &Stream, to: &Stream, early: Vec<u8>, count: &Cell<u64>) -> Result<(), Interruption> {
        if !early.is_empty() {
            count.set(count.get() + early.len() as u64);
            to.send(&early).map_err(Interruption::Broken)?;
            self.worker.buffers.give_back(early);
            to.flush(self.worker, self.handle, self.idle_timeout).await?;
        }
        loop {
            let n = from.read(self.worker, self.handle, 0, SCRATCH).await?;
            if n == 0 {
                to.settle(self.worker, self.handle, self.idle_timeout).await?;
                // Fails only when the other side is gone already.
                let _gone = to.end_sending();
                return Ok(());
            }
            count.set(count.get() + n as u64);
            self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
            to.send(&self.worker.buffers.input.borrow()[..n]).map_err(Interruption::Broken)?;
            to.flush(self.worker, self.handle, self.idle_timeout).await?;
        }
    }
}
