//! Rules of security groups: authorize, revoke, describe. One permission of a request is one rule per peer.

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, AuthorizeSecurityGroupEgressRequest, AuthorizeSecurityGroupEgressResult,
    AuthorizeSecurityGroupIngressRequest, AuthorizeSecurityGroupIngressResult, DescribeSecurityGroupRulesRequest,
    DescribeSecurityGroupRulesResult, IpPermission, IpRange, Ipv6Range, ReferencedSecurityGroup,
    RevokeSecurityGroupEgressRequest, RevokeSecurityGroupEgressResult, RevokeSecurityGroupIngressRequest,
    RevokeSecurityGroupIngressResult, RevokedSecurityGroupRule, TagSpecification, UserIdGroupPair,
};
use model::ec2::security_group::{
    Direction, MAXIMUM_RULES, Peer, SecurityGroup, SecurityGroupRule, Traffic, check_text, parse_ipv6,
};
use model::ec2::vpc::Vpc;
use model::id::{SecurityGroupId, SecurityGroupRuleId};
use model::{Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, combination, invalid, missing};
use super::filters::{Properties, text};
use super::listing::Selection;
use super::resources::{find, not_found, parse, parse_all};
use super::security_groups::{named_in_default_vpc, named_or_by_id, permissions};
use super::tags::{specified_for, to_wire};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// The most permissions and peers that one request may name; more cannot fit into a group anyway.
const MAXIMUM_REQUESTED: usize = 1000;

/// Which group a request is about.
struct GroupName {
    id: Option<String>,
    name: Option<String>,
}

/// The permissions of a request before they became rules: a list, or one of the top-level form.
struct Permissions {
    list: Option<Vec<IpPermission>>,
    single: Single,
}

/// The older form: one permission in the request's own members.
struct Single {
    protocol: Option<String>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    cidr: Option<String>,
    source_name: Option<String>,
    source_owner: Option<String>,
}

impl Permissions {
    /// One list, whichever form was used.
    ///
    /// # Errors
    /// Both forms, or neither.
    fn whole(self) -> Result<Vec<IpPermission>, AwsError> {
        let single = self.single.permission();
        match (self.list, single) {
            (Some(_), Some(_)) => Err(combination("IpPermissions and IpProtocol, CidrIp … exclude each other")),
            (Some(list), None) if !list.is_empty() => Ok(list),
            (Some(_) | None, None) => Err(missing("no permission is given: IpPermissions is empty")),
            (None, Some(single)) => Ok(vec![single]),
        }
    }

    fn is_empty(&self) -> bool {
        self.list.as_ref().is_none_or(Vec::is_empty) && self.single.is_empty()
    }
}

impl Single {
    fn is_empty(&self) -> bool {
        let Self { protocol, from_port, to_port, cidr, source_name, source_owner } = self;
        let texts = [protocol, cidr, source_name, source_owner];
        texts.iter().all(|text| text.is_none()) && from_port.is_none() && to_port.is_none()
    }

    fn permission(self) -> Option<IpPermission> {
        if self.is_empty() {
            return None;
        }
        let Self { protocol, from_port, to_port, cidr, source_name, source_owner } = self;
        let of_group = source_name.is_some() || source_owner.is_some();
        let pair = UserIdGroupPair { group_name: source_name, user_id: source_owner, ..Default::default() };
        // A group named without a protocol means all traffic.
        let protocol = protocol.or_else(|| of_group.then(|| "-1".to_owned()));
        Some(IpPermission {
            from_port,
            ip_protocol: protocol,
            ip_ranges: cidr.map(|cidr| vec![IpRange { cidr_ip: Some(cidr), description: None }]),
            to_port,
            user_id_group_pairs: of_group.then(|| vec![pair]),
            ..Default::default()
        })
    }
}

/// What a permission asks for: a rule without an id. A peer that is a group may still be a name.
#[derive(Clone, Debug)]
struct Asked {
    traffic: Traffic,
    peer: AskedPeer,
    description: Option<String>,
}

