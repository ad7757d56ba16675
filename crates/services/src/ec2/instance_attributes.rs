//! Attributes of one instance: DescribeInstanceAttribute and ModifyInstanceAttribute, one attribute per call.

use api::ec2::ErrorCode;
use api::ec2::types::{
    AttributeBooleanValue, AttributeValue, DescribeInstanceAttributeRequest, EnclaveOptions, InstanceAttribute,
    InstanceAttributeName, ModifyInstanceAttributeRequest, SecureBlobAttributeValue,
};
use model::Scope;
use model::ec2::instance::{Instance, InstanceState, ShutdownBehavior};
use model::ec2::launch::check_group_count;
use model::id::{InstanceId, SecurityGroupId};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{self, combination, invalid, missing, unsupported};
use super::instance_types::known;
use super::instance_views::Shown;
use super::instances::wrong_state;
use super::resources::{find, find_text, parse, parse_all};
use super::{images, user_data};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

pub(super) fn describe(cx: &Context, input: DescribeInstanceAttributeRequest) -> Result<InstanceAttribute, AwsError> {
    let DescribeInstanceAttributeRequest { attribute, dry_run: dry, instance_id } = input;
    let view = cx.store.view();
    let instance = find_text::<InstanceId>(&view, &cx.scope(), &instance_id)?;
    dry_run(dry)?;
    let mut shown = InstanceAttribute { instance_id: Some(instance.id.to_string()), ..Default::default() };
    match attribute {
        InstanceAttributeName::InstanceType => shown.instance_type = some_text(&instance.instance_type),
        // Images bring their own kernel: AWS answers with an empty element.
        InstanceAttributeName::Kernel => shown.kernel_id = Some(AttributeValue::default()),
        InstanceAttributeName::Ramdisk => shown.ramdisk_id = Some(AttributeValue::default()),
        InstanceAttributeName::UserData => {
            shown.user_data = Some(AttributeValue { value: instance.user_data.as_deref().map(user_data::encode) });
        }
        InstanceAttributeName::DisableApiTermination => {
            shown.disable_api_termination = flag(instance.termination_protection);
        }
        InstanceAttributeName::DisableApiStop => shown.disable_api_stop = flag(instance.stop_protection),
        InstanceAttributeName::InstanceInitiatedShutdownBehavior => {
            shown.instance_initiated_shutdown_behavior = some_text(behavior_name(instance.shutdown_behavior));
        }
        InstanceAttributeName::RootDeviceName => shown.root_device_name = some_text(images::ROOT_DEVICE),
        InstanceAttributeName::BlockDeviceMapping => shown.block_device_mappings = Some(Vec::new()),
        InstanceAttributeName::ProductCodes => shown.product_codes = Some(Vec::new()),
        InstanceAttributeName::SourceDestCheck => shown.source_dest_check = flag(true),
        InstanceAttributeName::GroupSet => shown.groups = Some(Shown::new(cx, &view).groups(&instance.security_groups)),
        InstanceAttributeName::EbsOptimized => shown.ebs_optimized = flag(false),
        InstanceAttributeName::SriovNetSupport => shown.sriov_net_support = Some(AttributeValue::default()),
        InstanceAttributeName::EnaSupport => shown.ena_support = flag(true),
        InstanceAttributeName::EnclaveOptions => shown.enclave_options = Some(EnclaveOptions { enabled: Some(false) }),
    }
    Ok(shown)
}

fn flag(value: bool) -> Option<AttributeBooleanValue> {
    Some(AttributeBooleanValue { value: Some(value) })
}

fn some_text(value: &str) -> Option<AttributeValue> {
    Some(AttributeValue { value: Some(value.to_owned()) })
}

fn behavior_name(behavior: ShutdownBehavior) -> &'static str {
    match behavior {
        ShutdownBehavior::Stop => "stop",
        ShutdownBehavior::Terminate => "terminate",
    }
}

/// One change.
enum Change {
    Type(&'static str),
    UserData(Option<Vec<u8>>),
    Groups(Vec<SecurityGroupId>),
    TerminationProtection(bool),
    StopProtection(bool),
    ShutdownBehavior(ShutdownBehavior),
    /// Nothing forwards packets yet, so it can only stay what it is.
    SourceDestCheck,
}

pub(super) async fn modify(cx: &Context, input: ModifyInstanceAttributeRequest) -> Result<(), AwsError> {
    let ModifyInstanceAttributeRequest {
        attribute,
        disable_api_stop,
        disable_api_termination,
        dry_run,
        instance_id,
        groups,
        instance_initiated_shutdown_behavior,
        instance_type,
        source_dest_check,
        user_data,
        value,
    } = input;
    let id = parse::<InstanceId>(&instance_id)?;
    let mut changes = Vec::new();
    if let Some(AttributeBooleanValue { value }) = disable_api_stop {
        changes.push(Change::StopProtection(given("DisableApiStop", value)?));
    }
    if let Some(AttributeBooleanValue { value }) = disable_api_termination {
        changes.push(Change::TerminationProtection(given("DisableApiTermination", value)?));
    }
    if let Some(groups) = groups {
        changes.push(Change::Groups(group_ids(&groups)?));
    }
    if let Some(AttributeValue { value }) = instance_initiated_shutdown_behavior {
        changes.push(Change::ShutdownBehavior(behavior(&given("InstanceInitiatedShutdownBehavior", value)?)?));
    }
    if let Some(AttributeValue { value }) = instance_type {
        changes.push(type_of(&given("InstanceType", value)?)?);
    }
    if let Some(AttributeBooleanValue { value }) = source_dest_check {
        changes.push(source_dest_checked(given("SourceDestCheck", value)?)?);
    }
    if let Some(SecureBlobAttributeValue { value }) = user_data {
        changes.push(Change::UserData(user_data::limited(value.unwrap_or_default())?));
    }
    match (attribute, value) {
        (Some(attribute), Some(value)) => changes.push(named(attribute, &value)?),
        (Some(attribute), None) if changes.is_empty() => {
            return Err(missing(format!("Attribute {attribute} needs a Value")));
        }
        (None, Some(_)) => return Err(missing("Value is given without Attribute")),
        (Some(_) | None, None) => {}
    }
    let change = changes.pop().ok_or_else(|| missing("no attribute is given"))?;
    if !changes.is_empty() {
        return Err(combination("a call modifies one attribute of an instance"));
    }
    carry_out(cx, &id, &change, dry_run).await
}

async fn carry_out(cx: &Context, id: &InstanceId, change: &Change, dry: Option<bool>) -> Result<(), AwsError> {
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let mut instance = Instance::clone(&*find(txn.view(), &scope, id)?);
        apply(txn.view(), &scope, &mut instance, change)?;
        dry_run(dry)?;
        txn.put(&scope, instance);
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(work).await)
}

