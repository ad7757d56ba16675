//! Actions of listeners and rules: from a request to the model, whether their target groups may be used, and back.

use std::sync::Arc;

use api::elbv2::types as shape;
use model::Scope;
use model::elbv2::action::{Action, ActionForm, FixedResponse, Forward, Redirect, RedirectStatus, WeightedTargetGroup};
use model::elbv2::listener::ListenerProtocol;
use model::elbv2::load_balancer::LoadBalancer;
use model::elbv2::target_group::{ProtocolVersion, TargetGroup};
use store::View;

use super::arns::{self, Resource};
use super::errors::Error;
use super::usage::Usage;

/// An action as a request writes it. Whether what it names is there is a question for the transaction: [`check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) action: Action,
    pub(super) form: ActionForm,
}

/// The actions of a request: exactly one, because those that may stand before it (authentication) are refused by name.
pub(super) fn parse(actions: Vec<shape::Action>) -> Result<Written, Error> {
    let mut written = actions.into_iter().map(parse_one).collect::<Result<Vec<_>, Error>>()?;
    match (written.pop(), written.is_empty()) {
        (None, _) => Err(Error::Invalid("an action is needed".into())),
        (Some(one), true) => Ok(one),
        (Some(_), false) => {
            Err(Error::Action("exactly one action must answer the request: forward, redirect or fixed-response".into()))
        }
    }
}

