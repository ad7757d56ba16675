//! Shape tables of ACM (2015-12-08).
//!
//! Written by `cargo xtask codegen` from `shapes/acm.json` and `shapes/acm.toml`; change those instead.

use super::types;
use wire::shape::{BOOLEAN, Kind, Member, Pattern, STRING, Shape, TIMESTAMP};

pub static ADD_TAGS_TO_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "AddTagsToCertificateRequest",
    &[Member::new("CertificateArn", &ARN).required(), Member::new("Tags", &TAG_LIST).required()],
);
static ARN_PATTERN: Pattern = Pattern::new(
    r"arn:[[0-9A-Za-z_]+=/,.@-]+:acm:[[0-9A-Za-z_]+=/,.@-]*:[0-9]+:[[0-9A-Za-z_]+=,.@-]+(/[[0-9A-Za-z_]+=,.@-]+)*",
);
pub static ARN: Shape = Shape::new("Arn", Kind::String).min(20.0).max(2048.0).pattern(&ARN_PATTERN);
pub static CERTIFICATE_BODY_BLOB: Shape = Shape::new("CertificateBodyBlob", Kind::Blob).min(1.0).max(32768.0);
pub static CERTIFICATE_CHAIN_BLOB: Shape = Shape::new("CertificateChainBlob", Kind::Blob).min(1.0).max(2097152.0);
pub static CERTIFICATE_DETAIL: Shape = Shape::structure(
    "CertificateDetail",
    &[
        Member::new("CertificateArn", &ARN),
        Member::new("CertificateKeyPairOrigin", &CERTIFICATE_KEY_PAIR_ORIGIN),
        Member::new("CreatedAt", &TIMESTAMP),
        Member::new("DomainName", &STRING),
        Member::new("ExtendedKeyUsages", &EXTENDED_KEY_USAGE_LIST),
        Member::new("ImportedAt", &TIMESTAMP),
        Member::new("InUseBy", &IN_USE_LIST),
        Member::new("Issuer", &STRING),
        Member::new("KeyAlgorithm", &KEY_ALGORITHM),
        Member::new("KeyUsages", &KEY_USAGE_LIST),
        Member::new("NotAfter", &TIMESTAMP),
        Member::new("NotBefore", &TIMESTAMP),
        Member::new("Options", &CERTIFICATE_OPTIONS),
        Member::new("RenewalEligibility", &RENEWAL_ELIGIBILITY),
        Member::new("Serial", &STRING),
        Member::new("SignatureAlgorithm", &STRING),
        Member::new("Status", &CERTIFICATE_STATUS),
        Member::new("Subject", &STRING),
        Member::new("SubjectAlternativeNames", &DOMAIN_LIST),
        Member::new("Type", &CERTIFICATE_TYPE),
    ],
);
pub static CERTIFICATE_EXPORT: Shape =
    Shape::new("CertificateExport", Kind::String).values(types::CertificateExport::NAMES);
pub static CERTIFICATE_KEY_PAIR_ORIGIN: Shape =
    Shape::new("CertificateKeyPairOrigin", Kind::String).values(types::CertificateKeyPairOrigin::NAMES);
pub static CERTIFICATE_KEY_PAIR_ORIGINS: Shape =
    Shape::list("CertificateKeyPairOrigins", &CERTIFICATE_KEY_PAIR_ORIGIN).min(1.0).max(3.0);
pub static CERTIFICATE_MANAGED_BY: Shape =
    Shape::new("CertificateManagedBy", Kind::String).values(types::CertificateManagedBy::NAMES);
pub static CERTIFICATE_OPTIONS: Shape = Shape::structure(
    "CertificateOptions",
    &[
        Member::new("CertificateTransparencyLoggingPreference", &CERTIFICATE_TRANSPARENCY_LOGGING_PREFERENCE),
        Member::new("Export", &CERTIFICATE_EXPORT),
    ],
);
pub static CERTIFICATE_STATUS: Shape =
    Shape::new("CertificateStatus", Kind::String).values(types::CertificateStatus::NAMES);