fn given<T>(member: &str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| missing(format!("{member}.Value is not given")))
}

/// The older form: the attribute's name and its value as text.
fn named(attribute: InstanceAttributeName, value: &str) -> Result<Change, AwsError> {
    match attribute {
        InstanceAttributeName::InstanceType => type_of(value),
        InstanceAttributeName::UserData => Ok(Change::UserData(user_data::decode(value)?)),
        InstanceAttributeName::DisableApiTermination => Ok(Change::TerminationProtection(truth(value)?)),
        InstanceAttributeName::DisableApiStop => Ok(Change::StopProtection(truth(value)?)),
        InstanceAttributeName::InstanceInitiatedShutdownBehavior => Ok(Change::ShutdownBehavior(behavior(value)?)),
        InstanceAttributeName::SourceDestCheck => source_dest_checked(truth(value)?),
        InstanceAttributeName::GroupSet => Err(invalid("groupSet is changed by the member Groups")),
        InstanceAttributeName::Kernel
        | InstanceAttributeName::Ramdisk
        | InstanceAttributeName::RootDeviceName
        | InstanceAttributeName::BlockDeviceMapping
        | InstanceAttributeName::ProductCodes
        | InstanceAttributeName::EbsOptimized
        | InstanceAttributeName::SriovNetSupport
        | InstanceAttributeName::EnaSupport
        | InstanceAttributeName::EnclaveOptions => Err(unsupported(format!("attribute {attribute} cannot be changed"))),
    }
}

fn truth(value: &str) -> Result<bool, AwsError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid("Value has to be true or false")),
    }
}

fn behavior(value: &str) -> Result<ShutdownBehavior, AwsError> {
    match value {
        "stop" => Ok(ShutdownBehavior::Stop),
        "terminate" => Ok(ShutdownBehavior::Terminate),
        _ => Err(invalid("InstanceInitiatedShutdownBehavior has to be stop or terminate")),
    }
}

fn type_of(value: &str) -> Result<Change, AwsError> {
    Ok(Change::Type(known(value, ErrorCode::InvalidInstanceAttributeValue)?.name))
}

fn source_dest_checked(value: bool) -> Result<Change, AwsError> {
    match value {
        true => Ok(Change::SourceDestCheck),
        false => Err(unsupported("SourceDestCheck: instances do not forward packets yet, so the check stays on")),
    }
}

fn group_ids(groups: &[String]) -> Result<Vec<SecurityGroupId>, AwsError> {
    let groups = parse_all(groups)?;
    if groups.is_empty() {
        return Err(missing("Groups is empty; an instance has at least one security group"));
    }
    check_group_count(&groups).map_err(|error| errors::launch(&error))?;
    Ok(groups)
}

fn apply(view: &View, scope: &Scope, instance: &mut Instance, change: &Change) -> Result<(), AwsError> {
    if !instance.occupies() || instance.state == InstanceState::ShuttingDown {
        return Err(wrong_state(instance, "be modified"));
    }
    match change {
        Change::Type(name) => {
            refuse_unless_stopped(instance)?;
            instance.instance_type = (*name).to_owned();
        }
        Change::UserData(data) => {
            refuse_unless_stopped(instance)?;
            instance.user_data.clone_from(data);
        }
        Change::Groups(groups) => {
            for id in groups {
                let group = find(view, scope, id)?;
                if group.vpc_id != instance.vpc_id {
                    let message = format!("security group {id} and instance {} are in different VPCs", instance.id);
                    return Err(ErrorCode::InvalidParameter.error(message));
                }
            }
            instance.security_groups.clone_from(groups);
        }
        Change::TerminationProtection(on) => instance.termination_protection = *on,
        Change::StopProtection(on) => instance.stop_protection = *on,
        Change::ShutdownBehavior(behavior) => instance.shutdown_behavior = *behavior,
        Change::SourceDestCheck => {}
    }
    Ok(())
}

fn refuse_unless_stopped(instance: &Instance) -> Result<(), AwsError> {
    match instance.state {
        InstanceState::Stopped => Ok(()),
        InstanceState::Pending
        | InstanceState::Running
        | InstanceState::Stopping
        | InstanceState::ShuttingDown
        | InstanceState::Terminated => Err(wrong_state(instance, "have that changed")),
    }
}
