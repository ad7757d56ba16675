//! Target groups of a group, under their own operations and as traffic sources; Classic Load Balancers, of which there
//! are none.
//!
//! Attaching and detaching only write what is wanted: members are registered and drained by the fleet, which moves the
//! state from `Adding` to `InService` and takes detached ones away.

use api::autoscaling::types as shape;
use model::Arn;
use model::autoscaling::group::{AttachedTargetGroup, AttachmentState, AutoScalingGroup};
use model::autoscaling::instance_refresh::InstanceRefresh;
use model::elbv2::target_group::{TargetGroup, TargetType};
use store::View;
use wire::AwsError;

use super::errors::{Error, Quota, invalid, shown};
use super::resources::{self, MAXIMUM_PAGE, arn, change, page_size};
use crate::context::Context;
use crate::pagination::{Listing, Page};

/// What target groups are among traffic sources.
pub(super) const ELBV2: &str = "elbv2";
/// The most target groups of one call (Auto Scaling user guide, quotas).
const MAXIMUM_PER_CALL: usize = 10;

/// The ARNs of a request, in order, each once.
fn arns(texts: &[String]) -> Result<Vec<Arn>, Error> {
    if texts.is_empty() {
        return Err(invalid("TargetGroupARNs names no target group"));
    }
    let mut arns: Vec<Arn> = Vec::new();
    for text in texts {
        let arn = arn("TargetGroupARNs", text)?;
        if !arns.contains(&arn) {
            arns.push(arn);
        }
    }
    match arns.len() {
        count if count > MAXIMUM_PER_CALL => {
            Err(invalid(format!("one call names at most {MAXIMUM_PER_CALL} target groups, not {count}")))
        }
        _ => Ok(arns),
    }
}

/// What a group that is created is attached to, as target groups or as traffic sources.
pub(super) fn of_new_group(
    named: Option<Vec<String>>,
    sources: Option<Vec<shape::TrafficSourceIdentifier>>,
) -> Result<Vec<Arn>, Error> {
    let (named, sources) = (named.unwrap_or_default(), sources.unwrap_or_default());
    match (named.is_empty(), sources.is_empty()) {
        (true, true) => Ok(Vec::new()),
        (false, true) => arns(&named),
        (true, false) => of_traffic_sources(&sources),
        (false, false) => Err(invalid("give TargetGroupARNs or TrafficSources, not both")),
    }
}

/// Attaches target groups that are there, of instances, in the VPC of the group's subnets. Those that are attached
/// already stay so; those on their way out come back.
pub(super) fn attach_all(cx: &Context, view: &View, group: &mut AutoScalingGroup, arns: &[Arn]) -> Result<(), Error> {
    for arn in arns {
        check(cx, view, group, arn)?;
        match group.target_groups.iter_mut().find(|attached| attached.arn == *arn) {
            Some(attached) if attached.state == AttachmentState::Removing => attached.state = AttachmentState::Adding,
            Some(_) => {}
            None => group.target_groups.push(AttachedTargetGroup { arn: arn.clone(), state: AttachmentState::Adding }),
        }
    }
    match group.target_groups.len() > Quota::TargetGroups.limit() {
        true => Err(Error::TooMany(Quota::TargetGroups)),
        false => Ok(()),
    }
}

fn check(cx: &Context, view: &View, group: &AutoScalingGroup, arn: &Arn) -> Result<(), Error> {
    let scope = cx.scope();
    let target_group = view.get::<TargetGroup>(&scope, arn.to_string());
    let target_group = target_group.ok_or_else(|| invalid(format!("the target group {arn} does not exist")))?;
    if target_group.target_type != TargetType::Instance {
        return Err(invalid(format!("the target group {arn} is not of target type `instance`")));
    }
    let in_other_vpc = |id| {
        let subnet = view.get::<model::ec2::subnet::Subnet>(&scope, id);
        subnet.is_some_and(|subnet| subnet.vpc_id != target_group.vpc_id)
    };
    match group.subnets.iter().any(in_other_vpc) {
        true => Err(invalid(format!("the target group {arn} is not in the VPC of the group's subnets"))),
        false => Ok(()),
    }
}

/// A refresh with a desired configuration counts on the target groups that there are.
fn refuse_during_refresh(cx: &Context, view: &View, group: &AutoScalingGroup) -> Result<(), Error> {
    let mut refreshes = view.range::<InstanceRefresh>(&cx.scope(), &AutoScalingGroup::prefix(&group.name));
    let in_way = |refresh: &InstanceRefresh| !refresh.status.is_over() && refresh.desired_configuration.is_some();
    match refreshes.any(|refresh| in_way(&refresh)) {
        true => Err(Error::RefreshInProgress(format!(
            "an instance refresh with a desired configuration is under way in Auto Scaling group {}; wait for its end \
             or cancel it",
            group.name
        ))),
        false => Ok(()),
    }
}

