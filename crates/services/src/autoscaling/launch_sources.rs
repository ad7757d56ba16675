//! What a group launches from: a launch configuration, a launch template, or a mixed instances policy of one.
//!
//! What a request names has to be there and complete when it is named; what becomes of it later is said by the activity
//! of the launch that fails.

use std::sync::Arc;

use api::autoscaling::types as shape;
use model::autoscaling::group::{LaunchSource, MixedOverride, TemplateChoice};
use model::autoscaling::launch_configuration::LaunchConfiguration;
use model::ec2::image::{Image, ImageState};
use model::ec2::key_pair::KeyPair;
use model::ec2::launch::LaunchSpec;
use model::ec2::launch_template::{self, LaunchTemplate, VersionWanted};
use model::ec2::security_group::SecurityGroup;
use model::ec2::vpc::Vpc;
use model::id::LaunchTemplateId;
use store::View;

use super::errors::{Error, invalid, shown};
use crate::context::Context;

/// What AWS chooses when a policy does not say.
const DEFAULT_STRATEGY: &str = "prioritized";
/// How AWS chooses among on-demand types.
const STRATEGIES: [&str; 2] = [DEFAULT_STRATEGY, "lowest-price"];
/// The most overrides of a policy (Auto Scaling API reference, LaunchTemplate).
const MAXIMUM_OVERRIDES: usize = 40;

/// The launch sources of a request, of which there can be one.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub(super) launch_configuration: Option<String>,
    pub(super) template: Option<shape::LaunchTemplateSpecification>,
    pub(super) mixed: Option<shape::MixedInstancesPolicy>,
}

impl Given {
    fn count(&self) -> usize {
        usize::from(self.launch_configuration.is_some())
            + usize::from(self.template.is_some())
            + usize::from(self.mixed.is_some())
    }

    /// The source that a request names, if it names one. `present` fills in what a mixed instances policy leaves out.
    ///
    /// # Errors
    /// Several sources, or one that is not there or not complete.
    pub(super) fn resolve(
        &self,
        cx: &Context,
        view: &View,
        present: Option<&LaunchSource>,
    ) -> Result<Option<LaunchSource>, Error> {
        if self.count() > 1 {
            return Err(invalid(
                "give one of LaunchConfigurationName, LaunchTemplate, MixedInstancesPolicy and InstanceId, not several",
            ));
        }
        let Self { launch_configuration, template, mixed } = self;
        if let Some(name) = launch_configuration {
            return launch_configuration_named(cx, view, name).map(Some);
        }
        if let Some(given) = template {
            let (choice, spec) = choice(cx, view, given)?;
            check_spec(cx, view, &spec)?;
            return Ok(Some(LaunchSource::LaunchTemplate(choice)));
        }
        mixed.as_ref().map(|policy| mixed_policy(cx, view, policy, present)).transpose()
    }
}

fn launch_configuration_named(cx: &Context, view: &View, name: &str) -> Result<LaunchSource, Error> {
    match view.contains::<LaunchConfiguration>(&cx.scope(), name) {
        true => Ok(LaunchSource::LaunchConfiguration(name.to_owned())),
        false => Err(Error::LaunchConfigurationNotFound(shown(name))),
    }
}

/// The template that a specification names, and what its version says now.
pub(super) fn choice(
    cx: &Context,
    view: &View,
    given: &shape::LaunchTemplateSpecification,
) -> Result<(TemplateChoice, LaunchSpec), Error> {
    let shape::LaunchTemplateSpecification { launch_template_id, launch_template_name, version } = given;
    let template = match (launch_template_id, launch_template_name) {
        (Some(_), Some(_)) => return Err(invalid("give LaunchTemplateId or LaunchTemplateName, not both")),
        (None, None) => return Err(invalid("a launch template needs LaunchTemplateId or LaunchTemplateName")),
        (Some(id), None) => by_id(cx, view, id)?,
        (None, Some(name)) => by_name(cx, view, name)?,
    };
    let version = version.as_deref().unwrap_or("$Default");
    let wanted: VersionWanted =
        version.parse().map_err(|error: launch_template::InvalidVersion| invalid(error.to_string()))?;
    let resolved = launch_template::resolve(&template, wanted, |id| view.get(&cx.scope(), id));
    let (_, spec) = resolved.map_err(|error| invalid(error.to_string()))?;
    let choice = TemplateChoice { id: template.id.clone(), name: template.name.clone(), version: version.to_owned() };
    Ok((choice, spec))
}

