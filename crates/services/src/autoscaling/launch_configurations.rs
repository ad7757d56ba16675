//! Launch configurations: create (from members, or from an instance), describe, delete. They never change.

use std::sync::Arc;

use api::autoscaling::types as shape;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::autoscaling::group::{AutoScalingGroup, LaunchSource};
use model::autoscaling::launch_configuration::LaunchConfiguration;
use model::ec2::instance::{Instance, InstanceState, MAXIMUM_HOP_LIMIT, MetadataOptionsChange};
use model::ec2::launch::{LaunchSpec, NetworkInterfaceSpec, Tenancy};
use model::id::{InstanceId, SecurityGroupId, uuid};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, Quota, committed, invalid, shown};
use super::launch_sources::check_spec;
use super::resources::{DEFAULT_PAGE, MAXIMUM_PAGE, SERVICE, page_size};
use crate::context::Context;
use crate::handler::to_wire;
use crate::pagination::Listing;

/// The members of a request that say what instances are like.
#[derive(Debug)]
struct Given {
    image_id: Option<String>,
    instance_type: Option<String>,
    key_name: Option<String>,
    security_groups: Option<Vec<String>>,
    user_data: Option<String>,
    monitoring: Option<bool>,
    public_address: Option<bool>,
    metadata_options: Option<shape::InstanceMetadataOptions>,
}

pub(super) async fn create(cx: &Context, input: shape::CreateLaunchConfigurationType) -> Result<(), AwsError> {
    let shape::CreateLaunchConfigurationType {
        associate_public_ip_address,
        ebs_optimized,
        image_id,
        instance_id,
        instance_monitoring,
        instance_type,
        key_name,
        launch_configuration_name,
        metadata_options,
        placement_tenancy,
        security_groups,
        user_data,
    } = input;
    check_name("LaunchConfigurationName", &launch_configuration_name)?;
    check_tenancy(placement_tenancy.as_deref())?;
    if ebs_optimized == Some(true) {
        return Err(Error::NotOffered("EbsOptimized: instances have no volumes yet".into()).into());
    }
    let monitoring = instance_monitoring.and_then(|shape::InstanceMonitoring { enabled }| enabled);
    let given = Given {
        image_id,
        instance_type,
        key_name,
        security_groups,
        user_data,
        monitoring,
        public_address: associate_public_ip_address,
        metadata_options,
    };
    let spec = spec(given)?;
    let id = cx.mint(uuid);
    let write = |txn: &mut Transaction| {
        let spec = match &instance_id {
            Some(text) => {
                let instance = find_instance(cx, txn.view(), text)?;
                of_instance(&instance).overridden(spec.clone())
            }
            None => with_defaults(spec.clone())?,
        };
        insert(cx, txn, &launch_configuration_name, &id, spec)
    };
    committed(cx.store.transact(write).await)
}

/// Names of groups and launch configurations: printable ASCII without blanks and colons.
pub(super) fn check_name(member: &str, name: &str) -> Result<(), Error> {
    match name.chars().find(|c| !c.is_ascii_graphic() || *c == ':') {
        Some(c) => Err(invalid(format!("{member} `{}` has a character that names cannot have: {c:?}", shown(name)))),
        None => Ok(()),
    }
}

fn check_tenancy(given: Option<&str>) -> Result<(), Error> {
    match given {
        None | Some("default") => Ok(()),
        Some("dedicated" | "host") => {
            Err(Error::NotOffered("PlacementTenancy: Goru has no dedicated hosts; the only tenancy is default".into()))
        }
        Some(other) => Err(invalid(format!("PlacementTenancy `{}` must be default or dedicated", shown(other)))),
    }
}

fn spec(given: Given) -> Result<LaunchSpec, Error> {
    let Given {
        image_id,
        instance_type,
        key_name,
        security_groups,
        user_data,
        monitoring,
        public_address,
        metadata_options,
    } = given;
    let image_id = image_id.map(|text| text.parse().map_err(|_| invalid(format!("Invalid AMI ID: {}", shown(&text)))));
    let (security_groups, security_group_names) = groups(security_groups.unwrap_or_default())?;
    let interface = public_address
        .map(|public| NetworkInterfaceSpec { associate_public_address: Some(public), ..Default::default() });
    Ok(LaunchSpec {
        image_id: image_id.transpose()?,
        instance_type,
        key_name,
        security_groups,
        security_group_names,
        user_data: user_data.map(|text| decoded(&text)).transpose()?.flatten(),
        detailed_monitoring: monitoring,
        metadata_options: metadata_options.map(options).transpose()?.unwrap_or_default(),
        network_interface: interface,
        tenancy: Some(Tenancy::Default),
        ..LaunchSpec::default()
    })
}

