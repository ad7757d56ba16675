//! One way from somebody to a port: what the records say of it, what a probe found, and what follows from both.

use super::{
    Facts,
    probe::{Outcome, PATIENCE, Probe},
    remedy::{Ends, remedy},
};
use crate::ec2::reachability::{Arrival, Message, Origin, Packet, Verdict, verdict};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};

/// The port that requests are taken to come from: one of those that Linux gives to whoever asks for any.
pub(super) const SOME_PORT: u16 = 40_000;

/// A way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Path {
    /// What it is for.
    pub purpose: Purpose,
    /// Who asks, in words.
    pub from: String,
    /// The address that it is asked from, in its network.
    pub source: Option<Ipv4Addr>,
    /// Who is asked, in words.
    pub to: String,
    /// The address that is asked, by the records.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// What the records say.
    pub computed: Computed,
    /// Whether this host carries out what they say.
    pub enforced: bool,
    /// What is to be tried.
    #[serde(skip)]
    pub probe: Option<Probe>,
    /// What came of it; `None`: it was not tried.
    pub probed: Option<Outcome>,
    /// Whether requests get there, as far as is known.
    pub reached: bool,
    /// What follows, in a sentence without an end.
    pub conclusion: String,
    /// What to change, where something is in the way.
    pub change: Option<String>,
    /// What to change, should the records be what is in the way.
    #[serde(skip)]
    pub remedy: Option<String>,
}

/// What a way is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Requests, and health checks of the same port.
    Traffic,
    /// Health checks of a port of their own.
    HealthChecks,
    /// Clients outside of all VPCs.
    Clients,
    /// The way out.
    WayOut,
}

/// What the records say of a way. Texts are clauses: they begin in lower case and have no end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "why", rename_all = "kebab-case")]
pub enum Computed {
    /// Everything lets it and its answers pass.
    Pass(String),
    /// This is the first thing that does not.
    Blocked(String),
    /// They have no say.
    Free(String),
}

/// What the records say, and what to change in them.
pub(super) struct Reading {
    pub computed: Computed,
    pub remedy: Option<String>,
}

impl Reading {
    /// Something that is in the way before any packet is sent.
    pub fn obstacle(why: String, remedy: impl Into<Option<String>>) -> Self {
        Self { computed: Computed::Blocked(why), remedy: remedy.into() }
    }
}

/// What the records say of a TCP connection.
pub(super) fn read(facts: &Facts<'_>, from: Origin, to: Ipv4Addr, port: u16, ends: &Ends) -> Reading {
    let packet = Packet { from, to, message: Message::Tcp { from: SOME_PORT, to: port } };
    match verdict(&facts.networks, &packet) {
        Verdict::Passes(arrival) => Reading { computed: Computed::Pass(passes(&arrival)), remedy: None },
        Verdict::Blocked(block) => {
            Reading { computed: Computed::Blocked(block.to_string()), remedy: remedy(&block.cause, ends) }
        }
    }
}

fn passes(arrival: &Arrival) -> String {
    format!("security groups, network ACLs and routes let it pass, from {}", arrival.source)
}

impl Path {
    /// `i-…:80`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.to, self.port)
    }

    /// Draws the conclusion from what was found.
    pub(super) fn conclude(&mut self, outcomes: &BTreeMap<Probe, Outcome>) {
        self.probed = self.probe.as_ref().and_then(|probe| outcomes.get(probe)).cloned();
        (self.reached, self.conclusion, self.change) = match &self.computed {
            Computed::Pass(_) | Computed::Free(_) => self.though_nothing_blocks(),
            Computed::Blocked(cause) => self.though_it_is_blocked(cause),
        };
    }

    fn though_nothing_blocks(&self) -> (bool, String, Option<String>) {
        let (to, port) = (&self.to, self.port);
        let rules = match &self.computed {
            Computed::Pass(_) => "the rules let it pass",
            Computed::Free(_) | Computed::Blocked(_) => "no rule is in the way",
        };
        match &self.probed {
            None => (true, format!("{rules}; it was not tried"), None),
            Some(Outcome::Connected) => (true, format!("{rules}, and it connects"), None),
            Some(Outcome::Refused) => (
                false,
                format!("it arrives at {to}, but nobody listens on tcp/{port} there"),
                Some(format!(
                    "start the server that listens on tcp/{port} of {to}, or ask the port that it listens on"
                )),
            ),
            Some(Outcome::TimedOut) => (
                false,
                format!("{rules}, but no answer came from {to} within {} s", PATIENCE.as_secs()),
                Some(format!(
                    "look at the own firewall of {to}, and at what listens on tcp/{port} there: it may be too busy to take \
                     connections"
                )),
            ),
            Some(Outcome::Unreachable(why)) => (
                false,
                format!("{rules}, but it is not delivered: {why}"),
                Some(format!("look whether {to} runs and has its address")),
            ),
            Some(Outcome::NoNetwork(why)) => (
                false,
                format!("{rules}, but this host does not have the network: {why}"),
                Some(
                    "ask again in a moment; if that stays, the log of `goru up` says why the network is not made"
                        .to_owned(),
                ),
            ),
        }
    }

    fn though_it_is_blocked(&self, cause: &str) -> (bool, String, Option<String>) {
        let remedy = self.remedy.clone();
        let (to, port) = (&self.to, self.port);
        match (&self.probed, self.enforced) {
            (None | Some(Outcome::TimedOut | Outcome::Unreachable(_) | Outcome::NoNetwork(_)), true)
            | (None, false) => (false, cause.to_owned(), remedy),
            (Some(Outcome::Connected), true) => (
                true,
                format!(
                    "the records say no ({cause}), but it connects: a change is on its way, or the network was changed by hand"
                ),
                Some("ask again in a moment".to_owned()),
            ),
            (Some(Outcome::Refused), true) => (
                false,
                format!("the records say no ({cause}), but it arrives, where nobody listens on tcp/{port}"),
                remedy,
            ),
            (Some(Outcome::Connected), false) => (
                true,
                format!(
                    "it connects, because this driver enforces no rules; with networks of its own it would not: {cause}"
                ),
                remedy,
            ),
            (Some(Outcome::Refused), false) => (
                false,
                format!(
                    "it arrives at {to}, but nobody listens on tcp/{port} there; and with networks of its own, {cause}"
                ),
                Some(format!(
                    "start the server that listens on tcp/{port} of {to}, or ask the port that it listens on"
                )),
            ),
            (Some(Outcome::TimedOut | Outcome::Unreachable(_) | Outcome::NoNetwork(_)), false) => (
                false,
                format!(
                    "no answer came from {to}, though this driver enforces no rules; with networks of its own, {cause}"
                ),
                Some(format!("look at what listens on tcp/{port} of {to}")),
            ),
        }
    }
}
