//! Operations of SNS (2010-03-31).
//!
//! Written by `cargo xtask codegen` from `shapes/sns.json` and `shapes/sns.toml`; change those instead.

use super::shapes;
use wire::shape::{EMPTY, Http};

wire::operations! {
    ConfirmSubscription(&shapes::CONFIRM_SUBSCRIPTION_INPUT, &shapes::CONFIRM_SUBSCRIPTION_RESPONSE, Some("ConfirmSubscriptionResult"), Http::RPC),
    CreateTopic(&shapes::CREATE_TOPIC_INPUT, &shapes::CREATE_TOPIC_RESPONSE, Some("CreateTopicResult"), Http::RPC),
    DeleteTopic(&shapes::DELETE_TOPIC_INPUT, &EMPTY, None, Http::RPC),
    GetSubscriptionAttributes(&shapes::GET_SUBSCRIPTION_ATTRIBUTES_INPUT, &shapes::GET_SUBSCRIPTION_ATTRIBUTES_RESPONSE, Some("GetSubscriptionAttributesResult"), Http::RPC),
    GetTopicAttributes(&shapes::GET_TOPIC_ATTRIBUTES_INPUT, &shapes::GET_TOPIC_ATTRIBUTES_RESPONSE, Some("GetTopicAttributesResult"), Http::RPC),
    ListSubscriptions(&shapes::LIST_SUBSCRIPTIONS_INPUT, &shapes::LIST_SUBSCRIPTIONS_RESPONSE, Some("ListSubscriptionsResult"), Http::RPC),
    ListSubscriptionsByTopic(&shapes::LIST_SUBSCRIPTIONS_BY_TOPIC_INPUT, &shapes::LIST_SUBSCRIPTIONS_BY_TOPIC_RESPONSE, Some("ListSubscriptionsByTopicResult"), Http::RPC),
    ListTagsForResource(&shapes::LIST_TAGS_FOR_RESOURCE_REQUEST, &shapes::LIST_TAGS_FOR_RESOURCE_RESPONSE, Some("ListTagsForResourceResult"), Http::RPC),
    ListTopics(&shapes::LIST_TOPICS_INPUT, &shapes::LIST_TOPICS_RESPONSE, Some("ListTopicsResult"), Http::RPC),
    Publish(&shapes::PUBLISH_INPUT, &shapes::PUBLISH_RESPONSE, Some("PublishResult"), Http::RPC),
    PublishBatch(&shapes::PUBLISH_BATCH_INPUT, &shapes::PUBLISH_BATCH_RESPONSE, Some("PublishBatchResult"), Http::RPC),
    SetSubscriptionAttributes(&shapes::SET_SUBSCRIPTION_ATTRIBUTES_INPUT, &EMPTY, None, Http::RPC),
    SetTopicAttributes(&shapes::SET_TOPIC_ATTRIBUTES_INPUT, &EMPTY, None, Http::RPC),
    Subscribe(&shapes::SUBSCRIBE_INPUT, &shapes::SUBSCRIBE_RESPONSE, Some("SubscribeResult"), Http::RPC),
    TagResource(&shapes::TAG_RESOURCE_REQUEST, &shapes::TAG_RESOURCE_RESPONSE, Some("TagResourceResult"), Http::RPC),
    Unsubscribe(&shapes::UNSUBSCRIBE_INPUT, &EMPTY, None, Http::RPC),
    UntagResource(&shapes::UNTAG_RESOURCE_REQUEST, &shapes::UNTAG_RESOURCE_RESPONSE, Some("UntagResourceResult"), Http::RPC),
}

impl Operation {
    /// Operations that AWS has and Goru does not serve, ordered by name.
    pub const KNOWN_BUT_UNSERVED: &'static [&'static str] = &[
        "AddPermission",
        "CheckIfPhoneNumberIsOptedOut",
        "CreatePlatformApplication",
        "CreatePlatformEndpoint",
        "CreateSMSSandboxPhoneNumber",
        "DeleteEndpoint",
        "DeletePlatformApplication",
        "DeleteSMSSandboxPhoneNumber",
        "GetDataProtectionPolicy",
        "GetEndpointAttributes",
        "GetPlatformApplicationAttributes",
        "GetSMSAttributes",
        "GetSMSSandboxAccountStatus",
        "ListEndpointsByPlatformApplication",
        "ListOriginationNumbers",
        "ListPhoneNumbersOptedOut",
        "ListPlatformApplications",
        "ListSMSSandboxPhoneNumbers",
        "OptInPhoneNumber",
        "PutDataProtectionPolicy",
        "RemovePermission",
        "SetEndpointAttributes",
        "SetPlatformApplicationAttributes",
        "SetSMSAttributes",
        "VerifySMSSandboxPhoneNumber",
    ];
}
