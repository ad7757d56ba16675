//! Forwarding: choose a target, exchange request and answer with it, and try once more where that is safe.
//!
//! Safe means: nothing was sent (the connection was refused), or the target says that it has not looked at the request, or no
//! byte of an answer came and the request is idempotent and still at hand in full. While no target serves, the request may
//! wait for one ([`super::outage`]).

use super::{
    attempt::{Attempt, Fault},
    client::Client,
    outage::{self, InVain},
    request::{Progress, Request},
};
use crate::{
    action::forward::{self as action, Choice, NoChoice},
    config::target_group::CompiledTargetGroup,
    error::ProxyError,
    target::TargetState,
    worker::{Running, Worker},
};
use std::{rc::Rc, sync::Arc};

/// How often a request that no target has taken goes to another one: twice, so that two that die together (a zone) cost
/// nothing while there is a third.
const MAXIMUM_MOVES: u32 = 2;
/// The longest request that is kept to be sent again.
const REPLAYABLE: usize = 64 * 1024;

/// How forwarding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The client has the whole answer.
    Answered { keep_alive: bool },
    /// Nothing of a final answer was sent.
    Failed(ProxyError),
    /// The answer was broken off, or the client went away during it.
    Broken,
}

/// Where a request is forwarded to.
pub(crate) struct Route<'a> {
    running: Rc<Running>,
    /// The group's position in the snapshot.
    position: usize,
    pub worker: &'a Worker,
    zone: usize,
}

impl Route<'_> {
    /// The target group.
    #[inline]
    pub fn group(&self) -> &CompiledTargetGroup {
        &self.running.snapshot.target_groups[self.position]
    }

    /// Looks at the snapshot that is in force by now: who failed a request may have a successor that was registered after it
    /// came. A group that is gone from it stays as it was.
    pub fn renew(&mut self) {
        let running = self.worker.running();
        if Rc::ptr_eq(&running, &self.running) {
            return;
        }
        let is_it = |group: &CompiledTargetGroup| Arc::ptr_eq(&group.state, &self.group().state);
        if let Some(position) = running.snapshot.target_groups.iter().position(is_it) {
            (self.running, self.position) = (running, position);
        }
    }

    /// A target for the request, another one than `except` if there is one.
    #[inline]
    pub fn choose(&self, request: &Request, except: Option<u32>) -> Result<Choice, NoChoice> {
        let usable = &self.running.usable[self.position];
        action::target(self.group(), usable, self.zone, self.worker, request.sticky.as_deref(), except)
    }

    /// Another target than one that failed, as of now.
    fn choose_another(&mut self, request: &Request, failed: &Arc<TargetState>) -> Option<Choice> {
        self.renew();
        let position = self.group().targets.iter().position(|target| Arc::ptr_eq(&target.state, failed));
        let except = position.and_then(|position| u32::try_from(position).ok());
        self.choose(request, except).ok().filter(|next| Some(next.target) != except)
    }

    /// What becomes of a request where no target is registered.
    fn nobody(&self) -> ProxyError {
        if self.group().maintenance.is_some() { ProxyError::Maintenance } else { ProxyError::NoTarget }
    }

    /// A registered target, healthy or not.
    fn choose_anyway(&self, request: &Request) -> Option<Choice> {
        let usable = &self.running.usable[self.position];
        action::any_target(self.group(), usable, self.zone, self.worker, request.sticky.as_deref())
    }
}

