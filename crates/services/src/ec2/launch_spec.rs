//! What instances shall be like, between the wire and `model`: members of RunInstances and of launch template data.
//!
//! Both have the same members under types of different names; they are read and shown here. Whether images, subnets and
//! security groups exist is asked at the launch, as AWS does.

use std::net::Ipv4Addr;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, InstanceMetadataOptionsRequest, InstanceNetworkInterfaceSpecification,
    LaunchTemplateInstanceNetworkInterfaceSpecification, LaunchTemplateInstanceNetworkInterfaceSpecificationRequest,
    LaunchTemplatePlacement, LaunchTemplatePlacementRequest, LaunchTemplateTagSpecification,
    LaunchTemplateTagSpecificationRequest, LaunchTemplatesMonitoring, LaunchTemplatesMonitoringRequest, Placement,
    RequestLaunchTemplateData, ResponseLaunchTemplateData, TagSpecification,
};
use model::Tags;
use model::ec2::instance::{MAXIMUM_DESCRIPTION_LENGTH, ShutdownBehavior};
use model::ec2::launch::{LaunchSpec, NetworkInterfaceSpec, Tenancy};
use model::id::{ImageId, SecurityGroupId};
use model::ssm::public_image;
use wire::AwsError;

use super::errors::{combination, invalid, missing, unsupported};
use super::instance_types::known;
use super::resources::{parse, parse_all};
use super::tags::{specified, to_wire};
use super::{metadata_options, regions, user_data};
use crate::context::Context;

/// What a launch can tag.
const TAGGED: [&str; 2] = ["instance", "network-interface"];
/// AWS shows security groups by their ids or by their names, never as an empty list.
type Texts = Option<Vec<String>>;

/// The members as they come, whichever request has them.
#[derive(Default)]
pub(super) struct Members {
    pub image_id: Option<String>,
    pub instance_type: Option<String>,
    pub user_data: Option<String>,
    pub key_name: Option<String>,
    pub subnet_id: Option<String>,
    pub private_ip_address: Option<String>,
    pub security_group_ids: Texts,
    pub security_groups: Texts,
    pub network_interfaces: Option<Vec<InstanceNetworkInterfaceSpecification>>,
    pub placement: Option<Placement>,
    pub shutdown_behavior: Option<types::ShutdownBehavior>,
    pub termination_protection: Option<bool>,
    pub stop_protection: Option<bool>,
    pub detailed_monitoring: Option<bool>,
    pub metadata_options: Option<InstanceMetadataOptionsRequest>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
}

/// Reads and checks the members, as far as that goes without looking at records.
///
/// # Errors
/// Texts that are no ids, addresses, zones, types; more than one interface; members that exclude each other.
pub(super) fn read(cx: &Context, members: Members) -> Result<LaunchSpec, AwsError> {
    let (zone, tenancy) = placed(cx, members.placement)?;
    let mut tags = specified(members.tag_specifications, &TAGGED)?;
    let [tags, interface_tags] = TAGGED.map(|kind| tags.remove(kind).unwrap_or_default());
    let (image_id, image_parameter) = image(members.image_id)?;
    let kind = members.instance_type.map(|name| known(&name, ErrorCode::InvalidParameterValue));
    let spec = LaunchSpec {
        image_id,
        image_parameter,
        instance_type: kind.transpose()?.map(|kind| kind.name.to_owned()),
        user_data: members.user_data.map(|text| user_data::decode(&text)).transpose()?.flatten(),
        key_name: members.key_name,
        subnet_id: members.subnet_id.map(|id| parse(&id)).transpose()?,
        private_address: members.private_ip_address.map(|text| private_address(&text)).transpose()?,
        security_groups: parse_all(&members.security_group_ids.unwrap_or_default())?,
        security_group_names: members.security_groups.unwrap_or_default(),
        network_interface: interface(members.network_interfaces.unwrap_or_default())?,
        zone,
        tenancy,
        shutdown_behavior: members.shutdown_behavior.map(shutdown_behavior),
        termination_protection: members.termination_protection,
        stop_protection: members.stop_protection,
        detailed_monitoring: members.detailed_monitoring,
        metadata_options: members.metadata_options.map(metadata_options::read).transpose()?.unwrap_or_default(),
        tags,
        interface_tags,
        launch_template: None,
    };
    check(&spec)?;
    Ok(spec)
}

/// What stands before the name of a parameter that stands for an image.
const PARAMETER: &str = "resolve:ssm:";

/// The id of an image, or the parameter of Systems Manager that names one (EC2 user guide, launch an instance using a
/// Systems Manager parameter). Public parameters never change, so that they can be followed at once.
fn image(given: Option<String>) -> Result<(Option<ImageId>, Option<String>), AwsError> {
    let Some(text) = given else { return Ok((None, None)) };
    let Some(name) = text.strip_prefix(PARAMETER) else { return Ok((Some(parse(&text)?), None)) };
    let found = public_image(name).map_err(|error| invalid(format!("ImageId: {error}")))?;
    Ok((Some(parse(found.image)?), Some(name.to_owned())))
}

