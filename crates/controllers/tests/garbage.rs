//! What nobody can ask for any more is forgotten, and nothing else.
#![allow(clippy::unwrap_used)]

mod support;

use controllers::{Controller, garbage::Garbage};
use model::ec2::{
    image::{Image, ImageOwner, ImageState},
    instance::{Instance, InstanceState},
};
use support::{get, images, instance, put, surroundings};

fn image(id: &str, state: ImageState) -> Image {
    Image { id: id.parse().unwrap(), owner: ImageOwner::Account, state, ..images().remove(0) }
}

#[tokio::test]
async fn a_deregistered_image_is_forgotten_with_its_last_instance() {
    let (cx, _) = surroundings();
    let mut controller = Garbage;
    let (used, unused) = ("ami-0000000a", "ami-0000000b");
    put(&cx, image(used, ImageState::Deregistered)).await;
    put(&cx, image(unused, ImageState::Deregistered)).await;
    put(&cx, image("ami-00000001", ImageState::Available)).await;
    put(&cx, image("ami-00000002", ImageState::Pending)).await;
    put(&cx, image("ami-00000003", ImageState::Failed)).await;
    let stopped = Instance {
        image_id: used.parse().unwrap(),
        state: InstanceState::Stopped,
        ..instance(1, model::Timestamp::default())
    };
    put(&cx, stopped.clone()).await;
    controller.reconcile(&cx).await.unwrap();
    assert!(get::<Image>(&cx, unused).is_none());
    assert!(get::<Image>(&cx, used).is_some(), "its instance may boot again");
    put(&cx, Instance { state: InstanceState::Terminated, ..stopped }).await;
    controller.reconcile(&cx).await.unwrap();
    assert!(get::<Image>(&cx, used).is_none());
    assert_eq!(cx.store.view().all::<Image>().count(), 3, "those that are not deregistered stay");
}
