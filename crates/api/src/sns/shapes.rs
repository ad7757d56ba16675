//! Shape tables of SNS (2010-03-31).
//!
//! Written by `cargo xtask codegen` from `shapes/sns.json` and `shapes/sns.toml`; change those instead.

use wire::shape::{BLOB, BOOLEAN, Kind, Member, STRING, Shape};

pub static AMAZON_RESOURCE_NAME: Shape = Shape::new("AmazonResourceName", Kind::String).min(1.0).max(1011.0);
pub static BATCH_RESULT_ERROR_ENTRY: Shape = Shape::structure(
    "BatchResultErrorEntry",
    &[
        Member::new("Code", &STRING),
        Member::new("Id", &STRING),
        Member::new("Message", &STRING),
        Member::new("SenderFault", &BOOLEAN),
    ],
);
pub static BATCH_RESULT_ERROR_ENTRY_LIST: Shape = Shape::list("BatchResultErrorEntryList", &BATCH_RESULT_ERROR_ENTRY);
pub static CONFIRM_SUBSCRIPTION_INPUT: Shape = Shape::structure(
    "ConfirmSubscriptionInput",
    &[
        Member::new("AuthenticateOnUnsubscribe", &STRING),
        Member::new("Token", &STRING).required(),
        Member::new("TopicArn", &STRING).required(),
    ],
);
pub static CONFIRM_SUBSCRIPTION_RESPONSE: Shape =
    Shape::structure("ConfirmSubscriptionResponse", &[Member::new("SubscriptionArn", &STRING)]);
pub static CREATE_TOPIC_INPUT: Shape = Shape::structure(
    "CreateTopicInput",
    &[
        Member::new("Attributes", &TOPIC_ATTRIBUTES_MAP),
        Member::refused("DataProtectionPolicy", "data protection policies are not part of Goru"),
        Member::new("Name", &STRING).required(),
        Member::new("Tags", &TAG_LIST),
    ],
);
pub static CREATE_TOPIC_RESPONSE: Shape = Shape::structure("CreateTopicResponse", &[Member::new("TopicArn", &STRING)]);
pub static DELETE_TOPIC_INPUT: Shape =
    Shape::structure("DeleteTopicInput", &[Member::new("TopicArn", &STRING).required()]);
pub static GET_SUBSCRIPTION_ATTRIBUTES_INPUT: Shape =
    Shape::structure("GetSubscriptionAttributesInput", &[Member::new("SubscriptionArn", &STRING).required()]);
pub static GET_SUBSCRIPTION_ATTRIBUTES_RESPONSE: Shape =
    Shape::structure("GetSubscriptionAttributesResponse", &[Member::new("Attributes", &SUBSCRIPTION_ATTRIBUTES_MAP)]);
pub static GET_TOPIC_ATTRIBUTES_INPUT: Shape =
    Shape::structure("GetTopicAttributesInput", &[Member::new("TopicArn", &STRING).required()]);
pub static GET_TOPIC_ATTRIBUTES_RESPONSE: Shape =
    Shape::structure("GetTopicAttributesResponse", &[Member::new("Attributes", &TOPIC_ATTRIBUTES_MAP)]);
pub static LIST_SUBSCRIPTIONS_BY_TOPIC_INPUT: Shape = Shape::structure(
    "ListSubscriptionsByTopicInput",
    &[Member::new("NextToken", &STRING), Member::new("TopicArn", &STRING).required()],
);
pub static LIST_SUBSCRIPTIONS_BY_TOPIC_RESPONSE: Shape = Shape::structure(
    "ListSubscriptionsByTopicResponse",
    &[Member::new("NextToken", &STRING), Member::new("Subscriptions", &SUBSCRIPTIONS_LIST)],
);
pub static LIST_SUBSCRIPTIONS_INPUT: Shape =
    Shape::structure("ListSubscriptionsInput", &[Member::new("NextToken", &STRING)]);
