//! Trust stores: authorities whose client certificates listeners accept, and what these have revoked.
//!
//! Bundles and lists are read from files that stand for objects of S3 ([`crate::files`]). A bundle is kept in the record; a
//! list can be large, so a copy of it is kept as a file and the record names it. What is read is given to the TLS library
//! before anything is stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::elbv2::types as shape;
use model::elbv2::listener::{Listener, MutualAuthentication};
use model::elbv2::trust_store::{
    MAXIMUM_CERTIFICATE_BYTES, MAXIMUM_CERTIFICATES, MAXIMUM_REVOCATION_LIST_BYTES, MAXIMUM_REVOCATION_LISTS,
    MAXIMUM_REVOKED, Revocation, TrustStore,
};
use model::id::hex;
use model::{Arn, Scope};
use store::{Transaction, View};
use wire::AwsError;

use super::arns::{self, ID_DIGITS, Resource, SERVICE};
use super::errors::{Error, Quota};
use super::{page_size, tags};
use crate::context::Context;
use crate::files::ObjectError;
use crate::handler::committed;
use crate::pagination::Listing;
use crate::x509::{Authorities, RevocationList};

/// The largest bundle that is read: as many certificates as there may be in PEM, and as much text around them.
const MAXIMUM_BUNDLE_BYTES: u64 = 4 * (MAXIMUM_CERTIFICATES * MAXIMUM_CERTIFICATE_BYTES) as u64;

/// Reads and checks a bundle, away from the threads that answer requests.
async fn read_authorities(cx: &Context, bucket: String, key: String) -> Result<Authorities, AwsError> {
    let files = Arc::clone(&cx.files);
    let read = move || match files.read_object(&bucket, &key, MAXIMUM_BUNDLE_BYTES) {
        Ok(content) => Ok(Authorities::read(&content)?),
        Err(error @ (ObjectError::NoBucket(_) | ObjectError::NoObject { .. } | ObjectError::Unreadable { .. })) => {
            Err(Error::BundleNotFound(error))
        }
        Err(error @ ObjectError::TooLarge { .. }) => Err(Error::Bundle(error.to_string())),
    };
    Ok(blocking(read).await??)
}

/// A revocation list and the file that it is kept in.
struct Kept {
    file: std::path::PathBuf,
    entries: u64,
}

async fn read_list(cx: &Context, content: shape::RevocationContent, authorities: &str) -> Result<Kept, AwsError> {
    let shape::RevocationContent { revocation_type, s3_bucket, s3_key } = content;
    match revocation_type {
        None | Some(shape::RevocationType::Crl) => {}
    }
    let (files, authorities) = (Arc::clone(&cx.files), authorities.to_owned());
    let name = format!("{}.crl", cx.mint(|ids| hex(ids, ID_DIGITS)));
    let read = move || match files.read_object(&s3_bucket, &s3_key, MAXIMUM_REVOCATION_LIST_BYTES) {
        Ok(content) => {
            let RevocationList { der, entries } = RevocationList::read(&content, &authorities)?;
            let file = files.keep_revocation_list(&name, &der).map_err(|error| {
                tracing::error!(%error, "a revocation list could not be kept");
                Error::NotKept
            })?;
            Ok(Kept { file, entries })
        }
        Err(error @ (ObjectError::NoBucket(_) | ObjectError::NoObject { .. } | ObjectError::Unreadable { .. })) => {
            Err(Error::RevocationContentNotFound(error))
        }
        Err(error @ ObjectError::TooLarge { .. }) => Err(Error::RevocationContent(error.to_string())),
    };
    Ok(blocking(read).await??)
}

/// Does what a disk may hold up away from the threads that answer requests.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AwsError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| AwsError::internal("an internal failure while a file was read".to_owned()))
}

