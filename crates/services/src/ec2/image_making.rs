//! Images of the account: registered from files of the host, made of an instance, deregistered.
//!
//! CreateImage writes what is wanted: a pending image that names its instance. Whoever runs instances makes its files and
//! moves it on. Files that RegisterImage names are looked at when an instance starts.

use api::ec2::ErrorCode;
use api::ec2::types::{
    ArchitectureValues, CopyImageRequest, CopyImageResult, CreateImageRequest, CreateImageResult,
    DeregisterImageRequest, DeregisterImageResult, RegisterImageRequest, RegisterImageResult,
};
use model::Scope;
use model::ec2::image::{
    DEFAULT_PORT, Image, ImageOwner, ImageSource, ImageState, InvalidImage, MAXIMUM_IMAGES, check_name,
};
use model::ec2::instance::{Instance, InstanceState};
use model::id::{ImageId, InstanceId, SnapshotId};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{invalid, missing, unsupported};
use super::images::{all, architecture, find};
use super::resources::{self, parse};
use super::tags::specified_for;
use crate::context::{Context, InstanceFiles};
use crate::handler::committed;
use crate::idempotency::dry_run;

pub(super) async fn register(cx: &Context, input: RegisterImageRequest) -> Result<RegisterImageResult, AwsError> {
    let RegisterImageRequest {
        architecture,
        description,
        dry_run,
        image_location,
        name,
        tag_specifications,
        virtualization_type,
    } = input;
    named(&name)?;
    check_machine(architecture, virtualization_type.as_deref())?;
    let location = image_location.ok_or_else(|| {
        missing("ImageLocation is not given: directory:PATH, rootfs:FILE.tar or oci:PATH, of files of this host")
    })?;
    let image = Image {
        id: cx.mint(ImageId::mint),
        name,
        description: description.unwrap_or_default(),
        owner: ImageOwner::Account,
        source: source(&location)?,
        boot: None,
        port: DEFAULT_PORT,
        created_at: cx.now,
        tags: specified_for(tag_specifications, "image")?,
        state: ImageState::Available,
        state_reason: None,
        source_instance: None,
        no_reboot: false,
    };
    insert(cx, &image, dry_run, |_| Ok(())).await?;
    Ok(RegisterImageResult { image_id: Some(image.id.to_string()) })
}

fn named(name: &str) -> Result<(), AwsError> {
    check_name(name).map_err(|error| ErrorCode::InvalidAMINameMalformed.error(error.to_string()))
}

fn check_machine(given: Option<ArchitectureValues>, virtualization: Option<&str>) -> Result<(), AwsError> {
    if let Some(given) = given.filter(|given| *given != architecture()) {
        let here = architecture();
        return Err(unsupported(format!("Architecture is {given}; instances run on this host's processor, {here}")));
    }
    match virtualization {
        None | Some("hvm") => Ok(()),
        Some("paravirtual") => Err(unsupported("VirtualizationType paravirtual: the only one is hvm")),
        Some(_) => Err(invalid("VirtualizationType has to be hvm")),
    }
}

fn source(location: &str) -> Result<ImageSource, AwsError> {
    let refused = |error: InvalidImage| invalid(format!("ImageLocation: {error}"));
    let source: ImageSource = location.parse().map_err(refused)?;
    source.check_path().map_err(refused)?;
    match source {
        ImageSource::Directory(_) | ImageSource::RootFs(_) | ImageSource::Oci(_) => Ok(source),
        ImageSource::Host | ImageSource::Site | ImageSource::Snapshot(_) => Err(invalid(
            "ImageLocation: the host's own programs are an image already; give directory:, rootfs: or oci:",
        )),
    }
}

async fn insert(
    cx: &Context,
    image: &Image,
    dry: Option<bool>,
    check: impl Fn(&View) -> Result<(), AwsError>,
) -> Result<(), AwsError> {
    let scope = cx.scope();
    let put = |txn: &mut Transaction| {
        check(txn.view())?;
        refuse_if_there(cx, txn.view(), &scope, &image.name)?;
        dry_run(dry)?;
        txn.put(&scope, image.clone());
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(put).await)
}

fn refuse_if_there(cx: &Context, view: &View, scope: &Scope, name: &str) -> Result<(), AwsError> {
    let own = |image: &Image| matches!(image.owner, ImageOwner::Account);
    if let Some(taken) = all(cx, view).into_iter().find(|image| own(image) && image.name == name) {
        let message = format!("AMI name {name} is already in use by AMI {}", taken.id);
        return Err(ErrorCode::InvalidAMINameDuplicate.error(message));
    }
    if view.list::<Image>(scope).count() >= MAXIMUM_IMAGES {
        let message = format!("this region already has {MAXIMUM_IMAGES} images, the most there can be");
        return Err(ErrorCode::ResourceLimitExceeded.error(message));
    }
    Ok(())
}

