//! What is refused, in the codes of AWS.

use crate::world::World;

#[tokio::test]
async fn endpoints_that_cannot_be_are_refused() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    for (protocol, endpoint) in [
        ("email", "nobody"),
        ("email", "kim@example.com\r\nBcc: lee@example.com"),
        ("http", "https://example.com/"),
        ("https", "http://example.com/"),
        ("http", "http://127.0.0.1:4566/"),
        ("http", "http://[::1]:4566/"),
        ("http", "http://169.254.169.254/latest/meta-data/"),
        ("http", "http://0.0.0.0/"),
        ("http", "http://2130706433:4566/"),
        ("sms", "+15555550100"),
        ("sqs", "arn:aws:sqs:us-east-1:123456789012:q"),
        ("lambda", "arn:aws:lambda:us-east-1:123456789012:function:f"),
        ("smtp", "kim@example.com"),
    ] {
        let subscribe = [("TopicArn", topic.as_str()), ("Protocol", protocol), ("Endpoint", endpoint)];
        let reply = world.call("Subscribe", &subscribe).await;
        assert_eq!(reply.error(), (400, "InvalidParameter".to_owned()), "{protocol} {endpoint}");
    }
    assert!(world.deliveries().is_empty());
    let subscribe = [("TopicArn", topic.as_str()), ("Protocol", "http"), ("Endpoint", "http://127.0.0.1:9000/x")];
    world.call("Subscribe", &subscribe).await.ok();
}

#[tokio::test]
async fn messages_and_topics_that_cannot_be_are_refused() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    let missing = topic.replace(":web", ":none");
    let foreign = topic.replace("123456789012", "999999999999");
    let elsewhere = topic.replace("ap-northeast-2", "us-east-1");
    let long = "x".repeat(256 * 1024 + 1);
    for (parameters, status, code) in [
        (vec![("TopicArn", missing.as_str()), ("Message", "x")], 404, "NotFound"),
        (vec![("TopicArn", &foreign), ("Message", "x")], 403, "AuthorizationError"),
        (vec![("TopicArn", &elsewhere), ("Message", "x")], 400, "InvalidParameter"),
        (vec![("TopicArn", "web"), ("Message", "x")], 400, "InvalidParameter"),
        (vec![("Message", "x")], 400, "InvalidParameter"),
        (vec![("TopicArn", &topic)], 400, "ValidationError"),
        (vec![("TopicArn", &topic), ("Message", &long)], 400, "InvalidParameter"),
        (vec![("TopicArn", &topic), ("Message", "x"), ("Subject", "a\r\nBcc: x")], 400, "InvalidParameter"),
        (vec![("TopicArn", &topic), ("Message", "x"), ("MessageStructure", "xml")], 400, "InvalidParameter"),
        (vec![("TopicArn", &topic), ("Message", "x"), ("MessageStructure", "json")], 400, "InvalidParameter"),
        (vec![("PhoneNumber", "+15555550100"), ("Message", "x")], 400, "InvalidParameter"),
        (vec![("TopicArn", &topic), ("Message", "x"), ("MessageGroupId", "g")], 400, "InvalidParameter"),
    ] {
        let reply = world.call("Publish", &parameters).await;
        assert_eq!(reply.error(), (status, code.to_owned()), "{:.200?}", parameters);
    }
    for name in ["", "a b", "web.fifo", "알람"] {
        let reply = world.call("CreateTopic", &[("Name", name)]).await;
        assert_eq!(reply.status, 400, "{name}: {}", reply.text());
    }
}

#[tokio::test]
async fn attributes_of_subscriptions_are_kept_or_refused_by_name() {
    let world = World::new().await;
    let topic = world.topic("web").await;
    let mail = world.subscriber(&topic, "kim@example.com").await;
    let hook = world.subscribe(&topic, "http", "http://127.0.0.1:9000/").await;
    for (arn, name, value, accepted) in [
        (&mail, "FilterPolicy", r#"{"a":["b"]}"#, true),
        (&mail, "FilterPolicy", r#"{"a":"b"}"#, false),
        (&mail, "FilterPolicy", "", true),
        (&mail, "FilterPolicyScope", "MessageBody", true),
        (&mail, "FilterPolicyScope", "Both", false),
        (&mail, "RawMessageDelivery", "true", false),
        (&hook, "RawMessageDelivery", "true", true),
        (&mail, "DeliveryPolicy", r#"{"healthyRetryPolicy":{"numRetries":5}}"#, false),
        (&hook, "DeliveryPolicy", r#"{"healthyRetryPolicy":{"numRetries":5}}"#, true),
        (&hook, "DeliveryPolicy", r#"{"healthyRetryPolicy":{"numRetries":500}}"#, false),
        (&hook, "RedrivePolicy", "{}", false),
        (&hook, "Nonsense", "x", false),
    ] {
        let set = [("SubscriptionArn", arn.as_str()), ("AttributeName", name), ("AttributeValue", value)];
        let reply = world.call("SetSubscriptionAttributes", &set).await;
        let expected = if accepted { (200, String::new()) } else { (400, "InvalidParameter".to_owned()) };
        assert_eq!(reply.error(), expected, "{name} {value}");
    }
}