#[derive(Clone, Debug)]
enum AskedPeer {
    Known(Peer),
    GroupNamed(String),
}

/// Reads permissions: one entry per peer.
fn read(cx: &Context, list: Vec<IpPermission>) -> Result<Vec<Asked>, AwsError> {
    let mut asked = Vec::new();
    for permission in list {
        read_one(cx, permission, &mut asked)?;
        if asked.len() > MAXIMUM_REQUESTED {
            return Err(invalid(format!("a request names at most {MAXIMUM_REQUESTED} rules")));
        }
    }
    Ok(asked)
}

fn read_one(cx: &Context, permission: IpPermission, asked: &mut Vec<Asked>) -> Result<(), AwsError> {
    let IpPermission {
        from_port,
        ip_protocol,
        ip_ranges,
        ipv6_ranges,
        // Refused before a request comes here; part of the type because answers have it.
        prefix_list_ids: _,
        to_port,
        user_id_group_pairs,
    } = permission;
    let protocol = ip_protocol.ok_or_else(|| missing("IpProtocol is not given"))?;
    let traffic = Traffic::parse(&protocol, from_port, to_port).map_err(|error| errors::rule(&error))?;
    let before = asked.len();
    let mut add = |peer: AskedPeer, description: Option<String>| {
        let description = description.filter(|text| !text.is_empty());
        check_text(description.as_deref().unwrap_or_default()).map_err(|error| errors::rule(&error))?;
        asked.push(Asked { traffic, peer, description });
        Ok::<(), AwsError>(())
    };
    for IpRange { cidr_ip, description } in ip_ranges.unwrap_or_default() {
        let text = cidr_ip.ok_or_else(|| missing("an IpRange has no CidrIp"))?;
        add(AskedPeer::Known(Peer::Ipv4(errors::cidr("CidrIp", &text)?)), description)?;
    }
    for Ipv6Range { cidr_ipv6, description } in ipv6_ranges.unwrap_or_default() {
        let text = cidr_ipv6.ok_or_else(|| missing("an Ipv6Range has no CidrIpv6"))?;
        add(AskedPeer::Known(Peer::Ipv6(parse_ipv6(&text).map_err(|error| errors::rule(&error))?)), description)?;
    }
    for pair in user_id_group_pairs.unwrap_or_default() {
        let (peer, description) = read_pair(cx, pair)?;
        add(peer, description)?;
    }
    if asked.len() == before {
        return Err(missing(format!("the permission for protocol {protocol} names no IpRange, Ipv6Range or group")));
    }
    Ok(())
}

fn read_pair(cx: &Context, pair: UserIdGroupPair) -> Result<(AskedPeer, Option<String>), AwsError> {
    // VpcId is refused in requests; part of the type because answers have it.
    let UserIdGroupPair { description, group_id, group_name, user_id, vpc_id: _ } = pair;
    if let Some(other) = user_id.filter(|user| *user != cx.account) {
        let shown: String = other.chars().take(64).collect();
        let message = format!("account `{shown}` has no group that {} could name", cx.account);
        return Err(ErrorCode::InvalidGroupNotFound.error(message));
    }
    let peer = match (group_id, group_name) {
        (Some(id), None) => AskedPeer::Known(Peer::Group(parse::<SecurityGroupId>(&id)?)),
        (None, Some(name)) => AskedPeer::GroupNamed(name),
        (Some(_), Some(_)) => return Err(combination("GroupId and GroupName of a pair exclude each other")),
        (None, None) => return Err(missing("a UserIdGroupPair has neither GroupId nor GroupName")),
    };
    Ok((peer, description))
}

