//! From a group's launch source to the record of a new instance.

use model::{
    IdSource, Scope, Timestamp,
    autoscaling::{
        fleet::LaunchOrder,
        group::{AutoScalingGroup, LaunchSource, LaunchedFrom, MixedOverride, TemplateChoice},
        launch_configuration::LaunchConfiguration,
    },
    ec2::{
        image::Image,
        instance::Instance,
        key_pair::KeyPair,
        launch::{self, Facts, Identities, Launch, LaunchSpec, Occupancy},
        launch_template::{self, LaunchTemplate},
        security_group::SecurityGroup,
        subnet::Subnet,
        vpc::Vpc,
    },
};
use std::{collections::BTreeSet, sync::Arc};
use store::View;

/// What new instances are made from now.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// In order of preference, with what members remember of it: the first one that can be launched is. Never empty.
    pub choices: Vec<(LaunchedFrom, LaunchSpec)>,
}

impl Resolved {
    /// What members are made from when the first choice can be launched.
    pub fn preferred(&self) -> LaunchedFrom {
        self.choices.first().map_or(LaunchedFrom::Attached, |(from, _)| from.clone())
    }

    /// Everything that members may be made from.
    pub fn sources(&self) -> BTreeSet<LaunchedFrom> {
        self.choices.iter().map(|(from, _)| from.clone()).collect()
    }
}

/// Looks up a launch source; what is missing is said in a sentence for the activity.
pub fn resolve(view: &View, scope: &Scope, source: &LaunchSource) -> Result<Resolved, String> {
    match source {
        LaunchSource::LaunchConfiguration(name) => {
            let found = view.get::<LaunchConfiguration>(scope, name);
            let found = found.ok_or_else(|| format!("The launch configuration '{name}' does not exist"))?;
            Ok(Resolved { choices: vec![(LaunchedFrom::LaunchConfiguration(name.clone()), found.spec.clone())] })
        }
        LaunchSource::LaunchTemplate(choice) => Ok(Resolved { choices: vec![template(view, scope, choice)?] }),
        LaunchSource::Mixed { template: choice, overrides, .. } => {
            let base = template(view, scope, choice)?;
            let choices = overrides.iter().map(|over| overridden(view, scope, &base, over));
            let choices = choices.collect::<Result<Vec<_>, _>>()?;
            Ok(Resolved { choices: if choices.is_empty() { vec![base] } else { choices } })
        }
    }
}

fn overridden(
    view: &View,
    scope: &Scope,
    base: &(LaunchedFrom, LaunchSpec),
    over: &MixedOverride,
) -> Result<(LaunchedFrom, LaunchSpec), String> {
    let (from, mut spec) = match &over.template {
        Some(choice) => template(view, scope, choice)?,
        None => base.clone(),
    };
    if let Some(instance_type) = &over.instance_type {
        spec.instance_type = Some(instance_type.clone());
    }
    Ok((from, spec))
}

fn template(view: &View, scope: &Scope, choice: &TemplateChoice) -> Result<(LaunchedFrom, LaunchSpec), String> {
    let TemplateChoice { id, name, version } = choice;
    let found =
        view.get::<LaunchTemplate>(scope, id).ok_or_else(|| format!("The launch template '{id}' does not exist"))?;
    let wanted = version.parse().map_err(|error: launch_template::InvalidVersion| error.to_string())?;
    let (number, spec) =
        launch_template::resolve(&found, wanted, |id| view.get(scope, id)).map_err(|error| error.to_string())?;
    Ok((LaunchedFrom::LaunchTemplate { id: id.clone(), name: name.clone(), version: number }, spec))
}

/// The record of an instance that a group orders, or why there is none.
#[expect(clippy::too_many_arguments, reason = "the facts of one launch, gathered in one place")]
pub fn instance(
    view: &View,
    scope: &Scope,
    images: &[Image],
    occupancy: &Occupancy,
    group: &AutoScalingGroup,
    resolved: &Resolved,
    order: &LaunchOrder,
    now: Timestamp,
    ids: &mut dyn IdSource,
) -> Result<(LaunchedFrom, Instance), String> {
    let subnet = view.get::<Subnet>(scope, &order.subnet);
    let subnet = subnet.ok_or_else(|| format!("The subnet ID '{}' does not exist", order.subnet))?;
    let identities = Identities::mint(ids, 1);
    let mut error = "There is nothing to launch from".to_owned();
    for (from, spec) in &resolved.choices {
        match try_spec(view, scope, images, occupancy, group, spec.clone(), &subnet, &identities, now) {
            Ok(instance) => return Ok((from.clone(), instance)),
            Err(why) => error = why,
        }
    }
    Err(error)
}

#[expect(clippy::too_many_arguments, reason = "the facts of one launch, gathered in one place")]
fn try_spec(
    view: &View,
    scope: &Scope,
    images: &[Image],
    occupancy: &Occupancy,
    group: &AutoScalingGroup,
    mut spec: LaunchSpec,
    subnet: &Subnet,
    identities: &Identities,
    now: Timestamp,
) -> Result<Instance, String> {
    // The group says where; what the template says about its place is for RunInstances.
    spec.subnet_id = None;
    spec.zone = None;
    if let Some(interface) = &mut spec.network_interface {
        interface.subnet_id = None;
    }
    for tag in group.tags.iter().filter(|tag| tag.propagate_at_launch) {
        spec.tags.0.insert(tag.key.clone(), tag.value.clone());
    }
    let image = spec.image_id.as_ref().and_then(|id| {
        let configured = images.iter().find(|image| image.id == *id).cloned();
        configured.or_else(|| view.get::<Image>(scope, id).map(|image| Image::clone(&image)))
    });
    let key_pair = spec.key_name.as_ref().and_then(|name| view.get::<KeyPair>(scope, name));
    let security_groups: Vec<Arc<SecurityGroup>> = view.list(scope).collect();
    let default_vpc = view.list::<Vpc>(scope).find(|vpc| vpc.is_default).map(|vpc| vpc.id.clone());
    let facts = Facts {
        image: image.as_ref(),
        key_pair: key_pair.as_deref(),
        subnet,
        occupancy,
        security_groups: &security_groups,
        default_vpc: default_vpc.as_ref(),
    };
    let launch =
        Launch { spec: &spec, minimum: 1, identities, client_token: None, auto_scaling_group: Some(&group.name), now };
    let made = launch::instances(&launch, &facts).map_err(|error| error.to_string())?;
    made.into_iter().next().ok_or_else(|| "Nothing was launched".to_owned())
}
