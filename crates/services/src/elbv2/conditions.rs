//! Conditions of rules: from a request's two forms to the model's, and back to both.
//!
//! AWS has `Values` (and `RegexValues`) beside the field, for hosts and paths, and a member of its own for every kind of
//! condition. Both forms are read, and both are shown.

use api::elbv2::types as shape;
use model::elbv2::condition::{self, Condition, Patterns, QueryStringPattern};

use super::errors::{Error, shown};

/// What a request says twice: values beside the field, or in the member of the field's own.
type Lists = (Option<Vec<String>>, Option<Vec<String>>);

/// The conditions of a rule.
pub(super) fn parse(conditions: Vec<shape::RuleCondition>) -> Result<Vec<Condition>, Error> {
    let conditions = conditions.into_iter().map(parse_one).collect::<Result<Vec<_>, Error>>()?;
    condition::check(&conditions)?;
    Ok(conditions)
}

fn parse_one(condition: shape::RuleCondition) -> Result<Condition, Error> {
    let shape::RuleCondition {
        field,
        host_header_config: host,
        http_header_config: header,
        http_request_method_config: method,
        path_pattern_config: path,
        query_string_config: query,
        regex_values,
        source_ip_config: source,
        values,
    } = condition;
    let members = [
        ("host-header", "HostHeaderConfig", host.is_some()),
        ("http-header", "HttpHeaderConfig", header.is_some()),
        ("http-request-method", "HttpRequestMethodConfig", method.is_some()),
        ("path-pattern", "PathPatternConfig", path.is_some()),
        ("query-string", "QueryStringConfig", query.is_some()),
        ("source-ip", "SourceIpConfig", source.is_some()),
    ];
    let own = members.iter().find(|(name, _, _)| *name == field).ok_or_else(|| unknown_field(&field))?.1;
    if let Some((_, member, _)) = members.iter().find(|(name, _, given)| *given && *name != field) {
        return Err(Error::Invalid(format!("{member} does not go with Field `{field}`, which has {own}")));
    }
    let beside = (values, regex_values);
    match field.as_str() {
        "host-header" => {
            let lists = host.map(|shape::HostHeaderConditionConfig { regex_values, values }| (values, regex_values));
            patterns(&field, beside, lists).map(Condition::HostHeader)
        }
        "path-pattern" => {
            let lists = path.map(|shape::PathPatternConditionConfig { regex_values, values }| (values, regex_values));
            patterns(&field, beside, lists).map(Condition::PathPattern)
        }
        "http-header" => {
            no_list("Values", &field, &beside.0)?;
            let shape::HttpHeaderConditionConfig { http_header_name, regex_values, values } =
                header.ok_or_else(|| missing(&field, own))?;
            let values = patterns(&field, beside, Some((values, regex_values)))?;
            Ok(Condition::HttpHeader { name: http_header_name, values })
        }
        _ => {
            no_list("Values", &field, &beside.0)?;
            no_list("RegexValues", &field, &beside.1)?;
            let missing = || missing(&field, own);
            match (method, query, source) {
                (Some(shape::HttpRequestMethodConditionConfig { values }), _, _) => {
                    Ok(Condition::HttpRequestMethod(values.unwrap_or_default()))
                }
                (_, Some(shape::QueryStringConditionConfig { values }), _) => {
                    Ok(Condition::QueryString(values.unwrap_or_default().into_iter().map(pair).collect()))
                }
                (_, _, Some(shape::SourceIpConditionConfig { values })) => source_ip(&values.unwrap_or_default()),
                (None, None, None) => Err(missing()),
            }
        }
    }
}

fn unknown_field(field: &str) -> Error {
    let known = "path-pattern, host-header, http-header, http-request-method, query-string, source-ip";
    Error::Invalid(format!("condition field `{}` must be one of {known}", shown(field)))
}

fn missing(field: &str, member: &str) -> Error {
    Error::Invalid(format!("a condition with Field `{field}` needs {member}"))
}

fn no_list(list: &str, field: &str, given: &Option<Vec<String>>) -> Result<(), Error> {
    match given.as_ref().is_some_and(|given| !given.is_empty()) {
        true => Err(Error::Invalid(format!("{list} beside Field is not for `{field}`; use the member of its own"))),
        false => Ok(()),
    }
}