/// The peer itself, which must be in the VPC of the group.
fn resolve(view: &View, scope: &Scope, group: &SecurityGroup, peer: &AskedPeer) -> Result<Peer, AwsError> {
    let other = match peer {
        AskedPeer::Known(Peer::Group(id)) => find(view, scope, id)?,
        AskedPeer::Known(peer @ (Peer::Ipv4(_) | Peer::Ipv6(_))) => return Ok(peer.clone()),
        AskedPeer::GroupNamed(name) => named_in_default_vpc(view, scope, name)?,
    };
    if other.vpc_id != group.vpc_id {
        let message = format!("{} is in {}, and {} in {}", other.id, other.vpc_id, group.id, group.vpc_id);
        return Err(ErrorCode::InvalidGroupNotFound.error(message));
    }
    Ok(Peer::Group(other.id.clone()))
}

pub(super) async fn authorize_ingress(
    cx: &Context,
    input: AuthorizeSecurityGroupIngressRequest,
) -> Result<AuthorizeSecurityGroupIngressResult, AwsError> {
    let AuthorizeSecurityGroupIngressRequest {
        cidr_ip,
        dry_run,
        from_port,
        group_id,
        group_name,
        ip_permissions,
        ip_protocol,
        source_security_group_name,
        source_security_group_owner_id,
        tag_specifications,
        to_port,
    } = input;
    let single = Single {
        protocol: ip_protocol,
        from_port,
        to_port,
        cidr: cidr_ip,
        source_name: source_security_group_name,
        source_owner: source_security_group_owner_id,
    };
    let group = GroupName { id: group_id, name: group_name };
    let permissions = Permissions { list: ip_permissions, single };
    let rules = authorize(cx, Direction::Ingress, group, permissions, tag_specifications, dry_run).await?;
    Ok(AuthorizeSecurityGroupIngressResult { r#return: Some(true), security_group_rules: Some(rules) })
}

pub(super) async fn authorize_egress(
    cx: &Context,
    input: AuthorizeSecurityGroupEgressRequest,
) -> Result<AuthorizeSecurityGroupEgressResult, AwsError> {
    let AuthorizeSecurityGroupEgressRequest {
        cidr_ip,
        dry_run,
        from_port,
        group_id,
        ip_permissions,
        ip_protocol,
        tag_specifications,
        to_port,
    } = input;
    let single =
        Single { protocol: ip_protocol, from_port, to_port, cidr: cidr_ip, source_name: None, source_owner: None };
    let group = GroupName { id: Some(group_id), name: None };
    let permissions = Permissions { list: ip_permissions, single };
    let rules = authorize(cx, Direction::Egress, group, permissions, tag_specifications, dry_run).await?;
    Ok(AuthorizeSecurityGroupEgressResult { r#return: Some(true), security_group_rules: Some(rules) })
}

async fn authorize(
    cx: &Context,
    direction: Direction,
    name: GroupName,
    given: Permissions,
    tags: Option<Vec<TagSpecification>>,
    dry: Option<bool>,
) -> Result<Vec<types::SecurityGroupRule>, AwsError> {
    let asked = read(cx, given.whole()?)?;
    let tags = specified_for(tags, "security-group-rule")?;
    let ids: Vec<_> = cx.mint(|ids| asked.iter().map(|_| SecurityGroupRuleId::mint(ids)).collect());
    let scope = cx.scope();
    let change = |txn: &mut Transaction| {
        let old = named_or_by_id(txn.view(), &scope, name.id.as_deref(), name.name.as_deref())?;
        let mut group = SecurityGroup::clone(&old);
        for (asked, id) in asked.iter().zip(&ids) {
            let peer = resolve(txn.view(), &scope, &old, &asked.peer)?;
            add(&mut group, new_rule(id.clone(), direction, asked, peer, &tags))?;
        }
        if group.rules_of(direction).count() > MAXIMUM_RULES {
            let message = format!("security group {} can have {MAXIMUM_RULES} rules in one direction", group.id);
            return Err(ErrorCode::RulesPerSecurityGroupLimitExceeded.error(message));
        }
        dry_run(dry)?;
        txn.put(&scope, group.clone());
        Ok(group)
    };
    let group = committed(cx.store.transact(change).await)?;
    Ok(group.rules.iter().filter(|rule| ids.contains(&rule.id)).map(|rule| shown(cx, &group, rule)).collect())
}

fn new_rule(
    id: SecurityGroupRuleId,
    direction: Direction,
    asked: &Asked,
    peer: Peer,
    tags: &Tags,
) -> SecurityGroupRule {
    let Asked { traffic, peer: _, description } = asked;
    SecurityGroupRule { id, direction, traffic: *traffic, peer, description: description.clone(), tags: tags.clone() }
}

fn add(group: &mut SecurityGroup, rule: SecurityGroupRule) -> Result<(), AwsError> {
    if let Some(same) = group.rules.iter().find(|same| same.same_permission(&rule)) {
        let message = format!(
            "security group {} has that rule already ({}), or the request names it twice: {}",
            group.id,
            same.id,
            described(&rule)
        );
        return Err(ErrorCode::InvalidPermissionDuplicate.error(message));
    }
    group.rules.push(rule);
    Ok(())
}

/// A rule for a message.
fn described(rule: &SecurityGroupRule) -> String {
    let ports = rule.traffic.range().map(|(from, to)| format!(" {from}-{to}")).unwrap_or_default();
    let peer = match &rule.peer {
        Peer::Ipv4(cidr) => cidr.to_string(),
        Peer::Ipv6(cidr) => cidr.clone(),
        Peer::Group(id) => id.to_string(),
    };
    let (way, protocol) = (word(rule.direction), rule.traffic.protocol());
    format!("protocol {protocol}{ports} {way} {peer}")
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    }
}

pub(super) async fn revoke_ingress(
    cx: &Context,
    input: RevokeSecurityGroupIngressRequest,
) -> Result<RevokeSecurityGroupIngressResult, AwsError> {
    let RevokeSecurityGroupIngressRequest {
        cidr_ip,
        dry_run,
        from_port,
        group_id,
        group_name,
        ip_permissions,
        ip_protocol,
        security_group_rule_ids,
        source_security_group_name,
        source_security_group_owner_id,
        to_port,
    } = input;
    let single = Single {
        protocol: ip_protocol,
        from_port,
        to_port,
        cidr: cidr_ip,
        source_name: source_security_group_name,
        source_owner: source_security_group_owner_id,
    };
    let group = GroupName { id: group_id, name: group_name };
    let which = Which { ids: security_group_rule_ids, permissions: Permissions { list: ip_permissions, single } };
    let revoked = revoke(cx, Direction::Ingress, group, which, dry_run).await?;
    Ok(RevokeSecurityGroupIngressResult {
        r#return: Some(true),
        revoked_security_group_rules: Some(revoked.rules),
        unknown_ip_permissions: Some(revoked.unknown),
    })
}

pub(super) async fn revoke_egress(
    cx: &Context,
    input: RevokeSecurityGroupEgressRequest,
) -> Result<RevokeSecurityGroupEgressResult, AwsError> {
    let RevokeSecurityGroupEgressRequest {
        cidr_ip,
        dry_run,
        from_port,
        group_id,
        ip_permissions,
        ip_protocol,
        security_group_rule_ids,
        to_port,
    } = input;
    let single =
        Single { protocol: ip_protocol, from_port, to_port, cidr: cidr_ip, source_name: None, source_owner: None };
    let group = GroupName { id: Some(group_id), name: None };
    let which = Which { ids: security_group_rule_ids, permissions: Permissions { list: ip_permissions, single } };
    let revoked = revoke(cx, Direction::Egress, group, which, dry_run).await?;
    Ok(RevokeSecurityGroupEgressResult {
        r#return: Some(true),
        revoked_security_group_rules: Some(revoked.rules),
        unknown_ip_permissions: Some(revoked.unknown),
    })
}

/// The rules that shall go: by id, or by what they permit.
struct Which {
    ids: Option<Vec<String>>,
    permissions: Permissions,
}

struct Revoked {
    rules: Vec<RevokedSecurityGroupRule>,
    unknown: Vec<IpPermission>,
}

async fn revoke(
    cx: &Context,
    direction: Direction,
    name: GroupName,
    which: Which,
    dry: Option<bool>,
) -> Result<Revoked, AwsError> {
    let by_id = which.ids.filter(|ids| !ids.is_empty());
    if by_id.is_some() && !which.permissions.is_empty() {
        return Err(combination("SecurityGroupRuleIds and permissions exclude each other"));
    }
    let (ids, asked) = match by_id {
        Some(ids) => (parse_all::<SecurityGroupRuleId>(&ids)?, Vec::new()),
        None => (Vec::new(), read(cx, which.permissions.whole()?)?),
    };
    let scope = cx.scope();
    let change = |txn: &mut Transaction| {
        let old = named_or_by_id(txn.view(), &scope, name.id.as_deref(), name.name.as_deref())?;
        let mut gone = Gone { group: SecurityGroup::clone(&old), revoked: Vec::new(), unknown: Vec::new() };
        for id in &ids {
            let taken = gone.take(|rule| rule.id == *id && rule.direction == direction);
            taken.then_some(()).ok_or_else(|| not_found(id))?;
        }
        for asked in &asked {
            let peer = resolve_old(txn.view(), &scope, &asked.peer)?;
            let sought = new_rule(SecurityGroupRuleId::mint(&mut || 0), direction, asked, peer, &Tags::default());
            if !gone.take(|rule| rule.same_permission(&sought)) {
                gone.unknown(txn.view(), &scope, sought)?;
            }
        }
        dry_run(dry)?;
        txn.put(&scope, gone.group.clone());
        Ok::<Gone, AwsError>(gone)
    };
    let gone = committed(cx.store.transact(change).await)?;
    Ok(Revoked {
        rules: gone.revoked.iter().map(|rule| shown_revoked(&gone.group, rule)).collect(),
        unknown: permissions(cx, gone.unknown.iter()),
    })
}

/// A peer of a rule to be revoked: a group that is named by its id may be gone already.
fn resolve_old(view: &View, scope: &Scope, peer: &AskedPeer) -> Result<Peer, AwsError> {
    match peer {
        AskedPeer::Known(peer) => Ok(peer.clone()),
        AskedPeer::GroupNamed(name) => Ok(Peer::Group(named_in_default_vpc(view, scope, name)?.id.clone())),
    }
}

/// A group while rules are taken out of it.
struct Gone {
    group: SecurityGroup,
    revoked: Vec<SecurityGroupRule>,
    unknown: Vec<SecurityGroupRule>,
}

impl Gone {
    /// Takes the rule out; false when there is none.
    fn take(&mut self, is: impl Fn(&SecurityGroupRule) -> bool) -> bool {
        let Some(index) = self.group.rules.iter().position(is) else { return false };
        self.revoked.push(self.group.rules.remove(index));
        true
    }

    /// A permission that the group does not have: an error, but for groups of the default VPC only a remark.
    fn unknown(&mut self, view: &View, scope: &Scope, sought: SecurityGroupRule) -> Result<(), AwsError> {
        if view.get::<Vpc>(scope, &self.group.vpc_id).is_some_and(|vpc| vpc.is_default) {
            self.unknown.push(sought);
            return Ok(());
        }
        let message = format!("security group {} has no rule for {}", self.group.id, described(&sought));
        Err(ErrorCode::InvalidPermissionNotFound.error(message))
    }
}

static PROPERTIES: Properties<types::SecurityGroupRule> = Properties {
    named: &[
        ("group-id", |rule| text(&rule.group_id)),
        ("security-group-rule-id", |rule| text(&rule.security_group_rule_id)),
    ],
    tags: Some(|rule| rule.tags.as_deref().unwrap_or_default()),
};

pub(super) fn describe(
    cx: &Context,
    input: DescribeSecurityGroupRulesRequest,
) -> Result<DescribeSecurityGroupRulesResult, AwsError> {
    let DescribeSecurityGroupRulesRequest { dry_run, filters, max_results, next_token, security_group_rule_ids } =
        input;
    let ids = security_group_rule_ids.unwrap_or_default();
    let sought = parse_all::<SecurityGroupRuleId>(&ids)?;
    let (view, scope) = (cx.store.view(), cx.scope());
    let groups: Vec<Arc<SecurityGroup>> = view.list(&scope).collect();
    let all: Vec<_> = groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule))).collect();
    if let Some(id) = sought.iter().find(|id| !all.iter().any(|(_, rule)| rule.id == **id)) {
        return Err(not_found(id));
    }
    let chosen = all.into_iter().filter(|(_, rule)| sought.is_empty() || sought.contains(&rule.id));
    let items = chosen.map(|(group, rule)| (rule.id.to_string(), shown(cx, group, rule)));
    let operation = "DescribeSecurityGroupRules";
    let selection = Selection { operation, chosen: &ids, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeSecurityGroupRulesResult { next_token: page.next, security_group_rules: Some(page.items) })
}

