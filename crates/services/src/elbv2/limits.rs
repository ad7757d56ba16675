//! What there can be of everything, and capacity reservations, which Goru has none of.

use api::elbv2::types as shape;

use super::errors::{Error, Quota};
use super::{arns, page_size};
use crate::context::Context;
use crate::pagination::Listing;

/// The limits in force, by AWS's names. What does not exist has the limit 0.
const LIMITS: &[(&str, usize)] = &[
    ("application-load-balancers", Quota::LoadBalancers.limit()),
    ("certificates-per-application-load-balancer", Quota::Certificates.limit()),
    ("condition-values-per-alb-rule", model::elbv2::condition::MAXIMUM_VALUES),
    ("condition-wildcards-per-alb-rule", model::elbv2::condition::MAXIMUM_WILDCARDS),
    ("gateway-load-balancers", 0),
    ("listeners-per-application-load-balancer", Quota::Listeners.limit()),
    ("network-load-balancers", 0),
    ("rules-per-application-load-balancer", Quota::Rules.limit()),
    ("target-groups", Quota::TargetGroups.limit()),
    ("target-groups-per-action-on-application-load-balancer", model::elbv2::action::MAXIMUM_TARGET_GROUPS),
    ("target-groups-per-application-load-balancer", Quota::GroupsOfLoadBalancer.limit()),
    ("targets-per-application-load-balancer", Quota::TargetsOfLoadBalancer.limit()),
    ("targets-per-target-group", Quota::TargetsOfGroup.limit()),
];

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeAccountLimitsInput,
) -> Result<shape::DescribeAccountLimitsOutput, Error> {
    let shape::DescribeAccountLimitsInput { marker, page_size: size } = input;
    let listing = Listing { operation: "DescribeAccountLimits", selection: &() };
    let items = LIMITS.iter().map(|(name, max)| ((*name).to_owned(), (name, max)));
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    let page = page.map(|(name, max)| shape::Limit { max: Some(max.to_string()), name: Some((*name).to_owned()) });
    Ok(shape::DescribeAccountLimitsOutput { limits: Some(page.items), next_marker: page.next })
}

/// No capacity is reserved, ever, so none can be decreased.
pub(super) fn capacity_reservation(
    cx: &Context,
    input: shape::DescribeCapacityReservationInput,
) -> Result<shape::DescribeCapacityReservationOutput, Error> {
    let shape::DescribeCapacityReservationInput { load_balancer_arn } = input;
    arns::load_balancer(&cx.store.view(), &cx.scope(), &load_balancer_arn)?;
    Ok(shape::DescribeCapacityReservationOutput {
        capacity_reservation_state: Some(Vec::new()),
        decrease_requests_remaining: Some(0),
        last_modified_time: None,
        minimum_load_balancer_capacity: None,
    })
}
