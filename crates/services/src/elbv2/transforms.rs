//! Transforms of rules: from a request to the model, and back.

use api::elbv2::types as shape;
use model::elbv2::transform::{self, Rewrite, Transform};

use super::errors::Error;

/// The transforms of a rule.
pub(super) fn parse(transforms: Vec<shape::RuleTransform>) -> Result<Vec<Transform>, Error> {
    let transforms = transforms.into_iter().map(parse_one).collect::<Result<Vec<_>, Error>>()?;
    transform::check(&transforms)?;
    Ok(transforms)
}

fn parse_one(transform: shape::RuleTransform) -> Result<Transform, Error> {
    let shape::RuleTransform { host_header_rewrite_config: host, r#type, url_rewrite_config: url } = transform;
    let host = host.map(|shape::HostHeaderRewriteConfig { rewrites }| rewrites);
    let url = url.map(|shape::UrlRewriteConfig { rewrites }| rewrites);
    match (r#type, host, url) {
        (shape::TransformTypeEnum::HostHeaderRewrite, Some(rewrites), None) => {
            rewrite(rewrites).map(Transform::HostHeaderRewrite)
        }
        (shape::TransformTypeEnum::UrlRewrite, None, Some(rewrites)) => rewrite(rewrites).map(Transform::UrlRewrite),
        (kind @ shape::TransformTypeEnum::HostHeaderRewrite, _, _) => Err(needs(kind, "HostHeaderRewriteConfig")),
        (kind @ shape::TransformTypeEnum::UrlRewrite, _, _) => Err(needs(kind, "UrlRewriteConfig")),
    }
}

fn needs(kind: shape::TransformTypeEnum, member: &str) -> Error {
    Error::Invalid(format!("a transform of type `{kind}` needs {member}, and no other configuration"))
}

fn rewrite(rewrites: Option<Vec<shape::RewriteConfig>>) -> Result<Rewrite, Error> {
    let mut rewrites = rewrites.unwrap_or_default();
    match (rewrites.pop(), rewrites.is_empty()) {
        (Some(shape::RewriteConfig { regex, replace }), true) => Ok(Rewrite { regex, replace }),
        (Some(_), false) | (None, _) => {
            Err(Error::Invalid("Rewrites of a transform has exactly one pair of Regex and Replace".into()))
        }
    }
}

/// A transform as the API shows it.
pub(super) fn view(transform: &Transform) -> shape::RuleTransform {
    let rewrites = |Rewrite { regex, replace }: &Rewrite| {
        Some(vec![shape::RewriteConfig { regex: regex.clone(), replace: replace.clone() }])
    };
    match transform {
        Transform::HostHeaderRewrite(rewrite) => shape::RuleTransform {
            host_header_rewrite_config: Some(shape::HostHeaderRewriteConfig { rewrites: rewrites(rewrite) }),
            r#type: shape::TransformTypeEnum::HostHeaderRewrite,
            url_rewrite_config: None,
        },
        Transform::UrlRewrite(rewrite) => shape::RuleTransform {
            host_header_rewrite_config: None,
            r#type: shape::TransformTypeEnum::UrlRewrite,
            url_rewrite_config: Some(shape::UrlRewriteConfig { rewrites: rewrites(rewrite) }),
        },
    }
}