/// Forwards a request, on a second connection or to another target if need be.
pub(crate) async fn forward<C: Client>(
    client: &C,
    request: &mut Request,
    position: usize,
    progress: &mut Progress,
) -> End {
    let worker = &*client.connection().worker;
    let mut route = Route { running: Rc::clone(&request.running), position, worker, zone: request.zone };
    let mut saved = Saved { worker, bytes: request.saved.take() };
    let mut choice = match first_choice(client, request, &mut route, &mut saved).await {
        Ok(choice) => choice,
        Err(error) => return End::Failed(error),
    };
    let retry = route.group().retry;
    let replayable = retry && request.idempotent && request.body.is_complete() && saved.length() <= REPLAYABLE;
    let mut may_renew = retry;
    let mut moves_left = if retry { MAXIMUM_MOVES } else { 0 };
    let mut fresh = false;
    loop {
        let group = route.group();
        let attempt = Attempt { group, choice, fresh, replayable };
        progress.tries(attempt.target().address);
        progress.fail_open = choice.fail_open;
        if choice.fail_open {
            attempt.target().state.counts.of(worker.index).unhealthy_routing_requests.add(1);
        }
        let result = attempt.run(client, request, &mut saved, progress).await;
        client.handle().end();
        let refused = matches!(result, Err(Fault::Refused { .. }));
        let (error, again) = match result {
            Ok(end) => return end,
            Err(Fault::Broken) => return End::Broken,
            Err(Fault::Error(error)) => (error, false),
            Err(Fault::Unreached(error)) => (error, matches!(error, ProxyError::ConnectFailed | ProxyError::TargetTls)),
            // It ends this connection in order, as servers do after so many requests; it is there by another one, and a sticky
            // client stays with it.
            Err(Fault::Refused { leaving: true }) if may_renew => {
                (may_renew, fresh) = (false, true);
                continue;
            }
            Err(Fault::Refused { .. }) => (ProxyError::TargetClosed, true),
            // The target closed a kept connection just then: that says nothing about the target.
            Err(Fault::Unanswered { reused: true }) if replayable && may_renew => {
                (may_renew, fresh) = (false, true);
                continue;
            }
            Err(Fault::Unanswered { reused }) => {
                if !reused && group.awaits_targets() {
                    attempt.target().state.is_gone();
                }
                (ProxyError::TargetClosed, replayable)
            }
        };
        let (failed, awaits_targets) = (Arc::clone(&attempt.target().state), group.awaits_targets());
        let next = (again && moves_left > 0).then(|| route.choose_another(request, &failed)).flatten();
        match next {
            Some(next) => {
                (moves_left, fresh, choice) = (moves_left - 1, false, next);
                request.counts(worker.index).retried_requests.add(1);
            }
            // Nobody else is there; it may have room by now.
            None if refused && may_renew => may_renew = false,
            None if again && !refused && awaits_targets => {
                saved.save();
                match Box::pin(outage::wait(client, request, &mut route)).await {
                    Ok(next) => (fresh, choice) = (false, next),
                    Err(InVain::ClientGone) => return End::Failed(ProxyError::ClientClosed),
                    Err(InVain::TimeOver) if route.group().maintenance.is_some() => {
                        return End::Failed(ProxyError::Maintenance);
                    }
                    Err(InVain::TimeOver | InVain::NoTarget) => return end_of(&failed, worker, error),
                }
            }
            None => return end_of(&failed, worker, error),
        }
    }
}

/// The first target. While none serves, the request waits where the group's owner wants that; then it gets the owner's page, or
/// goes to whoever is registered, as on AWS.
#[inline]
async fn first_choice<C: Client>(
    client: &C,
    request: &Request,
    route: &mut Route<'_>,
    saved: &mut Saved<'_>,
) -> Result<Choice, ProxyError> {
    match route.choose(request, None) {
        Ok(choice) => return Ok(choice),
        Err(NoChoice::NoTarget) => return Err(route.nobody()),
        Err(NoChoice::Outage) => saved.save(),
    }
    match Box::pin(outage::wait(client, request, route)).await {
        Ok(choice) => Ok(choice),
        Err(InVain::ClientGone) => Err(ProxyError::ClientClosed),
        Err(InVain::NoTarget) => Err(route.nobody()),
        Err(InVain::TimeOver) if route.group().maintenance.is_some() => Err(ProxyError::Maintenance),
        Err(InVain::TimeOver) => route.choose_anyway(request).ok_or(ProxyError::NoTarget),
    }
}

/// The request failed at this target, which counts as one that it was given.
fn end_of(failed: &TargetState, worker: &Worker, error: ProxyError) -> End {
    failed.counts.of(worker.index).requests.add(1);
    End::Failed(error)
}

/// The bytes of a request, kept while they may have to be sent (again). Before they are kept they are in the worker's output
/// buffer.
pub(crate) struct Saved<'a> {
    worker: &'a Worker,
    bytes: Option<Vec<u8>>,
}

impl Saved<'_> {
    pub fn save(&mut self) {
        if self.bytes.is_none() {
            let mut bytes = self.worker.buffers.spare();
            bytes.extend_from_slice(&self.worker.buffers.output.borrow());
            self.bytes = Some(bytes);
        }
    }

    fn length(&self) -> usize {
        self.bytes.as_ref().map_or_else(|| self.worker.buffers.output.borrow().len(), Vec::len)
    }

    /// Hands the bytes to somebody.
    #[inline]
    pub fn with<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
        match &self.bytes {
            Some(bytes) => take(bytes),
            None => take(&self.worker.buffers.output.borrow()),
        }
    }
}

impl Drop for Saved<'_> {
    fn drop(&mut self) {
        if let Some(bytes) = self.bytes.take() {
            self.worker.buffers.give_back(bytes);
        }
    }
}
