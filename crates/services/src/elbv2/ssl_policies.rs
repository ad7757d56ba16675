//! DescribeSSLPolicies: AWS's names, with the protocols and ciphers that are really served. The table is the model's.

use api::elbv2::types as shape;
use model::elbv2::security_policy::{ALL, SecurityPolicy, Versions, find};

use super::errors::{Error, shown};
use super::page_size;
use crate::context::Context;
use crate::pagination::Listing;

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeSSLPoliciesInput,
) -> Result<shape::DescribeSSLPoliciesOutput, Error> {
    let shape::DescribeSSLPoliciesInput { load_balancer_type, marker, names, page_size: size } = input;
    let names = names.unwrap_or_default();
    if let Some(unknown) = names.iter().find(|name| find(name).is_none()) {
        return Err(Error::PolicyNotFound(shown(unknown)));
    }
    let served = match load_balancer_type {
        None | Some(shape::LoadBalancerTypeEnum::Application) => ALL,
        Some(shape::LoadBalancerTypeEnum::Network | shape::LoadBalancerTypeEnum::Gateway) => &[],
    };
    let chosen = served.iter().filter(|policy| names.is_empty() || names.iter().any(|wanted| wanted == policy.name));
    let listing = Listing { operation: "DescribeSSLPolicies", selection: &(&load_balancer_type, &names) };
    let items = chosen.map(|policy| (policy.name.to_owned(), view(policy)));
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    Ok(shape::DescribeSSLPoliciesOutput { next_marker: page.next, ssl_policies: Some(page.items) })
}

fn view(policy: &SecurityPolicy) -> shape::SslPolicy {
    let protocols: &[&str] = match policy.versions {
        Versions::Tls12 => &["TLSv1.2"],
        Versions::Tls12And13 => &["TLSv1.2", "TLSv1.3"],
        Versions::Tls13 => &["TLSv1.3"],
    };
    let ciphers =
        policy.tls13.iter().map(|cipher| cipher.name()).chain(policy.tls12.iter().map(|cipher| cipher.name()));
    let cipher =
        |(name, priority): (&str, i32)| shape::Cipher { name: Some(name.to_owned()), priority: Some(priority) };
    shape::SslPolicy {
        ciphers: Some(ciphers.zip(1..).map(cipher).collect()),
        name: Some(policy.name.to_owned()),
        ssl_protocols: Some(protocols.iter().map(|protocol| (*protocol).to_owned()).collect()),
        supported_load_balancer_types: Some(vec!["application".to_owned()]),
    }
}