pub(super) async fn create(cx: &Context, input: CreateImageRequest) -> Result<CreateImageResult, AwsError> {
    let CreateImageRequest { description, dry_run, instance_id, name, no_reboot, tag_specifications } = input;
    named(&name)?;
    let id = parse::<InstanceId>(&instance_id)?;
    let tags = specified_for(tag_specifications, "image")?;
    let view = cx.store.view();
    let instance = resources::find(&view, &cx.scope(), &id)?;
    // What runs at every boot is part of what the instance was launched from, not of its files.
    let (boot, port) =
        launched_from(cx, &view, &instance).map_or((None, DEFAULT_PORT), |image| (image.boot, image.port));
    let image = Image {
        id: cx.mint(ImageId::mint),
        name,
        description: description.unwrap_or_default(),
        owner: ImageOwner::Account,
        source: ImageSource::Snapshot(cx.mint(SnapshotId::mint)),
        boot,
        port,
        created_at: cx.now,
        tags,
        state: ImageState::Pending,
        state_reason: None,
        source_instance: Some(id.clone()),
        no_reboot: no_reboot.unwrap_or_default(),
    };
    let scope = cx.scope();
    insert(cx, &image, dry_run, |view| refuse_source(cx, &*resources::find(view, &scope, &id)?)).await?;
    Ok(CreateImageResult { image_id: Some(image.id.to_string()) })
}

/// The image of an instance, also one that was deregistered since.
fn launched_from(cx: &Context, view: &View, instance: &Instance) -> Option<Image> {
    let configured = cx.settings.images.iter().find(|image| image.id == instance.image_id).cloned();
    configured.or_else(|| view.get::<Image>(&cx.scope(), &instance.image_id).map(|image| Image::clone(&image)))
}

fn refuse_source(cx: &Context, instance: &Instance) -> Result<(), AwsError> {
    match cx.settings.instance_files {
        InstanceFiles::Own => {}
        InstanceFiles::OfHost => {
            let message = format!(
                "instance {} has no root file system of its own that an image could be made of: the driver that runs it \
                 lets instances use the host's",
                instance.id
            );
            return Err(unsupported(message));
        }
    }
    match instance.state {
        InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped => Ok(()),
        InstanceState::Pending | InstanceState::ShuttingDown | InstanceState::Terminated => {
            let message = format!(
                "instance {} is {}; an image is made of one that is running or stopped",
                instance.id,
                instance.state.name()
            );
            Err(ErrorCode::IncorrectInstanceState.error(message))
        }
    }
}

/// Nothing is launched from it any more. Instances that are there go on, and boot again: while there are some, the
/// record stays out of sight.
pub(super) async fn deregister(cx: &Context, input: DeregisterImageRequest) -> Result<DeregisterImageResult, AwsError> {
    // An image's files go with the last that uses them, whether or not that is asked for.
    let DeregisterImageRequest { delete_associated_snapshots: _, dry_run: dry, image_id } = input;
    let id = parse::<ImageId>(&image_id)?;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let image = find(cx, txn.view(), &id)?;
        refuse_configured(cx, &id)?;
        dry_run(dry)?;
        let used = txn.list::<Instance>(&scope).any(|instance| instance.occupies() && instance.image_id == id);
        match used {
            true => txn.put(&scope, Image { state: ImageState::Deregistered, ..Image::clone(&image) }),
            false => drop(txn.delete::<Image>(&scope, &id)),
        }
        Ok::<(), AwsError>(())
    };
    committed(cx.store.transact(remove).await)?;
    Ok(DeregisterImageResult { delete_snapshot_results: None, r#return: Some(true) })
}

/// Images of the configuration are changed there.
///
/// # Errors
/// `UnsupportedOperation`.
pub(super) fn refuse_configured(cx: &Context, id: &ImageId) -> Result<(), AwsError> {
    match cx.settings.images.iter().any(|image| image.id == *id) {
        true => Err(unsupported(format!("image {id} is built in or of the configuration; it cannot be changed here"))),
        false => Ok(()),
    }
}

/// Every region is on the same host, so there is nowhere to copy an image to.
pub(super) fn copy(input: CopyImageRequest) -> Result<CopyImageResult, AwsError> {
    let CopyImageRequest {
        client_token: _,
        copy_image_tags: _,
        description: _,
        dry_run: _,
        name: _,
        source_image_id,
        source_region,
        tag_specifications: _,
    } = input;
    let shown = |text: &str| text.chars().take(64).collect::<String>();
    Err(unsupported(format!(
        "CopyImage: images are not copied between regions; register the files of {} of {} in this one with RegisterImage",
        shown(&source_image_id),
        shown(&source_region)
    )))
}