pub static LIST_SUBSCRIPTIONS_RESPONSE: Shape = Shape::structure(
    "ListSubscriptionsResponse",
    &[Member::new("NextToken", &STRING), Member::new("Subscriptions", &SUBSCRIPTIONS_LIST)],
);
pub static LIST_TAGS_FOR_RESOURCE_REQUEST: Shape =
    Shape::structure("ListTagsForResourceRequest", &[Member::new("ResourceArn", &AMAZON_RESOURCE_NAME).required()]);
pub static LIST_TAGS_FOR_RESOURCE_RESPONSE: Shape =
    Shape::structure("ListTagsForResourceResponse", &[Member::new("Tags", &TAG_LIST)]);
pub static LIST_TOPICS_INPUT: Shape = Shape::structure("ListTopicsInput", &[Member::new("NextToken", &STRING)]);
pub static LIST_TOPICS_RESPONSE: Shape =
    Shape::structure("ListTopicsResponse", &[Member::new("NextToken", &STRING), Member::new("Topics", &TOPICS_LIST)]);
pub static MESSAGE_ATTRIBUTE_MAP: Shape =
    Shape::map_of("MessageAttributeMap", &STRING, &MESSAGE_ATTRIBUTE_VALUE, "Name", "Value", false);
pub static MESSAGE_ATTRIBUTE_VALUE: Shape = Shape::structure(
    "MessageAttributeValue",
    &[
        Member::new("BinaryValue", &BLOB),
        Member::new("DataType", &STRING).required(),
        Member::new("StringValue", &STRING),
    ],
);
pub static PUBLISH_BATCH_INPUT: Shape = Shape::structure(
    "PublishBatchInput",
    &[
        Member::new("PublishBatchRequestEntries", &PUBLISH_BATCH_REQUEST_ENTRY_LIST).required(),
        Member::new("TopicArn", &STRING).required(),
    ],
);
pub static PUBLISH_BATCH_REQUEST_ENTRY: Shape = Shape::structure(
    "PublishBatchRequestEntry",
    &[
        Member::new("Id", &STRING).required(),
        Member::new("Message", &STRING).required(),
        Member::new("MessageAttributes", &MESSAGE_ATTRIBUTE_MAP),
        Member::refused("MessageDeduplicationId", "first-in-first-out topics are not part of Goru"),
        Member::refused("MessageGroupId", "first-in-first-out topics are not part of Goru"),
        Member::new("MessageStructure", &STRING),
        Member::new("Subject", &STRING),
    ],
);
pub static PUBLISH_BATCH_REQUEST_ENTRY_LIST: Shape =
    Shape::list("PublishBatchRequestEntryList", &PUBLISH_BATCH_REQUEST_ENTRY);
pub static PUBLISH_BATCH_RESPONSE: Shape = Shape::structure(
    "PublishBatchResponse",
    &[
        Member::new("Failed", &BATCH_RESULT_ERROR_ENTRY_LIST),
        Member::new("Successful", &PUBLISH_BATCH_RESULT_ENTRY_LIST),
    ],
);
pub static PUBLISH_BATCH_RESULT_ENTRY: Shape =
    Shape::structure("PublishBatchResultEntry", &[Member::new("Id", &STRING), Member::new("MessageId", &STRING)]);
pub static PUBLISH_BATCH_RESULT_ENTRY_LIST: Shape =
    Shape::list("PublishBatchResultEntryList", &PUBLISH_BATCH_RESULT_ENTRY);
