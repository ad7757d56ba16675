//! Keeps true that images that were asked for have their files, and that files which no image needs go.

use crate::controller::{Context, Controller, ControllerError, Next};
use compute::Driver;
use model::{
    Scope, Timestamp,
    ec2::{
        image::{Image, ImageSource, ImageState},
        instance::StateReason,
    },
    event::Event,
    id::SnapshotId,
};
use std::{collections::BTreeSet, convert::Infallible, sync::Arc};
use store::{Kind, Transaction, View};
use tokio::task::JoinSet;

/// The controller.
pub struct Images {
    driver: Arc<Driver>,
}

/// An image that was made, or why it could not be.
struct Made {
    scope: Scope,
    image: Arc<Image>,
    result: Result<(), String>,
}

impl Images {
    /// With the driver that has the files.
    pub fn new(driver: Arc<Driver>) -> Self {
        Self { driver }
    }

    async fn make_all(&self, pending: Vec<(Scope, Arc<Image>)>) -> Vec<Made> {
        let mut work = JoinSet::new();
        for (scope, image) in pending {
            let driver = self.driver.clone();
            work.spawn(async move {
                let result = make(&driver, &image).await;
                Made { scope, image, result }
            });
        }
        work.join_all().await
    }

    /// Forgets the files of images that have no record any more. Those that were imported stay: they are the user's.
    async fn forget_others(&self, named: BTreeSet<SnapshotId>) -> Result<(), ControllerError> {
        let driver = self.driver.clone();
        let work = tokio::task::spawn_blocking(move || {
            let Some(images) = driver.images() else { return Ok(0) };
            let mut forgotten = false;
            for image in images.list() {
                if matches!(&image.source, ImageSource::Snapshot(id) if !named.contains(id)) {
                    forgotten |= images.forget(&image.source)?;
                }
            }
            if forgotten { images.collect() } else { Ok(0) }
        });
        let deleted = work.await.map_err(|error| ControllerError::of("forgetting images", error))?;
        let deleted = deleted.map_err(|error| ControllerError::of("forgetting images", error))?;
        if deleted > 0 {
            tracing::info!(layers = deleted, "files of images that nobody needs were deleted");
        }
        Ok(())
    }
}

impl Controller for Images {
    const NAME: &'static str = "images";
    const INTERESTS: &'static [Kind] = &[Kind::Image];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let view = cx.store.view();
        // decide
        let pending: Vec<(Scope, Arc<Image>)> =
            view.all::<Image>().filter(|(_, image)| image.state == ImageState::Pending).collect();
        // act
        if !pending.is_empty() {
            let made = self.make_all(pending).await;
            let now = cx.clock.now();
            let write = |txn: &mut Transaction| -> Result<(), Infallible> {
                made.iter().for_each(|made| note(txn, made, now));
                Ok(())
            };
            cx.store.transact(write).await.map_err(|error| ControllerError::of("writing images", error))?;
        }
        self.forget_others(snapshots(&cx.store.view())).await?;
        Ok(Next::OnChange)
    }
}

fn snapshots(view: &View) -> BTreeSet<SnapshotId> {
    let snapshot = |image: &Image| match &image.source {
        ImageSource::Snapshot(id) => Some(id.clone()),
        ImageSource::Host
        | ImageSource::Site
        | ImageSource::Directory(_)
        | ImageSource::RootFs(_)
        | ImageSource::Oci(_) => None,
    };
    view.all::<Image>().filter_map(|(_, image)| snapshot(&image)).collect()
}

async fn make(driver: &Driver, image: &Image) -> Result<(), String> {
    let (ImageSource::Snapshot(snapshot), Some(instance)) = (&image.source, &image.source_instance) else {
        return Err("its record does not say of what it is to be made".to_owned());
    };
    driver.capture(instance, snapshot, !image.no_reboot).await.map(drop).map_err(|error| error.to_string())
}

/// Moves an image on, unless it was deregistered meanwhile.
fn note(txn: &mut Transaction, made: &Made, now: Timestamp) {
    let Some(current) = txn.get::<Image>(&made.scope, &made.image.id) else { return };
    if current.state != ImageState::Pending {
        return;
    }
    let of = current.source_instance.as_ref().map(ToString::to_string).unwrap_or_default();
    let (state, state_reason, what, message) = match &made.result {
        Ok(()) => (ImageState::Available, None, "image-available", format!("it was made of {of}")),
        Err(error) => {
            let reason = StateReason { code: "Client.ImageCreationFailed".to_owned(), message: error.clone() };
            (ImageState::Failed, Some(reason), "image-failed", format!("it cannot be made of {of}: {error}"))
        }
    };
    txn.append_event(Event {
        at: now,
        scope: made.scope.clone(),
        subject: current.id.to_string(),
        what: what.to_owned(),
        message,
    });
    txn.put(&made.scope, Image { state, state_reason, ..Image::clone(&current) });
}
