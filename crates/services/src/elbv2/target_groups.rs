//! Target groups: create, describe, modify, delete.

use std::sync::Arc;

use api::elbv2::types as shape;
use model::Arn;
use model::elbv2::attribute::Attributes;
use model::elbv2::health_check::{HealthCheck, Matcher};
use model::elbv2::target::Target;
use model::elbv2::target_group::{ProtocolVersion, TargetGroup, TargetProtocol, TargetType};
use model::id::hex;
use store::{Transaction, View, target_id, target_id_prefix};
use wire::AwsError;

use super::arns::{self, ID_DIGITS, Resource, SERVICE};
use super::errors::{Error, Quota, shown};
use super::usage::Usage;
use super::{network, page_size, tags, views};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

/// What a request says about health checks; the same members for creation and change.
struct HealthCheckInput {
    enabled: Option<bool>,
    interval: Option<i32>,
    path: Option<String>,
    port: Option<String>,
    protocol: Option<shape::ProtocolEnum>,
    timeout: Option<i32>,
    healthy_threshold: Option<i32>,
    unhealthy_threshold: Option<i32>,
    matcher: Option<shape::Matcher>,
}

impl HealthCheckInput {
    /// The health check with what the request says about it.
    fn applied_to(&self, old: &HealthCheck, version: ProtocolVersion) -> Result<HealthCheck, Error> {
        let Self { enabled, interval, path, port, protocol, timeout, healthy_threshold, unhealthy_threshold, matcher } =
            self;
        if *enabled == Some(false) {
            let message = "health checks of targets of type `instance` and `ip` cannot be disabled";
            return Err(Error::Invalid(message.into()));
        }
        let number = |given: &Option<i32>, old: u32| given.and_then(|n| u32::try_from(n).ok()).unwrap_or(old);
        let check = HealthCheck {
            enabled: old.enabled,
            protocol: protocol.map_or(Ok(old.protocol), parse_health_check_protocol)?,
            port: port.as_ref().map_or(Ok(old.port), |port| port.parse())?,
            path: path.clone().unwrap_or_else(|| old.path.clone()),
            interval_seconds: number(interval, old.interval_seconds),
            timeout_seconds: number(timeout, old.timeout_seconds),
            healthy_threshold: number(healthy_threshold, old.healthy_threshold),
            unhealthy_threshold: number(unhealthy_threshold, old.unhealthy_threshold),
            matcher: matcher.as_ref().map_or_else(|| Ok(old.matcher.clone()), |given| parse_matcher(given, version))?,
        };
        check.check(version)?;
        Ok(check)
    }
}

fn parse_matcher(given: &shape::Matcher, version: ProtocolVersion) -> Result<Matcher, Error> {
    let shape::Matcher { grpc_code, http_code } = given;
    match (version, http_code, grpc_code) {
        (ProtocolVersion::Http1 | ProtocolVersion::Http2, Some(codes), None) => Ok(Matcher::http(codes)?),
        (ProtocolVersion::Grpc, None, Some(codes)) => Ok(Matcher::grpc(codes)?),
        (ProtocolVersion::Http1 | ProtocolVersion::Http2, _, _) => {
            Err(Error::Invalid("Matcher needs an HttpCode, and no GrpcCode without ProtocolVersion `GRPC`".into()))
        }
        (ProtocolVersion::Grpc, _, _) => {
            Err(Error::Invalid("Matcher needs a GrpcCode, and no HttpCode with ProtocolVersion `GRPC`".into()))
        }
    }
}

fn parse_health_check_protocol(protocol: shape::ProtocolEnum) -> Result<TargetProtocol, Error> {
    use shape::ProtocolEnum as P;
    match protocol {
        P::Http => Ok(TargetProtocol::Http),
        P::Https => Ok(TargetProtocol::Https),
        P::Tcp | P::Tls | P::Udp | P::TcpUdp | P::Geneve | P::Quic | P::TcpQuic => Err(Error::Invalid(format!(
            "the HealthCheckProtocol of an HTTP or HTTPS target group cannot be `{protocol}`"
        ))),
    }
}