pub(super) async fn create(
    cx: &Context,
    input: shape::CreateTrustStoreInput,
) -> Result<shape::CreateTrustStoreOutput, AwsError> {
    let shape::CreateTrustStoreInput { ca_certificates_bundle_s3_bucket, ca_certificates_bundle_s3_key, name, tags } =
        input;
    let tags = tags::parse(tags)?;
    let Authorities { pem, count } =
        read_authorities(cx, ca_certificates_bundle_s3_bucket, ca_certificates_bundle_s3_key).await?;
    let id = cx.mint(|ids| hex(ids, ID_DIGITS));
    let scope = cx.scope();
    let insert = |txn: &mut Transaction| {
        let all: Vec<Arc<TrustStore>> = txn.list(&scope).collect();
        if all.iter().any(|existing| existing.name == name) {
            return Err(Error::NameTaken { resource: Resource::TrustStore, name: name.clone() });
        }
        if all.len() >= Quota::TrustStores.limit() {
            return Err(Error::TooMany(Quota::TrustStores));
        }
        let wanted = TrustStore {
            arn: cx.arn(SERVICE, format!("truststore/{name}/{id}")),
            name: name.clone(),
            ca_certificates_pem: pem.clone(),
            certificates: count,
            revocations: Vec::new(),
            next_revocation: 1,
            created_at: cx.now,
            tags: tags.clone(),
        };
        txn.put(&scope, wanted.clone());
        Ok(view(&wanted))
    };
    let created = committed(cx.store.transact(insert).await)?;
    Ok(shape::CreateTrustStoreOutput { trust_stores: Some(vec![created]) })
}

/// Replaces the authorities; what was revoked stays revoked.
pub(super) async fn modify(
    cx: &Context,
    input: shape::ModifyTrustStoreInput,
) -> Result<shape::ModifyTrustStoreOutput, AwsError> {
    let shape::ModifyTrustStoreInput {
        ca_certificates_bundle_s3_bucket,
        ca_certificates_bundle_s3_key,
        trust_store_arn,
    } = input;
    let scope = cx.scope();
    arns::trust_store(&cx.store.view(), &scope, &trust_store_arn)?;
    let Authorities { pem, count } =
        read_authorities(cx, ca_certificates_bundle_s3_bucket, ca_certificates_bundle_s3_key).await?;
    let write = |txn: &mut Transaction| {
        let old = arns::trust_store(txn.view(), &scope, &trust_store_arn)?;
        let changed = TrustStore { ca_certificates_pem: pem.clone(), certificates: count, ..TrustStore::clone(&old) };
        txn.put(&scope, changed.clone());
        Ok::<_, Error>(view(&changed))
    };
    let shown = committed(cx.store.transact(write).await)?;
    Ok(shape::ModifyTrustStoreOutput { trust_stores: Some(vec![shown]) })
}

/// The listeners that verify clients by a trust store.
fn users(view: &View, scope: &Scope, store: &Arn) -> Vec<Arc<Listener>> {
    let verifies = |listener: &Arc<Listener>| match listener.tls.as_ref().map(|tls| &tls.mutual) {
        Some(MutualAuthentication::Verify { trust_store, ignore_expiry: _, advertise_ca_names: _ }) => {
            trust_store == store
        }
        Some(MutualAuthentication::Off | MutualAuthentication::Passthrough) | None => false,
    };
    view.list::<Listener>(scope).filter(verifies).collect()
}

pub(super) async fn delete(cx: &Context, input: shape::DeleteTrustStoreInput) -> Result<(), AwsError> {
    let shape::DeleteTrustStoreInput { trust_store_arn } = input;
    let scope = cx.scope();
    let remove = |txn: &mut Transaction| {
        let store = arns::trust_store(txn.view(), &scope, &trust_store_arn)?;
        if let Some(listener) = users(txn.view(), &scope, &store.arn).first() {
            return Err(Error::TrustStoreInUse { store: store.arn.to_string(), listener: listener.arn.to_string() });
        }
        txn.delete::<TrustStore>(&scope, store.arn.to_string());
        Ok(())
    };
    committed(cx.store.transact(remove).await)
}