pub static CERTIFICATE_STATUSES: Shape = Shape::list("CertificateStatuses", &CERTIFICATE_STATUS);
pub static CERTIFICATE_SUMMARY: Shape = Shape::structure(
    "CertificateSummary",
    &[
        Member::new("CertificateArn", &ARN),
        Member::new("CertificateKeyPairOrigin", &CERTIFICATE_KEY_PAIR_ORIGIN),
        Member::new("CreatedAt", &TIMESTAMP),
        Member::new("DomainName", &STRING),
        Member::new("ExportOption", &CERTIFICATE_EXPORT),
        Member::new("Exported", &BOOLEAN),
        Member::new("ExtendedKeyUsages", &EXTENDED_KEY_USAGE_NAMES),
        Member::new("HasAdditionalSubjectAlternativeNames", &BOOLEAN),
        Member::new("ImportedAt", &TIMESTAMP),
        Member::new("InUse", &BOOLEAN),
        Member::new("KeyAlgorithm", &KEY_ALGORITHM),
        Member::new("KeyUsages", &KEY_USAGE_NAMES),
        Member::new("NotAfter", &TIMESTAMP),
        Member::new("NotBefore", &TIMESTAMP),
        Member::new("RenewalEligibility", &RENEWAL_ELIGIBILITY),
        Member::new("Status", &CERTIFICATE_STATUS),
        Member::new("SubjectAlternativeNameSummaries", &DOMAIN_LIST),
        Member::new("Type", &CERTIFICATE_TYPE),
    ],
);
pub static CERTIFICATE_SUMMARY_LIST: Shape = Shape::list("CertificateSummaryList", &CERTIFICATE_SUMMARY);
pub static CERTIFICATE_TRANSPARENCY_LOGGING_PREFERENCE: Shape =
    Shape::new("CertificateTransparencyLoggingPreference", Kind::String)
        .values(types::CertificateTransparencyLoggingPreference::NAMES);
pub static CERTIFICATE_TYPE: Shape = Shape::new("CertificateType", Kind::String).values(types::CertificateType::NAMES);
pub static DELETE_CERTIFICATE_REQUEST: Shape =
    Shape::structure("DeleteCertificateRequest", &[Member::new("CertificateArn", &ARN).required()]);
pub static DESCRIBE_CERTIFICATE_REQUEST: Shape =
    Shape::structure("DescribeCertificateRequest", &[Member::new("CertificateArn", &ARN).required()]);
pub static DESCRIBE_CERTIFICATE_RESPONSE: Shape =
    Shape::structure("DescribeCertificateResponse", &[Member::new("Certificate", &CERTIFICATE_DETAIL)]);
pub static DOMAIN_LIST: Shape = Shape::list("DomainList", &STRING);
pub static EXTENDED_KEY_USAGE: Shape =
    Shape::structure("ExtendedKeyUsage", &[Member::new("Name", &EXTENDED_KEY_USAGE_NAME), Member::new("OID", &STRING)]);
pub static EXTENDED_KEY_USAGE_FILTER_LIST: Shape = Shape::list("ExtendedKeyUsageFilterList", &EXTENDED_KEY_USAGE_NAME);
pub static EXTENDED_KEY_USAGE_LIST: Shape = Shape::list("ExtendedKeyUsageList", &EXTENDED_KEY_USAGE);
pub static EXTENDED_KEY_USAGE_NAME: Shape =
    Shape::new("ExtendedKeyUsageName", Kind::String).values(types::ExtendedKeyUsageName::NAMES);
pub static EXTENDED_KEY_USAGE_NAMES: Shape = Shape::list("ExtendedKeyUsageNames", &EXTENDED_KEY_USAGE_NAME);
pub static FILTERS: Shape = Shape::structure(
    "Filters",
    &[
        Member::new("exportOption", &CERTIFICATE_EXPORT),
        Member::new("extendedKeyUsage", &EXTENDED_KEY_USAGE_FILTER_LIST),
        Member::new("keyTypes", &KEY_ALGORITHM_LIST),
        Member::new("keyUsage", &KEY_USAGE_FILTER_LIST),
        Member::new("managedBy", &CERTIFICATE_MANAGED_BY),
    ],
);
pub static GET_CERTIFICATE_REQUEST: Shape =
    Shape::structure("GetCertificateRequest", &[Member::new("CertificateArn", &ARN).required()]);
pub static GET_CERTIFICATE_RESPONSE: Shape = Shape::structure(
    "GetCertificateResponse",
    &[Member::new("Certificate", &STRING), Member::new("CertificateChain", &STRING)],
);
pub static IMPORT_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "ImportCertificateRequest",
    &[
        Member::new("Certificate", &CERTIFICATE_BODY_BLOB).required(),
        Member::new("CertificateArn", &ARN),
        Member::new("CertificateChain", &CERTIFICATE_CHAIN_BLOB),
        Member::new("PrivateKey", &PRIVATE_KEY_BLOB).required(),
        Member::new("Tags", &TAG_LIST),
    ],
);
pub static IMPORT_CERTIFICATE_RESPONSE: Shape =
    Shape::structure("ImportCertificateResponse", &[Member::new("CertificateArn", &ARN)]);
