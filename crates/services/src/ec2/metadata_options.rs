//! How instances may read their metadata: members of launches and launch templates, and ModifyInstanceMetadataOptions.

use api::ec2::types::{
    HttpTokensState, InstanceMetadataEndpointState, InstanceMetadataOptionsRequest, InstanceMetadataOptionsResponse,
    InstanceMetadataOptionsState, InstanceMetadataProtocolState, InstanceMetadataTagsState,
    LaunchTemplateHttpTokensState, LaunchTemplateInstanceMetadataEndpointState, LaunchTemplateInstanceMetadataOptions,
    LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateInstanceMetadataProtocolIpv6,
    LaunchTemplateInstanceMetadataTagsState, ModifyInstanceMetadataOptionsRequest, ModifyInstanceMetadataOptionsResult,
};
use model::ec2::instance::{Instance, InstanceState, MAXIMUM_HOP_LIMIT, MetadataOptions, MetadataOptionsChange};
use model::id::InstanceId;
use store::Transaction;
use wire::AwsError;

use super::errors::{invalid, missing, unsupported};
use super::instances::wrong_state;
use super::resources::{find, parse};
use crate::context::Context;
use crate::handler::committed;
use crate::idempotency::dry_run;

/// Reads what a request says.
///
/// # Errors
/// A hop limit that is none, and IPv6.
pub(super) fn read(asked: InstanceMetadataOptionsRequest) -> Result<MetadataOptionsChange, AwsError> {
    let InstanceMetadataOptionsRequest {
        http_endpoint,
        http_protocol_ipv6,
        http_put_response_hop_limit,
        http_tokens,
        instance_metadata_tags,
    } = asked;
    match http_protocol_ipv6 {
        Some(InstanceMetadataProtocolState::Enabled) => {
            return Err(unsupported("HttpProtocolIpv6: VPCs have no IPv6 yet; it can only be disabled"));
        }
        Some(InstanceMetadataProtocolState::Disabled) | None => {}
    }
    Ok(MetadataOptionsChange {
        is_enabled: http_endpoint.map(|state| match state {
            InstanceMetadataEndpointState::Enabled => true,
            InstanceMetadataEndpointState::Disabled => false,
        }),
        requires_token: http_tokens.map(|state| match state {
            HttpTokensState::Required => true,
            HttpTokensState::Optional => false,
        }),
        hop_limit: http_put_response_hop_limit.map(hop_limit).transpose()?,
        shows_tags: instance_metadata_tags.map(|state| match state {
            InstanceMetadataTagsState::Enabled => true,
            InstanceMetadataTagsState::Disabled => false,
        }),
    })
}

fn hop_limit(asked: i32) -> Result<u8, AwsError> {
    let limit = u8::try_from(asked).ok().filter(|limit| (1..=MAXIMUM_HOP_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        invalid(format!("HttpPutResponseHopLimit is {asked}; it has to be from 1 to {MAXIMUM_HOP_LIMIT}"))
    })
}

/// The same members of a launch template.
pub(super) fn of_template(asked: LaunchTemplateInstanceMetadataOptionsRequest) -> InstanceMetadataOptionsRequest {
    let LaunchTemplateInstanceMetadataOptionsRequest {
        http_endpoint,
        http_protocol_ipv6,
        http_put_response_hop_limit,
        http_tokens,
        instance_metadata_tags,
    } = asked;
    InstanceMetadataOptionsRequest {
        http_endpoint: http_endpoint.map(|state| match state {
            LaunchTemplateInstanceMetadataEndpointState::Enabled => InstanceMetadataEndpointState::Enabled,
            LaunchTemplateInstanceMetadataEndpointState::Disabled => InstanceMetadataEndpointState::Disabled,
        }),
        http_protocol_ipv6: http_protocol_ipv6.map(|state| match state {
            LaunchTemplateInstanceMetadataProtocolIpv6::Enabled => InstanceMetadataProtocolState::Enabled,
            LaunchTemplateInstanceMetadataProtocolIpv6::Disabled => InstanceMetadataProtocolState::Disabled,
        }),
        http_put_response_hop_limit,
        http_tokens: http_tokens.map(|state| match state {
            LaunchTemplateHttpTokensState::Required => HttpTokensState::Required,
            LaunchTemplateHttpTokensState::Optional => HttpTokensState::Optional,
        }),
        instance_metadata_tags: instance_metadata_tags.map(|state| match state {
            LaunchTemplateInstanceMetadataTagsState::Enabled => InstanceMetadataTagsState::Enabled,
            LaunchTemplateInstanceMetadataTagsState::Disabled => InstanceMetadataTagsState::Disabled,
        }),
    }
}