fn by_id(cx: &Context, view: &View, text: &str) -> Result<Arc<LaunchTemplate>, Error> {
    let missing = || invalid(format!("the launch template {} does not exist", shown(text)));
    let id: LaunchTemplateId = text.parse().map_err(|_| missing())?;
    view.get(&cx.scope(), &id).ok_or_else(missing)
}

fn by_name(cx: &Context, view: &View, name: &str) -> Result<Arc<LaunchTemplate>, Error> {
    let found = view.list::<LaunchTemplate>(&cx.scope()).find(|template| template.name == name);
    found.ok_or_else(|| invalid(format!("the launch template {} does not exist", shown(name))))
}

fn mixed_policy(
    cx: &Context,
    view: &View,
    given: &shape::MixedInstancesPolicy,
    present: Option<&LaunchSource>,
) -> Result<LaunchSource, Error> {
    let shape::MixedInstancesPolicy { instances_distribution, launch_template } = given;
    let shape::LaunchTemplate { launch_template_specification, overrides } =
        launch_template.clone().unwrap_or_default();
    let present = match present {
        Some(LaunchSource::Mixed { template, overrides, allocation_strategy }) => {
            Some((template, overrides, allocation_strategy))
        }
        Some(LaunchSource::LaunchConfiguration(_) | LaunchSource::LaunchTemplate(_)) | None => None,
    };
    let chosen = match (launch_template_specification, present) {
        (Some(given), _) => choice(cx, view, &given)?,
        (None, Some((template, _, _))) => choice(cx, view, &specification(template))?,
        (None, None) => {
            return Err(invalid("MixedInstancesPolicy needs LaunchTemplate with a LaunchTemplateSpecification"));
        }
    };
    let overrides = match (overrides, present) {
        (Some(given), _) => given.iter().map(|one| override_of(cx, view, one)).collect::<Result<Vec<_>, Error>>()?,
        (None, Some((_, overrides, _))) => overrides.clone(),
        (None, None) => Vec::new(),
    };
    let (template, base) = chosen;
    check_overrides(cx, view, &base, &overrides)?;
    let before = present.map_or(DEFAULT_STRATEGY, |(_, _, strategy)| strategy.as_str());
    let allocation_strategy = strategy(instances_distribution.as_ref(), before)?;
    Ok(LaunchSource::Mixed { template, overrides, allocation_strategy })
}

/// A template as a request would name it.
pub(super) fn specification(choice: &TemplateChoice) -> shape::LaunchTemplateSpecification {
    shape::LaunchTemplateSpecification {
        launch_template_id: Some(choice.id.to_string()),
        launch_template_name: None,
        version: Some(choice.version.clone()),
    }
}

fn override_of(cx: &Context, view: &View, given: &shape::LaunchTemplateOverrides) -> Result<MixedOverride, Error> {
    let shape::LaunchTemplateOverrides { instance_type, launch_template_specification } = given;
    let template = launch_template_specification.as_ref().map(|given| choice(cx, view, given)).transpose()?;
    Ok(MixedOverride { instance_type: instance_type.clone(), template: template.map(|(choice, _)| choice) })
}