pub(super) fn describe(
    cx: &Context,
    input: shape::DescribeTrustStoresInput,
) -> Result<shape::DescribeTrustStoresOutput, Error> {
    let shape::DescribeTrustStoresInput { marker, names, page_size: size, trust_store_arns } = input;
    let (arns, names) = (trust_store_arns.unwrap_or_default(), names.unwrap_or_default());
    let (records, scope) = (cx.store.view(), cx.scope());
    let named = |name: &String| {
        let found = records.list::<TrustStore>(&scope).find(|record| record.name == *name);
        found.ok_or_else(|| Error::not_found(Resource::TrustStore, name))
    };
    let found: Vec<Arc<TrustStore>> = match (arns.as_slice(), names.as_slice()) {
        ([], []) => records.list(&scope).collect(),
        ([_, ..], []) => {
            arns.iter().map(|arn| arns::trust_store(&records, &scope, arn)).collect::<Result<_, Error>>()?
        }
        ([], [_, ..]) => names.iter().map(named).collect::<Result<_, Error>>()?,
        ([_, ..], [_, ..]) => return Err(Error::Invalid("give TrustStoreArns or Names, not both".into())),
    };
    let unique: std::collections::BTreeMap<String, Arc<TrustStore>> =
        found.into_iter().map(|record| (record.arn.to_string(), record)).collect();
    let listing = Listing { operation: "DescribeTrustStores", selection: &(&arns, &names) };
    let page = listing.page(cx, marker.as_deref(), page_size(size), unique)?.map(|record| view(&record));
    Ok(shape::DescribeTrustStoresOutput { next_marker: page.next, trust_stores: Some(page.items) })
}

pub(super) fn associations(
    cx: &Context,
    input: shape::DescribeTrustStoreAssociationsInput,
) -> Result<shape::DescribeTrustStoreAssociationsOutput, Error> {
    let shape::DescribeTrustStoreAssociationsInput { marker, page_size: size, trust_store_arn } = input;
    let (records, scope) = (cx.store.view(), cx.scope());
    let store = arns::trust_store(&records, &scope, &trust_store_arn)?;
    let users = users(&records, &scope, &store.arn);
    let items = users.iter().map(|listener| (listener.arn.to_string(), listener.arn.to_string()));
    let listing = Listing { operation: "DescribeTrustStoreAssociations", selection: &trust_store_arn };
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    let page = page.map(|arn| shape::TrustStoreAssociation { resource_arn: Some(arn) });
    Ok(shape::DescribeTrustStoreAssociationsOutput {
        next_marker: page.next,
        trust_store_associations: Some(page.items),
    })
}

pub(super) async fn add_revocations(
    cx: &Context,
    input: shape::AddTrustStoreRevocationsInput,
) -> Result<shape::AddTrustStoreRevocationsOutput, AwsError> {
    let shape::AddTrustStoreRevocationsInput { revocation_contents, trust_store_arn } = input;
    let scope = cx.scope();
    let store = arns::trust_store(&cx.store.view(), &scope, &trust_store_arn)?;
    let contents = revocation_contents.unwrap_or_default();
    if contents.is_empty() {
        return Err(Error::Invalid("RevocationContents needs at least one file".into()).into());
    }
    // Before anything is read and kept.
    check_lists(store.revocations.len() + contents.len())?;
    let mut kept = Vec::new();
    for content in contents {
        kept.push(read_list(cx, content, &store.ca_certificates_pem).await?);
    }
    let write = |txn: &mut Transaction| {
        let mut store = TrustStore::clone(&*arns::trust_store(txn.view(), &scope, &trust_store_arn)?);
        check_lists(store.revocations.len() + kept.len())?;
        let mut added = Vec::new();
        for Kept { file, entries } in &kept {
            let revocation = Revocation { id: store.next_revocation, file: file.clone(), entries: *entries };
            store.next_revocation += 1;
            added.push(shape::TrustStoreRevocation {
                number_of_revoked_entries: Some(long(revocation.entries)),
                revocation_id: Some(long(revocation.id)),
                revocation_type: Some(shape::RevocationType::Crl),
                trust_store_arn: Some(store.arn.to_string()),
            });
            store.revocations.push(revocation);
        }
        if revoked(&store) > MAXIMUM_REVOKED {
            return Err(Error::TooManyRevoked);
        }
        txn.put(&scope, store);
        Ok(added)
    };
    let added = committed(cx.store.transact(write).await)?;
    Ok(shape::AddTrustStoreRevocationsOutput { trust_store_revocations: Some(added) })
}

