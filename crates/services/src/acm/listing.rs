//! ListCertificates: filters, order, pages.
//!
//! As on AWS, a call that does not say which kinds of key it wants gets those with RSA keys of up to 2048 bits only.

use std::sync::Arc;

use api::acm::types as shape;
use model::acm::certificate::Certificate;
use model::{Arn, Timestamp};

use super::errors::Error;
use super::views;
use crate::context::Context;
use crate::elbv2::certificates::in_use;
use crate::pagination::Listing;

/// The largest page, and the one given when the caller does not say (ACM API reference, MaxItems).
const MAXIMUM_PAGE: usize = 1000;

/// What a listing is to show.
#[derive(Debug)]
struct Selection {
    statuses: Vec<shape::CertificateStatus>,
    origins: Vec<shape::CertificateKeyPairOrigin>,
    keys: Vec<shape::KeyAlgorithm>,
    usages: Vec<shape::KeyUsageName>,
    purposes: Vec<shape::ExtendedKeyUsageName>,
    export: Option<shape::CertificateExport>,
    managed_by: Option<shape::CertificateManagedBy>,
}

impl Selection {
    fn new(
        statuses: Option<Vec<shape::CertificateStatus>>,
        origins: Option<Vec<shape::CertificateKeyPairOrigin>>,
        filters: Option<shape::Filters>,
    ) -> Self {
        let shape::Filters { export_option, extended_key_usage, key_types, key_usage, managed_by } =
            filters.unwrap_or_default();
        let usual = vec![shape::KeyAlgorithm::Rsa1024, shape::KeyAlgorithm::Rsa2048];
        Self {
            statuses: statuses.unwrap_or_default(),
            origins: origins.unwrap_or_default(),
            keys: key_types.filter(|keys| !keys.is_empty()).unwrap_or(usual),
            usages: key_usage.unwrap_or_default(),
            purposes: extended_key_usage.unwrap_or_default(),
            export: export_option,
            managed_by,
        }
    }

    fn has(&self, record: &Certificate, now: Timestamp) -> bool {
        let any = |is_empty: bool, found: bool| is_empty || found;
        any(self.statuses.is_empty(), self.statuses.contains(&views::status(record, now)))
            && any(self.origins.is_empty(), self.origins.contains(&shape::CertificateKeyPairOrigin::CustomerProvided))
            && self.keys.contains(&views::key_algorithm(record))
            && any(self.usages.is_empty(), views::key_usages(record).iter().any(|usage| self.usages.contains(usage)))
            && any(self.purposes.is_empty(), views::purposes(record).iter().any(|one| self.purposes.contains(one)))
            && self.export.is_none_or(|export| export == shape::CertificateExport::Disabled)
            && self.managed_by.is_none()
    }
}

pub(super) fn list(
    cx: &Context,
    input: shape::ListCertificatesRequest,
) -> Result<shape::ListCertificatesResponse, Error> {
    let shape::ListCertificatesRequest {
        certificate_key_pair_origins,
        certificate_statuses,
        includes,
        max_items,
        next_token,
        sort_by,
        sort_order,
    } = input;
    let selection = Selection::new(certificate_statuses, certificate_key_pair_origins, includes);
    let order = match (sort_by, sort_order) {
        (None, None) => None,
        (Some(shape::SortBy::CreatedAt), Some(order)) => Some(order),
        (Some(shape::SortBy::CreatedAt), None) | (None, Some(_)) => return Err(Error::HalfSorted),
    };
    let view = cx.store.view();
    let used: std::collections::BTreeSet<Arn> = in_use(&view, &cx.account);
    let found = view.list::<Certificate>(&cx.scope()).filter(|record| selection.has(record, cx.now));
    let items = found.map(|record| (place(&record, order), record));
    let size = max_items.and_then(|size| usize::try_from(size).ok()).unwrap_or(MAXIMUM_PAGE);
    let listing = Listing { operation: "ListCertificates", selection: &(&selection, sort_by, sort_order) };
    let page = listing.page(cx, next_token.as_deref(), size, items)?;
    let page = page.map(|record: Arc<Certificate>| views::summary(&record, used.contains(&record.arn), cx.now));
    Ok(shape::ListCertificatesResponse { certificate_summary_list: Some(page.items), next_token: page.next })
}

/// A text that sorts as the caller wants.
fn place(record: &Certificate, order: Option<shape::SortOrder>) -> String {
    let created = record.created_at.millis();
    match order {
        None => record.arn.to_string(),
        Some(shape::SortOrder::Ascending) => format!("{created:020}|{}", record.arn),
        Some(shape::SortOrder::Descending) => format!("{:020}|{}", i64::MAX - created, record.arn),
    }
}