/// The values of a condition. What is written in both forms must be the same.
fn patterns(field: &str, beside: Lists, own: Option<Lists>) -> Result<Patterns, Error> {
    let own = own.map(|lists| one_list(field, lists)).transpose()?.flatten();
    match (one_list(field, beside)?, own) {
        (Some(one), Some(other)) if one != other => {
            Err(Error::Invalid(format!("the values beside Field `{field}` and those in its own member differ")))
        }
        (Some(patterns), _) | (None, Some(patterns)) => Ok(patterns),
        (None, None) => Err(Error::Invalid(format!("a condition with Field `{field}` needs values"))),
    }
}

fn one_list(field: &str, (values, regexes): Lists) -> Result<Option<Patterns>, Error> {
    match (values.unwrap_or_default(), regexes.unwrap_or_default()) {
        (values, regexes) if values.is_empty() && regexes.is_empty() => Ok(None),
        (values, regexes) if regexes.is_empty() => Ok(Some(Patterns::Wildcards(values))),
        (values, regexes) if values.is_empty() => Ok(Some(Patterns::Regexes(regexes))),
        (_, _) => {
            Err(Error::Invalid(format!("a condition with Field `{field}` has either Values or RegexValues, not both")))
        }
    }
}

fn pair(shape::QueryStringKeyValuePair { key, value }: shape::QueryStringKeyValuePair) -> QueryStringPattern {
    QueryStringPattern { key, value }
}

fn source_ip(values: &[String]) -> Result<Condition, Error> {
    let block = |text: &String| text.parse().map_err(|error: model::ip_block::InvalidIpBlock| error.to_string());
    let blocks = values.iter().map(block).collect::<Result<_, String>>();
    blocks.map(Condition::SourceIp).map_err(|error| Error::Invalid(format!("condition on `source-ip`: {error}")))
}

/// A condition as the API shows it: hosts and paths in both forms.
pub(super) fn view(condition: &Condition) -> shape::RuleCondition {
    let field = condition.field().to_owned();
    let base = shape::RuleCondition { field, ..shape::RuleCondition::default() };
    match condition {
        Condition::HostHeader(patterns) => {
            let (values, regex_values) = lists(patterns);
            let own = shape::HostHeaderConditionConfig { regex_values: regex_values.clone(), values: values.clone() };
            shape::RuleCondition { host_header_config: Some(own), regex_values, values, ..base }
        }
        Condition::PathPattern(patterns) => {
            let (values, regex_values) = lists(patterns);
            let own = shape::PathPatternConditionConfig { regex_values: regex_values.clone(), values: values.clone() };
            shape::RuleCondition { path_pattern_config: Some(own), regex_values, values, ..base }
        }
        Condition::HttpHeader { name, values } => {
            let (values, regex_values) = lists(values);
            let own = shape::HttpHeaderConditionConfig { http_header_name: name.clone(), regex_values, values };
            shape::RuleCondition { http_header_config: Some(own), ..base }
        }
        Condition::HttpRequestMethod(methods) => {
            let own = shape::HttpRequestMethodConditionConfig { values: Some(methods.clone()) };
            shape::RuleCondition { http_request_method_config: Some(own), ..base }
        }
        Condition::QueryString(pairs) => {
            let pair = |QueryStringPattern { key, value }: &QueryStringPattern| shape::QueryStringKeyValuePair {
                key: key.clone(),
                value: value.clone(),
            };
            let own = shape::QueryStringConditionConfig { values: Some(pairs.iter().map(pair).collect()) };
            shape::RuleCondition { query_string_config: Some(own), ..base }
        }
        Condition::SourceIp(blocks) => {
            let values = Some(blocks.iter().map(ToString::to_string).collect());
            shape::RuleCondition { source_ip_config: Some(shape::SourceIpConditionConfig { values }), ..base }
        }
    }
}

fn lists(patterns: &Patterns) -> Lists {
    match patterns {
        Patterns::Wildcards(values) => (Some(values.clone()), None),
        Patterns::Regexes(regexes) => (None, Some(regexes.clone())),
    }
}
