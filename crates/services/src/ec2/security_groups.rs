//! Security groups: create, describe, delete. Their rules are in [`super::security_group_rules`].

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, CreateSecurityGroupRequest, CreateSecurityGroupResult, DeleteSecurityGroupRequest, DeleteSecurityGroupResult,
    DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult, IpPermission, IpRange, Ipv6Range, UserIdGroupPair,
};
use model::cidr::Cidr;
use model::ec2::instance::Instance;
use model::ec2::security_group::{
    DEFAULT_NAME, Direction, MAXIMUM_GROUPS, Peer, SecurityGroup, SecurityGroupRule, Traffic, check_text,
};
use model::elbv2::load_balancer::LoadBalancer;
use model::id::{SecurityGroupId, SecurityGroupRuleId, VpcId};
use model::{IdSource, Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::defaults;
use super::errors::{self, in_use, invalid, missing};
use super::filters::{Properties, each, nothing, plain, text};
use super::listing::Selection;
use super::resources::{choose, find, parse};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// The group that a VPC has from the start: everything from its own members comes in, everything goes out.
pub(super) fn default_group(cx: &Context, ids: &mut dyn IdSource, id: SecurityGroupId, vpc_id: VpcId) -> SecurityGroup {
    let from_itself = rule(ids, Direction::Ingress, Traffic::All, Peer::Group(id.clone()));
    SecurityGroup {
        id,
        name: DEFAULT_NAME.to_owned(),
        description: "default VPC security group".to_owned(),
        vpc_id,
        rules: vec![from_itself, everything_out(ids)],
        created_at: cx.now,
        tags: Tags::default(),
    }
}

fn everything_out(ids: &mut dyn IdSource) -> SecurityGroupRule {
    let everywhere = Cidr::containing(std::net::Ipv4Addr::UNSPECIFIED, 0);
    rule(ids, Direction::Egress, Traffic::All, Peer::Ipv4(everywhere))
}

fn rule(ids: &mut dyn IdSource, direction: Direction, traffic: Traffic, peer: Peer) -> SecurityGroupRule {
    let id = SecurityGroupRuleId::mint(ids);
    SecurityGroupRule { id, direction, traffic, peer, description: None, tags: Tags::default() }
}

/// Whether it is its VPC's own group, which cannot be deleted. No other group can have that name.
pub(super) fn is_default(group: &SecurityGroup) -> bool {
    group.name == DEFAULT_NAME
}

/// The group of that name in a VPC.
pub(super) fn named(view: &View, scope: &Scope, vpc: &VpcId, name: &str) -> Option<Arc<SecurityGroup>> {
    view.list::<SecurityGroup>(scope).find(|group| group.vpc_id == *vpc && group.name == name)
}

/// The group of that name in the default VPC, where names are enough.
///
/// # Errors
/// `InvalidGroup.NotFound`.
pub(super) fn named_in_default_vpc(view: &View, scope: &Scope, name: &str) -> Result<Arc<SecurityGroup>, AwsError> {
    let found = defaults::vpc(view, scope).and_then(|vpc| named(view, scope, &vpc.id, name));
    found.ok_or_else(|| {
        let shown: String = name.chars().take(64).collect();
        ErrorCode::InvalidGroupNotFound.error(format!(
            "the default VPC has no security group named `{shown}`; groups of other VPCs go by their id"
        ))
    })
}

/// The group that a request names by id or, in the default VPC, by name.
///
/// # Errors
/// Neither or both given; nothing found.
pub(super) fn named_or_by_id(
    view: &View,
    scope: &Scope,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<Arc<SecurityGroup>, AwsError> {
    match (id, name) {
        (Some(_), Some(_)) => Err(errors::combination("GroupId and GroupName exclude each other")),
        (None, None) => Err(missing("GroupId is not given")),
        (Some(id), None) => find(view, scope, &parse::<SecurityGroupId>(id)?),
        (None, Some(name)) => named_in_default_vpc(view, scope, name),
    }
}

pub(super) async fn create(
    cx: &Context,
    input: CreateSecurityGroupRequest,
) -> Result<CreateSecurityGroupResult, AwsError> {
    let CreateSecurityGroupRequest { description, dry_run: dry, group_name, tag_specifications, vpc_id } = input;
    check_name(&group_name)?;
    if description.is_empty() {
        return Err(missing("GroupDescription is empty; a security group needs a description"));
    }
    check_text(&description).map_err(|error| errors::rule(&error))?;
    let vpc_id = vpc_id.map(|id| parse::<VpcId>(&id)).transpose()?;
    let tags = specified_for(tag_specifications, "security-group")?;
    let (id, egress) = cx.mint(|ids| (SecurityGroupId::mint(ids), everything_out(ids)));
    let scope = cx.scope();
    let make = |txn: &mut Transaction| {
        let vpc_id = vpc_of(txn.view(), &scope, vpc_id.as_ref())?;
        if let Some(taken) = named(txn.view(), &scope, &vpc_id, &group_name) {
            let message = format!("{vpc_id} already has a security group named `{group_name}`: {}", taken.id);
            return Err(ErrorCode::InvalidGroupDuplicate.error(message));
        }
        if txn.list::<SecurityGroup>(&scope).count() >= MAXIMUM_GROUPS {
            let message = format!("this region already has {MAXIMUM_GROUPS} security groups, the most there can be");
            return Err(ErrorCode::SecurityGroupLimitExceeded.error(message));
        }
        dry_run(dry)?;
        let group = SecurityGroup {
            id: id.clone(),
            name: group_name.clone(),
            description: description.clone(),
            vpc_id,
            rules: vec![egress.clone()],
            created_at: cx.now,
            tags: tags.clone(),
        };
        txn.put(&scope, group);
        Ok(())
    };
    committed(cx.store.transact(make).await)?;
    Ok(CreateSecurityGroupResult {
        security_group_arn: Some(arn(cx, &id)),
        group_id: Some(id.to_string()),
        tags: Some(to_wire(&tags)),
    })
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name.is_empty() || name.trim() != name {
        return Err(invalid("GroupName: a security group needs a name without spaces at its ends"));
    }
    if name == DEFAULT_NAME {
        return Err(invalid("GroupName: `default` is the name of the group that every VPC has from the start"));
    }
    if name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("sg-")) {
        return Err(invalid("GroupName: names cannot begin with `sg-`, as ids do"));
    }
    check_text(name).map_err(|error| errors::rule(&error))
}

fn vpc_of(view: &View, scope: &Scope, asked: Option<&VpcId>) -> Result<VpcId, AwsError> {
    match asked {
        Some(id) => Ok(find(view, scope, id)?.id.clone()),
        None => match defaults::vpc(view, scope) {
            Some(vpc) => Ok(vpc.id.clone()),
            None => Err(no_default_vpc()),
        },
    }
}

/// For requests that need a default VPC where the user has deleted it.
pub(super) fn no_default_vpc() -> AwsError {
    ErrorCode::VPCIdNotSpecified.error("this region has no default VPC any more; name a VPC or subnet")
}

static PROPERTIES: Properties<types::SecurityGroup> = Properties {
    named: &[
        ("description", |group| text(&group.description)),
        ("egress.ip-permission.cidr", |group| cidrs(&group.ip_permissions_egress)),
        ("egress.ip-permission.from-port", |group| {
            each(&group.ip_permissions_egress, |permission| plain(permission.from_port))
        }),
        ("egress.ip-permission.group-id", |group| peers(&group.ip_permissions_egress, |pair| text(&pair.group_id))),
        ("egress.ip-permission.group-name", |group| peers(&group.ip_permissions_egress, |pair| text(&pair.group_name))),
        ("egress.ip-permission.ipv6-cidr", |group| ipv6_cidrs(&group.ip_permissions_egress)),
        ("egress.ip-permission.prefix-list-id", nothing),
        ("egress.ip-permission.protocol", |group| {
            each(&group.ip_permissions_egress, |permission| text(&permission.ip_protocol))
        }),
        ("egress.ip-permission.to-port", |group| {
            each(&group.ip_permissions_egress, |permission| plain(permission.to_port))
        }),
        ("egress.ip-permission.user-id", |group| peers(&group.ip_permissions_egress, |pair| text(&pair.user_id))),
        ("group-id", |group| text(&group.group_id)),
        ("group-name", |group| text(&group.group_name)),
        ("ip-permission.cidr", |group| cidrs(&group.ip_permissions)),
        ("ip-permission.from-port", |group| each(&group.ip_permissions, |permission| plain(permission.from_port))),
        ("ip-permission.group-id", |group| peers(&group.ip_permissions, |pair| text(&pair.group_id))),
        ("ip-permission.group-name", |group| peers(&group.ip_permissions, |pair| text(&pair.group_name))),
        ("ip-permission.ipv6-cidr", |group| ipv6_cidrs(&group.ip_permissions)),
        ("ip-permission.prefix-list-id", nothing),
        ("ip-permission.protocol", |group| each(&group.ip_permissions, |permission| text(&permission.ip_protocol))),
        ("ip-permission.to-port", |group| each(&group.ip_permissions, |permission| plain(permission.to_port))),
        ("ip-permission.user-id", |group| peers(&group.ip_permissions, |pair| text(&pair.user_id))),
        ("owner-id", |group| text(&group.owner_id)),
        ("vpc-id", |group| text(&group.vpc_id)),
    ],
    tags: Some(|group| group.tags.as_deref().unwrap_or_default()),
};

fn cidrs(permissions: &Option<Vec<IpPermission>>) -> Vec<String> {
    each(permissions, |permission| each(&permission.ip_ranges, |range| text(&range.cidr_ip)))
}

fn ipv6_cidrs(permissions: &Option<Vec<IpPermission>>) -> Vec<String> {
    each(permissions, |permission| each(&permission.ipv6_ranges, |range| text(&range.cidr_ipv6)))
}

fn peers(permissions: &Option<Vec<IpPermission>>, of: fn(&UserIdGroupPair) -> Vec<String>) -> Vec<String> {
    each(permissions, |permission| each(&permission.user_id_group_pairs, of))
}

pub(super) fn describe(
    cx: &Context,
    input: DescribeSecurityGroupsRequest,
) -> Result<DescribeSecurityGroupsResult, AwsError> {
    let DescribeSecurityGroupsRequest { dry_run, filters, group_ids, group_names, max_results, next_token } = input;
    let (ids, names) = (group_ids.unwrap_or_default(), group_names.unwrap_or_default());
    let (view, scope) = (cx.store.view(), cx.scope());
    let groups = chosen(&view, &scope, &ids, &names)?;
    let items = groups.iter().map(|group| (group.id.to_string(), shown(cx, group)));
    let operation = "DescribeSecurityGroups";
    let selection = Selection { operation, chosen: &(&ids, &names), filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeSecurityGroupsResult { next_token: page.next, security_groups: Some(page.items) })
}

/// By id, by name in the default VPC, or both together; all when neither is given.
fn chosen(view: &View, scope: &Scope, ids: &[String], names: &[String]) -> Result<Vec<Arc<SecurityGroup>>, AwsError> {
    if names.is_empty() {
        return choose::<SecurityGroupId>(view, scope, ids);
    }
    let mut groups = if ids.is_empty() { Vec::new() } else { choose::<SecurityGroupId>(view, scope, ids)? };
    for name in names {
        let group = named_in_default_vpc(view, scope, name)?;
        if !groups.iter().any(|known| known.id == group.id) {
            groups.push(group);
        }
    }
    Ok(groups)
}

fn arn(cx: &Context, id: &SecurityGroupId) -> String {
    cx.arn("ec2", format!("security-group/{id}")).to_string()
}

/// A group as the API shows it.
fn shown(cx: &Context, group: &SecurityGroup) -> types::SecurityGroup {
    types::SecurityGroup {
        description: Some(group.description.clone()),
        group_id: Some(group.id.to_string()),
        group_name: Some(group.name.clone()),
        ip_permissions: Some(permissions(cx, group.rules_of(Direction::Ingress))),
        ip_permissions_egress: Some(permissions(cx, group.rules_of(Direction::Egress))),
        owner_id: Some(cx.account.clone()),
        security_group_arn: Some(arn(cx, &group.id)),
        tags: Some(to_wire(&group.tags)),
        vpc_id: Some(group.vpc_id.to_string()),
    }
}

/// Rules about the same traffic are shown as one permission with several peers.
pub(super) fn permissions<'r>(cx: &Context, rules: impl Iterator<Item = &'r SecurityGroupRule>) -> Vec<IpPermission> {
    let mut permissions: Vec<(Traffic, IpPermission)> = Vec::new();
    for rule in rules {
        let index = permissions.iter().position(|(traffic, _)| *traffic == rule.traffic).unwrap_or_else(|| {
            permissions.push((rule.traffic, empty_permission(rule.traffic)));
            permissions.len() - 1
        });
        add_peer(cx, &mut permissions[index].1, rule);
    }
    permissions.into_iter().map(|(_, permission)| permission).collect()
}