/// Refuses members that exclude each other; again when those of a template and of a request have come together.
///
/// # Errors
/// `InvalidParameterCombination`.
pub(super) fn check(spec: &LaunchSpec) -> Result<(), AwsError> {
    if spec.describes_interface_twice() {
        return Err(combination(
            "with NetworkInterfaces, subnet, security groups and address belong in there and not beside it",
        ));
    }
    if spec.subnet_id.is_some() && !spec.security_group_names.is_empty() {
        return Err(combination("SecurityGroup names groups of the default VPC; with SubnetId use SecurityGroupId"));
    }
    Ok(())
}

fn shutdown_behavior(asked: types::ShutdownBehavior) -> ShutdownBehavior {
    match asked {
        types::ShutdownBehavior::Stop => ShutdownBehavior::Stop,
        types::ShutdownBehavior::Terminate => ShutdownBehavior::Terminate,
    }
}

fn placed(cx: &Context, placement: Option<Placement>) -> Result<(Option<String>, Option<Tenancy>), AwsError> {
    // GroupName is refused in requests; part of the type because answers have it.
    let Placement { availability_zone, availability_zone_id, group_name: _, tenancy } = placement.unwrap_or_default();
    let tenancy = match tenancy {
        None => None,
        Some(types::Tenancy::Default) => Some(Tenancy::Default),
        Some(types::Tenancy::Dedicated | types::Tenancy::Host) => {
            return Err(unsupported("Placement.Tenancy: Goru has no dedicated hosts; the only tenancy is default"));
        }
    };
    let zone = regions::chosen_zone(cx, availability_zone.as_deref(), availability_zone_id.as_deref())?;
    Ok((zone.map(|zone| zone.name), tenancy))
}

fn interface(
    mut specifications: Vec<InstanceNetworkInterfaceSpecification>,
) -> Result<Option<NetworkInterfaceSpec>, AwsError> {
    let Some(specification) = specifications.pop() else { return Ok(None) };
    if !specifications.is_empty() {
        return Err(unsupported("NetworkInterfaces: instances have one network interface"));
    }
    let InstanceNetworkInterfaceSpecification {
        associate_public_ip_address,
        delete_on_termination,
        description,
        device_index,
        groups,
        private_ip_address,
        subnet_id,
    } = specification;
    check_device_index(device_index)?;
    if delete_on_termination == Some(false) {
        let message = "NetworkInterface.1.DeleteOnTermination: network interfaces end with their instance";
        return Err(unsupported(message));
    }
    if description.as_ref().is_some_and(|text| text.chars().count() > MAXIMUM_DESCRIPTION_LENGTH) {
        let message = format!("NetworkInterface.1.Description has more than {MAXIMUM_DESCRIPTION_LENGTH} characters");
        return Err(invalid(message));
    }
    Ok(Some(NetworkInterfaceSpec {
        associate_public_address: associate_public_ip_address,
        delete_on_termination,
        description,
        security_groups: parse_all(&groups.unwrap_or_default())?,
        private_address: private_ip_address.map(|text| private_address(&text)).transpose()?,
        subnet_id: subnet_id.map(|id| parse(&id)).transpose()?,
    }))
}

fn check_device_index(index: Option<i32>) -> Result<(), AwsError> {
    match index {
        Some(0) => Ok(()),
        Some(index) => Err(unsupported(format!("NetworkInterface.1.DeviceIndex is {index}; the only interface is 0"))),
        None => Err(missing("NetworkInterface.1.DeviceIndex is not given; it is 0 for the only interface")),
    }
}

fn private_address(text: &str) -> Result<Ipv4Addr, AwsError> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(64).collect();
        invalid(format!("PrivateIpAddress: `{shown}` is not an IPv4 address"))
    })
}

/// Reads the data of a launch template.
///
/// # Errors
/// As [`read`]; `MissingParameter` when there is none.
pub(super) fn of_template(cx: &Context, data: RequestLaunchTemplateData) -> Result<LaunchSpec, AwsError> {
    let RequestLaunchTemplateData {
        disable_api_stop,
        disable_api_termination,
        image_id,
        instance_initiated_shutdown_behavior,
        instance_type,
        key_name,
        metadata_options,
        monitoring,
        network_interfaces,
        placement,
        security_group_ids,
        security_groups,
        tag_specifications,
        user_data,
    } = data;
    let members = Members {
        image_id,
        instance_type,
        user_data,
        key_name,
        subnet_id: None,
        private_ip_address: None,
        security_group_ids,
        security_groups,
        network_interfaces: network_interfaces.map(|all| all.into_iter().map(interface_of_template).collect()),
        placement: placement.map(placement_of_template),
        shutdown_behavior: instance_initiated_shutdown_behavior,
        termination_protection: disable_api_termination,
        stop_protection: disable_api_stop,
        metadata_options: metadata_options.map(super::metadata_options::of_template),
        detailed_monitoring: monitoring.and_then(|LaunchTemplatesMonitoringRequest { enabled }| enabled),
        tag_specifications: tag_specifications.map(|all| all.into_iter().map(tags_of_template).collect()),
    };
    read(cx, members)
}

