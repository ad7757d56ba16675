//! Machine images: those of the configuration, which everybody may launch, and those of the account.

use std::sync::Arc;

use api::ec2::ErrorCode;
use api::ec2::types::{
    self, ArchitectureValues, DescribeImagesRequest, DescribeImagesResult, DeviceType, HypervisorType, ImageTypeValues,
    VirtualizationType,
};
use model::ec2::image::{Image, ImageOwner, ImageSource, ImageState};
use model::id::ImageId;
use store::View;
use wire::AwsError;

use super::errors::invalid;
use super::filters::{Properties, nothing, plain, text};
use super::listing::Selection;
use super::resources::{not_found, parse_all};
use super::tags::to_wire;
use crate::context::Context;

/// The device that holds an image's files. It is a name only: instances have no volumes yet.
pub(super) const ROOT_DEVICE: &str = "/dev/xvda";
/// What AWS shows as platform and as billed operation of Linux images.
pub(super) const PLATFORM: &str = "Linux/UNIX";
/// See [`PLATFORM`].
pub(super) const USAGE_OPERATION: &str = "RunInstances";

/// The processor of this host, which is what every image runs on.
pub(super) fn architecture() -> ArchitectureValues {
    if cfg!(target_arch = "aarch64") { ArchitectureValues::Arm64 } else { ArchitectureValues::X86_64 }
}

/// Every image that the account sees in this region.
pub(super) fn all(cx: &Context, view: &View) -> Vec<Arc<Image>> {
    let own = view.list::<Image>(&cx.scope()).filter(|image| match image.state {
        ImageState::Pending | ImageState::Available | ImageState::Failed => true,
        ImageState::Deregistered => false,
    });
    cx.settings.images.iter().cloned().map(Arc::new).chain(own).collect()
}

/// The image of an id.
///
/// # Errors
/// `InvalidAMIID.NotFound`.
pub(super) fn find(cx: &Context, view: &View, id: &ImageId) -> Result<Arc<Image>, AwsError> {
    all(cx, view).into_iter().find(|image| image.id == *id).ok_or_else(|| not_found(id))
}

fn reason(image: &types::Image, of: fn(&types::StateReason) -> &Option<String>) -> Vec<String> {
    image.state_reason.as_ref().map(|reason| text(of(reason))).unwrap_or_default()
}

static PROPERTIES: Properties<types::Image> = Properties {
    named: &[
        ("architecture", |image| plain(image.architecture)),
        ("block-device-mapping.delete-on-termination", nothing),
        ("block-device-mapping.device-name", nothing),
        ("block-device-mapping.encrypted", nothing),
        ("block-device-mapping.snapshot-id", nothing),
        ("block-device-mapping.volume-size", nothing),
        ("block-device-mapping.volume-type", nothing),
        ("creation-date", |image| text(&image.creation_date)),
        ("description", |image| text(&image.description)),
        ("ena-support", |image| plain(image.ena_support)),
        ("hypervisor", |image| plain(image.hypervisor)),
        ("image-id", |image| text(&image.image_id)),
        ("image-type", |image| plain(image.image_type)),
        ("is-public", |image| plain(image.public)),
        ("kernel-id", nothing),
        ("manifest-location", |image| text(&image.image_location)),
        ("name", |image| text(&image.name)),
        ("owner-alias", |image| text(&image.image_owner_alias)),
        ("owner-id", |image| text(&image.owner_id)),
        // AWS's `platform` is `windows` or absent.
        ("platform", nothing),
        ("product-code", nothing),
        ("product-code.type", nothing),
        ("ramdisk-id", nothing),
        ("root-device-name", |image| text(&image.root_device_name)),
        ("root-device-type", |image| plain(image.root_device_type)),
        ("source-image-id", nothing),
        ("source-image-region", nothing),
        ("source-instance-id", |image| text(&image.source_instance_id)),
        ("state", |image| plain(image.state)),
        ("state-reason-code", |image| reason(image, |it| &it.code)),
        ("state-reason-message", |image| reason(image, |it| &it.message)),
        ("sriov-net-support", nothing),
        ("virtualization-type", |image| plain(image.virtualization_type)),
    ],
    tags: Some(|image| image.tags.as_deref().unwrap_or_default()),
};

