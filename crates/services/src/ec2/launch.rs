//! RunInstances: reads what is asked for, finds the place, and writes the records. Controllers do the rest.
//!
//! A call launches as many instances as fit, up to MaxCount, or none when fewer than MinCount fit. What a launch needs
//! and what records it makes is decided in `model::ec2::launch`, for Auto Scaling too.

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{LaunchTemplateSpecification, Reservation, RunInstancesMonitoringEnabled, RunInstancesRequest};
use model::Scope;
use model::ec2::instance::Instance;
use model::ec2::key_pair::KeyPair;
use model::ec2::launch::{Facts, Identities, Launch, LaunchSpec, Occupancy, instances};
use model::ec2::launch_template::{VersionWanted, resolve};
use model::ec2::security_group::SecurityGroup;
use model::ec2::subnet::Subnet;
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, invalid};
use super::launch_spec::{self, Members};
use super::launch_templates::{Named, version_wanted};
use super::resources::find;
use super::security_groups::no_default_vpc;
use super::{defaults, images, instance_views};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::{ClientToken, dry_run, once};

/// What is asked for, read and checked as far as that goes without looking at records.
#[derive(Debug)]
struct Asked {
    minimum: usize,
    maximum: usize,
    template: Option<(Named, VersionWanted)>,
    spec: LaunchSpec,
}

pub(super) async fn run(cx: &Context, input: RunInstancesRequest) -> Result<Reservation, AwsError> {
    let RunInstancesRequest {
        client_token,
        dry_run,
        disable_api_stop,
        disable_api_termination,
        image_id,
        instance_initiated_shutdown_behavior,
        instance_type,
        key_name,
        launch_template,
        max_count,
        metadata_options,
        min_count,
        monitoring,
        network_interfaces,
        placement,
        private_ip_address,
        security_group_ids,
        security_groups,
        subnet_id,
        tag_specifications,
        user_data,
    } = input;
    let (minimum, maximum) = counts(min_count, max_count)?;
    let members = Members {
        image_id,
        instance_type,
        user_data,
        key_name,
        subnet_id,
        private_ip_address,
        security_group_ids,
        security_groups,
        network_interfaces,
        placement,
        shutdown_behavior: instance_initiated_shutdown_behavior,
        termination_protection: disable_api_termination,
        stop_protection: disable_api_stop,
        metadata_options,
        detailed_monitoring: monitoring.map(|RunInstancesMonitoringEnabled { enabled }| enabled),
        tag_specifications,
    };
    let template = launch_template.map(template).transpose()?;
    let asked = Asked { minimum, maximum, template, spec: launch_spec::read(cx, members)? };
    if asked.template.is_none() && asked.spec.image_id.is_none() {
        return Err(images::id_missing());
    }
    carry_out(cx, &asked, client_token.as_deref(), dry_run).await
}

fn template(asked: LaunchTemplateSpecification) -> Result<(Named, VersionWanted), AwsError> {
    let LaunchTemplateSpecification { launch_template_id, launch_template_name, version } = asked;
    let named = Named::of(launch_template_id.as_deref(), launch_template_name.as_deref())?;
    let wanted = version.map_or(Ok(VersionWanted::Default), |text| version_wanted(&text))?;
    Ok((named, wanted))
}

fn counts(minimum: i32, maximum: i32) -> Result<(usize, usize), AwsError> {
    match (usize::try_from(minimum), usize::try_from(maximum)) {
        (Ok(least), Ok(most)) if least >= 1 && least <= most => Ok((least, most)),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Err(invalid(format!(
            "MinCount {minimum} and MaxCount {maximum} have to be at least 1, MinCount no more than MaxCount"
        ))),
    }
}

