//! Topics: made once, listed in pages, changed, deleted with their subscriptions.

use crate::world::World;

async fn attribute(world: &World, topic: &str, name: &str) -> Option<String> {
    let reply = world.call("GetTopicAttributes", &[("TopicArn", topic)]).await.ok();
    reply.all("key").into_iter().zip(reply.all("value")).find(|(key, _)| key == name).map(|(_, value)| value)
}

#[tokio::test]
async fn making_a_topic_twice_gives_the_same_one() {
    let world = World::new().await;
    let first = world.topic("web").await;
    assert_eq!(first, "arn:aws:sns:ap-northeast-2:123456789012:web");
    assert_eq!(world.topic("web").await, first);
    let other = [("Name", "web"), ("Attributes.entry.1.key", "DisplayName"), ("Attributes.entry.1.value", "x")];
    assert_eq!(world.call("CreateTopic", &other).await.error(), (400, "InvalidParameter".to_owned()));
    let tagged = [("Name", "web"), ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")];
    assert_eq!(world.call("CreateTopic", &tagged).await.error(), (400, "InvalidParameter".to_owned()));
    assert_eq!(world.call("ListTopics", &[]).await.ok().all("TopicArn"), [first]);
}

#[tokio::test]
async fn topics_come_in_pages_of_a_hundred() {
    let world = World::new().await;
    for n in 0..101 {
        world.topic(&format!("t{n:03}")).await;
    }
    let first = world.call("ListTopics", &[]).await.ok();
    assert_eq!(first.all("TopicArn").len(), 100);
    let token = first.one("NextToken");
    let second = world.call("ListTopics", &[("NextToken", &token)]).await.ok();
    assert_eq!(second.all("TopicArn"), ["arn:aws:sns:ap-northeast-2:123456789012:t100"]);
    assert_eq!(world.call("ListSubscriptions", &[("NextToken", &token)]).await.error().1, "InvalidParameter");
}

#[tokio::test]
async fn attributes_are_kept_or_refused_by_name() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    let allow = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sns:Publish"}}"#;
    let deny = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish"}]}"#;
    let retries = r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":9}}}"#;
    for (name, value, accepted) in [
        ("DisplayName", "Web team", true),
        ("DisplayName", "a\r\nBcc: x@example.com", false),
        ("SignatureVersion", "2", true),
        ("SignatureVersion", "3", false),
        ("Policy", allow, true),
        ("Policy", deny, false),
        ("Policy", "{}", false),
        ("DeliveryPolicy", retries, true),
        ("DeliveryPolicy", "[]", false),
        ("TracingConfig", "PassThrough", true),
        ("TracingConfig", "Active", false),
        ("KmsMasterKeyId", "alias/aws/sns", false),
        ("HTTPSuccessFeedbackRoleArn", "arn:aws:iam::123456789012:role/x", false),
        ("FifoTopic", "true", false),
        ("Nonsense", "x", false),
    ] {
        let set = [("TopicArn", topic.as_str()), ("AttributeName", name), ("AttributeValue", value)];
        let reply = world.call("SetTopicAttributes", &set).await;
        let expected = if accepted { (200, String::new()) } else { (400, "InvalidParameter".to_owned()) };
        assert_eq!(reply.error(), expected, "{name} {value}");
    }
    assert_eq!(attribute(&world, &topic, "DisplayName").await.as_deref(), Some("Web team"));
    assert_eq!(attribute(&world, &topic, "SignatureVersion").await.as_deref(), Some("2"));
    let effective = attribute(&world, &topic, "EffectiveDeliveryPolicy").await.unwrap();
    assert!(effective.contains("numRetries&quot;:9") || effective.contains("numRetries\":9"), "{effective}");
}

#[tokio::test]
async fn deleting_a_topic_deletes_its_subscriptions_and_no_others() {
    let world = World::new().await;
    let (web, website) = (world.topic("web").await, world.topic("website").await);
    world.subscriber(&web, "kim@example.com").await;
    let kept = world.subscriber(&website, "lee@example.com").await;
    for _ in 0..2 {
        world.call("DeleteTopic", &[("TopicArn", &web)]).await.ok();
    }
    assert_eq!(world.call("ListSubscriptions", &[]).await.ok().all("SubscriptionArn"), [kept]);
    let gone = world.call("ListSubscriptionsByTopic", &[("TopicArn", &web)]).await;
    assert_eq!(gone.error(), (404, "NotFound".to_owned()));
}
