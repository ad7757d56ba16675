//! A listener with its rules and actions, ready to run.

use super::CompileError;
use crate::target_group::stickiness;
use model::{
    Arn,
    elbv2::{
        action::{Action, Forward},
        snapshot::ListenerPlan,
    },
};
use std::collections::HashMap;

/// One listener.
#[derive(Debug)]
pub struct CompiledListener {
    /// Its ARN.
    pub arn: Arn,
    /// Its load balancer.
    pub load_balancer: usize,
    /// Its port in the API.
    pub port: u16,
    /// The same as text.
    pub port_text: Box<str>,
    /// Whether it speaks no TLS.
    pub is_plain: bool,
    /// Whether answers of our own carry a `Server` header.
    pub server_header: bool,
    /// Header fields that answers get, instead of those of the same names.
    pub response_headers: Vec<(Box<str>, Box<str>)>,
    /// What becomes of a request.
    pub default_action: CompiledAction,
    /// What stands for the listener in cookies.
    pub cookie_name: u64,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum CompiledAction {
    /// It goes to a target of one of these groups.
    Forward(CompiledForward),
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
        self.default_action.target_groups()
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
        };
        groups.iter().map(|(group, _)| *group)
    }
}

pub(super) fn compile(
    plan: &ListenerPlan,
    load_balancer: usize,
    groups: &HashMap<&Arn, usize>,
) -> Result<CompiledListener, CompileError> {
    Ok(CompiledListener {
        arn: plan.arn.clone(),
        load_balancer,
        port: plan.port,
        port_text: plan.port.to_string().into_boxed_str(),
        is_plain: plan.tls.is_none(),
        server_header: plan.server_header,
        response_headers: plan.response_headers.iter().map(|(n, v)| (n.as_str().into(), v.as_str().into())).collect(),
        default_action: compile_action(&plan.default_action, &plan.arn, groups)?,
        cookie_name: stickiness::hash(&plan.arn.to_string()),
    })
}

fn compile_action(
    action: &Action,
    listener: &Arn,
    groups: &HashMap<&Arn, usize>,
) -> Result<CompiledAction, CompileError> {
    match action {
        Action::Forward(forward) => Ok(CompiledAction::Forward(compile_forward(forward, listener, groups)?)),
        Action::Redirect(_) | Action::FixedResponse(_) => {
            Err(CompileError::Unknown { user: format!("listener {listener}"), name: "an action".to_owned() })
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
