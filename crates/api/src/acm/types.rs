//! Inputs, outputs and enumerations of ACM (2015-12-08).
//!
//! Written by `cargo xtask codegen` from `shapes/acm.json` and `shapes/acm.toml`; change those instead.

wire::structure! { AddTagsToCertificateRequest: Default {
    "CertificateArn" certificate_arn: String,
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { CertificateDetail: Default {
    "CertificateArn" certificate_arn: Option<String>,
    "CertificateKeyPairOrigin" certificate_key_pair_origin: Option<CertificateKeyPairOrigin>,
    "CreatedAt" created_at: Option<wire::Timestamp>,
    "DomainName" domain_name: Option<String>,
    "ExtendedKeyUsages" extended_key_usages: Option<Vec<ExtendedKeyUsage>>,
    "ImportedAt" imported_at: Option<wire::Timestamp>,
    "InUseBy" in_use_by: Option<Vec<String>>,
    "Issuer" issuer: Option<String>,
    "KeyAlgorithm" key_algorithm: Option<KeyAlgorithm>,
    "KeyUsages" key_usages: Option<Vec<KeyUsage>>,
    "NotAfter" not_after: Option<wire::Timestamp>,
    "NotBefore" not_before: Option<wire::Timestamp>,
    "Options" options: Option<CertificateOptions>,
    "RenewalEligibility" renewal_eligibility: Option<RenewalEligibility>,
    "Serial" serial: Option<String>,
    "SignatureAlgorithm" signature_algorithm: Option<String>,
    "Status" status: Option<CertificateStatus>,
    "Subject" subject: Option<String>,
    "SubjectAlternativeNames" subject_alternative_names: Option<Vec<String>>,
    "Type" r#type: Option<CertificateType>,
} }

wire::enumeration! { CertificateExport {
    Enabled = "ENABLED",
    Disabled = "DISABLED",
} }

wire::enumeration! { CertificateKeyPairOrigin {
    AwsManaged = "AWS_MANAGED",
    Acme = "ACME",
    CustomerProvided = "CUSTOMER_PROVIDED",
} }

wire::enumeration! { CertificateManagedBy {
    Cloudfront = "CLOUDFRONT",
} }

wire::structure! { CertificateOptions: Default {
    "CertificateTransparencyLoggingPreference" certificate_transparency_logging_preference: Option<CertificateTransparencyLoggingPreference>,
    "Export" export: Option<CertificateExport>,
} }

wire::enumeration! { CertificateStatus {
    PendingValidation = "PENDING_VALIDATION",
    Issued = "ISSUED",
    Inactive = "INACTIVE",
    Expired = "EXPIRED",
    ValidationTimedOut = "VALIDATION_TIMED_OUT",
    Revoked = "REVOKED",
    Failed = "FAILED",
} }

wire::structure! { CertificateSummary: Default {
    "CertificateArn" certificate_arn: Option<String>,
    "CertificateKeyPairOrigin" certificate_key_pair_origin: Option<CertificateKeyPairOrigin>,
    "CreatedAt" created_at: Option<wire::Timestamp>,
    "DomainName" domain_name: Option<String>,
    "ExportOption" export_option: Option<CertificateExport>,
    "Exported" exported: Option<bool>,
    "ExtendedKeyUsages" extended_key_usages: Option<Vec<ExtendedKeyUsageName>>,
    "HasAdditionalSubjectAlternativeNames" has_additional_subject_alternative_names: Option<bool>,
    "ImportedAt" imported_at: Option<wire::Timestamp>,
    "InUse" in_use: Option<bool>,
    "KeyAlgorithm" key_algorithm: Option<KeyAlgorithm>,
    "KeyUsages" key_usages: Option<Vec<KeyUsageName>>,
    "NotAfter" not_after: Option<wire::Timestamp>,
    "NotBefore" not_before: Option<wire::Timestamp>,
    "RenewalEligibility" renewal_eligibility: Option<RenewalEligibility>,
    "Status" status: Option<CertificateStatus>,
    "SubjectAlternativeNameSummaries" subject_alternative_name_summaries: Option<Vec<String>>,
    "Type" r#type: Option<CertificateType>,
} }

wire::enumeration! { CertificateTransparencyLoggingPreference {
    Enabled = "ENABLED",
    Disabled = "DISABLED",
} }

wire::enumeration! { CertificateType {
    Imported = "IMPORTED",
    AmazonIssued = "AMAZON_ISSUED",
    Private = "PRIVATE",
} }

wire::structure! { DeleteCertificateRequest: Default {
    "CertificateArn" certificate_arn: String,
} }

wire::structure! { DescribeCertificateRequest: Default {
    "CertificateArn" certificate_arn: String,
} }

wire::structure! { DescribeCertificateResponse: Default {
    "Certificate" certificate: Option<CertificateDetail>,
} }

wire::structure! { ExtendedKeyUsage: Default {
    "Name" name: Option<ExtendedKeyUsageName>,
    "OID" oid: Option<String>,
} }

wire::enumeration! { ExtendedKeyUsageName {
    TlsWebServerAuthentication = "TLS_WEB_SERVER_AUTHENTICATION",
    TlsWebClientAuthentication = "TLS_WEB_CLIENT_AUTHENTICATION",
    CodeSigning = "CODE_SIGNING",
    EmailProtection = "EMAIL_PROTECTION",
    TimeStamping = "TIME_STAMPING",
    OcspSigning = "OCSP_SIGNING",
    IpsecEndSystem = "IPSEC_END_SYSTEM",
    IpsecTunnel = "IPSEC_TUNNEL",
    IpsecUser = "IPSEC_USER",
    Any = "ANY",
    None = "NONE",
    Custom = "CUSTOM",
} }

wire::structure! { Filters: Default {
    "exportOption" export_option: Option<CertificateExport>,
    "extendedKeyUsage" extended_key_usage: Option<Vec<ExtendedKeyUsageName>>,
    "keyTypes" key_types: Option<Vec<KeyAlgorithm>>,
    "keyUsage" key_usage: Option<Vec<KeyUsageName>>,
    "managedBy" managed_by: Option<CertificateManagedBy>,
} }

wire::structure! { GetCertificateRequest: Default {
    "CertificateArn" certificate_arn: String,
} }

wire::structure! { GetCertificateResponse: Default {
    "Certificate" certificate: Option<String>,
    "CertificateChain" certificate_chain: Option<String>,
} }

wire::structure! { ImportCertificateRequest: Default {
    "Certificate" certificate: Vec<u8>,
    "CertificateArn" certificate_arn: Option<String>,
    "CertificateChain" certificate_chain: Option<Vec<u8>>,
    "PrivateKey" private_key: Vec<u8> as secret,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { ImportCertificateResponse: Default {
    "CertificateArn" certificate_arn: Option<String>,
} }

wire::enumeration! { KeyAlgorithm {
    Rsa1024 = "RSA_1024",
    Rsa2048 = "RSA_2048",
    Rsa3072 = "RSA_3072",
    Rsa4096 = "RSA_4096",
    EcPrime256v1 = "EC_prime256v1",
    EcSecp384r1 = "EC_secp384r1",
    EcSecp521r1 = "EC_secp521r1",
} }

wire::structure! { KeyUsage: Default {
    "Name" name: Option<KeyUsageName>,
} }

wire::enumeration! { KeyUsageName {
    DigitalSignature = "DIGITAL_SIGNATURE",
    NonRepudiation = "NON_REPUDIATION",
    KeyEncipherment = "KEY_ENCIPHERMENT",
    DataEncipherment = "DATA_ENCIPHERMENT",
    KeyAgreement = "KEY_AGREEMENT",
    CertificateSigning = "CERTIFICATE_SIGNING",
    CrlSigning = "CRL_SIGNING",
    EncipherOnly = "ENCIPHER_ONLY",
    DecipherOnly = "DECIPHER_ONLY",
    Any = "ANY",
    Custom = "CUSTOM",
} }

wire::structure! { ListCertificatesRequest: Default {
    "CertificateKeyPairOrigins" certificate_key_pair_origins: Option<Vec<CertificateKeyPairOrigin>>,
    "CertificateStatuses" certificate_statuses: Option<Vec<CertificateStatus>>,
    "Includes" includes: Option<Filters>,
    "MaxItems" max_items: Option<i32>,
    "NextToken" next_token: Option<String>,
    "SortBy" sort_by: Option<SortBy>,
    "SortOrder" sort_order: Option<SortOrder>,
} }

wire::structure! { ListCertificatesResponse: Default {
    "CertificateSummaryList" certificate_summary_list: Option<Vec<CertificateSummary>>,
    "NextToken" next_token: Option<String>,
} }

wire::structure! { ListTagsForCertificateRequest: Default {
    "CertificateArn" certificate_arn: String,
} }

wire::structure! { ListTagsForCertificateResponse: Default {
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { RemoveTagsFromCertificateRequest: Default {
    "CertificateArn" certificate_arn: String,
    "Tags" tags: Vec<Tag>,
} }

wire::enumeration! { RenewalEligibility {
    Eligible = "ELIGIBLE",
    Ineligible = "INELIGIBLE",
} }

wire::enumeration! { SortBy {
    CreatedAt = "CREATED_AT",
} }

wire::enumeration! { SortOrder {
    Ascending = "ASCENDING",
    Descending = "DESCENDING",
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "Value" value: Option<String>,
} }
