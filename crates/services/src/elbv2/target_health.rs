//! DescribeTargetHealth: what the node found about targets, in AWS's states, reasons and descriptions.
//!
//! The decision is the model's ([`model::elbv2::target_health::shown`]); this file gathers the facts for it.

use std::sync::Arc;

use api::elbv2::types as shape;
use model::ec2::instance::{Instance, InstanceState};
use model::elbv2::anomaly::AnomalyState;
use model::elbv2::health_check::HealthCheckPort;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::plan::drained_at;
use model::elbv2::target::{Target, TargetId};
use model::elbv2::target_group::TargetGroup;
use model::elbv2::target_health::{ShownFacts, ShownHealth, shown};

use super::arns;
use super::errors::Error;
use super::targets::{Named, Surroundings, check_zones, matching, parse, registered};
use super::usage::load_balancers_of;
use crate::context::Context;

/// The health of a registered target as the API shows it. `instance` is the one that the target names, or the running
/// one whose address it is; an instance that a target names and that is `None` counts as terminated. `load_balancers`
/// are those whose listeners use the group.
pub fn shown_health(
    target: &Target,
    group: &TargetGroup,
    instance: Option<&Instance>,
    load_balancers: &[Arc<LoadBalancer>],
) -> ShownHealth {
    let enabled = |zone: &str| load_balancers.iter().flat_map(|lb| &lb.zones).any(|enabled| enabled.zone == zone);
    shown(&ShownFacts {
        registered: true,
        draining: target.deregistered_at.is_some(),
        group_in_use: !load_balancers.is_empty(),
        zone_enabled: instance.is_none_or(|instance| enabled(&instance.zone)),
        instance_state: match &target.key.id {
            TargetId::Instance(_) => unfit_state(instance),
            TargetId::Ip(_) => None,
        },
        checks_enabled: group.health_check.enabled,
        checked: target.health.as_ref(),
    })
}

/// The state of an instance that gets no requests because of it.
fn unfit_state(instance: Option<&Instance>) -> Option<&'static str> {
    match instance.map_or(InstanceState::Terminated, |instance| instance.state) {
        InstanceState::Pending | InstanceState::Running => None,
        state @ (InstanceState::ShuttingDown
        | InstanceState::Terminated
        | InstanceState::Stopping
        | InstanceState::Stopped) => Some(state.name()),
    }
}

/// What is shown of a target that is not registered.
fn unregistered_health(group: &TargetGroup) -> ShownHealth {
    shown(&ShownFacts {
        registered: false,
        draining: false,
        group_in_use: true,
        zone_enabled: true,
        instance_state: None,
        checks_enabled: group.health_check.enabled,
        checked: None,
    })
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeTargetHealthInput,
) -> Result<shape::DescribeTargetHealthOutput, Error> {
    let shape::DescribeTargetHealthInput { include, target_group_arn, targets } = input;
    // Both things that can be asked for mean the same.
    let with_anomalies = include.is_some_and(|included| !included.is_empty());
    let (view, scope) = (cx.store.view(), cx.scope());
    let group = arns::target_group(&view, &scope, &target_group_arn)?;
    let named = parse(&group, &targets.unwrap_or_default())?;
    let surroundings = Surroundings::new(&view, &scope, &group);
    check_zones(&surroundings, &named)?;
    let load_balancers = load_balancers_of(&view, &scope, &group.arn);
    let mut registered = registered(&view, &scope, &group.arn);
    // The record of a drained target goes a moment later, when the controller comes by.
    registered.retain(|_, target| drained_at(target, &group).is_none_or(|end| end > cx.now));

    let line = |target: &Arc<Target>| {
        let instance = surroundings.instance(&target.key.id);
        let health = shown_health(target, &group, instance.map(|instance| &**instance), &load_balancers);
        let anomaly_detection = with_anomalies.then(|| anomaly(target));
        let line = description(&group, &surroundings, &target.key.id, target.key.port, health);
        shape::TargetHealthDescription { anomaly_detection, ..line }
    };
    let named_line = |named: &Named| {
        let mut found: Vec<_> = matching(&registered, named).map(line).collect();
        if found.is_empty() {
            let port = named.port.unwrap_or(group.port);
            found.push(description(&group, &surroundings, &named.id, port, unregistered_health(&group)));
        }
        found
    };
    let all = if named.is_empty() {
        registered.values().map(line).collect()
    } else {
        named.iter().flat_map(named_line).collect()
    };
    Ok(shape::DescribeTargetHealthOutput { target_health_descriptions: Some(all) })
}

fn anomaly(target: &Target) -> shape::AnomalyDetection {
    let AnomalyState { anomalous, mitigated } = target.anomaly;
    shape::AnomalyDetection {
        mitigation_in_effect: Some(match mitigated {
            true => shape::MitigationInEffectEnum::Yes,
            false => shape::MitigationInEffectEnum::No,
        }),
        result: Some(match anomalous {
            true => shape::AnomalyResultEnum::Anomalous,
            false => shape::AnomalyResultEnum::Normal,
        }),
    }
}

fn description(
    group: &TargetGroup,
    surroundings: &Surroundings,
    id: &TargetId,
    port: u16,
    health: ShownHealth,
) -> shape::TargetHealthDescription {
    let ShownHealth { state, reason, description } = health;
    let checked_port = match group.health_check.port {
        HealthCheckPort::Traffic => port,
        HealthCheckPort::Fixed(fixed) => fixed,
    };
    shape::TargetHealthDescription {
        administrative_override: Some(shape::AdministrativeOverride {
            description: Some("Nothing overrides the health of the target".to_owned()),
            reason: Some(shape::TargetAdministrativeOverrideReasonEnum::AdministrativeOverrideNoOverride),
            state: Some(shape::TargetAdministrativeOverrideStateEnum::NoOverride),
        }),
        anomaly_detection: None,
        health_check_port: Some(checked_port.to_string()),
        target: Some(shape::TargetDescription {
            availability_zone: match id {
                TargetId::Instance(_) => None,
                TargetId::Ip(address) => surroundings.zone_of(*address),
            },
            id: id.to_string(),
            port: Some(port.into()),
        }),
        target_health: Some(shape::TargetHealth {
            description,
            reason: reason.map(|reason| reason.parse().expect("the model has AWS's reasons only")),
            state: Some(state.parse().expect("the model has AWS's states only")),
        }),
    }
}