pub(super) async fn create(
    cx: &Context,
    input: shape::CreateTargetGroupInput,
) -> Result<shape::CreateTargetGroupOutput, AwsError> {
    let shape::CreateTargetGroupInput {
        health_check_enabled,
        health_check_interval_seconds,
        health_check_path,
        health_check_port,
        health_check_protocol,
        health_check_timeout_seconds,
        healthy_threshold_count,
        ip_address_type,
        matcher,
        name,
        port,
        protocol,
        protocol_version,
        tags,
        target_type,
        unhealthy_threshold_count,
        vpc_id,
    } = input;
    let target_type = parse_target_type(target_type)?;
    let protocol = parse_protocol(protocol)?;
    let protocol_version = parse_protocol_version(protocol_version.as_deref())?;
    check_ip_address_type(ip_address_type, target_type)?;
    let port = port.and_then(|port| u16::try_from(port).ok());
    let port = port.ok_or_else(|| Error::Invalid("Port is needed: where targets listen".into()))?;
    let vpc = vpc_id.ok_or_else(|| Error::Invalid("VpcId is needed: the VPC of the targets".into()))?;
    let health_check = HealthCheckInput {
        enabled: health_check_enabled,
        interval: health_check_interval_seconds,
        path: health_check_path,
        port: health_check_port,
        protocol: health_check_protocol,
        timeout: health_check_timeout_seconds,
        healthy_threshold: healthy_threshold_count,
        unhealthy_threshold: unhealthy_threshold_count,
        matcher,
    };
    let health_check = health_check.applied_to(&HealthCheck::usual(protocol_version), protocol_version)?;
    let tags = tags::parse(tags)?;
    let id = cx.mint(|ids| hex(ids, ID_DIGITS));
    let scope = cx.scope();
    let insert = |txn: &mut Transaction| {
        let wanted = TargetGroup {
            arn: cx.arn(SERVICE, format!("targetgroup/{name}/{id}")),
            name: name.clone(),
            protocol,
            protocol_version,
            port,
            vpc_id: network::vpc(txn.view(), &scope, &vpc)?,
            target_type,
            health_check: health_check.clone(),
            attributes: Attributes::default(),
            created_at: cx.now,
            tags: tags.clone(),
        };
        let all: Vec<Arc<TargetGroup>> = txn.list(&scope).collect();
        let usage = Usage::new(txn.view(), &scope);
        match all.iter().find(|existing| existing.name == name) {
            Some(existing) if same_settings(existing, &wanted) => Ok(views::target_group(existing, &usage)),
            Some(_) => Err(Error::NameTaken { resource: Resource::TargetGroup, name: name.clone() }),
            None if all.len() >= Quota::TargetGroups.limit() => Err(Error::TooMany(Quota::TargetGroups)),
            None => {
                let shown = views::target_group(&wanted, &usage);
                txn.put(&scope, wanted);
                Ok(shown)
            }
        }
    };
    let created = committed(cx.store.transact(insert).await)?;
    Ok(shape::CreateTargetGroupOutput { target_groups: Some(vec![created]) })
}

fn parse_target_type(given: Option<shape::TargetTypeEnum>) -> Result<TargetType, Error> {
    match given {
        None | Some(shape::TargetTypeEnum::Instance) => Ok(TargetType::Instance),
        Some(shape::TargetTypeEnum::Ip) => Ok(TargetType::Ip),
        Some(other @ (shape::TargetTypeEnum::Lambda | shape::TargetTypeEnum::Alb)) => {
            Err(Error::NotOffered(format!("TargetType `{other}` is not offered; use `instance` or `ip`")))
        }
    }
}

fn parse_protocol(given: Option<shape::ProtocolEnum>) -> Result<TargetProtocol, Error> {
    use shape::ProtocolEnum as P;
    match given {
        None => Err(Error::Invalid("Protocol is needed: what targets speak".into())),
        Some(P::Http) => Ok(TargetProtocol::Http),
        Some(P::Https) => Ok(TargetProtocol::Https),
        Some(other @ (P::Tcp | P::Tls | P::Udp | P::TcpUdp | P::Geneve | P::Quic | P::TcpQuic)) => {
            let message = "of target groups comes with a later release; use `HTTP` or `HTTPS`";
            Err(Error::NotOffered(format!("Protocol `{other}` {message}")))
        }
    }
}

fn parse_protocol_version(given: Option<&str>) -> Result<ProtocolVersion, Error> {
    match given {
        None | Some("HTTP1") => Ok(ProtocolVersion::Http1),
        Some("HTTP2") => Ok(ProtocolVersion::Http2),
        Some("GRPC") => Ok(ProtocolVersion::Grpc),
        Some(other) => Err(Error::Invalid(format!("ProtocolVersion `{}` must be HTTP1, HTTP2 or GRPC", shown(other)))),
    }
}

fn check_ip_address_type(
    given: Option<shape::TargetGroupIpAddressTypeEnum>,
    target_type: TargetType,
) -> Result<(), Error> {
    match (given, target_type) {
        (None | Some(shape::TargetGroupIpAddressTypeEnum::Ipv4), TargetType::Instance | TargetType::Ip) => Ok(()),
        (Some(shape::TargetGroupIpAddressTypeEnum::Ipv6), TargetType::Instance | TargetType::Ip) => {
            Err(Error::NotOffered("IpAddressType `ipv6` is not offered; use `ipv4`".into()))
        }
    }
}

