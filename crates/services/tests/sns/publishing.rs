//! Publishing: who gets what.

use crate::world::World;

#[tokio::test]
async fn every_subscriber_that_wants_it_gets_the_message_once() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    world.subscriber(&topic, "all@example.com").await;
    let picky = world.subscriber(&topic, "high@example.com").await;
    let filter = [
        ("SubscriptionArn", picky.as_str()),
        ("AttributeName", "FilterPolicy"),
        ("AttributeValue", r#"{"level":["high"]}"#),
    ];
    world.call("SetSubscriptionAttributes", &filter).await.ok();
    for level in ["low", "high"] {
        let message = [
            ("TopicArn", topic.as_str()),
            ("Message", level),
            ("Subject", "s"),
            ("MessageAttributes.entry.1.Name", "level"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", level),
        ];
        world.call("Publish", &message).await.ok();
    }
    let mut got = world.notifications();
    got.sort();
    let line = |to: &str, body: &str| (to.to_owned(), "s".to_owned(), body.to_owned());
    assert_eq!(
        got,
        [line("all@example.com", "high"), line("all@example.com", "low"), line("high@example.com", "high"),]
    );
}

#[tokio::test]
async fn a_structured_message_has_a_text_for_each_protocol() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    world.subscriber(&topic, "kim@example.com").await;
    let message = [
        ("TargetArn", topic.as_str()),
        ("Message", r#"{"default":"d","email":"for mail"}"#),
        ("MessageStructure", "json"),
    ];
    world.call("Publish", &message).await.ok();
    assert_eq!(world.notifications()[0].2, "for mail");
}

#[tokio::test]
async fn a_full_queue_refuses_and_writes_nothing() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    world.subscriber(&topic, "kim@example.com").await;
    let long = "x".repeat(256 * 1024);
    let message = [("TopicArn", topic.as_str()), ("Message", long.as_str())];
    let fits = model::sns::delivery::MAXIMUM_WAITING_BYTES / long.len();
    for _ in 0..fits {
        world.call("Publish", &message).await.ok();
    }
    assert_eq!(world.call("Publish", &message).await.error(), (429, "Throttled".to_owned()));
    assert_eq!(world.notifications().len(), fits);
}