async fn carry_out(
    cx: &Context,
    asked: &Asked,
    token: Option<&str>,
    dry: Option<bool>,
) -> Result<Reservation, AwsError> {
    let client_token = ClientToken::new(cx, "RunInstances", token, asked)?;
    let identities = cx.mint(|ids| Identities::mint(ids, asked.maximum));
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let id = once(txn, client_token.as_ref(), |txn| {
            let made = make(cx, txn.view(), asked, token, &identities)?;
            dry_run(dry)?;
            for instance in made {
                txn.put(&scope, instance);
            }
            Ok::<String, AwsError>(identities.reservation.to_string())
        })?;
        // Reached with DryRun only when the token has found an earlier call.
        dry_run(dry)?;
        let members = txn.list::<Instance>(&scope).filter(|instance| instance.reservation_id.as_str() == id);
        let mut members: Vec<Arc<Instance>> = members.collect();
        members.sort_by_key(|instance| instance.launch_index);
        Ok::<_, AwsError>((id, members, txn.view().clone()))
    };
    let (id, members, view) = committed(cx.store.transact(work).await)?;
    Ok(instance_views::reservation(&instance_views::Shown::new(cx, &view), &id, &members))
}

/// The records of the call.
fn make(
    cx: &Context,
    view: &View,
    asked: &Asked,
    token: Option<&str>,
    identities: &Identities,
) -> Result<Vec<Instance>, AwsError> {
    let scope = cx.scope();
    let spec = resolved(view, &scope, asked)?;
    let image = spec.image_id.as_ref().map(|id| images::find(cx, view, id)).transpose()?;
    let key_pair = spec.key_name.as_ref().and_then(|name| view.get::<KeyPair>(&scope, name));
    let occupancy = Occupancy::of(view.list(&scope), view.list(&scope));
    let groups: Vec<Arc<SecurityGroup>> = view.list(&scope).collect();
    let default_vpc = defaults::vpc(view, &scope);
    let subnet = match spec.subnet() {
        Some(id) => find(view, &scope, id)?,
        None => default_subnet(cx, view, spec.zone.as_deref(), &occupancy)?,
    };
    let launch = Launch {
        spec: &spec,
        minimum: asked.minimum,
        identities,
        client_token: token,
        auto_scaling_group: None,
        now: cx.now,
    };
    let facts = Facts {
        image: image.as_deref(),
        key_pair: key_pair.as_deref(),
        subnet: &subnet,
        occupancy: &occupancy,
        security_groups: &groups,
        default_vpc: default_vpc.as_ref().map(|vpc| &vpc.id),
    };
    instances(&launch, &facts).map_err(|error| errors::launch(&error))
}

/// What the request says, over what its launch template says. Tags come together.
fn resolved(view: &View, scope: &Scope, asked: &Asked) -> Result<LaunchSpec, AwsError> {
    let Some((named, wanted)) = &asked.template else { return Ok(asked.spec.clone()) };
    let template = named.find(view, scope)?;
    let (_, of_template) = resolve(&template, *wanted, |id| view.get(scope, id)).map_err(|e| errors::version(&e))?;
    let merged = |one: &model::Tags, other| one.merged(other).map_err(|error| errors::tags(&error));
    let request = LaunchSpec {
        tags: merged(&of_template.tags, &asked.spec.tags)?,
        interface_tags: merged(&of_template.interface_tags, &asked.spec.interface_tags)?,
        ..asked.spec.clone()
    };
    let spec = of_template.overridden(request);
    launch_spec::check(&spec)?;
    Ok(spec)
}

/// The default subnet of the zone, or of the zone whose default subnet has the most free addresses.
fn default_subnet(
    cx: &Context,
    view: &View,
    zone: Option<&str>,
    occupancy: &Occupancy,
) -> Result<Arc<Subnet>, AwsError> {
    let scope = cx.scope();
    let vpc = defaults::vpc(view, &scope).ok_or_else(no_default_vpc)?;
    let mut subnets: Vec<Arc<Subnet>> = view
        .list::<Subnet>(&scope)
        .filter(|subnet| subnet.vpc_id == vpc.id && subnet.default_for_zone)
        .filter(|subnet| zone.is_none_or(|zone| zone == subnet.zone))
        .collect();
    subnets.sort_by(|one, other| one.zone.cmp(&other.zone));
    let free = |subnet: &Arc<Subnet>| subnet.available(occupancy.taken(&subnet.id));
    // Of several with the same number the first zone's: `max_by_key` would take the last.
    let chosen = subnets.iter().rev().max_by_key(|subnet| free(subnet)).map(Arc::clone);
    chosen.ok_or_else(|| {
        let place = zone.unwrap_or(&cx.region);
        ErrorCode::MissingInput.error(format!("{} has no default subnet in {place}; name a subnet", vpc.id))
    })
}
