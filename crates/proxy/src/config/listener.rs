//! A listener with its rules and actions, ready to run.

use super::CompileError;
use crate::{
    action::{fixed_response::CompiledFixedResponse, redirect::CompiledRedirect},
    http::forwarded::forwarded_lines,
    rule::{Rules, registry::RuleRegistry, transform::Transforms},
    target_group::stickiness,
    tls::{Acceptor, TlsRegistry, connect::TargetPolicy, registry::Materials},
};
use model::{
    Arn,
    elbv2::{
        action::{Action, Forward},
        security_policy,
        snapshot::{ListenerPlan, LoadBalancerPlan, RulePlan, TlsHeaderNames, TlsPlan},
    },
};
use std::{collections::HashMap, sync::Arc};

/// One listener.
#[derive(Debug)]
pub struct CompiledListener {
    /// Its ARN.
    pub arn: Arn,
    /// Its load balancer.
    pub load_balancer: usize,
    /// Its port in the API.
    pub port: u16,
    /// How targets are told that requests came to it.
    pub forwarded_lines: Box<[u8]>,
    /// How it speaks TLS; none: it does not.
    pub tls: Option<CompiledTls>,
    /// With which policy targets are spoken to over TLS.
    pub target_policy: TargetPolicy,
    /// Whether answers of our own carry a `Server` header.
    pub server_header: bool,
    /// Header fields that answers get, instead of those of the same names.
    pub response_headers: Vec<(Box<str>, Box<str>)>,
    /// Its rules.
    pub rules: Arc<Rules>,
    /// What becomes of requests that meet them; the same order.
    pub rule_actions: Vec<CompiledRule>,
    /// What becomes of a request that meets no rule.
    pub default_action: CompiledAction,
    /// What stands for the listener in cookies.
    pub cookie_name: u64,
}

/// How a listener speaks TLS.
#[derive(Debug)]
pub struct CompiledTls {
    /// What its sessions are made with.
    pub acceptor: Arc<Acceptor>,
    /// What targets are told of a client's TLS.
    pub headers: TlsHeaders,
}

/// The names of the header fields that tell targets about a client's TLS.
#[derive(Debug)]
pub struct TlsHeaders {
    /// Version and cipher, where targets are told them.
    pub version_and_cipher: Option<[Box<str>; 2]>,
    /// A client's certificates, unverified.
    pub client_certificate: Box<str>,
    /// What a verified certificate says, in the order of AWS's documentation: serial number, issuer, subject, validity, leaf.
    pub verified: [Box<str>; 5],
}

/// The usual names for what a verified certificate says.
const MTLS_HEADERS: [&str; 5] = [
    "X-Amzn-Mtls-Clientcert-Serial-Number",
    "X-Amzn-Mtls-Clientcert-Issuer",
    "X-Amzn-Mtls-Clientcert-Subject",
    "X-Amzn-Mtls-Clientcert-Validity",
    "X-Amzn-Mtls-Clientcert-Leaf",
];

impl TlsHeaders {
    fn new(names: &TlsHeaderNames, version_and_cipher: bool) -> Self {
        let TlsHeaderNames {
            client_certificate,
            serial_number,
            issuer,
            subject,
            validity,
            leaf,
            tls_version,
            tls_cipher_suite,
        } = names;
        let or = |own: &Option<String>, usual: &str| own.as_deref().unwrap_or(usual).into();
        let own = [serial_number, issuer, subject, validity, leaf];
        Self {
            version_and_cipher: version_and_cipher
                .then(|| [or(tls_version, "X-Amzn-Tls-Version"), or(tls_cipher_suite, "X-Amzn-Tls-Cipher-Suite")]),
            client_certificate: or(client_certificate, "X-Amzn-Mtls-Clientcert"),
            verified: std::array::from_fn(|i| or(own[i], MTLS_HEADERS[i])),
        }
    }
}