/// Each override has to be launchable by itself, and no type may come twice.
fn check_overrides(cx: &Context, view: &View, base: &LaunchSpec, overrides: &[MixedOverride]) -> Result<(), Error> {
    if overrides.len() > MAXIMUM_OVERRIDES {
        return Err(invalid(format!("a mixed instances policy has at most {MAXIMUM_OVERRIDES} overrides")));
    }
    if overrides.is_empty() {
        return check_spec(cx, view, base);
    }
    for (position, MixedOverride { instance_type, template }) in overrides.iter().enumerate() {
        let twice = overrides[..position].iter().any(|earlier| earlier.instance_type == *instance_type);
        if let Some(name) = instance_type.as_ref().filter(|_| twice) {
            return Err(invalid(format!("the instance type {} is overridden more than once", shown(name))));
        }
        let spec = match template {
            Some(template) => choice(cx, view, &specification(template))?.1,
            None => base.clone(),
        };
        let instance_type = instance_type.clone().or(spec.instance_type.clone());
        check_spec(cx, view, &LaunchSpec { instance_type, ..spec })?;
    }
    Ok(())
}

/// Everything is on demand: what an instances distribution says otherwise is refused.
fn strategy(given: Option<&shape::InstancesDistribution>, before: &str) -> Result<String, Error> {
    let Some(distribution) = given else { return Ok(before.to_owned()) };
    let shape::InstancesDistribution {
        on_demand_allocation_strategy,
        on_demand_base_capacity,
        on_demand_percentage_above_base_capacity,
        spot_allocation_strategy: _,
    } = distribution;
    let only_on_demand = "Goru has no Spot market, so every instance is on demand";
    if on_demand_base_capacity.is_some_and(|base| base != 0) {
        return Err(Error::NotOffered(format!("OnDemandBaseCapacity: {only_on_demand}; leave it out or give 0")));
    }
    if on_demand_percentage_above_base_capacity.is_some_and(|percentage| percentage != 100) {
        let message = format!("OnDemandPercentageAboveBaseCapacity: {only_on_demand}; leave it out or give 100");
        return Err(Error::NotOffered(message));
    }
    match on_demand_allocation_strategy.as_deref() {
        None => Ok(before.to_owned()),
        Some(name) if STRATEGIES.contains(&name) => Ok(name.to_owned()),
        Some(other) => {
            Err(invalid(format!("OnDemandAllocationStrategy `{}` must be {}", shown(other), STRATEGIES.join(" or "))))
        }
    }
}

/// Whether instances can be made like this, as far as it does not depend on the subnet.
///
/// # Errors
/// What EC2 would answer.
pub(super) fn check_spec(cx: &Context, view: &View, spec: &LaunchSpec) -> Result<(), Error> {
    let scope = cx.scope();
    let Some(image) = &spec.image_id else {
        return Err(invalid("the launch template names no image; a group needs one with ImageId"));
    };
    let configured = cx.settings.images.iter().any(|one| one.id == *image);
    let there = |image: Arc<Image>| image.state != ImageState::Deregistered;
    if !configured && !view.get::<Image>(&scope, image).is_some_and(there) {
        return Err(invalid(format!("The image id '[{image}]' does not exist")));
    }
    spec.known_type().map_err(|error| invalid(error.to_string()))?;
    if let Some(name) = spec.key_name.as_ref().filter(|name| !view.contains::<KeyPair>(&scope, name)) {
        return Err(invalid(format!("The key pair '{}' does not exist", shown(name))));
    }
    let of_interface = spec.network_interface.iter().flat_map(|interface| &interface.security_groups);
    if let Some(missing) =
        spec.security_groups.iter().chain(of_interface).find(|id| !view.contains::<SecurityGroup>(&scope, id))
    {
        return Err(invalid(format!("The security group '{missing}' does not exist")));
    }
    let default_vpc = view.list::<Vpc>(&scope).find(|vpc| vpc.is_default).map(|vpc| vpc.id.clone());
    let there = |name: &String| {
        let mut groups = view.list::<SecurityGroup>(&scope);
        groups.any(|group| group.name == *name && Some(&group.vpc_id) == default_vpc.as_ref())
    };
    match spec.security_group_names.iter().find(|name| !there(name)) {
        Some(name) => Err(invalid(format!("The security group '{}' does not exist in default VPC", shown(name)))),
        None => Ok(()),
    }
}
