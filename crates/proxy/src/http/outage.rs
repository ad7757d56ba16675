//! While no target of a group serves: requests wait for one (`goru.hold.timeout_seconds`), and whoever waited in vain gets the
//! owner's page (`goru.maintenance.…`), or what AWS would do.
//!
//! Nothing is read from a client that waits, so that what it sends stays in its own buffers. Targets that refuse connections are
//! looked after by the node's health checks once a second meanwhile; when one answers, those that wait go on, some at every
//! tick of the worker, so that a server that has just started is not overrun.

use super::{client::Client, forward::Route, request::Request};
use crate::{
    action::forward::{Choice, NoChoice},
    target_group::TargetGroupState,
    timer::Micros,
};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::{Poll, Waker},
};

/// Requests that may wait on one worker. One more is answered at once, as if it had waited its time.
const MAXIMUM_WAITING: usize = 10_000;
/// Requests of one worker that go on at one tick (100 ms).
const RELEASED_PER_TICK: usize = 100;

/// Requests of one worker that wait for a target.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    entries: RefCell<VecDeque<Entry>>,
    /// Snapshots that came into force.
    snapshots: Cell<u64>,
}

/// What a request has seen of its group: nothing is new until one of these numbers is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    epoch: u64,
    snapshots: u64,
}

#[derive(Debug)]
struct Entry {
    group: Arc<TargetGroupState>,
    seen: Seen,
    waker: Waker,
}

impl Waiting {
    /// Another snapshot is in force: there may be targets that were not there before.
    pub fn snapshot_changed(&self) {
        self.snapshots.set(self.snapshots.get() + 1);
    }

    /// Wakes those whose group changed, the first ones first.
    pub fn tick(&self) {
        let mut entries = self.entries.borrow_mut();
        if entries.is_empty() {
            return;
        }
        let mut left = RELEASED_PER_TICK;
        entries.retain(|entry| {
            let goes_on = left > 0 && self.see(&entry.group) != entry.seen;
            if goes_on {
                left -= 1;
                entry.waker.wake_by_ref();
            }
            !goes_on
        });
    }

    fn see(&self, group: &TargetGroupState) -> Seen {
        Seen { epoch: group.epoch(), snapshots: self.snapshots.get() }
    }

    fn is_full(&self) -> bool {
        self.entries.borrow().len() >= MAXIMUM_WAITING
    }

    fn add(&self, group: &Arc<TargetGroupState>, seen: Seen, waker: &Waker) {
        self.entries.borrow_mut().push_back(Entry { group: Arc::clone(group), seen, waker: waker.clone() });
    }
}

/// Why a request waits no longer, though no target serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InVain {
    /// Its time is over, or it had none.
    TimeOver,
    /// No target is registered any more.
    NoTarget,
    /// The client went away.
    ClientGone,
}

/// Waits until a target serves.
pub(crate) async fn wait<C: Client>(client: &C, request: &Request, route: &mut Route<'_>) -> Result<Choice, InVain> {
    let (worker, handle) = (route.worker, client.handle());
    let waited = Micros::now().since(request.began);
    let left = route.group().hold.saturating_sub(waited);
    if left.is_zero() || worker.waiting.is_full() {
        return Err(InVain::TimeOver);
    }
    request.counts(worker.index).held_requests.add(1);
    worker.wheel.set(&handle.alarm, left);
    handle.alarm.watch(true);
    let mut waits_since = None;
    let result = poll_fn(|context| {
        route.renew();
        let seen = worker.waiting.see(&route.group().state);
        match route.choose(request, None) {
            Ok(choice) => return Poll::Ready(Ok(choice)),
            Err(NoChoice::NoTarget) => return Poll::Ready(Err(InVain::NoTarget)),
            Err(NoChoice::Outage) => {}
        }
        if handle.alarm.expired(worker.wheel.now()) {
            return Poll::Ready(Err(InVain::TimeOver));
        }
        if client.is_gone() {
            return Poll::Ready(Err(InVain::ClientGone));
        }
        handle.alarm.register(context.waker());
        if waits_since != Some(seen) {
            waits_since = Some(seen);
            worker.waiting.add(&route.group().state, seen, context.waker());
        }
        Poll::Pending
    })
    .await;
    handle.alarm.watch(false);
    result
}