async fn attach_to(cx: &Context, group: &str, arns: &[Arn]) -> Result<(), AwsError> {
    change(cx, group, |txn, group| {
        refuse_during_refresh(cx, txn.view(), group)?;
        attach_all(cx, txn.view(), group, arns)
    })
    .await
}

async fn detach_from(cx: &Context, group: &str, arns: &[Arn]) -> Result<(), AwsError> {
    change(cx, group, |_, group| {
        for arn in arns {
            let found = group.target_groups.iter_mut().find(|attached| attached.arn == *arn);
            let attached =
                found.ok_or_else(|| invalid(format!("the target group {arn} is not attached to the group")))?;
            attached.state = AttachmentState::Removing;
        }
        Ok(())
    })
    .await
}

pub(super) async fn attach(
    cx: &Context,
    input: shape::AttachLoadBalancerTargetGroupsType,
) -> Result<shape::AttachLoadBalancerTargetGroupsResultType, AwsError> {
    let shape::AttachLoadBalancerTargetGroupsType { auto_scaling_group_name, target_group_ar_ns } = input;
    attach_to(cx, &auto_scaling_group_name, &arns(&target_group_ar_ns)?).await?;
    Ok(shape::AttachLoadBalancerTargetGroupsResultType {})
}

pub(super) async fn detach(
    cx: &Context,
    input: shape::DetachLoadBalancerTargetGroupsType,
) -> Result<shape::DetachLoadBalancerTargetGroupsResultType, AwsError> {
    let shape::DetachLoadBalancerTargetGroupsType { auto_scaling_group_name, target_group_ar_ns } = input;
    detach_from(cx, &auto_scaling_group_name, &arns(&target_group_ar_ns)?).await?;
    Ok(shape::DetachLoadBalancerTargetGroupsResultType {})
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeLoadBalancerTargetGroupsRequest,
) -> Result<shape::DescribeLoadBalancerTargetGroupsResponse, Error> {
    let shape::DescribeLoadBalancerTargetGroupsRequest { auto_scaling_group_name, max_records, next_token } = input;
    let listing = Listing { operation: "DescribeLoadBalancerTargetGroups", selection: &auto_scaling_group_name };
    let page = page_of(cx, &auto_scaling_group_name, &listing, next_token.as_deref(), max_records)?;
    let page = page.map(|attached| shape::LoadBalancerTargetGroupState {
        load_balancer_target_group_arn: Some(attached.arn.to_string()),
        state: Some(state_name(attached.state).to_owned()),
    });
    Ok(shape::DescribeLoadBalancerTargetGroupsResponse {
        load_balancer_target_groups: Some(page.items),
        next_token: page.next,
    })
}

fn page_of(
    cx: &Context,
    group: &str,
    listing: &Listing<'_>,
    token: Option<&str>,
    size: Option<i32>,
) -> Result<Page<AttachedTargetGroup>, Error> {
    let group = resources::group(&cx.store.view(), &cx.scope(), group)?;
    let items = group.target_groups.iter().map(|attached| (attached.arn.to_string(), attached.clone()));
    Ok(listing.page(cx, token, page_size(size, MAXIMUM_PAGE, MAXIMUM_PAGE), items)?)
}

const fn state_name(state: AttachmentState) -> &'static str {
    match state {
        AttachmentState::Adding => "Adding",
        AttachmentState::Added => "Added",
        AttachmentState::InService => "InService",
        AttachmentState::Removing => "Removing",
    }
}

