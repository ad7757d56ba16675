//! Operations of ACM (2015-12-08).
//!
//! Written by `cargo xtask codegen` from `shapes/acm.json` and `shapes/acm.toml`; change those instead.

use super::shapes;
use wire::shape::{EMPTY, Http};

wire::operations! {
    AddTagsToCertificate(&shapes::ADD_TAGS_TO_CERTIFICATE_REQUEST, &EMPTY, None, Http::RPC),
    DeleteCertificate(&shapes::DELETE_CERTIFICATE_REQUEST, &EMPTY, None, Http::RPC),
    DescribeCertificate(&shapes::DESCRIBE_CERTIFICATE_REQUEST, &shapes::DESCRIBE_CERTIFICATE_RESPONSE, None, Http::RPC),
    GetCertificate(&shapes::GET_CERTIFICATE_REQUEST, &shapes::GET_CERTIFICATE_RESPONSE, None, Http::RPC),
    ImportCertificate(&shapes::IMPORT_CERTIFICATE_REQUEST, &shapes::IMPORT_CERTIFICATE_RESPONSE, None, Http::RPC),
    ListCertificates(&shapes::LIST_CERTIFICATES_REQUEST, &shapes::LIST_CERTIFICATES_RESPONSE, None, Http::RPC),
    ListTagsForCertificate(&shapes::LIST_TAGS_FOR_CERTIFICATE_REQUEST, &shapes::LIST_TAGS_FOR_CERTIFICATE_RESPONSE, None, Http::RPC),
    RemoveTagsFromCertificate(&shapes::REMOVE_TAGS_FROM_CERTIFICATE_REQUEST, &EMPTY, None, Http::RPC),
}

impl Operation {
    /// Operations that AWS has and Goru does not serve, ordered by name.
    pub const KNOWN_BUT_UNSERVED: &'static [&'static str] = &[
        "CreateAcmeDomainValidation",
        "CreateAcmeEndpoint",
        "CreateAcmeExternalAccountBinding",
        "DeleteAcmeDomainValidation",
        "DeleteAcmeEndpoint",
        "DeleteAcmeExternalAccountBinding",
        "DescribeAcmeAccount",
        "DescribeAcmeDomainValidation",
        "DescribeAcmeEndpoint",
        "DescribeAcmeExternalAccountBinding",
        "ExportCertificate",
        "GetAccountConfiguration",
        "GetAcmeExternalAccountBindingCredentials",
        "ListAcmeAccounts",
        "ListAcmeDomainValidations",
        "ListAcmeEndpoints",
        "ListAcmeExternalAccountBindings",
        "ListCertificateDomainValidations",
        "ListTagsForResource",
        "PutAccountConfiguration",
        "RenewCertificate",
        "RequestCertificate",
        "ResendValidationEmail",
        "RevokeAcmeAccount",
        "RevokeAcmeExternalAccountBinding",
        "RevokeCertificate",
        "SearchCertificates",
        "TagResource",
        "UntagResource",
        "UpdateAcmeDomainValidation",
        "UpdateAcmeEndpoint",
        "UpdateCertificateOptions",
    ];
}