fn options(given: shape::InstanceMetadataOptions) -> Result<MetadataOptionsChange, Error> {
    let shape::InstanceMetadataOptions { http_endpoint, http_put_response_hop_limit, http_tokens } = given;
    let limit = |asked: i32| {
        let limit = u8::try_from(asked).ok().filter(|limit| (1..=MAXIMUM_HOP_LIMIT).contains(limit));
        limit.ok_or_else(|| invalid(format!("HttpPutResponseHopLimit is {asked}, not 1 to {MAXIMUM_HOP_LIMIT}")))
    };
    Ok(MetadataOptionsChange {
        is_enabled: http_endpoint.map(|state| match state {
            shape::InstanceMetadataEndpointState::Enabled => true,
            shape::InstanceMetadataEndpointState::Disabled => false,
        }),
        requires_token: http_tokens.map(|state| match state {
            shape::InstanceMetadataHttpTokensState::Required => true,
            shape::InstanceMetadataHttpTokensState::Optional => false,
        }),
        hop_limit: http_put_response_hop_limit.map(limit).transpose()?,
        shows_tags: None,
    })
}

fn shown_options(options: MetadataOptionsChange) -> Option<shape::InstanceMetadataOptions> {
    // Tags in the metadata are no member here.
    let MetadataOptionsChange { is_enabled, requires_token, hop_limit, shows_tags: _ } = options;
    let is_given = is_enabled.is_some() || requires_token.is_some() || hop_limit.is_some();
    is_given.then(|| shape::InstanceMetadataOptions {
        http_endpoint: is_enabled.map(|on| match on {
            true => shape::InstanceMetadataEndpointState::Enabled,
            false => shape::InstanceMetadataEndpointState::Disabled,
        }),
        http_put_response_hop_limit: hop_limit.map(i32::from),
        http_tokens: requires_token.map(|required| match required {
            true => shape::InstanceMetadataHttpTokensState::Required,
            false => shape::InstanceMetadataHttpTokensState::Optional,
        }),
    })
}

/// Ids and names, which cannot be mixed.
fn groups(texts: Vec<String>) -> Result<(Vec<SecurityGroupId>, Vec<String>), Error> {
    let (ids, names): (Vec<String>, Vec<String>) = texts.into_iter().partition(|text| text.starts_with("sg-"));
    if !ids.is_empty() && !names.is_empty() {
        return Err(invalid("SecurityGroups has ids and names; give the ids of all groups, or the names of all"));
    }
    let parse =
        |text: &String| text.parse().map_err(|_| invalid(format!("Invalid security group ID: {}", shown(text))));
    Ok((ids.iter().map(parse).collect::<Result<_, Error>>()?, names))
}

/// Base64 on the wire, line breaks skipped as tools make them; an empty text is none. Its shape holds it to AWS's 16 KB.
fn decoded(text: &str) -> Result<Option<Vec<u8>>, Error> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let data = STANDARD.decode(text).map_err(|_| invalid("UserData is not base64"))?;
    Ok(Some(data).filter(|data| !data.is_empty()))
}

/// Without an instance to copy, image and type have to be given; monitoring is detailed unless it is switched off.
fn with_defaults(spec: LaunchSpec) -> Result<LaunchSpec, Error> {
    if spec.image_id.is_none() {
        return Err(invalid("ImageId is needed, or InstanceId to copy it from"));
    }
    if spec.instance_type.is_none() {
        return Err(invalid("InstanceType is needed, or InstanceId to copy it from"));
    }
    Ok(LaunchSpec { detailed_monitoring: Some(spec.detailed_monitoring.unwrap_or(true)), ..spec })
}

/// What a launch configuration copies from an instance: not its tags, not its place (Auto Scaling user guide, create a
/// launch configuration using an EC2 instance).
fn of_instance(instance: &Instance) -> LaunchSpec {
    LaunchSpec {
        image_id: Some(instance.image_id.clone()),
        instance_type: Some(instance.instance_type.clone()),
        key_name: instance.key_name.clone(),
        security_groups: instance.security_groups.clone(),
        user_data: instance.user_data.clone(),
        detailed_monitoring: Some(instance.detailed_monitoring),
        metadata_options: MetadataOptionsChange::to(instance.metadata_options),
        network_interface: Some(NetworkInterfaceSpec {
            associate_public_address: Some(instance.public_address_wanted),
            ..Default::default()
        }),
        tenancy: Some(Tenancy::Default),
        ..LaunchSpec::default()
    }
}

/// The instance that InstanceId names; it has to be there still.
pub(super) fn find_instance(cx: &Context, view: &View, text: &str) -> Result<Arc<Instance>, Error> {
    let missing = || invalid(format!("Invalid Instance ID: there is no instance {}", shown(text)));
    let id: InstanceId = text.parse().map_err(|_| missing())?;
    let found = view.get::<Instance>(&cx.scope(), &id).ok_or_else(missing)?;
    match found.state {
        InstanceState::Terminated | InstanceState::ShuttingDown => {
            Err(invalid(format!("the instance {id} is terminated; name one that is not")))
        }
        InstanceState::Pending | InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped => Ok(found),
    }
}