pub static IN_USE_LIST: Shape = Shape::list("InUseList", &STRING);
pub static KEY_ALGORITHM: Shape = Shape::new("KeyAlgorithm", Kind::String).values(types::KeyAlgorithm::NAMES);
pub static KEY_ALGORITHM_LIST: Shape = Shape::list("KeyAlgorithmList", &KEY_ALGORITHM);
pub static KEY_USAGE: Shape = Shape::structure("KeyUsage", &[Member::new("Name", &KEY_USAGE_NAME)]);
pub static KEY_USAGE_FILTER_LIST: Shape = Shape::list("KeyUsageFilterList", &KEY_USAGE_NAME);
pub static KEY_USAGE_LIST: Shape = Shape::list("KeyUsageList", &KEY_USAGE);
pub static KEY_USAGE_NAME: Shape = Shape::new("KeyUsageName", Kind::String).values(types::KeyUsageName::NAMES);
pub static KEY_USAGE_NAMES: Shape = Shape::list("KeyUsageNames", &KEY_USAGE_NAME);
pub static LIST_CERTIFICATES_REQUEST: Shape = Shape::structure(
    "ListCertificatesRequest",
    &[
        Member::new("CertificateKeyPairOrigins", &CERTIFICATE_KEY_PAIR_ORIGINS),
        Member::new("CertificateStatuses", &CERTIFICATE_STATUSES),
        Member::new("Includes", &FILTERS),
        Member::new("MaxItems", &MAX_ITEMS),
        Member::new("NextToken", &NEXT_TOKEN),
        Member::new("SortBy", &SORT_BY),
        Member::new("SortOrder", &SORT_ORDER),
    ],
);
pub static LIST_CERTIFICATES_RESPONSE: Shape = Shape::structure(
    "ListCertificatesResponse",
    &[Member::new("CertificateSummaryList", &CERTIFICATE_SUMMARY_LIST), Member::new("NextToken", &NEXT_TOKEN)],
);
pub static LIST_TAGS_FOR_CERTIFICATE_REQUEST: Shape =
    Shape::structure("ListTagsForCertificateRequest", &[Member::new("CertificateArn", &ARN).required()]);
pub static LIST_TAGS_FOR_CERTIFICATE_RESPONSE: Shape =
    Shape::structure("ListTagsForCertificateResponse", &[Member::new("Tags", &TAG_LIST)]);
pub static MAX_ITEMS: Shape = Shape::new("MaxItems", Kind::Integer).min(1.0).max(1000.0);
static NEXT_TOKEN_PATTERN: Pattern = Pattern::new(r"[\u0009\u000A\u000D\u0020-\u00FF]*");
pub static NEXT_TOKEN: Shape = Shape::new("NextToken", Kind::String).min(1.0).max(10000.0).pattern(&NEXT_TOKEN_PATTERN);
pub static PRIVATE_KEY_BLOB: Shape = Shape::new("PrivateKeyBlob", Kind::Blob).min(1.0).max(8192.0).sensitive();
pub static REMOVE_TAGS_FROM_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "RemoveTagsFromCertificateRequest",
    &[Member::new("CertificateArn", &ARN).required(), Member::new("Tags", &TAG_LIST).required()],
);
pub static RENEWAL_ELIGIBILITY: Shape =
    Shape::new("RenewalEligibility", Kind::String).values(types::RenewalEligibility::NAMES);
pub static SORT_BY: Shape = Shape::new("SortBy", Kind::String).values(types::SortBy::NAMES);
pub static SORT_ORDER: Shape = Shape::new("SortOrder", Kind::String).values(types::SortOrder::NAMES);
pub static TAG: Shape =
    Shape::structure("Tag", &[Member::new("Key", &TAG_KEY).required(), Member::new("Value", &TAG_VALUE)]);
static TAG_KEY_PATTERN: Pattern = Pattern::new(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)");
pub static TAG_KEY: Shape = Shape::new("TagKey", Kind::String).min(1.0).max(128.0).pattern(&TAG_KEY_PATTERN);
pub static TAG_LIST: Shape = Shape::list("TagList", &TAG).min(1.0).max(50.0);
static TAG_VALUE_PATTERN: Pattern = Pattern::new(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)");
pub static TAG_VALUE: Shape = Shape::new("TagValue", Kind::String).max(256.0).pattern(&TAG_VALUE_PATTERN);