fn empty_permission(traffic: Traffic) -> IpPermission {
    let (from_port, to_port) = traffic.range().unzip();
    IpPermission {
        from_port,
        ip_protocol: Some(traffic.protocol()),
        ip_ranges: Some(Vec::new()),
        ipv6_ranges: Some(Vec::new()),
        prefix_list_ids: Some(Vec::new()),
        to_port,
        user_id_group_pairs: Some(Vec::new()),
    }
}

fn add_peer(cx: &Context, permission: &mut IpPermission, rule: &SecurityGroupRule) {
    let description = rule.description.clone();
    match &rule.peer {
        Peer::Ipv4(cidr) => {
            permission.ip_ranges.get_or_insert_default().push(IpRange { cidr_ip: Some(cidr.to_string()), description });
        }
        Peer::Ipv6(cidr) => {
            let range = Ipv6Range { cidr_ipv6: Some(cidr.clone()), description };
            permission.ipv6_ranges.get_or_insert_default().push(range);
        }
        Peer::Group(id) => permission.user_id_group_pairs.get_or_insert_default().push(UserIdGroupPair {
            description,
            group_id: Some(id.to_string()),
            group_name: None,
            user_id: Some(cx.account.clone()),
            vpc_id: None,
        }),
    }
}

pub(super) async fn delete(
    cx: &Context,
    input: DeleteSecurityGroupRequest,
) -> Result<DeleteSecurityGroupResult, AwsError> {
    let DeleteSecurityGroupRequest { dry_run: dry, group_id, group_name } = input;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let group = named_or_by_id(txn.view(), &scope, group_id.as_deref(), group_name.as_deref())?;
        refuse_used(txn.view(), &scope, &group)?;
        dry_run(dry)?;
        txn.delete::<SecurityGroup>(&scope, &group.id);
        Ok::<_, AwsError>(group.id.clone())
    };
    let id = committed(cx.store.transact(remove).await)?;
    Ok(DeleteSecurityGroupResult { group_id: Some(id.to_string()), r#return: Some(true) })
}

fn refuse_used(view: &View, scope: &Scope, group: &SecurityGroup) -> Result<(), AwsError> {
    if is_default(group) {
        let message = format!("{} is the default group of {}; it goes with the VPC", group.id, group.vpc_id);
        return Err(ErrorCode::CannotDelete.error(message));
    }
    let used = |by: String| Err(in_use(format!("security group {} is in use by {by}", group.id)));
    let mut instances = view.list::<Instance>(scope).filter(|instance| instance.occupies());
    if let Some(instance) = instances.find(|instance| instance.security_groups.contains(&group.id)) {
        return used(format!("instance {}", instance.id));
    }
    let mut balancers = view.list::<LoadBalancer>(scope);
    if let Some(balancer) = balancers.find(|balancer| balancer.security_groups.contains(&group.id)) {
        return used(format!("load balancer {}", balancer.name));
    }
    let mut others = view.list::<SecurityGroup>(scope).filter(|other| other.id != group.id);
    match others.find(|other| other.refers_to(&group.id)) {
        Some(other) => used(format!("a rule of security group {}", other.id)),
        None => Ok(()),
    }
}