/// Makes the launch configuration of that name from an instance, for a group that names one.
pub(super) fn insert_from_instance(
    cx: &Context,
    txn: &mut Transaction,
    name: &str,
    id: &str,
    instance: &Instance,
) -> Result<(), Error> {
    insert(cx, txn, name, id, of_instance(instance))
}

fn insert(cx: &Context, txn: &mut Transaction, name: &str, id: &str, spec: LaunchSpec) -> Result<(), Error> {
    let scope = cx.scope();
    check_spec(cx, txn.view(), &spec)?;
    if txn.contains::<LaunchConfiguration>(&scope, name) {
        let message =
            format!("Launch Configuration by this name already exists: `{}`; names are used once", shown(name));
        return Err(Error::Exists(message));
    }
    if txn.list::<LaunchConfiguration>(&scope).count() >= Quota::LaunchConfigurations.limit() {
        return Err(Error::TooMany(Quota::LaunchConfigurations));
    }
    let arn = cx.arn(SERVICE, format!("launchConfiguration:{id}:launchConfigurationName/{name}"));
    txn.put(&scope, LaunchConfiguration { name: name.to_owned(), arn, created_at: cx.now, spec });
    Ok(())
}

pub(super) fn describe(
    cx: &Context,
    input: shape::LaunchConfigurationNamesType,
) -> Result<shape::LaunchConfigurationsType, Error> {
    let shape::LaunchConfigurationNamesType { launch_configuration_names, max_records, next_token } = input;
    let names = launch_configuration_names.unwrap_or_default();
    let view = cx.store.view();
    let all = view.list::<LaunchConfiguration>(&cx.scope());
    let wanted = all.filter(|record| names.is_empty() || names.contains(&record.name));
    let listing = Listing { operation: "DescribeLaunchConfigurations", selection: &names };
    let size = page_size(max_records, DEFAULT_PAGE, MAXIMUM_PAGE);
    let items = wanted.map(|record| (record.name.clone(), record));
    let page = listing.page(cx, next_token.as_deref(), size, items)?.map(|record| to_shape(&record));
    Ok(shape::LaunchConfigurationsType { launch_configurations: Some(page.items), next_token: page.next })
}

/// What there is none of is shown as AWS shows it: empty texts and lists, which Terraform reads back.
fn to_shape(record: &LaunchConfiguration) -> shape::LaunchConfiguration {
    let LaunchConfiguration { name, arn, created_at, spec } = record;
    let ids = spec.security_groups.iter().map(ToString::to_string);
    let public = spec.network_interface.as_ref().and_then(|interface| interface.associate_public_address);
    let monitoring = shape::InstanceMonitoring { enabled: Some(spec.detailed_monitoring.unwrap_or(true)) };
    shape::LaunchConfiguration {
        associate_public_ip_address: public,
        block_device_mappings: Some(Vec::new()),
        classic_link_vpc_security_groups: Some(Vec::new()),
        created_time: Some(to_wire(*created_at)),
        ebs_optimized: Some(false),
        image_id: spec.image_id.as_ref().map(ToString::to_string),
        instance_monitoring: Some(monitoring),
        instance_type: spec.instance_type.clone(),
        kernel_id: Some(String::new()),
        key_name: Some(spec.key_name.clone().unwrap_or_default()),
        launch_configuration_arn: Some(arn.to_string()),
        launch_configuration_name: Some(name.clone()),
        metadata_options: shown_options(spec.metadata_options),
        placement_tenancy: None,
        ramdisk_id: Some(String::new()),
        security_groups: Some(ids.chain(spec.security_group_names.iter().cloned()).collect()),
        user_data: Some(STANDARD.encode(spec.user_data.as_deref().unwrap_or_default())),
    }
}

pub(super) async fn delete(cx: &Context, input: shape::LaunchConfigurationNameType) -> Result<(), AwsError> {
    let shape::LaunchConfigurationNameType { launch_configuration_name: name } = input;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        if !txn.contains::<LaunchConfiguration>(&scope, &name) {
            return Err(Error::LaunchConfigurationNotFound(shown(&name)));
        }
        let uses = |group: &Arc<AutoScalingGroup>| group.launch == LaunchSource::LaunchConfiguration(name.clone());
        if let Some(group) = txn.list::<AutoScalingGroup>(&scope).find(uses) {
            let message = format!(
                "Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {}",
                group.name
            );
            return Err(Error::InUse(message));
        }
        txn.delete::<LaunchConfiguration>(&scope, &name);
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}