fn parse_one(action: shape::Action) -> Result<Written, Error> {
    let shape::Action { fixed_response_config, forward_config, order, redirect_config, target_group_arn, r#type } =
        action;
    use shape::ActionTypeEnum as T;
    let (forwards, redirects, responds) = (
        forward_config.is_some() || target_group_arn.is_some(),
        redirect_config.is_some(),
        fixed_response_config.is_some(),
    );
    let order = order.and_then(|order| u16::try_from(order).ok());
    let form = ActionForm { order, ..ActionForm::default() };
    match (r#type, redirect_config, fixed_response_config) {
        (T::AuthenticateOidc | T::AuthenticateCognito | T::JwtValidation, _, _) => {
            Err(Error::NotOffered(format!("actions of type `{type}` come with a later release")))
        }
        (T::Forward, None, None) => parse_forward(target_group_arn, forward_config, form),
        (T::Redirect, Some(config), None) if !forwards => {
            Ok(Written { action: Action::Redirect(parse_redirect(config)), form })
        }
        (T::FixedResponse, None, Some(config)) if !forwards => {
            Ok(Written { action: Action::FixedResponse(parse_fixed_response(config)?), form })
        }
        (kind @ (T::Forward | T::Redirect | T::FixedResponse), _, _) => {
            let member = match kind {
                T::Redirect if !redirects => "needs RedirectConfig",
                T::FixedResponse if !responds => "needs FixedResponseConfig",
                T::Forward
                | T::Redirect
                | T::FixedResponse
                | T::AuthenticateOidc
                | T::AuthenticateCognito
                | T::JwtValidation => "has a configuration that belongs to another type",
            };
            Err(Error::Action(format!("an action of type `{kind}` {member}")))
        }
    }
}

fn parse_forward(
    target_group: Option<String>,
    config: Option<shape::ForwardActionConfig>,
    form: ActionForm,
) -> Result<Written, Error> {
    let shape::ForwardActionConfig { target_group_stickiness_config: stickiness, target_groups } =
        config.unwrap_or_default();
    let mut groups = target_groups.unwrap_or_default().into_iter().map(weighted).collect::<Result<Vec<_>, Error>>()?;
    if let Some(text) = target_group {
        let arn = arns::parse(Resource::TargetGroup, &text)?;
        match groups.as_slice() {
            [] => groups.push(WeightedTargetGroup { arn, weight: 1 }),
            [only] if only.arn == arn => {}
            [_, ..] => {
                return Err(Error::Action("TargetGroupArn and ForwardConfig name different target groups".into()));
            }
        }
    }
    if groups.is_empty() {
        return Err(Error::Invalid("a forward action needs a TargetGroupArn or a ForwardConfig".into()));
    }
    let shape::TargetGroupStickinessConfig { duration_seconds, enabled } = stickiness.unwrap_or_default();
    let seconds = duration_seconds.and_then(|seconds| u32::try_from(seconds).ok());
    let (stickiness_seconds, idle_stickiness_seconds) = match (enabled.unwrap_or(false), seconds) {
        (true, None) => {
            let message = "TargetGroupStickinessConfig needs DurationSeconds when it is enabled";
            return Err(Error::Action(message.into()));
        }
        (true, seconds) => (seconds, None),
        (false, seconds) => (None, seconds),
    };
    let action = Action::Forward(Forward { target_groups: groups, stickiness_seconds });
    Ok(Written { action, form: ActionForm { idle_stickiness_seconds, ..form } })
}

fn weighted(tuple: shape::TargetGroupTuple) -> Result<WeightedTargetGroup, Error> {
    let shape::TargetGroupTuple { target_group_arn, weight } = tuple;
    let arn = target_group_arn.ok_or_else(|| Error::Invalid("each of TargetGroups needs a TargetGroupArn".into()))?;
    let weight = weight.map_or(1, |weight| u16::try_from(weight).unwrap_or(u16::MAX));
    Ok(WeightedTargetGroup { arn: arns::parse(Resource::TargetGroup, &arn)?, weight })
}

fn parse_redirect(config: shape::RedirectActionConfig) -> Redirect {
    let shape::RedirectActionConfig { host, path, port, protocol, query, status_code } = config;
    let same = Redirect::default();
    Redirect {
        status: match status_code {
            shape::RedirectActionStatusCodeEnum::Http301 => RedirectStatus::Permanent,
            shape::RedirectActionStatusCodeEnum::Http302 => RedirectStatus::Temporary,
        },
        protocol: protocol.unwrap_or(same.protocol),
        host: host.unwrap_or(same.host),
        port: port.unwrap_or(same.port),
        path: path.unwrap_or(same.path),
        query: query.unwrap_or(same.query),
    }
}

fn parse_fixed_response(config: shape::FixedResponseActionConfig) -> Result<FixedResponse, Error> {
    let shape::FixedResponseActionConfig { content_type, message_body, status_code } = config;
    let status = status_code.parse().map_err(|_| Error::Invalid("StatusCode must be 2XX, 4XX or 5XX".into()))?;
    Ok(FixedResponse { status, content_type, body: message_body.unwrap_or_default() })
}

/// Whether a listener of this load balancer may have the action: by itself, and with the target groups that it names.
/// `usage` is that before the change.
pub(super) fn check(
    view: &View,
    scope: &Scope,
    usage: &Usage,
    load_balancer: &LoadBalancer,
    (protocol, port): (ListenerProtocol, u16),
    action: &Action,
) -> Result<(), Error> {
    action.check(protocol, port)?;
    let Action::Forward(forward) = action else { return Ok(()) };
    let mut groups: Vec<Arc<TargetGroup>> = Vec::new();
    for arn in action.target_groups() {
        let group = arns::target_group(view, scope, &arn.to_string())?;
        if group.vpc_id != load_balancer.vpc_id {
            let (theirs, ours) = (&group.vpc_id, &load_balancer.vpc_id);
            let message = format!("target group `{arn}` is in VPC `{theirs}`, the load balancer in `{ours}`");
            return Err(Error::Configuration(message));
        }
        if usage.load_balancers_of(arn).any(|other| *other != load_balancer.arn) {
            return Err(Error::UsedElsewhere(arn.to_string()));
        }
        check_version(protocol, &group)?;
        groups.push(group);
    }
    forward.check_stickiness(groups.iter().map(|group| &**group))?;
    Ok(())
}

/// HTTP/2 and gRPC reach targets through HTTPS listeners only.
fn check_version(protocol: ListenerProtocol, group: &TargetGroup) -> Result<(), Error> {
    match (protocol, group.protocol_version) {
        (ListenerProtocol::Https, _) | (ListenerProtocol::Http, ProtocolVersion::Http1) => Ok(()),
        (ListenerProtocol::Http, version @ (ProtocolVersion::Http2 | ProtocolVersion::Grpc)) => {
            let (arn, version) = (&group.arn, version.name());
            let message =
                format!("target group `{arn}` has ProtocolVersion `{version}`, which needs an HTTPS listener");
            Err(Error::Configuration(message))
        }
    }
}

/// An action as the API shows it.
pub(super) fn view(action: &Action, form: ActionForm) -> shape::Action {
    let base = shape::Action {
        fixed_response_config: None,
        forward_config: None,
        order: Some(form.order.map_or(1, i32::from)),
        redirect_config: None,
        target_group_arn: None,
        r#type: shape::ActionTypeEnum::Forward,
    };
    match action {
        Action::Forward(forward) => forward_view(forward, form, base),
        Action::Redirect(redirect) => shape::Action {
            redirect_config: Some(redirect_view(redirect)),
            r#type: shape::ActionTypeEnum::Redirect,
            ..base
        },
        Action::FixedResponse(FixedResponse { status, content_type, body }) => shape::Action {
            fixed_response_config: Some(shape::FixedResponseActionConfig {
                content_type: content_type.clone(),
                message_body: (!body.is_empty()).then(|| body.clone()),
                status_code: status.to_string(),
            }),
            r#type: shape::ActionTypeEnum::FixedResponse,
            ..base
        },
    }
}

fn forward_view(forward: &Forward, form: ActionForm, base: shape::Action) -> shape::Action {
    let tuple = |group: &WeightedTargetGroup| shape::TargetGroupTuple {
        target_group_arn: Some(group.arn.to_string()),
        weight: Some(group.weight.into()),
    };
    let only = match forward.target_groups.as_slice() {
        [only] => Some(only.arn.to_string()),
        [] | [_, _, ..] => None,
    };
    let seconds = forward.stickiness_seconds.or(form.idle_stickiness_seconds);
    shape::Action {
        forward_config: Some(shape::ForwardActionConfig {
            target_group_stickiness_config: Some(shape::TargetGroupStickinessConfig {
                duration_seconds: seconds.and_then(|seconds| i32::try_from(seconds).ok()),
                enabled: Some(forward.stickiness_seconds.is_some()),
            }),
            target_groups: Some(forward.target_groups.iter().map(tuple).collect()),
        }),
        target_group_arn: only,
        ..base
    }
}

fn redirect_view(redirect: &Redirect) -> shape::RedirectActionConfig {
    let Redirect { status, protocol, host, port, path, query } = redirect;
    shape::RedirectActionConfig {
        host: Some(host.clone()),
        path: Some(path.clone()),
        port: Some(port.clone()),
        protocol: Some(protocol.clone()),
        query: Some(query.clone()),
        status_code: match status {
            RedirectStatus::Permanent => shape::RedirectActionStatusCodeEnum::Http301,
            RedirectStatus::Temporary => shape::RedirectActionStatusCodeEnum::Http302,
        },
    }
}
