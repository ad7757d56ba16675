//! Records as the API shows them.

use api::elbv2::types as shape;
use model::elbv2::health_check::HealthCheck;
use model::elbv2::listener::{Listener, ListenerProtocol};
use model::elbv2::load_balancer::{EnabledZone, LoadBalancer, LoadBalancerKind, LoadBalancerState, Scheme};
use model::elbv2::rule::Rule;
use model::elbv2::target_group::{ProtocolVersion, TargetGroup, TargetProtocol, TargetType};

use super::rules::default_rule_arn;
use super::tls::mutual_view;
use super::usage::Usage;
use super::{actions, conditions, transforms};
use crate::handler::to_wire;

pub(super) fn load_balancer(record: &LoadBalancer) -> shape::LoadBalancer {
    shape::LoadBalancer {
        availability_zones: Some(zones(&record.zones)),
        canonical_hosted_zone_id: Some(record.canonical_hosted_zone_id.clone()),
        created_time: Some(to_wire(record.created_at)),
        dns_name: Some(record.dns_name.clone()),
        ip_address_type: Some(shape::IpAddressType::Ipv4),
        load_balancer_arn: Some(record.arn.to_string()),
        load_balancer_name: Some(record.name.clone()),
        scheme: Some(match record.scheme {
            Scheme::InternetFacing => shape::LoadBalancerSchemeEnum::InternetFacing,
            Scheme::Internal => shape::LoadBalancerSchemeEnum::Internal,
        }),
        security_groups: Some(record.security_groups.iter().map(ToString::to_string).collect()),
        state: Some(state(&record.state)),
        r#type: Some(match record.kind {
            LoadBalancerKind::Application => shape::LoadBalancerTypeEnum::Application,
        }),
        vpc_id: Some(record.vpc_id.to_string()),
    }
}

/// Addresses are listed for Network Load Balancers only, as AWS does.
pub(super) fn zones(zones: &[EnabledZone]) -> Vec<shape::AvailabilityZone> {
    let one = |zone: &EnabledZone| shape::AvailabilityZone {
        load_balancer_addresses: Some(Vec::new()),
        subnet_id: Some(zone.subnet_id.to_string()),
        zone_name: Some(zone.zone.clone()),
    };
    zones.iter().map(one).collect()
}

fn state(state: &LoadBalancerState) -> shape::LoadBalancerState {
    let (code, reason) = match state {
        LoadBalancerState::Provisioning => (shape::LoadBalancerStateEnum::Provisioning, None),
        LoadBalancerState::Active => (shape::LoadBalancerStateEnum::Active, None),
        LoadBalancerState::Impaired(reason) => (shape::LoadBalancerStateEnum::ActiveImpaired, Some(reason.clone())),
    };
    shape::LoadBalancerState { code: Some(code), reason }
}

pub(super) fn target_group(record: &TargetGroup, usage: &Usage) -> shape::TargetGroup {
    let HealthCheck {
        enabled,
        protocol,
        port,
        path,
        interval_seconds,
        timeout_seconds,
        healthy_threshold,
        unhealthy_threshold,
        matcher,
    } = &record.health_check;
    shape::TargetGroup {
        health_check_enabled: Some(*enabled),
        health_check_interval_seconds: Some(whole(*interval_seconds)),
        health_check_path: Some(path.clone()),
        health_check_port: Some(port.to_string()),
        health_check_protocol: Some(target_protocol(*protocol)),
        health_check_timeout_seconds: Some(whole(*timeout_seconds)),
        healthy_threshold_count: Some(whole(*healthy_threshold)),
        ip_address_type: Some(shape::TargetGroupIpAddressTypeEnum::Ipv4),
        load_balancer_arns: Some(usage.load_balancers_of(&record.arn).map(ToString::to_string).collect()),
        matcher: Some(match record.protocol_version {
            ProtocolVersion::Grpc => shape::Matcher { grpc_code: Some(matcher.to_string()), http_code: None },
            ProtocolVersion::Http1 | ProtocolVersion::Http2 => {
                shape::Matcher { grpc_code: None, http_code: Some(matcher.to_string()) }
            }
        }),
        port: Some(record.port.into()),
        protocol: Some(target_protocol(record.protocol)),
        protocol_version: Some(record.protocol_version.name().to_owned()),
        target_group_arn: Some(record.arn.to_string()),
        target_group_name: Some(record.name.clone()),
        target_type: Some(match record.target_type {
            TargetType::Instance => shape::TargetTypeEnum::Instance,
            TargetType::Ip => shape::TargetTypeEnum::Ip,
        }),
        unhealthy_threshold_count: Some(whole(*unhealthy_threshold)),
        vpc_id: Some(record.vpc_id.to_string()),
    }
}

fn target_protocol(protocol: TargetProtocol) -> shape::ProtocolEnum {
    match protocol {
        TargetProtocol::Http => shape::ProtocolEnum::Http,
        TargetProtocol::Https => shape::ProtocolEnum::Https,
    }
}

/// Settings of health checks are hundreds at the most.
fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn listener(record: &Listener) -> shape::Listener {
    let tls = record.tls.as_ref();
    shape::Listener {
        certificates: tls.map(|tls| {
            vec![shape::Certificate { certificate_arn: tls.default_certificate.to_string(), is_default: None }]
        }),
        mutual_authentication: tls.map(|tls| mutual_view(&tls.mutual)),
        ssl_policy: tls.map(|tls| tls.policy.clone()),
        default_actions: Some(vec![default_action(record)]),
        listener_arn: Some(record.arn.to_string()),
        load_balancer_arn: Some(record.load_balancer_arn.to_string()),
        port: Some(record.port.into()),
        protocol: Some(match record.protocol {
            ListenerProtocol::Http => shape::ProtocolEnum::Http,
            ListenerProtocol::Https => shape::ProtocolEnum::Https,
        }),
    }
}

fn default_action(listener: &Listener) -> shape::Action {
    actions::view(&listener.default_action, listener.default_action_form)
}

/// A rule of its own.
pub(super) fn rule(record: &Rule) -> shape::Rule {
    shape::Rule {
        actions: Some(vec![actions::view(&record.action, record.action_form)]),
        conditions: Some(record.conditions.iter().map(conditions::view).collect()),
        is_default: Some(false),
        priority: Some(record.priority.to_string()),
        rule_arn: Some(record.arn.to_string()),
        transforms: Some(record.transforms.iter().map(transforms::view).collect()),
    }
}

/// The rule that every listener has: no conditions, last.
pub(super) fn default_rule(listener: &Listener) -> shape::Rule {
    shape::Rule {
        actions: Some(vec![default_action(listener)]),
        conditions: Some(Vec::new()),
        is_default: Some(true),
        priority: Some("default".to_owned()),
        rule_arn: Some(default_rule_arn(&listener.arn).to_string()),
        transforms: Some(Vec::new()),
    }
}