/// The names that are not the usual ones.
pub(super) fn own_header_names(plan: &ListenerPlan) -> impl Iterator<Item = &str> {
    let TlsHeaderNames {
        client_certificate,
        serial_number,
        issuer,
        subject,
        validity,
        leaf,
        tls_version,
        tls_cipher_suite,
    } = &plan.tls_header_names;
    [client_certificate, serial_number, issuer, subject, validity, leaf, tls_version, tls_cipher_suite]
        .into_iter()
        .flatten()
        .map(String::as_str)
}

/// What becomes of a request that meets a rule.
#[derive(Debug)]
pub struct CompiledRule {
    /// The rule's priority.
    pub priority: u32,
    /// What is done.
    pub action: CompiledAction,
    /// What is changed before.
    pub transforms: Option<Box<Transforms>>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum CompiledAction {
    /// It goes to a target of one of these groups.
    Forward(CompiledForward),
    /// Its client is sent elsewhere.
    Redirect(CompiledRedirect),
    /// It is answered.
    FixedResponse(CompiledFixedResponse),
}

/// Target groups and their shares.
#[derive(Debug)]
pub struct CompiledForward {
    /// Positions of the target groups, and up to which number of [`Self::weights`] each is drawn.
    pub groups: Vec<(usize, u32)>,
    /// The sum of all weights.
    pub weights: u32,
    /// For how many seconds a client stays with a group; `None`: it does not.
    pub stickiness_seconds: Option<u32>,
}

impl CompiledListener {
    /// The target groups that its actions may choose from.
    pub fn target_groups(&self) -> impl Iterator<Item = usize> {
        let actions = self.rule_actions.iter().map(|rule| &rule.action).chain([&self.default_action]);
        actions.flat_map(CompiledAction::target_groups)
    }

    /// The action of a rule, or the default one.
    #[inline]
    pub fn action(&self, rule: Option<usize>) -> &CompiledAction {
        rule.map_or(&self.default_action, |rule| &self.rule_actions[rule].action)
    }

    /// The priority of a rule; 0 for the default action.
    pub fn priority(&self, rule: Option<usize>) -> u32 {
        rule.map_or(0, |rule| self.rule_actions[rule].priority)
    }
}

impl CompiledForward {
    /// The group of a random number; `None`: all have the weight 0.
    #[inline]
    pub fn draw(&self, random: impl FnOnce() -> u64) -> Option<usize> {
        if let [(only, weight)] = self.groups.as_slice() {
            return (*weight > 0).then_some(*only);
        }
        let drawn = random().checked_rem(u64::from(self.weights))?;
        self.groups.iter().find(|(_, up_to)| drawn < u64::from(*up_to)).map(|(group, _)| *group)
    }

    /// Whether it may choose a group (one with the weight 0 keeps the clients that it has).
    pub fn has(&self, group: usize) -> bool {
        self.groups.iter().any(|(own, _)| *own == group)
    }
}

impl CompiledAction {
    /// The target groups that it may choose from.
    pub fn target_groups(&self) -> impl Iterator<Item = usize> {
        let groups = match self {
            Self::Forward(forward) => forward.groups.as_slice(),
            Self::Redirect(_) | Self::FixedResponse(_) => &[],
        };
        groups.iter().map(|(group, _)| *group)
    }
}

/// What listeners are compiled from beside their plans.
pub(super) struct ListenerContext<'a> {
    /// Positions of the target groups.
    pub groups: &'a HashMap<&'a Arn, usize>,
    pub rules: &'a RuleRegistry,
    pub tls: &'a TlsRegistry,
    pub materials: &'a Materials,
}

