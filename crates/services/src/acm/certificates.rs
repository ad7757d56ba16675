//! Certificates: import (also again under the same ARN), describe, get, delete.

use std::sync::Arc;

use api::acm::types as shape;
use model::acm::certificate::{Certificate, MAXIMUM_IMPORTED};
use model::id::uuid;
use model::{Arn, Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::Error;
use super::{tags, views};
use crate::context::Context;
use crate::elbv2::certificates::load_balancers_with;
use crate::handler::committed;
use crate::x509::{Bundle, Chain, Parts};

/// The most characters of a caller's text that an error shows.
const SHOWN: usize = 200;

/// An ARN of a certificate of ACM.
fn parse(text: &str) -> Result<Arn, Error> {
    let is_one = |arn: &Arn| arn.service() == "acm" && arn.resource_parts().first() == Some(&"certificate");
    let arn = text.parse::<Arn>().ok().filter(is_one);
    arn.ok_or_else(|| Error::NotAnArn(text.chars().take(SHOWN).collect()))
}

/// The certificate that an ARN names.
pub(super) fn existing(view: &View, scope: &Scope, text: &str) -> Result<Arc<Certificate>, Error> {
    let arn = parse(text)?;
    let not_found = || Error::NotFound(text.chars().take(SHOWN).collect());
    view.get(scope, arn.to_string()).ok_or_else(not_found)
}

pub(super) async fn import(
    cx: &Context,
    input: shape::ImportCertificateRequest,
) -> Result<shape::ImportCertificateResponse, AwsError> {
    let shape::ImportCertificateRequest { certificate, certificate_arn, certificate_chain, private_key, tags } = input;
    let parts = Parts { certificate: &certificate, private_key: &private_key, chain: certificate_chain.as_deref() };
    let bundle = Bundle::read(&parts, Chain::Needed, cx.now).map_err(Error::from)?;
    let tags = tags::parse(tags.unwrap_or_default())?;
    if certificate_arn.is_some() && !tags.0.is_empty() {
        return Err(Error::TagsOfReimport.into());
    }
    let new_arn = cx.arn("acm", format!("certificate/{}", cx.mint(uuid)));
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let record = match &certificate_arn {
            Some(arn) => {
                let old = existing(txn.view(), &scope, arn)?;
                Certificate { created_at: old.created_at, tags: old.tags.clone(), ..record(cx, &old.arn, &bundle) }
            }
            None if txn.list::<Certificate>(&scope).count() >= MAXIMUM_IMPORTED => return Err(Error::TooMany),
            None => Certificate { tags: tags.clone(), ..record(cx, &new_arn, &bundle) },
        };
        let arn = record.arn.to_string();
        txn.put(&scope, record);
        Ok(arn)
    };
    let arn = committed(cx.store.transact(write).await)?;
    Ok(shape::ImportCertificateResponse { certificate_arn: Some(arn) })
}

fn record(cx: &Context, arn: &Arn, bundle: &Bundle) -> Certificate {
    let bundle = bundle.clone();
    Certificate {
        arn: arn.clone(),
        facts: bundle.facts,
        subject: bundle.subject,
        domain_name: bundle.domain_name,
        issuer: bundle.issuer,
        serial: bundle.serial,
        key_usages: bundle.key_usages,
        extended_key_usages: bundle.extended_key_usages,
        certificate_pem: bundle.certificate_pem,
        chain_pem: bundle.chain_pem,
        private_key_pem: bundle.private_key_pem,
        created_at: cx.now,
        imported_at: cx.now,
        tags: Tags::default(),
    }
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeCertificateRequest,
) -> Result<shape::DescribeCertificateResponse, Error> {
    let shape::DescribeCertificateRequest { certificate_arn } = input;
    let view = cx.store.view();
    let record = existing(&view, &cx.scope(), &certificate_arn)?;
    let users = load_balancers_with(&view, &cx.account, &record.arn);
    Ok(shape::DescribeCertificateResponse { certificate: Some(views::detail(&record, &users, cx.now)) })
}

pub(super) fn get(cx: &Context, input: shape::GetCertificateRequest) -> Result<shape::GetCertificateResponse, Error> {
    let shape::GetCertificateRequest { certificate_arn } = input;
    let record = existing(&cx.store.view(), &cx.scope(), &certificate_arn)?;
    Ok(shape::GetCertificateResponse {
        certificate: Some(record.certificate_pem.clone()),
        certificate_chain: (!record.chain_pem.is_empty()).then(|| record.chain_pem.clone()),
    })
}

pub(super) async fn delete(cx: &Context, input: shape::DeleteCertificateRequest) -> Result<(), AwsError> {
    let shape::DeleteCertificateRequest { certificate_arn } = input;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let record = existing(txn.view(), &scope, &certificate_arn)?;
        let users = load_balancers_with(txn.view(), &cx.account, &record.arn);
        if !users.is_empty() {
            let load_balancers = users.iter().map(ToString::to_string).collect();
            return Err(Error::InUse { arn: record.arn.to_string(), load_balancers });
        }
        txn.delete::<Certificate>(&scope, record.arn.to_string());
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}
