//! Server certificates: upload, get, list, update, delete, and their tags. Names are the same when they differ only in case,
//! and keep their spelling. Private keys are in no answer.

use std::sync::Arc;

use api::iam::types as shape;
use model::iam::{MAXIMUM_SERVER_CERTIFICATES, ServerCertificate};
use model::{Arn, Scope, Tags};
use store::{Transaction, View};
use wire::AwsError;

use super::errors::Error;
use super::users::page_size;
use super::{credentials, tags};
use crate::context::Context;
use crate::elbv2::certificates::{load_balancers_with, rename};
use crate::handler::{committed, to_wire};
use crate::pagination::Listing;
use crate::x509::{Bundle, Chain, Parts};

fn find(view: &View, scope: &Scope, name: &str) -> Option<Arc<ServerCertificate>> {
    let exact = view.get::<ServerCertificate>(scope, name);
    exact.or_else(|| view.list::<ServerCertificate>(scope).find(|one| one.name.eq_ignore_ascii_case(name)))
}

fn existing(view: &View, scope: &Scope, name: &str) -> Result<Arc<ServerCertificate>, Error> {
    find(view, scope, name).ok_or_else(|| Error::NoSuchServerCertificate(name.to_owned()))
}

fn refuse_taken(view: &View, scope: &Scope, name: &str) -> Result<(), Error> {
    match find(view, scope, name) {
        Some(taken) => Err(Error::ServerCertificateExists(taken.name.clone())),
        None => Ok(()),
    }
}

fn arn(cx: &Context, path: &str, name: &str) -> Arn {
    Arn::new("iam", "", &cx.account, format!("server-certificate{path}{name}"))
}

pub(super) async fn upload(
    cx: &Context,
    input: shape::UploadServerCertificateRequest,
) -> Result<shape::UploadServerCertificateResponse, AwsError> {
    let shape::UploadServerCertificateRequest {
        certificate_body,
        certificate_chain,
        path,
        private_key,
        server_certificate_name: name,
        tags,
    } = input;
    let parts = Parts {
        certificate: certificate_body.as_bytes(),
        private_key: private_key.as_bytes(),
        chain: certificate_chain.as_deref().map(str::as_bytes),
    };
    let bundle = Bundle::read(&parts, Chain::Optional, cx.now).map_err(Error::from)?;
    let path = path.unwrap_or_else(|| "/".to_owned());
    let record = ServerCertificate {
        arn: arn(cx, &path, &name),
        name,
        id: cx.mint(credentials::server_certificate_id),
        path,
        facts: bundle.facts,
        certificate_pem: bundle.certificate_pem,
        chain_pem: bundle.chain_pem,
        private_key_pem: bundle.private_key_pem,
        uploaded_at: cx.now,
        tags: tags::parse(tags.unwrap_or_default())?,
    };
    let scope = cx.global_scope();
    let insert = |txn: &mut Transaction| {
        refuse_taken(txn.view(), &scope, &record.name)?;
        if txn.list::<ServerCertificate>(&scope).count() >= MAXIMUM_SERVER_CERTIFICATES {
            return Err(Error::TooManyServerCertificates);
        }
        txn.put(&scope, record.clone());
        Ok(())
    };
    committed(cx.store.transact(insert).await)?;
    Ok(shape::UploadServerCertificateResponse {
        server_certificate_metadata: Some(metadata(&record)),
        tags: shown_tags(&record.tags),
    })
}

pub(super) fn get(
    cx: &Context,
    input: shape::GetServerCertificateRequest,
) -> Result<shape::GetServerCertificateResponse, Error> {
    let shape::GetServerCertificateRequest { server_certificate_name } = input;
    let record = existing(&cx.store.view(), &cx.global_scope(), &server_certificate_name)?;
    Ok(shape::GetServerCertificateResponse {
        server_certificate: Some(shape::ServerCertificate {
            certificate_body: Some(record.certificate_pem.clone()),
            certificate_chain: (!record.chain_pem.is_empty()).then(|| record.chain_pem.clone()),
            server_certificate_metadata: Some(metadata(&record)),
            tags: shown_tags(&record.tags),
        }),
    })
}

pub(super) fn list(
    cx: &Context,
    input: shape::ListServerCertificatesRequest,
) -> Result<shape::ListServerCertificatesResponse, Error> {
    let shape::ListServerCertificatesRequest { marker, max_items, path_prefix } = input;
    let prefix = path_prefix.unwrap_or_else(|| "/".to_owned());
    let view = cx.store.view();
    let matching = view.list::<ServerCertificate>(&cx.global_scope()).filter(|one| one.path.starts_with(&prefix));
    let listing = Listing { operation: "ListServerCertificates", selection: &prefix };
    let items = matching.map(|record| (record.name.clone(), record));
    let page = listing.page(cx, marker.as_deref(), page_size(max_items), items)?;
    Ok(shape::ListServerCertificatesResponse {
        is_truncated: Some(page.next.is_some()),
        server_certificate_metadata_list: Some(page.items.iter().map(|record| metadata(record)).collect()),
        marker: page.next,
    })
}