/// A listener of a load balancer, which is at this position.
pub(super) fn compile(
    plan: &ListenerPlan,
    (load_balancer, owner): (usize, &LoadBalancerPlan),
    context: &ListenerContext<'_>,
) -> Result<CompiledListener, CompileError> {
    let policy = plan.tls.as_ref().and_then(|tls| security_policy::find(&tls.policy));
    Ok(CompiledListener {
        arn: plan.arn.clone(),
        load_balancer,
        tls: plan.tls.as_ref().map(|tls| compile_tls(tls, plan, owner, context)).transpose()?,
        target_policy: TargetPolicy::behind(policy),
        port: plan.port,
        forwarded_lines: forwarded_lines(plan.tls.is_some(), plan.port),
        server_header: plan.server_header,
        response_headers: plan.response_headers.iter().map(|(n, v)| (n.as_str().into(), v.as_str().into())).collect(),
        rules: context.rules.rules(&plan.arn, &plan.rules).map_err(|error| fault(plan, &error))?,
        rule_actions: plan.rules.iter().map(|rule| compile_rule(rule, plan, context)).collect::<Result<_, _>>()?,
        default_action: compile_action(&plan.default_action, plan, context.groups)?,
        cookie_name: stickiness::hash(&plan.arn.to_string()),
    })
}

fn compile_tls(
    tls: &TlsPlan,
    plan: &ListenerPlan,
    owner: &LoadBalancerPlan,
    context: &ListenerContext<'_>,
) -> Result<CompiledTls, CompileError> {
    let acceptor = context.tls.acceptor(&plan.arn, tls, owner.http2, context.materials);
    Ok(CompiledTls {
        acceptor: acceptor.map_err(|error| CompileError::Tls { name: plan.arn.to_string(), error: error.into() })?,
        headers: TlsHeaders::new(&plan.tls_header_names, owner.tls_headers),
    })
}

fn fault(plan: &ListenerPlan, fault: &dyn std::fmt::Display) -> CompileError {
    CompileError::Unusable { name: format!("listener {}", plan.arn), fault: fault.to_string() }
}

fn compile_rule(
    rule: &RulePlan,
    plan: &ListenerPlan,
    context: &ListenerContext<'_>,
) -> Result<CompiledRule, CompileError> {
    let transforms = Transforms::compile(&rule.transforms).map_err(|error| fault(plan, &error))?;
    Ok(CompiledRule {
        priority: rule.priority,
        action: compile_action(&rule.action, plan, context.groups)?,
        transforms: (!transforms.is_empty()).then(|| Box::new(transforms)),
    })
}

fn compile_action(
    action: &Action,
    plan: &ListenerPlan,
    groups: &HashMap<&Arn, usize>,
) -> Result<CompiledAction, CompileError> {
    match action {
        Action::Forward(forward) => Ok(CompiledAction::Forward(compile_forward(forward, &plan.arn, groups)?)),
        Action::Redirect(redirect) => {
            CompiledRedirect::compile(redirect).map(CompiledAction::Redirect).map_err(|error| fault(plan, &error))
        }
        Action::FixedResponse(response) => {
            let compiled = CompiledFixedResponse::compile(response);
            compiled.map(CompiledAction::FixedResponse).map_err(|error| fault(plan, &error))
        }
    }
}

fn compile_forward(
    forward: &Forward,
    listener: &Arn,
    positions: &HashMap<&Arn, usize>,
) -> Result<CompiledForward, CompileError> {
    let mut weights = 0;
    let mut groups = Vec::new();
    for group in &forward.target_groups {
        let position = positions.get(&group.arn).copied();
        let position = position.ok_or_else(|| CompileError::Unknown {
            user: format!("listener {listener}"),
            name: group.arn.to_string(),
        })?;
        weights += u32::from(group.weight);
        groups.push((position, weights));
    }
    Ok(CompiledForward { groups, weights, stickiness_seconds: forward.stickiness_seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_drawn_by_their_weights() {
        let forward =
            CompiledForward { groups: vec![(4, 10), (7, 10), (9, 40)], weights: 40, stickiness_seconds: None };
        let mut hits = [0; 10];
        for random in 0..4000 {
            hits[forward.draw(|| random).unwrap()] += 1;
        }
        assert_eq!((hits[4], hits[7], hits[9]), (1000, 0, 3000));
        assert!(forward.has(7) && !forward.has(5));
        let none = CompiledForward { groups: vec![(4, 0), (7, 0)], weights: 0, stickiness_seconds: None };
        assert_eq!(none.draw(|| 3), None);
    }
}
