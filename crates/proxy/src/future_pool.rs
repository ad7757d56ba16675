//! Futures that do one job after the other. What a request's future remembers takes some kilobytes. It is needed while the
//! request is served, and not while its connection waits for the next one: there are many more idle connections than requests.
//! And to make such a future, and to move it to its place, would cost each request more than to choose its target does.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    fmt,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

/// How many idle futures are kept at most.
const MAXIMUM_IDLE: usize = 256;

/// A future that takes a job from its desk, does it, leaves the result there, and so on.
pub(crate) type Endless = Pin<Box<dyn Future<Output = Infallible>>>;

/// The idle futures of one kind.
pub(crate) struct FuturePool<J, R> {
    make: fn(Rc<Desk<J, R>>) -> Endless,
    idle: RefCell<Vec<Clerk<J, R>>>,
}

/// Where a future finds its job and leaves the result.
pub(crate) struct Desk<J, R> {
    job: Cell<Option<J>>,
    result: Cell<Option<R>>,
}

/// A future at its desk.
struct Clerk<J, R> {
    desk: Rc<Desk<J, R>>,
    future: Endless,
}

impl<J, R> FuturePool<J, R> {
    /// An empty pool, which will make its futures so.
    pub const fn new(make: fn(Rc<Desk<J, R>>) -> Endless) -> Self {
        Self { make, idle: RefCell::new(Vec::new()) }
    }

    /// Has a job done.
    #[inline]
    pub fn give(&self, job: J) -> Given<'_, J, R> {
        let idle = self.idle.borrow_mut().pop();
        let clerk = idle.unwrap_or_else(|| self.hire());
        clerk.desk.job.set(Some(job));
        Given { pool: self, clerk: Some(clerk) }
    }

    #[cold]
    fn hire(&self) -> Clerk<J, R> {
        let desk = Rc::new(Desk { job: Cell::new(None), result: Cell::new(None) });
        Clerk { future: (self.make)(Rc::clone(&desk)), desk }
    }
}

impl<J, R> Desk<J, R> {
    /// The next job.
    #[inline]
    pub async fn next(&self) -> J {
        // Who gives a job polls the future, so nobody need be woken.
        std::future::poll_fn(|_| self.job.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Says that the job is done.
    #[inline]
    pub fn done(&self, result: R) {
        self.result.set(Some(result));
    }
}

/// A job that was given away: its result. Dropped before that, the job ends unfinished.
pub(crate) struct Given<'a, J, R> {
    pool: &'a FuturePool<J, R>,
    /// Some until the result is there.
    clerk: Option<Clerk<J, R>>,
}

impl<J, R> Future for Given<'_, J, R> {
    type Output = R;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let clerk = self.clerk.as_mut().expect("it is not polled after its result");
        let Poll::Pending = clerk.future.as_mut().poll(context);
        let Some(result) = clerk.desk.result.take() else { return Poll::Pending };
        let mut idle = self.pool.idle.borrow_mut();
        if let Some(clerk) = self.clerk.take().filter(|_| idle.len() < MAXIMUM_IDLE) {
            idle.push(clerk);
        }
        Poll::Ready(result)
    }
}

impl<J, R> fmt::Debug for FuturePool<J, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FuturePool").field("idle", &self.idle.borrow().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pool = FuturePool<(Rc<()>, u32), u32>;

    fn pool() -> Pool {
        Pool::new(|desk| {
            Box::pin(async move {
                loop {
                    let (kept, number) = desk.next().await;
                    tokio::task::yield_now().await;
                    drop(kept);
                    desk.done(number);
                }
            })
        })
    }

    #[tokio::test]
    async fn a_future_does_one_job_after_the_other_and_keeps_nothing_of_them() {
        let (pool, kept) = (pool(), Rc::new(()));
        for number in 0..3 {
            assert_eq!(pool.give((Rc::clone(&kept), number)).await, number);
            assert_eq!((Rc::strong_count(&kept), pool.idle.borrow().len()), (1, 1));
        }
        let (one, two) = tokio::join!(pool.give((Rc::clone(&kept), 7)), pool.give((Rc::clone(&kept), 8)));
        assert_eq!((one, two, pool.idle.borrow().len()), (7, 8, 2));
    }

    #[tokio::test]
    async fn who_gives_up_a_job_takes_it_from_everybody() {
        let (pool, kept) = (pool(), Rc::new(()));
        assert_eq!(pool.give((Rc::clone(&kept), 1)).await, 1);
        let mut given = pool.give((Rc::clone(&kept), 2));
        std::future::poll_fn(|context| {
            assert!(Pin::new(&mut given).poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(given);
        assert_eq!((Rc::strong_count(&kept), pool.idle.borrow().len()), (1, 0));
        assert_eq!(pool.give((Rc::clone(&kept), 3)).await, 3);
    }
}