/// A rule as the API shows it by itself. Ports of traffic without ports are -1.
fn shown(cx: &Context, group: &SecurityGroup, rule: &SecurityGroupRule) -> types::SecurityGroupRule {
    let (from, to) = rule.traffic.range().unwrap_or((-1, -1));
    let (ipv4, ipv6, referenced) = peer_texts(&rule.peer);
    types::SecurityGroupRule {
        cidr_ipv4: ipv4,
        cidr_ipv6: ipv6,
        description: rule.description.clone(),
        from_port: Some(from),
        group_id: Some(group.id.to_string()),
        group_owner_id: Some(cx.account.clone()),
        ip_protocol: Some(rule.traffic.protocol()),
        is_egress: Some(rule.direction == Direction::Egress),
        prefix_list_id: None,
        referenced_group_info: referenced.map(|id| ReferencedSecurityGroup {
            group_id: Some(id),
            user_id: Some(cx.account.clone()),
            vpc_id: Some(group.vpc_id.to_string()),
            ..Default::default()
        }),
        security_group_rule_arn: Some(cx.arn("ec2", format!("security-group-rule/{}", rule.id)).to_string()),
        security_group_rule_id: Some(rule.id.to_string()),
        tags: Some(to_wire(&rule.tags)),
        to_port: Some(to),
    }
}

fn shown_revoked(group: &SecurityGroup, rule: &SecurityGroupRule) -> RevokedSecurityGroupRule {
    let (from, to) = rule.traffic.range().unwrap_or((-1, -1));
    let (ipv4, ipv6, referenced) = peer_texts(&rule.peer);
    RevokedSecurityGroupRule {
        cidr_ipv4: ipv4,
        cidr_ipv6: ipv6,
        description: rule.description.clone(),
        from_port: Some(from),
        group_id: Some(group.id.to_string()),
        ip_protocol: Some(rule.traffic.protocol()),
        is_egress: Some(rule.direction == Direction::Egress),
        prefix_list_id: None,
        referenced_group_id: referenced,
        security_group_rule_id: Some(rule.id.to_string()),
        to_port: Some(to),
    }
}

/// The members for an IPv4 block, an IPv6 block and a group; one of them is set.
fn peer_texts(peer: &Peer) -> (Option<String>, Option<String>, Option<String>) {
    match peer {
        Peer::Ipv4(cidr) => (Some(cidr.to_string()), None, None),
        Peer::Ipv6(cidr) => (None, Some(cidr.clone()), None),
        Peer::Group(id) => (None, None, Some(id.to_string())),
    }
}
