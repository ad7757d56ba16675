//! Elastic Load Balancing v2: Application Load Balancers with listeners and rules, target groups of instances and addresses,
//! and trust stores.
//!
//! What it writes, `controllers` and the data plane make true: addresses and the state of load balancers, health of
//! targets and the end of their draining come from there. Other kinds of load balancer are refused by name until they exist.

mod actions;
mod arns;
mod attributes;
pub(crate) mod certificates;
mod conditions;
mod errors;
mod limits;
mod listeners;
mod load_balancers;
mod network;
mod reach;
mod rules;
mod ssl_policies;
mod tags;
mod target_groups;
mod target_health;
mod targets;
mod tls;
mod transforms;
mod trust_stores;
mod usage;
mod views;

pub use target_health::shown_health;

use api::elbv2::Operation;
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{done, read, reply};

/// The largest page, and the one given when the caller does not say (ELBv2 API reference, PageSize).
const MAXIMUM_PAGE: usize = 400;

/// The operations of ELBv2.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::AddListenerCertificates => reply(certificates::add(cx, read(input)?).await),
        Operation::AddTags => done(tags::add(cx, read(input)?).await),
        Operation::AddTrustStoreRevocations => reply(trust_stores::add_revocations(cx, read(input)?).await),
        Operation::CreateListener => reply(listeners::create(cx, read(input)?).await),
        Operation::CreateLoadBalancer => reply(load_balancers::create(cx, read(input)?).await),
        Operation::CreateRule => reply(rules::create(cx, read(input)?).await),
        Operation::CreateTargetGroup => reply(target_groups::create(cx, read(input)?).await),
        Operation::CreateTrustStore => reply(trust_stores::create(cx, read(input)?).await),
        Operation::DeleteListener => done(listeners::delete(cx, read(input)?).await),
        Operation::DeleteLoadBalancer => done(load_balancers::delete(cx, read(input)?).await),
        Operation::DeleteRule => done(rules::delete(cx, read(input)?).await),
        Operation::DeleteTargetGroup => done(target_groups::delete(cx, read(input)?).await),
        Operation::DeleteTrustStore => done(trust_stores::delete(cx, read(input)?).await),
        Operation::DeregisterTargets => done(targets::deregister(cx, read(input)?).await),
        Operation::DescribeAccountLimits => reply(limits::describe(cx, read(input)?)),
        Operation::DescribeCapacityReservation => reply(limits::capacity_reservation(cx, read(input)?)),
        Operation::DescribeListenerAttributes => reply(attributes::describe_listener(cx, read(input)?)),
        Operation::DescribeListenerCertificates => reply(certificates::describe(cx, read(input)?)),
        Operation::DescribeListeners => reply(listeners::describe(cx, read(input)?)),
        Operation::DescribeLoadBalancerAttributes => reply(attributes::describe_load_balancer(cx, read(input)?)),
        Operation::DescribeLoadBalancers => reply(load_balancers::describe(cx, read(input)?)),
        Operation::DescribeRules => reply(rules::describe(cx, read(input)?)),
        Operation::DescribeSSLPolicies => reply(ssl_policies::describe(cx, read(input)?)),
        Operation::DescribeTags => reply(tags::describe(cx, read(input)?)),
        Operation::DescribeTargetGroupAttributes => reply(attributes::describe_target_group(cx, read(input)?)),
        Operation::DescribeTargetGroups => reply(target_groups::describe(cx, read(input)?)),
        Operation::DescribeTargetHealth => reply(target_health::describe(cx, read(input)?)),
        Operation::DescribeTrustStoreAssociations => reply(trust_stores::associations(cx, read(input)?)),
        Operation::DescribeTrustStoreRevocations => reply(trust_stores::describe_revocations(cx, read(input)?)),
        Operation::DescribeTrustStores => reply(trust_stores::describe(cx, read(input)?)),
        Operation::ModifyListener => reply(listeners::modify(cx, read(input)?).await),
        Operation::ModifyListenerAttributes => reply(attributes::modify_listener(cx, read(input)?).await),
        Operation::ModifyLoadBalancerAttributes => reply(attributes::modify_load_balancer(cx, read(input)?).await),
        Operation::ModifyRule => reply(rules::modify(cx, read(input)?).await),
        Operation::ModifyTargetGroup => reply(target_groups::modify(cx, read(input)?).await),
        Operation::ModifyTargetGroupAttributes => reply(attributes::modify_target_group(cx, read(input)?).await),
        Operation::ModifyTrustStore => reply(trust_stores::modify(cx, read(input)?).await),
        Operation::RegisterTargets => done(targets::register(cx, read(input)?).await),
        Operation::RemoveListenerCertificates => done(certificates::remove(cx, read(input)?).await),
        Operation::RemoveTags => done(tags::remove(cx, read(input)?).await),
        Operation::RemoveTrustStoreRevocations => done(trust_stores::remove_revocations(cx, read(input)?).await),
        Operation::SetIpAddressType => reply(load_balancers::set_ip_address_type(cx, read(input)?)),
        Operation::SetRulePriorities => reply(rules::set_priorities(cx, read(input)?).await),
        Operation::SetSecurityGroups => reply(load_balancers::set_security_groups(cx, read(input)?).await),
        Operation::SetSubnets => reply(load_balancers::set_subnets(cx, read(input)?).await),
    }
}

/// `PageSize`, whose range the shape tables have checked.
fn page_size(given: Option<i32>) -> usize {
    given.and_then(|size| usize::try_from(size).ok()).unwrap_or(MAXIMUM_PAGE)
}
