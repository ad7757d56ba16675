//! A request that was understood, and what happens to it.

use super::{body::Body, desync::Findings, response_head::Asked};
use crate::{
    action::forward::Sticky,
    config::{
        CompiledLoadBalancer,
        listener::{CompiledAction, CompiledListener},
    },
    error::ProxyError,
    telemetry::{
        cause::Cause,
        counters::LoadBalancerCounts,
        record::{MAXIMUM_TRIES, Texts, Transformed, Tried},
    },
    timer::Micros,
    worker::Running,
};
use std::{net::SocketAddr, rc::Rc};

/// A request that was understood. What the target gets is in the worker's output buffer.
pub(crate) struct Request {
    /// The snapshot that it is served with, from beginning to end; only other targets are looked for in newer ones.
    pub running: Rc<Running>,
    pub listener: usize,
    /// The zone of the load balancer's node, by its position.
    pub zone: usize,
    /// The rule that it meets, by its position; none: the default action.
    pub rule: Option<usize>,
    /// What becomes of it.
    pub disposition: Disposition,
    /// What the answer must know of it.
    pub asked: Asked,
    /// Whether it may be sent twice.
    pub idempotent: bool,
    /// Whether the client's connection may stay open after it.
    pub keep_alive: bool,
    /// Whether its connections may be used for other requests: not when it is ambiguous.
    pub clear: bool,
    /// Whether the client waits to be asked for the body.
    pub expects_continue: bool,
    /// The part of its body that has not been read.
    pub body: Body,
    /// Bytes of it that were read.
    pub received: u64,
    /// How its client stays with a target.
    pub sticky: Option<Box<Sticky>>,
    /// The host to ask for in TLS handshakes with targets, if it goes to such ones.
    pub server_name: Option<Box<str>>,
    /// What became of its rule's transforms.
    pub transform: Option<Transformed>,
    pub findings: Findings,
    /// The client's version of HTTP, for logs.
    pub version: &'static str,
    /// What its target gets, where that had to be kept; else it is in the worker's output buffer.
    pub saved: Option<Vec<u8>>,
    /// When its head was there.
    pub began: Micros,
    pub texts: Texts,
    /// Where those are.
    pub text: Vec<u8>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// It goes to a target of this group.
    Forward(usize),
    /// Its client is sent elsewhere; where to is among its texts.
    Redirect,
    /// It is answered as the owner wants.
    FixedResponse,
    /// It is answered with a page for an error.
    Refuse(ProxyError),
}

impl Request {
    pub fn listener(&self) -> &CompiledListener {
        &self.running.snapshot.listeners[self.listener]
    }

    pub fn load_balancer(&self) -> &CompiledLoadBalancer {
        self.running.snapshot.balancer_of(self.listener)
    }

    /// The action of its rule.
    pub fn action(&self) -> &CompiledAction {
        self.listener().action(self.rule)
    }

    /// The counters of the load balancer in the request's zone.
    #[inline]
    pub fn counts(&self, worker: usize) -> &LoadBalancerCounts {
        self.load_balancer().zones[self.zone].counts.of(worker)
    }
}

/// What happened to a request, for counters and the log.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The targets that were tried.
    pub tried: ([Tried; MAXIMUM_TRIES], u8),
    /// Whether the last one was chosen although too few targets are healthy.
    pub fail_open: bool,
    /// Whether it was the one that the client stays with, where the client stays with one.
    pub sticky: Option<bool>,
    pub sent_at: Option<Micros>,
    pub answered_at: Option<Micros>,
    /// When the last byte of the answer was passed on, where that was looked up.
    pub ended_at: Option<Micros>,
    pub elb_status: u16,
    pub switched: bool,
    pub error: Option<ProxyError>,
    pub cause: Cause,
}

impl Progress {
    /// Notes that a target is tried.
    pub fn tries(&mut self, target: SocketAddr) {
        let (tried, count) = &mut self.tried;
        let at = usize::from(*count).min(MAXIMUM_TRIES - 1);
        tried[at] = Tried { target, status: 0 };
        *count = u8::try_from(at + 1).unwrap_or(u8::MAX);
    }

    /// Notes what it answered.
    pub fn answered(&mut self, status: u16) {
        let (tried, count) = &mut self.tried;
        if let Some(last) = usize::from(*count).checked_sub(1) {
            tried[last].status = status;
        }
        self.elb_status = status;
    }
}
