//! Certificates of listeners: which a request names, who has them, and the lists of HTTPS listeners.

use std::collections::BTreeSet;

use api::elbv2::types as shape;
use model::acm::certificate::Certificate;
use model::elbv2::listener::{Listener, ListenerTls};
use model::iam::ServerCertificate;
use model::{Arn, Scope};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::{Error, Quota, shown};
use super::load_balancers::listeners_of;
use super::{arns, page_size};
use crate::context::Context;
use crate::handler::committed;
use crate::pagination::Listing;

/// The only certificate of a request.
pub(super) fn only(certificates: Vec<shape::Certificate>) -> Result<String, Error> {
    let count = certificates.len();
    // IsDefault is refused in requests.
    let mut arns =
        certificates.into_iter().map(|shape::Certificate { certificate_arn, is_default: _ }| certificate_arn);
    match (arns.next(), count) {
        (Some(arn), 1) => Ok(arn),
        (None, _) => Err(Error::Invalid("Certificates needs a certificate".into())),
        (Some(_), _) => Err(Error::SeveralCertificates(count)),
    }
}

/// A certificate of ACM in the caller's region, or of IAM, in the caller's account.
pub(super) fn existing(view: &View, cx: &Context, text: &str) -> Result<Arn, Error> {
    let arn: Arn =
        text.parse().map_err(|_| Error::Invalid(format!("`{}` is not a valid certificate ARN", shown(text))))?;
    let is_there = match arn.service() {
        "acm" => view.get::<Certificate>(&cx.scope(), arn.to_string()).is_some(),
        "iam" => view.list::<ServerCertificate>(&cx.global_scope()).any(|certificate| certificate.arn == arn),
        _ => return Err(Error::Invalid(format!("`{}` is not the ARN of a certificate of ACM or IAM", shown(text)))),
    };
    if is_there { Ok(arn) } else { Err(Error::CertificateNotFound(shown(text))) }
}

fn certificates_of(listener: &Listener) -> impl Iterator<Item = &Arn> {
    listener.tls.iter().flat_map(|tls| std::iter::once(&tls.default_certificate).chain(&tls.certificates))
}

/// The load balancers of an account whose listeners have a certificate.
pub(crate) fn load_balancers_with(view: &View, account: &str, certificate: &Arn) -> BTreeSet<Arn> {
    let listeners = view.all::<Listener>().filter(|(scope, _)| scope.account == account).map(|(_, listener)| listener);
    let users = listeners.filter(|listener| certificates_of(listener).any(|arn| arn == certificate));
    users.map(|listener| listener.load_balancer_arn.clone()).collect()
}

/// All certificates that listeners of an account have.
pub(crate) fn in_use(view: &View, account: &str) -> BTreeSet<Arn> {
    let listeners = view.all::<Listener>().filter(|(scope, _)| scope.account == account).map(|(_, listener)| listener);
    listeners.flat_map(|listener| certificates_of(&listener).cloned().collect::<Vec<_>>()).collect()
}

/// Gives every listener of an account that has one certificate another ARN for it.
pub(crate) fn rename(txn: &mut Transaction, account: &str, from: &Arn, to: &Arn) {
    let all: Vec<(Scope, std::sync::Arc<Listener>)> = txn.all().filter(|(scope, _)| scope.account == account).collect();
    for (scope, listener) in all.iter().filter(|(_, listener)| certificates_of(listener).any(|arn| arn == from)) {
        let renamed = |arn: &Arn| if arn == from { to.clone() } else { arn.clone() };
        let tls = listener.tls.as_ref().map(|tls| ListenerTls {
            default_certificate: renamed(&tls.default_certificate),
            certificates: tls.certificates.iter().map(renamed).collect(),
            ..tls.clone()
        });
        txn.put(scope, Listener { tls, ..Listener::clone(listener) });
    }
}

/// The TLS of a listener, which must have some.
fn tls_of(listener: &Listener) -> Result<&ListenerTls, Error> {
    let refuse = || Error::Configuration(format!("listener `{}` has no TLS, and so no certificates", listener.arn));
    listener.tls.as_ref().ok_or_else(refuse)
}

pub(super) async fn add(
    cx: &Context,
    input: shape::AddListenerCertificatesInput,
) -> Result<shape::AddListenerCertificatesOutput, AwsError> {
    let shape::AddListenerCertificatesInput { certificates, listener_arn } = input;
    let certificate = only(certificates)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let listener = arns::listener(txn.view(), &scope, &listener_arn)?;
        let mut tls = tls_of(&listener)?.clone();
        let arn = existing(txn.view(), cx, &certificate)?;
        if !tls.certificates.contains(&arn) {
            tls.certificates.push(arn.clone());
        }
        txn.put(&scope, Listener { tls: Some(tls), ..Listener::clone(&listener) });
        let siblings = listeners_of(txn.view(), cx, &listener.load_balancer_arn);
        let extra: usize = siblings.iter().flat_map(|one| &one.tls).map(|tls| tls.certificates.len()).sum();
        if extra > Quota::Certificates.limit() {
            return Err(Error::TooMany(Quota::Certificates));
        }
        Ok(shape::Certificate { certificate_arn: arn.to_string(), is_default: Some(false) })
    };
    let added = committed(cx.store.transact(write).await)?;
    Ok(shape::AddListenerCertificatesOutput { certificates: Some(vec![added]) })
}

/// One that the listener does not have is removed already.
pub(super) async fn remove(cx: &Context, input: shape::RemoveListenerCertificatesInput) -> Result<(), AwsError> {
    let shape::RemoveListenerCertificatesInput { certificates, listener_arn } = input;
    let certificate = only(certificates)?;
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let listener = arns::listener(txn.view(), &scope, &listener_arn)?;
        let tls = tls_of(&listener)?;
        let kept: Vec<Arn> = tls.certificates.iter().filter(|arn| arn.to_string() != certificate).cloned().collect();
        if kept.len() == tls.certificates.len() && tls.default_certificate.to_string() == certificate {
            let message = "the default certificate of a listener cannot be removed, only replaced (ModifyListener)";
            return Err(Error::NotPermitted(message.into()));
        }
        let tls = Some(ListenerTls { certificates: kept, ..tls.clone() });
        txn.put(&scope, Listener { tls, ..Listener::clone(&listener) });
        Ok(())
    };
    committed(cx.store.transact(write).await)
}

/// The default certificate first, then the others; one that is both comes twice, as on AWS.
pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeListenerCertificatesInput,
) -> Result<shape::DescribeListenerCertificatesOutput, Error> {
    let shape::DescribeListenerCertificatesInput { listener_arn, marker, page_size: size } = input;
    let listener = arns::listener(&cx.store.view(), &cx.scope(), &listener_arn)?;
    let shown =
        |arn: &Arn, is_default| shape::Certificate { certificate_arn: arn.to_string(), is_default: Some(is_default) };
    let items = listener.tls.iter().flat_map(|tls| {
        let default = &tls.default_certificate;
        let others = tls.certificates.iter().map(|arn| (format!("1|{arn}"), shown(arn, false)));
        std::iter::once((format!("0|{default}"), shown(default, true))).chain(others)
    });
    let listing = Listing { operation: "DescribeListenerCertificates", selection: &listener_arn };
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    Ok(shape::DescribeListenerCertificatesOutput { certificates: Some(page.items), next_marker: page.next })
}
