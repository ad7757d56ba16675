//! After a 101: bytes in both directions until both sides have ended, or nobody sent anything for the idle timeout.
//!
//! Nothing that the client sent after its request reaches the target before the target has agreed: until then it stays
//! in the client connection's buffer.

use super::stream::{Interruption, Rest, SCRATCH, read, write_now};
use crate::worker::{ConnectionHandle, Worker};
use std::{cell::Cell, future::poll_fn, pin::pin, task::Poll, time::Duration};
use tokio::{
    io::AsyncWrite,
    net::tcp::{ReadHalf, WriteHalf},
};

/// Bytes that went through a tunnel.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// From the client.
    pub received: Cell<u64>,
    /// To the client.
    pub sent: Cell<u64>,
}

/// Who shares a tunnel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tunnel<'a> {
    pub worker: &'a Worker,
    pub handle: &'a ConnectionHandle,
    pub idle_timeout: Duration,
}

impl Tunnel<'_> {
    /// Runs until both directions have ended, or one failed.
    pub async fn run(
        self,
        client: (&mut ReadHalf<'_>, &mut WriteHalf<'_>),
        target: (&mut ReadHalf<'_>, &mut WriteHalf<'_>),
        early: &mut Vec<u8>,
        traffic: &Traffic,
    ) -> Result<(), Interruption> {
        self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
        let early = std::mem::take(early);
        let mut up = pin!(self.pipe(client.0, target.1, early, &traffic.received));
        let mut down = pin!(self.pipe(target.0, client.1, Vec::new(), &traffic.sent));
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
    async fn pipe(
        self,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
        early: Vec<u8>,
        count: &Cell<u64>,
    ) -> Result<(), Interruption> {
        if !early.is_empty() {
            count.set(count.get() + early.len() as u64);
            let rest = Rest::of(self.worker, &early, &[], 0);
            drop(early);
            self.write(rest, to).await?;
        }
        loop {
            let n = read(from, self.worker, self.handle, 0, SCRATCH).await?;
            if n == 0 {
                // Fails only when the other side is gone already.
                let _gone = poll_fn(|context| std::pin::Pin::new(&mut *to).poll_shutdown(context)).await;
                return Ok(());
            }
            count.set(count.get() + n as u64);
            self.worker.wheel.set(&self.handle.alarm, self.idle_timeout);
            let rest = {
                let input = self.worker.buffers.input.borrow();
                let written = write_now(to.as_ref(), &input[..n]).map_err(Interruption::Broken)?;
                Rest::of(self.worker, &input[..n], &[], written)
            };
            self.write(rest, to).await?;
        }
    }

    async fn write(self, rest: Option<Rest<'_>>, to: &WriteHalf<'_>) -> Result<(), Interruption> {
        match rest {
            Some(rest) => rest.write(to.as_ref(), self.handle, self.idle_timeout).await,
            None => Ok(()),
        }
    }
}