/// A new name or path is a new ARN; listeners that have the certificate go on with it.
pub(super) async fn update(cx: &Context, input: shape::UpdateServerCertificateRequest) -> Result<(), AwsError> {
    let shape::UpdateServerCertificateRequest { new_path, new_server_certificate_name, server_certificate_name } =
        input;
    let scope = cx.global_scope();
    let change = |txn: &mut Transaction| {
        let old = existing(txn.view(), &scope, &server_certificate_name)?;
        let mut record = ServerCertificate::clone(&old);
        record.path = new_path.clone().unwrap_or(record.path);
        if let Some(name) = &new_server_certificate_name {
            if !name.eq_ignore_ascii_case(&old.name) {
                refuse_taken(txn.view(), &scope, name)?;
            }
            record.name.clone_from(name);
            txn.delete::<ServerCertificate>(&scope, &old.name);
        }
        record.arn = arn(cx, &record.path, &record.name);
        if record.arn != old.arn {
            rename(txn, &cx.account, &old.arn, &record.arn);
        }
        txn.put(&scope, record);
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(change).await)
}

pub(super) async fn delete(cx: &Context, input: shape::DeleteServerCertificateRequest) -> Result<(), AwsError> {
    let shape::DeleteServerCertificateRequest { server_certificate_name } = input;
    let scope = cx.global_scope();
    let remove = |txn: &mut Transaction| {
        let record = existing(txn.view(), &scope, &server_certificate_name)?;
        let users = load_balancers_with(txn.view(), &cx.account, &record.arn);
        if !users.is_empty() {
            let load_balancers = users.iter().map(ToString::to_string).collect();
            return Err(Error::ServerCertificateInUse { name: record.name.clone(), load_balancers });
        }
        txn.delete::<ServerCertificate>(&scope, &record.name);
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}

pub(super) async fn tag(cx: &Context, input: shape::TagServerCertificateRequest) -> Result<(), AwsError> {
    let shape::TagServerCertificateRequest { server_certificate_name, tags } = input;
    let added = tags::parse(tags)?;
    change_tags(cx, &server_certificate_name, |tags| tags::with(tags, &added)).await
}

pub(super) async fn untag(cx: &Context, input: shape::UntagServerCertificateRequest) -> Result<(), AwsError> {
    let shape::UntagServerCertificateRequest { server_certificate_name, tag_keys } = input;
    change_tags(cx, &server_certificate_name, |tags| Ok(tags::without(tags, tag_keys.iter()))).await
}

async fn change_tags(cx: &Context, name: &str, new: impl Fn(&Tags) -> Result<Tags, Error>) -> Result<(), AwsError> {
    let scope = cx.global_scope();
    let write = |txn: &mut Transaction| {
        let record = existing(txn.view(), &scope, name)?;
        txn.put(&scope, ServerCertificate { tags: new(&record.tags)?, ..ServerCertificate::clone(&record) });
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(write).await)
}

pub(super) fn list_tags(
    cx: &Context,
    input: shape::ListServerCertificateTagsRequest,
) -> Result<shape::ListServerCertificateTagsResponse, Error> {
    let shape::ListServerCertificateTagsRequest { marker, max_items, server_certificate_name } = input;
    let record = existing(&cx.store.view(), &cx.global_scope(), &server_certificate_name)?;
    let listing = Listing { operation: "ListServerCertificateTags", selection: &record.id };
    let items = tags::to_wire(&record.tags).into_iter().map(|tag| (tag.key.clone(), tag));
    let page = listing.page(cx, marker.as_deref(), page_size(max_items), items)?;
    Ok(shape::ListServerCertificateTagsResponse {
        is_truncated: Some(page.next.is_some()),
        tags: Some(page.items),
        marker: page.next,
    })
}

fn metadata(record: &ServerCertificate) -> shape::ServerCertificateMetadata {
    shape::ServerCertificateMetadata {
        arn: Some(record.arn.to_string()),
        expiration: Some(to_wire(record.facts.not_after)),
        path: Some(record.path.clone()),
        server_certificate_id: Some(record.id.clone()),
        server_certificate_name: Some(record.name.clone()),
        upload_date: Some(to_wire(record.uploaded_at)),
    }
}

/// Without tags the list is absent.
fn shown_tags(tags: &Tags) -> Option<Vec<shape::Tag>> {
    (!tags.0.is_empty()).then(|| tags::to_wire(tags))
}