/// A target group among the traffic sources of a group.
pub(super) fn traffic_source(attached: &AttachedTargetGroup) -> shape::TrafficSourceIdentifier {
    shape::TrafficSourceIdentifier { identifier: attached.arn.to_string(), r#type: Some(ELBV2.to_owned()) }
}

/// The target groups that traffic sources of a request name. A type that is not given follows from the identifier.
pub(super) fn of_traffic_sources(sources: &[shape::TrafficSourceIdentifier]) -> Result<Vec<Arn>, Error> {
    let one = |source: &shape::TrafficSourceIdentifier| {
        let shape::TrafficSourceIdentifier { identifier, r#type } = source;
        let guessed = if identifier.contains(":targetgroup/") { ELBV2 } else { "elb" };
        match r#type.as_deref().unwrap_or(guessed) {
            ELBV2 => Ok(identifier.clone()),
            "elb" => Err(no_load_balancer(identifier)),
            "vpc-lattice" => Err(Error::NotOffered("TrafficSources: Goru has no VPC Lattice".into())),
            other => Err(invalid(format!("the Type `{}` of a traffic source must be elb or elbv2", shown(other)))),
        }
    };
    arns(&sources.iter().map(one).collect::<Result<Vec<String>, Error>>()?)
}

pub(super) async fn attach_sources(
    cx: &Context,
    input: shape::AttachTrafficSourcesType,
) -> Result<shape::AttachTrafficSourcesResultType, AwsError> {
    let shape::AttachTrafficSourcesType { auto_scaling_group_name, traffic_sources } = input;
    attach_to(cx, &auto_scaling_group_name, &of_traffic_sources(&traffic_sources)?).await?;
    Ok(shape::AttachTrafficSourcesResultType {})
}

pub(super) async fn detach_sources(
    cx: &Context,
    input: shape::DetachTrafficSourcesType,
) -> Result<shape::DetachTrafficSourcesResultType, AwsError> {
    let shape::DetachTrafficSourcesType { auto_scaling_group_name, traffic_sources } = input;
    detach_from(cx, &auto_scaling_group_name, &of_traffic_sources(&traffic_sources)?).await?;
    Ok(shape::DetachTrafficSourcesResultType {})
}

pub(super) fn describe_sources(
    cx: &Context,
    input: shape::DescribeTrafficSourcesRequest,
) -> Result<shape::DescribeTrafficSourcesResponse, Error> {
    let shape::DescribeTrafficSourcesRequest { auto_scaling_group_name, max_records, next_token, traffic_source_type } =
        input;
    let selection = (&auto_scaling_group_name, &traffic_source_type);
    let listing = Listing { operation: "DescribeTrafficSources", selection: &selection };
    let page = match traffic_source_type.as_deref() {
        None | Some(ELBV2) => page_of(cx, &auto_scaling_group_name, &listing, next_token.as_deref(), max_records)?,
        Some("elb" | "vpc-lattice") => {
            resources::group(&cx.store.view(), &cx.scope(), &auto_scaling_group_name)?;
            Page { items: Vec::new(), next: None }
        }
        Some(other) => {
            let message = format!("TrafficSourceType `{}` must be elb, elbv2 or vpc-lattice", shown(other));
            return Err(invalid(message));
        }
    };
    let page = page.map(|attached| shape::TrafficSourceState {
        identifier: Some(attached.arn.to_string()),
        state: Some(state_name(attached.state).to_owned()),
        traffic_source: Some(attached.arn.to_string()),
        r#type: Some(ELBV2.to_owned()),
    });
    Ok(shape::DescribeTrafficSourcesResponse { next_token: page.next, traffic_sources: Some(page.items) })
}

/// There are no Classic Load Balancers yet, so none of a name.
fn no_load_balancer(name: &str) -> Error {
    invalid(format!("there is no Classic Load Balancer `{}`; for other load balancers name target groups", shown(name)))
}

/// Refuses the first Classic Load Balancer that a request names.
pub(super) fn refuse_load_balancers(names: &[String]) -> Result<(), Error> {
    names.first().map_or(Ok(()), |name| Err(no_load_balancer(name)))
}

fn refuse_named(cx: &Context, group: &str, names: &[String]) -> Error {
    let found = resources::group_to_change(&cx.store.view(), &cx.scope(), group);
    match found.and_then(|_| refuse_load_balancers(names)) {
        Err(error) => error,
        Ok(()) => invalid("LoadBalancerNames names no load balancer"),
    }
}

pub(super) fn attach_load_balancers(
    cx: &Context,
    input: shape::AttachLoadBalancersType,
) -> Result<shape::AttachLoadBalancersResultType, Error> {
    let shape::AttachLoadBalancersType { auto_scaling_group_name, load_balancer_names } = input;
    Err(refuse_named(cx, &auto_scaling_group_name, &load_balancer_names))
}

pub(super) fn detach_load_balancers(
    cx: &Context,
    input: shape::DetachLoadBalancersType,
) -> Result<shape::DetachLoadBalancersResultType, Error> {
    let shape::DetachLoadBalancersType { auto_scaling_group_name, load_balancer_names } = input;
    Err(refuse_named(cx, &auto_scaling_group_name, &load_balancer_names))
}

pub(super) fn describe_load_balancers(
    cx: &Context,
    input: shape::DescribeLoadBalancersRequest,
) -> Result<shape::DescribeLoadBalancersResponse, Error> {
    let shape::DescribeLoadBalancersRequest { auto_scaling_group_name, max_records, next_token } = input;
    resources::group(&cx.store.view(), &cx.scope(), &auto_scaling_group_name)?;
    let listing = Listing { operation: "DescribeLoadBalancers", selection: &auto_scaling_group_name };
    let none: [(String, shape::LoadBalancerState); 0] = [];
    let size = page_size(max_records, MAXIMUM_PAGE, MAXIMUM_PAGE);
    let page = listing.page(cx, next_token.as_deref(), size, none)?;
    Ok(shape::DescribeLoadBalancersResponse { load_balancers: Some(page.items), next_token: page.next })
}