/// Whether a second CreateTargetGroup asks for what is there already.
fn same_settings(existing: &TargetGroup, wanted: &TargetGroup) -> bool {
    existing.protocol == wanted.protocol
        && existing.protocol_version == wanted.protocol_version
        && existing.port == wanted.port
        && existing.vpc_id == wanted.vpc_id
        && existing.target_type == wanted.target_type
        && existing.health_check == wanted.health_check
        && existing.tags == wanted.tags
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeTargetGroupsInput,
) -> Result<shape::DescribeTargetGroupsOutput, Error> {
    let shape::DescribeTargetGroupsInput { load_balancer_arn, marker, names, page_size: size, target_group_arns } =
        input;
    let (arns, names) = (target_group_arns.unwrap_or_default(), names.unwrap_or_default());
    let view = cx.store.view();
    let usage = Usage::new(&view, &cx.scope());
    let found = selected(&view, cx, &usage, load_balancer_arn.as_deref(), &arns, &names)?;
    let listing = Listing { operation: "DescribeTargetGroups", selection: &(&load_balancer_arn, &arns, &names) };
    let items = found.iter().map(|record| (record.arn.to_string(), record));
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    let page = page.map(|record| views::target_group(record, &usage));
    Ok(shape::DescribeTargetGroupsOutput { next_marker: page.next, target_groups: Some(page.items) })
}

fn selected(
    view: &View,
    cx: &Context,
    usage: &Usage,
    load_balancer: Option<&str>,
    arns: &[String],
    names: &[String],
) -> Result<Vec<Arc<TargetGroup>>, Error> {
    let scope = cx.scope();
    let named = |name: &String| {
        let found = view.list::<TargetGroup>(&scope).find(|record| record.name == *name);
        found.ok_or_else(|| Error::not_found(Resource::TargetGroup, name))
    };
    let mut found: Vec<Arc<TargetGroup>> = match (load_balancer, arns, names) {
        (None, [], []) => view.list(&scope).collect(),
        (Some(arn), [], []) => {
            let load_balancer = arns::load_balancer(view, &scope, arn)?;
            let used: Vec<&Arn> = usage.groups_of(&load_balancer.arn).collect();
            used.iter().filter_map(|arn| view.get(&scope, arn.to_string())).collect()
        }
        (None, [_, ..], []) => {
            arns.iter().map(|arn| arns::target_group(view, &scope, arn)).collect::<Result<_, Error>>()?
        }
        (None, [], [_, ..]) => names.iter().map(named).collect::<Result<_, Error>>()?,
        (_, _, _) => {
            let message = "give only one of LoadBalancerArn, TargetGroupArns and Names";
            return Err(Error::Invalid(message.into()));
        }
    };
    found.sort_by(|one, other| one.arn.cmp(&other.arn));
    found.dedup_by(|one, other| one.arn == other.arn);
    Ok(found)
}

pub(super) async fn modify(
    cx: &Context,
    input: shape::ModifyTargetGroupInput,
) -> Result<shape::ModifyTargetGroupOutput, AwsError> {
    let shape::ModifyTargetGroupInput {
        health_check_enabled,
        health_check_interval_seconds,
        health_check_path,
        health_check_port,
        health_check_protocol,
        health_check_timeout_seconds,
        healthy_threshold_count,
        matcher,
        target_group_arn,
        unhealthy_threshold_count,
    } = input;
    let changes = HealthCheckInput {
        enabled: health_check_enabled,
        interval: health_check_interval_seconds,
        path: health_check_path,
        port: health_check_port,
        protocol: health_check_protocol,
        timeout: health_check_timeout_seconds,
        healthy_threshold: healthy_threshold_count,
        unhealthy_threshold: unhealthy_threshold_count,
        matcher,
    };
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = arns::target_group(txn.view(), &scope, &target_group_arn)?;
        let health_check = changes.applied_to(&old.health_check, old.protocol_version)?;
        let changed = TargetGroup { health_check, ..TargetGroup::clone(&old) };
        let shown = views::target_group(&changed, &Usage::new(txn.view(), &scope));
        txn.put(&scope, changed);
        Ok::<_, Error>(shown)
    };
    let shown = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyTargetGroupOutput { target_groups: Some(vec![shown]) })
}

/// Registered targets go with their group. One that does not exist is deleted already, as on AWS.
pub(super) async fn delete(cx: &Context, input: shape::DeleteTargetGroupInput) -> Result<(), AwsError> {
    let shape::DeleteTargetGroupInput { target_group_arn } = input;
    let arn = arns::parse(Resource::TargetGroup, &target_group_arn)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        if Usage::new(txn.view(), &scope).in_use(&arn) {
            return Err(Error::InUse(arn.to_string()));
        }
        let targets: Vec<Arc<Target>> = txn.range(&scope, &target_id_prefix(&arn)).collect();
        for target in targets {
            txn.delete::<Target>(&scope, target_id(&arn, &target.key));
        }
        txn.delete::<TargetGroup>(&scope, arn.to_string());
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}