pub static PUBLISH_INPUT: Shape = Shape::structure(
    "PublishInput",
    &[
        Member::new("Message", &STRING).required(),
        Member::new("MessageAttributes", &MESSAGE_ATTRIBUTE_MAP),
        Member::refused("MessageDeduplicationId", "first-in-first-out topics are not part of Goru"),
        Member::refused("MessageGroupId", "first-in-first-out topics are not part of Goru"),
        Member::new("MessageStructure", &STRING),
        Member::refused("PhoneNumber", "text messages are not part of Goru"),
        Member::new("Subject", &STRING),
        Member::new("TargetArn", &STRING),
        Member::new("TopicArn", &STRING),
    ],
);
pub static PUBLISH_RESPONSE: Shape = Shape::structure("PublishResponse", &[Member::new("MessageId", &STRING)]);
pub static SET_SUBSCRIPTION_ATTRIBUTES_INPUT: Shape = Shape::structure(
    "SetSubscriptionAttributesInput",
    &[
        Member::new("AttributeName", &STRING).required(),
        Member::new("AttributeValue", &STRING),
        Member::new("SubscriptionArn", &STRING).required(),
    ],
);
pub static SET_TOPIC_ATTRIBUTES_INPUT: Shape = Shape::structure(
    "SetTopicAttributesInput",
    &[
        Member::new("AttributeName", &STRING).required(),
        Member::new("AttributeValue", &STRING),
        Member::new("TopicArn", &STRING).required(),
    ],
);
pub static SUBSCRIBE_INPUT: Shape = Shape::structure(
    "SubscribeInput",
    &[
        Member::new("Attributes", &SUBSCRIPTION_ATTRIBUTES_MAP),
        Member::new("Endpoint", &STRING).required(),
        Member::new("Protocol", &STRING).required(),
        Member::new("ReturnSubscriptionArn", &BOOLEAN),
        Member::new("TopicArn", &STRING).required(),
    ],
);
pub static SUBSCRIBE_RESPONSE: Shape =
    Shape::structure("SubscribeResponse", &[Member::new("SubscriptionArn", &STRING)]);
pub static SUBSCRIPTION: Shape = Shape::structure(
    "Subscription",
    &[
        Member::new("Endpoint", &STRING),
        Member::new("Owner", &STRING),
        Member::new("Protocol", &STRING),
        Member::new("SubscriptionArn", &STRING),
        Member::new("TopicArn", &STRING),
    ],
);
pub static SUBSCRIPTION_ATTRIBUTES_MAP: Shape = Shape::map("SubscriptionAttributesMap", &STRING, &STRING);
pub static SUBSCRIPTIONS_LIST: Shape = Shape::list("SubscriptionsList", &SUBSCRIPTION);
pub static TAG: Shape =
    Shape::structure("Tag", &[Member::new("Key", &TAG_KEY).required(), Member::new("Value", &TAG_VALUE).required()]);
pub static TAG_KEY: Shape = Shape::new("TagKey", Kind::String).min(1.0).max(128.0);
pub static TAG_KEY_LIST: Shape = Shape::list("TagKeyList", &TAG_KEY);
pub static TAG_LIST: Shape = Shape::list("TagList", &TAG);
pub static TAG_RESOURCE_REQUEST: Shape = Shape::structure(
    "TagResourceRequest",
    &[Member::new("ResourceArn", &AMAZON_RESOURCE_NAME).required(), Member::new("Tags", &TAG_LIST).required()],
);
pub static TAG_RESOURCE_RESPONSE: Shape = Shape::structure("TagResourceResponse", &[]);
pub static TAG_VALUE: Shape = Shape::new("TagValue", Kind::String).max(256.0);
pub static TOPIC: Shape = Shape::structure("Topic", &[Member::new("TopicArn", &STRING)]);
pub static TOPIC_ATTRIBUTES_MAP: Shape = Shape::map("TopicAttributesMap", &STRING, &STRING);
pub static TOPICS_LIST: Shape = Shape::list("TopicsList", &TOPIC);
pub static UNSUBSCRIBE_INPUT: Shape =
    Shape::structure("UnsubscribeInput", &[Member::new("SubscriptionArn", &STRING).required()]);
pub static UNTAG_RESOURCE_REQUEST: Shape = Shape::structure(
    "UntagResourceRequest",
    &[Member::new("ResourceArn", &AMAZON_RESOURCE_NAME).required(), Member::new("TagKeys", &TAG_KEY_LIST).required()],
);
pub static UNTAG_RESOURCE_RESPONSE: Shape = Shape::structure("UntagResourceResponse", &[]);
