//! Subscriptions: asked, confirmed by token, left by link, forgotten.

use std::time::Duration;

use crate::world::World;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn a_subscription_waits_until_its_token_is_shown() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    let subscribe = [("TopicArn", topic.as_str()), ("Protocol", "email"), ("Endpoint", "kim@example.com")];
    let reply = world.call("Subscribe", &subscribe).await.ok();
    assert_eq!(reply.one("SubscriptionArn"), "pending confirmation");
    let listed = world.call("ListSubscriptionsByTopic", &[("TopicArn", &topic)]).await.ok();
    assert_eq!(listed.one("SubscriptionArn"), "PendingConfirmation");
    world.call("Publish", &[("TopicArn", &topic), ("Message", "too early")]).await.ok();
    assert!(world.notifications().is_empty());

    let token = world.token("kim@example.com");
    let query = format!("Action=ConfirmSubscription&TopicArn={topic}&Token={token}");
    let arn = world.open(&query, "*/*").await.ok().one("SubscriptionArn");
    assert!(arn.starts_with(&format!("{topic}:")), "{arn}");
    // Again is the same, and asking to be subscribed again asks nobody.
    assert_eq!(world.open(&query, "*/*").await.ok().one("SubscriptionArn"), arn);
    let asked = world.deliveries().len();
    assert_eq!(world.call("Subscribe", &subscribe).await.ok().one("SubscriptionArn"), arn);
    assert_eq!(world.deliveries().len(), asked);
    world.call("Publish", &[("TopicArn", &topic), ("Message", "now")]).await.ok();
    assert_eq!(world.notifications(), [("kim@example.com".to_owned(), String::new(), "now".to_owned())]);
}

#[tokio::test]
async fn asking_again_sends_another_token_and_ends_the_first() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    let first_arn = world.subscribe(&topic, "email", "kim@example.com").await;
    let first = world.token("kim@example.com");
    world.server.clock.advance(Duration::from_secs(1));
    assert_eq!(world.subscribe(&topic, "email", "kim@example.com").await, first_arn);
    let second = world.token("kim@example.com");
    for (token, expected) in [(first, (400, "InvalidParameter".to_owned())), (second, (200, String::new()))] {
        let reply = world.call("ConfirmSubscription", &[("TopicArn", &topic), ("Token", &token)]).await;
        assert_eq!(reply.error(), expected);
    }
}

#[tokio::test]
async fn a_token_ends_after_three_days() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    world.subscribe(&topic, "email", "kim@example.com").await;
    let token = world.token("kim@example.com");
    world.server.clock.advance(DAY * 3);
    let query = format!("Action=ConfirmSubscription&TopicArn={topic}&Token={token}");
    let page = world.open(&query, "text/html").await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("older than three days"), "{}", page.text());
    let listed = world.call("ListSubscriptionsByTopic", &[("TopicArn", &topic)]).await.ok();
    assert!(listed.all("SubscriptionArn").is_empty());
}

#[tokio::test]
async fn the_link_leaves_and_its_farewell_leads_back() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    let arn = world.subscriber(&topic, "kim@example.com").await;
    world.server.clock.advance(Duration::from_secs(1));
    let leave = format!("Action=Unsubscribe&SubscriptionArn={arn}");
    for _ in 0..2 {
        assert!(world.open(&leave, "text/html").await.ok().text().contains("Subscription removed"));
    }
    let listed = world.call("ListSubscriptions", &[]).await.ok();
    assert_eq!(listed.one("SubscriptionArn"), "Deleted");
    world.call("Publish", &[("TopicArn", &topic), ("Message", "x")]).await.ok();
    assert!(world.notifications().is_empty());
    let token = world.token("kim@example.com");
    world.open(&format!("Action=ConfirmSubscription&TopicArn={topic}&Token={token}"), "*/*").await.ok();
    world.call("Publish", &[("TopicArn", &topic), ("Message", "x")]).await.ok();
    assert_eq!(world.notifications().len(), 1);
}

#[tokio::test]
async fn who_wants_signed_calls_is_not_unsubscribed_by_a_link() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    let arn = world.subscribe(&topic, "email", "kim@example.com").await;
    let token = world.token("kim@example.com");
    let confirm = [("TopicArn", topic.as_str()), ("Token", &token), ("AuthenticateOnUnsubscribe", "true")];
    world.call("ConfirmSubscription", &confirm).await.ok();
    let leave = world.open(&format!("Action=Unsubscribe&SubscriptionArn={arn}"), "*/*").await;
    assert_eq!(leave.error(), (403, "AuthorizationError".to_owned()));
    world.call("Unsubscribe", &[("SubscriptionArn", &arn)]).await.ok();
    let gone = world.call("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]).await;
    assert_eq!(gone.error(), (404, "NotFound".to_owned()));
}

#[tokio::test]
async fn only_the_two_links_need_no_signature() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    for query in [
        format!("Action=Publish&TopicArn={topic}&Message=x&Version=2010-03-31"),
        format!("Action=DeleteTopic&TopicArn={topic}&Version=2010-03-31"),
        "Action=ListTopics&Version=2010-03-31".to_owned(),
        format!("Action=Subscribe&TopicArn={topic}&Protocol=email&Endpoint=a%40b.example&Version=2010-03-31"),
        "Action=ConfirmSubscription&Version=2010-03-31".to_owned(),
    ] {
        let reply = world.open(&query, "*/*").await;
        assert_eq!(reply.status, 403, "{query}: {}", reply.text());
    }
    assert!(world.deliveries().is_empty());
}
