//! Certificates as ACM shows them; never their keys.

use std::collections::BTreeSet;
use std::str::FromStr;

use api::acm::types as shape;
use model::acm::certificate::Certificate;
use model::elbv2::certificate::KeyAlgorithm;
use model::{Arn, Timestamp};

use crate::handler::to_wire;

/// How many names a line of ListCertificates has (ACM API reference, CertificateSummary).
const LISTED_NAMES: usize = 100;

/// The state of an imported certificate: it is good until it expires.
pub(super) fn status(record: &Certificate, now: Timestamp) -> shape::CertificateStatus {
    match now > record.facts.not_after {
        true => shape::CertificateStatus::Expired,
        false => shape::CertificateStatus::Issued,
    }
}

pub(super) fn key_algorithm(record: &Certificate) -> shape::KeyAlgorithm {
    match record.facts.key {
        KeyAlgorithm::Rsa(3072) => shape::KeyAlgorithm::Rsa3072,
        KeyAlgorithm::Rsa(4096) => shape::KeyAlgorithm::Rsa4096,
        // No other length is imported.
        KeyAlgorithm::Rsa(_) => shape::KeyAlgorithm::Rsa2048,
        KeyAlgorithm::EcPrime256v1 => shape::KeyAlgorithm::EcPrime256v1,
        KeyAlgorithm::EcSecp384r1 => shape::KeyAlgorithm::EcSecp384r1,
        KeyAlgorithm::EcSecp521r1 => shape::KeyAlgorithm::EcSecp521r1,
    }
}

pub(super) fn key_usages(record: &Certificate) -> Vec<shape::KeyUsageName> {
    names(record.key_usages.iter())
}

pub(super) fn purposes(record: &Certificate) -> Vec<shape::ExtendedKeyUsageName> {
    names(record.extended_key_usages.iter().map(|usage| &usage.name))
}

/// What is stored has ACM's own names.
fn names<'a, N: FromStr>(stored: impl Iterator<Item = &'a String>) -> Vec<N> {
    stored.filter_map(|name| name.parse().ok()).collect()
}

/// Every name: those that it is for, and first the one that it goes by.
fn all_names(record: &Certificate) -> Vec<String> {
    let others = record.facts.names.iter().filter(|name| !name.eq_ignore_ascii_case(&record.domain_name));
    std::iter::once(&record.domain_name).chain(others).cloned().collect()
}

pub(super) fn detail(record: &Certificate, users: &BTreeSet<Arn>, now: Timestamp) -> shape::CertificateDetail {
    let usage = |name| shape::KeyUsage { name: Some(name) };
    let purpose = |usage: &model::acm::certificate::ExtendedKeyUsage| shape::ExtendedKeyUsage {
        name: usage.name.parse().ok(),
        oid: Some(usage.oid.clone()),
    };
    shape::CertificateDetail {
        certificate_arn: Some(record.arn.to_string()),
        certificate_key_pair_origin: Some(shape::CertificateKeyPairOrigin::CustomerProvided),
        created_at: Some(to_wire(record.created_at)),
        domain_name: Some(record.domain_name.clone()),
        extended_key_usages: Some(record.extended_key_usages.iter().map(purpose).collect()),
        imported_at: Some(to_wire(record.imported_at)),
        in_use_by: Some(users.iter().map(ToString::to_string).collect()),
        issuer: Some(record.issuer.clone()),
        key_algorithm: Some(key_algorithm(record)),
        key_usages: Some(key_usages(record).into_iter().map(usage).collect()),
        not_after: Some(to_wire(record.facts.not_after)),
        not_before: Some(to_wire(record.facts.not_before)),
        options: Some(shape::CertificateOptions {
            certificate_transparency_logging_preference: Some(
                shape::CertificateTransparencyLoggingPreference::Disabled,
            ),
            export: Some(shape::CertificateExport::Disabled),
        }),
        renewal_eligibility: Some(shape::RenewalEligibility::Ineligible),
        serial: Some(record.serial.clone()),
        signature_algorithm: Some(record.facts.signature_algorithm.clone()),
        status: Some(status(record, now)),
        subject: Some(record.subject.clone()),
        subject_alternative_names: Some(all_names(record)),
        r#type: Some(shape::CertificateType::Imported),
    }
}

pub(super) fn summary(record: &Certificate, is_in_use: bool, now: Timestamp) -> shape::CertificateSummary {
    let mut names = all_names(record);
    let has_more = names.len() > LISTED_NAMES;
    names.truncate(LISTED_NAMES);
    shape::CertificateSummary {
        certificate_arn: Some(record.arn.to_string()),
        certificate_key_pair_origin: Some(shape::CertificateKeyPairOrigin::CustomerProvided),
        created_at: Some(to_wire(record.created_at)),
        domain_name: Some(record.domain_name.clone()),
        export_option: Some(shape::CertificateExport::Disabled),
        exported: Some(false),
        extended_key_usages: Some(purposes(record)),
        has_additional_subject_alternative_names: Some(has_more),
        imported_at: Some(to_wire(record.imported_at)),
        in_use: Some(is_in_use),
        key_algorithm: Some(key_algorithm(record)),
        key_usages: Some(key_usages(record)),
        not_after: Some(to_wire(record.facts.not_after)),
        not_before: Some(to_wire(record.facts.not_before)),
        renewal_eligibility: Some(shape::RenewalEligibility::Ineligible),
        status: Some(status(record, now)),
        subject_alternative_name_summaries: Some(names),
        r#type: Some(shape::CertificateType::Imported),
    }
}
