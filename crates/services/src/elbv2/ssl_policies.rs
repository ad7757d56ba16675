//! The security policies of TLS listeners: AWS's names, with the protocols and ciphers that Goru's TLS library has.
//!
//! There are no TLS listeners yet. The library (rustls) has TLS 1.2 and 1.3 and no CBC or RSA key exchange, so what AWS's
//! policies allow beyond that is not listed: a policy that reaches back to TLS 1.0 begins at 1.2 here.

use api::elbv2::types as shape;

use super::errors::{Error, shown};
use super::page_size;
use crate::context::Context;
use crate::pagination::Listing;

/// Which versions a policy allows, of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Versions {
    Tls12,
    Tls12And13,
    Tls13,
}

use Versions::{Tls12, Tls12And13, Tls13};

/// ELB user guide, security policies for HTTPS listeners.
const POLICIES: &[(&str, Versions)] = &[
    ("ELBSecurityPolicy-2016-08", Tls12),
    ("ELBSecurityPolicy-FS-1-1-2019-08", Tls12),
    ("ELBSecurityPolicy-FS-1-2-2019-08", Tls12),
    ("ELBSecurityPolicy-FS-1-2-Res-2019-08", Tls12),
    ("ELBSecurityPolicy-FS-1-2-Res-2020-10", Tls12),
    ("ELBSecurityPolicy-FS-2018-06", Tls12),
    ("ELBSecurityPolicy-TLS-1-0-2015-04", Tls12),
    ("ELBSecurityPolicy-TLS-1-1-2017-01", Tls12),
    ("ELBSecurityPolicy-TLS-1-2-2017-01", Tls12),
    ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", Tls12),
    ("ELBSecurityPolicy-TLS13-1-0-2021-06", Tls12And13),
    ("ELBSecurityPolicy-TLS13-1-1-2021-06", Tls12And13),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", Tls12And13),
    ("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", Tls12And13),
    ("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", Tls12And13),
    ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", Tls12And13),
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", Tls13),
];

/// In AWS's order of preference.
const TLS13_CIPHERS: &[&str] = &["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
/// What every policy with TLS 1.2 and the library have in common, in AWS's order of preference and OpenSSL's names.
const TLS12_CIPHERS: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
];

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeSSLPoliciesInput,
) -> Result<shape::DescribeSSLPoliciesOutput, Error> {
    let shape::DescribeSSLPoliciesInput { load_balancer_type, marker, names, page_size: size } = input;
    let names = names.unwrap_or_default();
    if let Some(unknown) = names.iter().find(|name| !POLICIES.iter().any(|(known, _)| known == name)) {
        return Err(Error::PolicyNotFound(shown(unknown)));
    }
    let served = match load_balancer_type {
        None | Some(shape::LoadBalancerTypeEnum::Application) => POLICIES,
        Some(shape::LoadBalancerTypeEnum::Network | shape::LoadBalancerTypeEnum::Gateway) => &[],
    };
    let chosen = served.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name));
    let listing = Listing { operation: "DescribeSSLPolicies", selection: &(&load_balancer_type, &names) };
    let items = chosen.map(|(name, versions)| ((*name).to_owned(), policy(name, *versions)));
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    Ok(shape::DescribeSSLPoliciesOutput { next_marker: page.next, ssl_policies: Some(page.items) })
}

fn policy(name: &str, versions: Versions) -> shape::SslPolicy {
    let (protocols, ciphers): (&[&str], [&[&str]; 2]) = match versions {
        Tls12 => (&["TLSv1.2"], [&[], TLS12_CIPHERS]),
        Tls12And13 => (&["TLSv1.2", "TLSv1.3"], [TLS13_CIPHERS, TLS12_CIPHERS]),
        Tls13 => (&["TLSv1.3"], [TLS13_CIPHERS, &[]]),
    };
    let cipher =
        |(name, priority): (&&str, i32)| shape::Cipher { name: Some((*name).to_owned()), priority: Some(priority) };
    shape::SslPolicy {
        ciphers: Some(ciphers.into_iter().flatten().zip(1..).map(cipher).collect()),
        name: Some(name.to_owned()),
        ssl_protocols: Some(protocols.iter().map(|protocol| (*protocol).to_owned()).collect()),
        supported_load_balancer_types: Some(vec!["application".to_owned()]),
    }
}
