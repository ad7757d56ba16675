//! Inputs, outputs and enumerations of SNS (2010-03-31).
//!
//! Written by `cargo xtask codegen` from `shapes/sns.json` and `shapes/sns.toml`; change those instead.

wire::structure! { BatchResultErrorEntry: Default {
    "Code" code: Option<String>,
    "Id" id: Option<String>,
    "Message" message: Option<String>,
    "SenderFault" sender_fault: Option<bool>,
} }

wire::structure! { ConfirmSubscriptionInput: Default {
    "AuthenticateOnUnsubscribe" authenticate_on_unsubscribe: Option<String>,
    "Token" token: String,
    "TopicArn" topic_arn: String,
} }

wire::structure! { ConfirmSubscriptionResponse: Default {
    "SubscriptionArn" subscription_arn: Option<String>,
} }

wire::structure! { CreateTopicInput: Default {
    "Attributes" attributes: Option<std::collections::BTreeMap<String, String>>,
    "Name" name: String,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { CreateTopicResponse: Default {
    "TopicArn" topic_arn: Option<String>,
} }

wire::structure! { DeleteTopicInput: Default {
    "TopicArn" topic_arn: String,
} }

wire::structure! { GetSubscriptionAttributesInput: Default {
    "SubscriptionArn" subscription_arn: String,
} }

wire::structure! { GetSubscriptionAttributesResponse: Default {
    "Attributes" attributes: Option<std::collections::BTreeMap<String, String>>,
} }

wire::structure! { GetTopicAttributesInput: Default {
    "TopicArn" topic_arn: String,
} }

wire::structure! { GetTopicAttributesResponse: Default {
    "Attributes" attributes: Option<std::collections::BTreeMap<String, String>>,
} }

wire::structure! { ListSubscriptionsByTopicInput: Default {
    "NextToken" next_token: Option<String>,
    "TopicArn" topic_arn: String,
} }

wire::structure! { ListSubscriptionsByTopicResponse: Default {
    "NextToken" next_token: Option<String>,
    "Subscriptions" subscriptions: Option<Vec<Subscription>>,
} }

wire::structure! { ListSubscriptionsInput: Default {
    "NextToken" next_token: Option<String>,
} }

wire::structure! { ListSubscriptionsResponse: Default {
    "NextToken" next_token: Option<String>,
    "Subscriptions" subscriptions: Option<Vec<Subscription>>,
} }

wire::structure! { ListTagsForResourceRequest: Default {
    "ResourceArn" resource_arn: String,
} }

wire::structure! { ListTagsForResourceResponse: Default {
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { ListTopicsInput: Default {
    "NextToken" next_token: Option<String>,
} }

wire::structure! { ListTopicsResponse: Default {
    "NextToken" next_token: Option<String>,
    "Topics" topics: Option<Vec<Topic>>,
} }

wire::structure! { MessageAttributeValue: Default {
    "BinaryValue" binary_value: Option<Vec<u8>>,
    "DataType" data_type: String,
    "StringValue" string_value: Option<String>,
} }

wire::structure! { PublishBatchInput: Default {
    "PublishBatchRequestEntries" publish_batch_request_entries: Vec<PublishBatchRequestEntry>,
    "TopicArn" topic_arn: String,
} }

wire::structure! { PublishBatchRequestEntry: Default {
    "Id" id: String,
    "Message" message: String,
    "MessageAttributes" message_attributes: Option<std::collections::BTreeMap<String, MessageAttributeValue>>,
    "MessageStructure" message_structure: Option<String>,
    "Subject" subject: Option<String>,
} }

wire::structure! { PublishBatchResponse: Default {
    "Failed" failed: Option<Vec<BatchResultErrorEntry>>,
    "Successful" successful: Option<Vec<PublishBatchResultEntry>>,
} }

wire::structure! { PublishBatchResultEntry: Default {
    "Id" id: Option<String>,
    "MessageId" message_id: Option<String>,
} }

wire::structure! { PublishInput: Default {
    "Message" message: String,
    "MessageAttributes" message_attributes: Option<std::collections::BTreeMap<String, MessageAttributeValue>>,
    "MessageStructure" message_structure: Option<String>,
    "Subject" subject: Option<String>,
    "TargetArn" target_arn: Option<String>,
    "TopicArn" topic_arn: Option<String>,
} }

wire::structure! { PublishResponse: Default {
    "MessageId" message_id: Option<String>,
} }

wire::structure! { SetSubscriptionAttributesInput: Default {
    "AttributeName" attribute_name: String,
    "AttributeValue" attribute_value: Option<String>,
    "SubscriptionArn" subscription_arn: String,
} }

wire::structure! { SetTopicAttributesInput: Default {
    "AttributeName" attribute_name: String,
    "AttributeValue" attribute_value: Option<String>,
    "TopicArn" topic_arn: String,
} }

wire::structure! { SubscribeInput: Default {
    "Attributes" attributes: Option<std::collections::BTreeMap<String, String>>,
    "Endpoint" endpoint: String,
    "Protocol" protocol: String,
    "ReturnSubscriptionArn" return_subscription_arn: Option<bool>,
    "TopicArn" topic_arn: String,
} }

wire::structure! { SubscribeResponse: Default {
    "SubscriptionArn" subscription_arn: Option<String>,
} }

wire::structure! { Subscription: Default {
    "Endpoint" endpoint: Option<String>,
    "Owner" owner: Option<String>,
    "Protocol" protocol: Option<String>,
    "SubscriptionArn" subscription_arn: Option<String>,
    "TopicArn" topic_arn: Option<String>,
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "Value" value: String,
} }

wire::structure! { TagResourceRequest: Default {
    "ResourceArn" resource_arn: String,
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { TagResourceResponse: Default {
} }

wire::structure! { Topic: Default {
    "TopicArn" topic_arn: Option<String>,
} }

wire::structure! { UnsubscribeInput: Default {
    "SubscriptionArn" subscription_arn: String,
} }

wire::structure! { UntagResourceRequest: Default {
    "ResourceArn" resource_arn: String,
    "TagKeys" tag_keys: Vec<String>,
} }

wire::structure! { UntagResourceResponse: Default {
} }