fn check_lists(count: usize) -> Result<(), Error> {
    if count > MAXIMUM_REVOCATION_LISTS { Err(Error::TooManyLists) } else { Ok(()) }
}

fn revoked(store: &TrustStore) -> u64 {
    store.revocations.iter().map(|list| list.entries).sum()
}

/// The lists of a trust store with these ids; all of them when none is given.
fn chosen<'a>(store: &'a TrustStore, ids: &[i64]) -> Result<Vec<&'a Revocation>, Error> {
    for id in ids {
        if !store.revocations.iter().any(|list| long(list.id) == *id) {
            return Err(Error::RevocationNotFound(*id));
        }
    }
    Ok(store.revocations.iter().filter(|list| ids.is_empty() || ids.contains(&long(list.id))).collect())
}

pub(super) async fn remove_revocations(
    cx: &Context,
    input: shape::RemoveTrustStoreRevocationsInput,
) -> Result<(), AwsError> {
    let shape::RemoveTrustStoreRevocationsInput { revocation_ids, trust_store_arn } = input;
    if revocation_ids.is_empty() {
        return Err(Error::Invalid("RevocationIds needs at least one id".into()).into());
    }
    let scope = cx.scope();
    let write = |txn: &mut Transaction| {
        let old = arns::trust_store(txn.view(), &scope, &trust_store_arn)?;
        let gone: BTreeSet<u64> = chosen(&old, &revocation_ids)?.iter().map(|list| list.id).collect();
        let revocations = old.revocations.iter().filter(|list| !gone.contains(&list.id)).cloned().collect();
        txn.put(&scope, TrustStore { revocations, ..TrustStore::clone(&old) });
        Ok::<(), Error>(())
    };
    committed(cx.store.transact(write).await)
}

pub(super) fn describe_revocations(
    cx: &Context,
    input: shape::DescribeTrustStoreRevocationsInput,
) -> Result<shape::DescribeTrustStoreRevocationsOutput, Error> {
    let shape::DescribeTrustStoreRevocationsInput { marker, page_size: size, revocation_ids, trust_store_arn } = input;
    let store = arns::trust_store(&cx.store.view(), &cx.scope(), &trust_store_arn)?;
    let ids = revocation_ids.unwrap_or_default();
    let items = chosen(&store, &ids)?.into_iter().map(|list| (format!("{:020}", list.id), list));
    let listing = Listing { operation: "DescribeTrustStoreRevocations", selection: &(&trust_store_arn, &ids) };
    let page = listing.page(cx, marker.as_deref(), page_size(size), items)?;
    let page = page.map(|list| shape::DescribeTrustStoreRevocation {
        number_of_revoked_entries: Some(long(list.entries)),
        revocation_id: Some(long(list.id)),
        revocation_type: Some(shape::RevocationType::Crl),
        trust_store_arn: Some(store.arn.to_string()),
    });
    Ok(shape::DescribeTrustStoreRevocationsOutput { next_marker: page.next, trust_store_revocations: Some(page.items) })
}

fn view(record: &TrustStore) -> shape::TrustStore {
    shape::TrustStore {
        name: Some(record.name.clone()),
        number_of_ca_certificates: i32::try_from(record.certificates).ok(),
        status: Some(shape::TrustStoreStatus::Active),
        total_revoked_entries: Some(long(revoked(record))),
        trust_store_arn: Some(record.arn.to_string()),
    }
}

fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
