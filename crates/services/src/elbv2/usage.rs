//! Which load balancers send requests to which target groups: what makes a group "in use", and who may use it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::elbv2::listener::Listener;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::plan::groups_in_use;
use model::elbv2::rule::Rule;
use model::elbv2::target::Target;
use model::{Arn, Scope};
use store::{View, target_id_prefix};

use super::errors::{Error, Quota};

/// Target groups with the load balancers whose listeners name them.
pub(super) struct Usage(BTreeMap<Arn, BTreeSet<Arn>>);

impl Usage {
    /// Of one account and region.
    pub(super) fn new(view: &View, scope: &Scope) -> Self {
        let listeners: Vec<Arc<Listener>> = view.list(scope).collect();
        let rules: Vec<Arc<Rule>> = view.list(scope).collect();
        let used = groups_in_use(listeners.iter().map(|listener| &**listener), rules.iter().map(|rule| &**rule));
        let owned =
            |(group, balancers): (&Arn, BTreeSet<&Arn>)| (group.clone(), balancers.into_iter().cloned().collect());
        Self(used.into_iter().map(owned).collect())
    }

    /// The load balancers that use a group.
    pub(super) fn load_balancers_of(&self, group: &Arn) -> impl Iterator<Item = &Arn> {
        self.0.get(group).into_iter().flatten()
    }

    /// Whether a listener uses a group.
    pub(super) fn in_use(&self, group: &Arn) -> bool {
        self.0.contains_key(group)
    }

    /// The groups that a load balancer uses.
    pub(super) fn groups_of<'a>(&'a self, balancer: &'a Arn) -> impl Iterator<Item = &'a Arn> {
        self.0.iter().filter(move |(_, balancers)| balancers.contains(balancer)).map(|(group, _)| group)
    }

    /// Refuses more rules, target groups and targets of a load balancer than there may be.
    pub(super) fn check_quotas(&self, view: &View, scope: &Scope, balancer: &Arn) -> Result<(), Error> {
        let of = balancer.resource().strip_prefix("loadbalancer/").unwrap_or(balancer.resource());
        let rules = balancer.with_resource(format!("listener-rule/{of}/"));
        if view.range::<Rule>(scope, &rules.to_string()).count() > Quota::Rules.limit() {
            return Err(Error::TooMany(Quota::Rules));
        }
        if self.groups_of(balancer).count() > Quota::GroupsOfLoadBalancer.limit() {
            return Err(Error::TooMany(Quota::GroupsOfLoadBalancer));
        }
        self.check_targets_behind(view, scope, balancer)
    }

    /// Refuses more than a thousand targets behind a load balancer.
    pub(super) fn check_targets_behind(&self, view: &View, scope: &Scope, balancer: &Arn) -> Result<(), Error> {
        let targets: usize =
            self.groups_of(balancer).map(|group| view.range::<Target>(scope, &target_id_prefix(group)).count()).sum();
        let quota = Quota::TargetsOfLoadBalancer;
        if targets > quota.limit() { Err(Error::TooMany(quota)) } else { Ok(()) }
    }
}

/// The load balancers that use a group, as records.
pub(super) fn load_balancers_of(view: &View, scope: &Scope, group: &Arn) -> Vec<Arc<LoadBalancer>> {
    let usage = Usage::new(view, scope);
    usage.load_balancers_of(group).filter_map(|arn| view.get(scope, arn.to_string())).collect()
}