fn interface_of_template(
    asked: LaunchTemplateInstanceNetworkInterfaceSpecificationRequest,
) -> InstanceNetworkInterfaceSpecification {
    let LaunchTemplateInstanceNetworkInterfaceSpecificationRequest {
        associate_public_ip_address,
        delete_on_termination,
        description,
        device_index,
        groups,
        private_ip_address,
        subnet_id,
    } = asked;
    InstanceNetworkInterfaceSpecification {
        associate_public_ip_address,
        delete_on_termination,
        description,
        device_index,
        groups,
        private_ip_address,
        subnet_id,
    }
}

fn placement_of_template(asked: LaunchTemplatePlacementRequest) -> Placement {
    let LaunchTemplatePlacementRequest { availability_zone, availability_zone_id, tenancy } = asked;
    Placement { availability_zone, availability_zone_id, group_name: None, tenancy }
}

fn tags_of_template(asked: LaunchTemplateTagSpecificationRequest) -> TagSpecification {
    let LaunchTemplateTagSpecificationRequest { resource_type, tags } = asked;
    TagSpecification { resource_type, tags }
}

/// The data of a launch template as answers show it: what was given, and nothing else. With `resolved`, a parameter that
/// names the image gives way to the image.
pub(super) fn shown(spec: &LaunchSpec, resolved: bool) -> ResponseLaunchTemplateData {
    let parameter = spec.image_parameter.as_ref().filter(|_| !resolved).map(|name| format!("{PARAMETER}{name}"));
    let monitoring =
        spec.detailed_monitoring.map(|on| LaunchTemplatesMonitoring { enabled: Some(on), metric_category_ids: None });
    let names = &spec.security_group_names;
    ResponseLaunchTemplateData {
        disable_api_stop: spec.stop_protection,
        disable_api_termination: spec.termination_protection,
        image_id: parameter.or_else(|| spec.image_id.as_ref().map(ToString::to_string)),
        instance_initiated_shutdown_behavior: spec.shutdown_behavior.map(|behavior| match behavior {
            ShutdownBehavior::Stop => types::ShutdownBehavior::Stop,
            ShutdownBehavior::Terminate => types::ShutdownBehavior::Terminate,
        }),
        instance_type: spec.instance_type.clone(),
        key_name: spec.key_name.clone(),
        metadata_options: metadata_options::shown_of_template(spec.metadata_options),
        monitoring,
        network_interfaces: spec.network_interface.as_ref().map(|interface| vec![shown_interface(interface)]),
        placement: shown_placement(spec),
        security_group_ids: shown_groups(&spec.security_groups),
        security_groups: (!names.is_empty()).then(|| names.clone()),
        tag_specifications: shown_tags(spec),
        user_data: spec.user_data.as_deref().map(user_data::encode),
    }
}

fn shown_groups(groups: &[SecurityGroupId]) -> Texts {
    (!groups.is_empty()).then(|| groups.iter().map(ToString::to_string).collect())
}

fn shown_placement(spec: &LaunchSpec) -> Option<LaunchTemplatePlacement> {
    let tenancy = spec.tenancy.map(|tenancy| match tenancy {
        Tenancy::Default => types::Tenancy::Default,
    });
    let placement = LaunchTemplatePlacement { availability_zone: spec.zone.clone(), tenancy };
    (spec.zone.is_some() || tenancy.is_some()).then_some(placement)
}

fn shown_tags(spec: &LaunchSpec) -> Option<Vec<LaunchTemplateTagSpecification>> {
    let shown = |kind: &str, tags: &Tags| LaunchTemplateTagSpecification {
        resource_type: Some(kind.to_owned()),
        tags: Some(to_wire(tags)),
    };
    let both = TAGGED.into_iter().zip([&spec.tags, &spec.interface_tags]);
    let given: Vec<_> = both.filter(|(_, tags)| !tags.0.is_empty()).map(|(kind, tags)| shown(kind, tags)).collect();
    (!given.is_empty()).then_some(given)
}

fn shown_interface(interface: &NetworkInterfaceSpec) -> LaunchTemplateInstanceNetworkInterfaceSpecification {
    LaunchTemplateInstanceNetworkInterfaceSpecification {
        associate_public_ip_address: interface.associate_public_address,
        delete_on_termination: interface.delete_on_termination,
        description: interface.description.clone(),
        device_index: Some(0),
        groups: shown_groups(&interface.security_groups),
        private_ip_address: interface.private_address.map(|address| address.to_string()),
        subnet_id: interface.subnet_id.as_ref().map(ToString::to_string),
    }
}