/// What a launch template says, as answers show it: what was given, and nothing else.
pub(super) fn shown_of_template(given: MetadataOptionsChange) -> Option<LaunchTemplateInstanceMetadataOptions> {
    let MetadataOptionsChange { is_enabled, requires_token, hop_limit, shows_tags } = given;
    (!given.is_empty()).then(|| LaunchTemplateInstanceMetadataOptions {
        http_endpoint: is_enabled.map(|on| match on {
            true => LaunchTemplateInstanceMetadataEndpointState::Enabled,
            false => LaunchTemplateInstanceMetadataEndpointState::Disabled,
        }),
        http_protocol_ipv6: None,
        http_put_response_hop_limit: hop_limit.map(i32::from),
        http_tokens: requires_token.map(|required| match required {
            true => LaunchTemplateHttpTokensState::Required,
            false => LaunchTemplateHttpTokensState::Optional,
        }),
        instance_metadata_tags: shows_tags.map(|on| match on {
            true => LaunchTemplateInstanceMetadataTagsState::Enabled,
            false => LaunchTemplateInstanceMetadataTagsState::Disabled,
        }),
        state: None,
    })
}

/// The options of an instance. They are in force as soon as they are written.
pub(super) fn shown(options: MetadataOptions) -> InstanceMetadataOptionsResponse {
    let MetadataOptions { is_enabled, requires_token, hop_limit, shows_tags } = options;
    InstanceMetadataOptionsResponse {
        http_endpoint: Some(match is_enabled {
            true => InstanceMetadataEndpointState::Enabled,
            false => InstanceMetadataEndpointState::Disabled,
        }),
        http_protocol_ipv6: Some(InstanceMetadataProtocolState::Disabled),
        http_put_response_hop_limit: Some(i32::from(hop_limit)),
        http_tokens: Some(match requires_token {
            true => HttpTokensState::Required,
            false => HttpTokensState::Optional,
        }),
        instance_metadata_tags: Some(match shows_tags {
            true => InstanceMetadataTagsState::Enabled,
            false => InstanceMetadataTagsState::Disabled,
        }),
        state: Some(InstanceMetadataOptionsState::Applied),
    }
}

pub(super) async fn modify(
    cx: &Context,
    input: ModifyInstanceMetadataOptionsRequest,
) -> Result<ModifyInstanceMetadataOptionsResult, AwsError> {
    let ModifyInstanceMetadataOptionsRequest {
        dry_run: dry,
        http_endpoint,
        http_protocol_ipv6,
        http_put_response_hop_limit,
        http_tokens,
        instance_id,
        instance_metadata_tags,
    } = input;
    let id = parse::<InstanceId>(&instance_id)?;
    let says_something = http_protocol_ipv6.is_some();
    let change = read(InstanceMetadataOptionsRequest {
        http_endpoint,
        http_protocol_ipv6,
        http_put_response_hop_limit,
        http_tokens,
        instance_metadata_tags,
    })?;
    if change.is_empty() && !says_something {
        return Err(missing("no metadata option is given; give one of HttpTokens, HttpEndpoint and the others"));
    }
    let scope = cx.scope();
    let work = |txn: &mut Transaction| {
        let mut instance = Instance::clone(&*find(txn.view(), &scope, &id)?);
        if !instance.occupies() || instance.state == InstanceState::ShuttingDown {
            return Err(wrong_state(&instance, "have its metadata options modified"));
        }
        instance.metadata_options = change.applied_to(instance.metadata_options);
        instance.metadata_options.check_tags(&instance.tags).map_err(|error| invalid(error.to_string()))?;
        dry_run(dry)?;
        let options = instance.metadata_options;
        txn.put(&scope, instance);
        Ok::<_, AwsError>(options)
    };
    let options = committed(cx.store.transact(work).await)?;
    Ok(ModifyInstanceMetadataOptionsResult {
        instance_id: Some(id.to_string()),
        instance_metadata_options: Some(shown(options)),
    })
}
