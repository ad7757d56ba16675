//! Single attributes of images: the description can be changed, the others tell what there is.

use api::ec2::ErrorCode;
use api::ec2::types::{
    AttributeValue, DescribeImageAttributeRequest, ImageAttribute, ImageAttributeName, LaunchPermission,
    ModifyImageAttributeRequest, PermissionGroup,
};
use model::ec2::image::{Image, ImageOwner};
use model::id::ImageId;
use store::Transaction;
use wire::AwsError;

use super::errors::{combination, invalid, missing};
use super::image_making::refuse_configured;
use super::images::find;
use super::resources::parse;
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// The longest description, in characters (EC2 API reference, RegisterImage).
const MAXIMUM_DESCRIPTION_LENGTH: usize = 255;

/// Attributes that no image has are absent from the answer, as on AWS.
pub(super) fn describe(cx: &Context, input: DescribeImageAttributeRequest) -> Result<ImageAttribute, AwsError> {
    let DescribeImageAttributeRequest { attribute, dry_run: dry, image_id } = input;
    let image = find(cx, &cx.store.view(), &parse::<ImageId>(&image_id)?)?;
    dry_run(dry)?;
    let value = |text: &str| Some(AttributeValue { value: Some(text.to_owned()) });
    let mut shown = ImageAttribute { image_id: Some(image.id.to_string()), ..Default::default() };
    match attribute {
        ImageAttributeName::Description => shown.description = value(&image.description),
        ImageAttributeName::LaunchPermission => shown.launch_permissions = Some(permissions(&image)),
        ImageAttributeName::ProductCodes => shown.product_codes = Some(Vec::new()),
        ImageAttributeName::BlockDeviceMapping => shown.block_device_mappings = Some(Vec::new()),
        ImageAttributeName::DeregistrationProtection => shown.deregistration_protection = value("disabled"),
        ImageAttributeName::Kernel
        | ImageAttributeName::Ramdisk
        | ImageAttributeName::SriovNetSupport
        | ImageAttributeName::BootMode
        | ImageAttributeName::TpmSupport
        | ImageAttributeName::UefiData
        | ImageAttributeName::LastLaunchedTime
        | ImageAttributeName::ImdsSupport => {}
    }
    Ok(shown)
}

fn permissions(image: &Image) -> Vec<LaunchPermission> {
    match image.owner {
        ImageOwner::BuiltIn => vec![LaunchPermission { group: Some(PermissionGroup::All), ..Default::default() }],
        ImageOwner::Account => Vec::new(),
    }
}

pub(super) async fn modify(cx: &Context, input: ModifyImageAttributeRequest) -> Result<(), AwsError> {
    let ModifyImageAttributeRequest { attribute, description, dry_run: dry, image_id, value } = input;
    let id = parse::<ImageId>(&image_id)?;
    let description = wanted(attribute.as_deref(), description, value)?;
    if description.chars().count() > MAXIMUM_DESCRIPTION_LENGTH {
        return Err(invalid(format!("Description has more than {MAXIMUM_DESCRIPTION_LENGTH} characters")));
    }
    let scope = cx.scope();
    let change = |txn: &mut Transaction| {
        let image = find(cx, txn.view(), &id)?;
        refuse_configured(cx, &id)?;
        dry_run(dry)?;
        txn.put(&scope, Image { description: description.clone(), ..Image::clone(&image) });
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(change).await)
}

/// The new description, in either of the two forms.
fn wanted(
    attribute: Option<&str>,
    description: Option<AttributeValue>,
    value: Option<String>,
) -> Result<String, AwsError> {
    let none = || missing("no attribute is given: Description");
    match (attribute, description, value) {
        (None, Some(AttributeValue { value }), None) => value.ok_or_else(none),
        (Some("description"), None, Some(value)) => Ok(value),
        (Some("description"), None, None) => Err(missing("Value is not given")),
        (Some("description") | None, Some(_), _) => {
            Err(combination("Description says it all; Attribute and Value are another way to say it"))
        }
        (Some(other), _, _) => {
            let shown: String = other.chars().take(64).collect();
            Err(ErrorCode::UnsupportedOperation
                .error(format!("Attribute `{shown}`: the one that changes is description")))
        }
        (None, None, _) => Err(none()),
    }
}