/// No image is deprecated or disabled, so that including those makes no difference.
pub(super) fn describe(cx: &Context, input: DescribeImagesRequest) -> Result<DescribeImagesResult, AwsError> {
    let DescribeImagesRequest {
        dry_run,
        executable_users,
        filters,
        image_ids,
        include_deprecated: _,
        include_disabled: _,
        max_results,
        next_token,
        owners,
    } = input;
    let (ids, owners, users) =
        (image_ids.unwrap_or_default(), owners.unwrap_or_default(), executable_users.unwrap_or_default());
    check_accounts("Owner", &owners, &["self", "amazon", "aws-marketplace", "aws-backup-vault"])?;
    check_accounts("ExecutableBy", &users, &["self", "all"])?;
    let sought = parse_all::<ImageId>(&ids)?;
    let view = cx.store.view();
    for id in &sought {
        find(cx, &view, id)?;
    }
    let chosen = all(cx, &view).into_iter().filter(|image| {
        (sought.is_empty() || sought.contains(&image.id))
            && (owners.is_empty() || owners.iter().any(|owner| is_owner(cx, image, owner)))
            && (users.is_empty() || users.iter().any(|user| may_launch(cx, image, user)))
    });
    let items: Vec<_> = chosen.map(|image| (image.id.to_string(), shown(cx, &image))).collect();
    let chosen = (&ids, &owners, &users);
    let selection =
        Selection { operation: "DescribeImages", chosen: &chosen, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeImagesResult { images: Some(page.items), next_token: page.next })
}

fn check_accounts(member: &str, texts: &[String], words: &[&str]) -> Result<(), AwsError> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match texts.iter().find(|text| !words.contains(&text.as_str()) && !is_account(text)) {
        Some(text) => {
            let shown: String = text.chars().take(64).collect();
            Err(invalid(format!("{member}: `{shown}` is no account id and none of {}", words.join(", "))))
        }
        None => Ok(()),
    }
}

fn is_owner(cx: &Context, image: &Image, owner: &str) -> bool {
    match image.owner {
        // Those come with Goru; nobody's account has them.
        ImageOwner::BuiltIn => owner == "amazon" || owner == BUILT_IN_OWNER,
        ImageOwner::Account => owner == "self" || owner == cx.account,
    }
}

/// `self` are images that the account was given explicitly, `all` public ones.
fn may_launch(cx: &Context, image: &Image, user: &str) -> bool {
    match image.owner {
        ImageOwner::BuiltIn => user == "all",
        ImageOwner::Account => user == "self" || user == cx.account,
    }
}

/// The account that built-in images are shown with. It is nobody's.
const BUILT_IN_OWNER: &str = "000000000000";

fn shown(cx: &Context, image: &Image) -> types::Image {
    let (owner, alias, public) = match image.owner {
        ImageOwner::BuiltIn => (BUILT_IN_OWNER.to_owned(), Some("amazon".to_owned()), true),
        ImageOwner::Account => (cx.account.clone(), None, false),
    };
    types::Image {
        architecture: Some(architecture()),
        block_device_mappings: Some(Vec::new()),
        boot_mode: None,
        creation_date: Some(image.created_at.to_string()),
        description: Some(image.description.clone()),
        ena_support: Some(true),
        hypervisor: Some(HypervisorType::Xen),
        image_id: Some(image.id.to_string()),
        image_location: Some(location(image, alias.as_deref().unwrap_or(&owner))),
        image_owner_alias: alias,
        image_type: Some(ImageTypeValues::Machine),
        name: Some(image.name.clone()),
        owner_id: Some(owner),
        platform_details: Some(PLATFORM.to_owned()),
        product_codes: None,
        public: Some(public),
        root_device_name: Some(ROOT_DEVICE.to_owned()),
        root_device_type: Some(DeviceType::InstanceStore),
        source_instance_id: image.source_instance.as_ref().map(ToString::to_string),
        state: Some(match image.state {
            ImageState::Pending => types::ImageState::Pending,
            ImageState::Available => types::ImageState::Available,
            ImageState::Failed => types::ImageState::Failed,
            ImageState::Deregistered => types::ImageState::Deregistered,
        }),
        state_reason: image.state_reason.as_ref().map(|reason| types::StateReason {
            code: Some(reason.code.clone()),
            message: Some(reason.message.clone()),
        }),
        tags: Some(to_wire(&image.tags)),
        usage_operation: Some(USAGE_OPERATION.to_owned()),
        virtualization_type: Some(VirtualizationType::Hvm),
    }
}

/// Where its files are, if they are the user's; else what AWS shows of images that have snapshots.
fn location(image: &Image, owner: &str) -> String {
    match image.source {
        ImageSource::Directory(_) | ImageSource::RootFs(_) | ImageSource::Oci(_) => image.source.to_string(),
        ImageSource::Host | ImageSource::Site | ImageSource::Snapshot(_) => format!("{owner}/{}", image.name),
    }
}

/// For those that ask for an image and get none.
pub(super) fn id_missing() -> AwsError {
    ErrorCode::MissingParameter.error("ImageId is not given; `describe-images` lists what can be launched")
}
