//! What somebody means who asks `goru why` about the network.
//!
//! Ids and ARNs name one thing. A plain name is a load balancer's or a target group's, in whatever region; the first wins, and the
//! others are told with their ARNs. A target is `TARGET-GROUP/TARGET-ID[:PORT]`, the group by its name or its ARN: neither names
//! nor target ids have a slash.

use super::Facts;
use crate::{
    Arn,
    elbv2::{
        load_balancer::LoadBalancer,
        target::{TargetId, TargetKey},
        target_group::TargetGroup,
    },
    id::InstanceId,
};
use std::{net::Ipv4Addr, sync::Arc};

/// The longest text that is shown again in an error, in characters.
const SHOWN: usize = 255;

/// What is meant. It exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An instance.
    Instance(InstanceId),
    /// A load balancer.
    LoadBalancer(Arn),
    /// All targets of a group.
    TargetGroup(Arn),
    /// One target, in one registration or in all of its registrations.
    Target {
        /// The group.
        group: Arn,
        /// Who.
        target: TargetId,
        /// The port that it is registered with; `None`: whichever.
        port: Option<u16>,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is meant.
    pub subject: Subject,
    /// What else has that name, and how to ask for it, in sentences without an end.
    pub also: Vec<String>,
}

/// Nothing is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No such instance.
    #[error("there is no instance {0}; `goru status` lists them")]
    Instance(InstanceId),
    /// An ARN of something else, or of what is gone.
    #[error("there is no load balancer or target group `{0}`; `goru status` lists them")]
    Arn(String),
    /// The part before the slash.
    #[error("there is no target group `{0}`; `goru aws elbv2 describe-target-groups` lists them")]
    TargetGroup(String),
    /// The part behind the slash.
    #[error("`{0}` is no target: a target is an instance's id or an IPv4 address, and may have :PORT")]
    InvalidTarget(String),
    /// Not registered.
    #[error("{target} is not registered in target group {group}, which has {}", listed(.registered))]
    NotRegistered {
        /// What was looked for.
        target: String,
        /// The group's name.
        group: String,
        /// What it has.
        registered: Vec<String>,
    },
    /// A name.
    #[error(
        "there is no Auto Scaling group `{0}`, and no load balancer or target group of that name; `goru status` lists what there is"
    )]
    Name(String),
}

/// Finds what is meant. Whether it is the name of an Auto Scaling group has been asked before.
///
/// # Errors
/// Nothing is called so.
pub fn find(facts: &Facts<'_>, what: &str) -> Result<Found, NotFound> {
    let only = |subject| Found { subject, also: Vec::new() };
    if let Ok(id) = what.parse::<InstanceId>() {
        let exists = facts.networks.iter().flat_map(|records| &records.instances).any(|instance| instance.id == id);
        return if exists { Ok(only(Subject::Instance(id))) } else { Err(NotFound::Instance(id)) };
    }
    if let Some((group, target)) = split(what) {
        return find_target(facts, group, target).map(only);
    }
    if let Ok(arn) = what.parse::<Arn>() {
        return find_arn(facts, &arn).map(only).ok_or_else(|| NotFound::Arn(shown(what)));
    }
    let mut named = named(facts, what);
    if named.is_empty() {
        return Err(NotFound::Name(shown(what)));
    }
    let (subject, _) = named.remove(0);
    Ok(Found { subject, also: named.into_iter().map(|(_, sentence)| sentence).collect() })
}

/// Load balancers and target groups of a name in sentences that say how to ask for them: for whoever found something else of that
/// name.
pub fn also_named(facts: &Facts<'_>, name: &str) -> Vec<String> {
    named(facts, name).into_iter().map(|(_, sentence)| sentence).collect()
}

/// Load balancers first.
fn named(facts: &Facts<'_>, name: &str) -> Vec<(Subject, String)> {
    let balancers = facts.load_balancers.iter().filter(|balancer| balancer.name == name).map(|balancer| {
        let LoadBalancer { arn, .. } = &**balancer;
        (Subject::LoadBalancer(arn.clone()), sentence("load balancer", name, arn))
    });
    let groups = facts.target_groups.iter().filter(|group| group.name == name).map(|group| {
        let TargetGroup { arn, .. } = &**group;
        (Subject::TargetGroup(arn.clone()), sentence("target group", name, arn))
    });
    balancers.chain(groups).collect()
}

fn sentence(kind: &str, name: &str, arn: &Arn) -> String {
    format!("a {kind} of {} is called {name} too: `goru why {arn}`", arn.region())
}

/// A group and a target of it. Of the ARN of a group, which has slashes of its own, a target is the fourth part.
fn split(what: &str) -> Option<(&str, &str)> {
    if !what.starts_with("arn:") {
        return what.split_once('/');
    }
    let (third_slash, _) = what.match_indices('/').nth(2)?;
    let (group, target) = what.split_at(third_slash);
    // The ARN of a load balancer has as many parts.
    group.contains(":targetgroup/").then_some((group, target.strip_prefix('/')?))
}

fn find_target(facts: &Facts<'_>, group: &str, text: &str) -> Result<Subject, NotFound> {
    let is_it = |one: &&Arc<TargetGroup>| one.name == group || one.arn.as_str() == group;
    let group = facts.target_groups.iter().find(is_it).ok_or_else(|| NotFound::TargetGroup(shown(group)))?;
    let (target, port) = parse_target(text).ok_or_else(|| NotFound::InvalidTarget(shown(text)))?;
    let registered = facts.targets.iter().filter(|one| one.target_group_arn == group.arn);
    let is_meant = |key: &TargetKey| key.id == target && port.is_none_or(|port| port == key.port);
    if registered.clone().any(|one| is_meant(&one.key)) {
        return Ok(Subject::Target { group: group.arn.clone(), target, port });
    }
    let registered = registered.map(|one| one.key.to_string()).collect();
    Err(NotFound::NotRegistered { target: shown(text), group: group.name.clone(), registered })
}

fn parse_target(text: &str) -> Option<(TargetId, Option<u16>)> {
    let (id, port) = match text.split_once(':') {
        None => (text, None),
        Some((id, port)) => (id, Some(port.parse().ok()?)),
    };
    let of_instance = || id.parse().ok().map(TargetId::Instance);
    let of_address = || id.parse::<Ipv4Addr>().ok().map(TargetId::Ip);
    Some((of_instance().or_else(of_address)?, port))
}

fn find_arn(facts: &Facts<'_>, arn: &Arn) -> Option<Subject> {
    if facts.load_balancers.iter().any(|balancer| balancer.arn == *arn) {
        return Some(Subject::LoadBalancer(arn.clone()));
    }
    facts.target_groups.iter().any(|group| group.arn == *arn).then(|| Subject::TargetGroup(arn.clone()))
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// So that the sentence stays one.
fn listed(registered: &[String]) -> String {
    const MOST: usize = 5;
    match registered {
        [] => "no targets".to_owned(),
        few if few.len() <= MOST => few.join(", "),
        many => format!("{} and {} more", many[..MOST].join(", "), many.len() - MOST),
    }
}
