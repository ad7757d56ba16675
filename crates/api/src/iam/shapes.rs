//! Shape tables of IAM (2010-05-08).
//!
//! Written by `cargo xtask codegen` from `shapes/iam.json` and `shapes/iam.toml`; change those instead.

use super::types;
use wire::shape::{BOOLEAN, Kind, Member, Pattern, STRING, Shape, TIMESTAMP};

pub static ACCESS_KEY: Shape = Shape::structure(
    "AccessKey",
    &[
        Member::new("AccessKeyId", &ACCESS_KEY_ID_TYPE),
        Member::new("CreateDate", &TIMESTAMP),
        Member::new("SecretAccessKey", &STRING),
        Member::new("Status", &STATUS_TYPE),
        Member::new("UserName", &USER_NAME_TYPE),
    ],
);
pub static ACCESS_KEY_METADATA: Shape = Shape::structure(
    "AccessKeyMetadata",
    &[
        Member::new("AccessKeyId", &ACCESS_KEY_ID_TYPE),
        Member::new("CreateDate", &TIMESTAMP),
        Member::new("Status", &STATUS_TYPE),
        Member::new("UserName", &USER_NAME_TYPE),
    ],
);
pub static CREATE_ACCESS_KEY_REQUEST: Shape =
    Shape::structure("CreateAccessKeyRequest", &[Member::new("UserName", &EXISTING_USER_NAME_TYPE)]);
pub static CREATE_ACCESS_KEY_RESPONSE: Shape =
    Shape::structure("CreateAccessKeyResponse", &[Member::new("AccessKey", &ACCESS_KEY)]);
pub static CREATE_USER_REQUEST: Shape = Shape::structure(
    "CreateUserRequest",
    &[
        Member::new("Path", &PATH_TYPE),
        Member::refused("PermissionsBoundary", "policies come with a later release"),
        Member::new("Tags", &TAG_LIST_TYPE),
        Member::new("UserName", &USER_NAME_TYPE).required(),
    ],
);
pub static CREATE_USER_RESPONSE: Shape = Shape::structure("CreateUserResponse", &[Member::new("User", &USER)]);
pub static DELETE_ACCESS_KEY_REQUEST: Shape = Shape::structure(
    "DeleteAccessKeyRequest",
    &[Member::new("AccessKeyId", &ACCESS_KEY_ID_TYPE).required(), Member::new("UserName", &EXISTING_USER_NAME_TYPE)],
);
pub static DELETE_SERVER_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "DeleteServerCertificateRequest",
    &[Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE).required()],
);
pub static DELETE_USER_REQUEST: Shape =
    Shape::structure("DeleteUserRequest", &[Member::new("UserName", &EXISTING_USER_NAME_TYPE).required()]);
pub static GET_SERVER_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "GetServerCertificateRequest",
    &[Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE).required()],
);
pub static GET_SERVER_CERTIFICATE_RESPONSE: Shape =
    Shape::structure("GetServerCertificateResponse", &[Member::new("ServerCertificate", &SERVER_CERTIFICATE)]);
pub static GET_USER_REQUEST: Shape =
    Shape::structure("GetUserRequest", &[Member::new("UserName", &EXISTING_USER_NAME_TYPE)]);
pub static GET_USER_RESPONSE: Shape = Shape::structure("GetUserResponse", &[Member::new("User", &USER)]);
pub static LIST_ACCESS_KEYS_REQUEST: Shape = Shape::structure(
    "ListAccessKeysRequest",
    &[
        Member::new("Marker", &MARKER_TYPE),
        Member::new("MaxItems", &MAX_ITEMS_TYPE),
        Member::new("UserName", &EXISTING_USER_NAME_TYPE),
    ],
);
pub static LIST_ACCESS_KEYS_RESPONSE: Shape = Shape::structure(
    "ListAccessKeysResponse",
    &[
        Member::new("AccessKeyMetadata", &ACCESS_KEY_METADATA_LIST_TYPE),
        Member::new("IsTruncated", &BOOLEAN),
        Member::new("Marker", &STRING),
    ],
);
pub static LIST_SERVER_CERTIFICATE_TAGS_REQUEST: Shape = Shape::structure(
    "ListServerCertificateTagsRequest",
    &[
        Member::new("Marker", &MARKER_TYPE),
        Member::new("MaxItems", &MAX_ITEMS_TYPE),
        Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE).required(),
    ],
);
pub static LIST_SERVER_CERTIFICATE_TAGS_RESPONSE: Shape = Shape::structure(
    "ListServerCertificateTagsResponse",
    &[Member::new("IsTruncated", &BOOLEAN), Member::new("Marker", &STRING), Member::new("Tags", &TAG_LIST_TYPE)],
);
pub static LIST_SERVER_CERTIFICATES_REQUEST: Shape = Shape::structure(
    "ListServerCertificatesRequest",
    &[
        Member::new("Marker", &MARKER_TYPE),
        Member::new("MaxItems", &MAX_ITEMS_TYPE),
        Member::new("PathPrefix", &PATH_PREFIX_TYPE),
    ],
);
pub static LIST_SERVER_CERTIFICATES_RESPONSE: Shape = Shape::structure(
    "ListServerCertificatesResponse",
    &[
        Member::new("IsTruncated", &BOOLEAN),
        Member::new("Marker", &STRING),
        Member::new("ServerCertificateMetadataList", &SERVER_CERTIFICATE_METADATA_LIST_TYPE),
    ],
);
pub static LIST_USER_TAGS_REQUEST: Shape = Shape::structure(
    "ListUserTagsRequest",
    &[
        Member::new("Marker", &MARKER_TYPE),
        Member::new("MaxItems", &MAX_ITEMS_TYPE),
        Member::new("UserName", &EXISTING_USER_NAME_TYPE).required(),
    ],
);
pub static LIST_USER_TAGS_RESPONSE: Shape = Shape::structure(
    "ListUserTagsResponse",
    &[Member::new("IsTruncated", &BOOLEAN), Member::new("Marker", &STRING), Member::new("Tags", &TAG_LIST_TYPE)],
);
pub static LIST_USERS_REQUEST: Shape = Shape::structure(
    "ListUsersRequest",
    &[
        Member::new("Marker", &MARKER_TYPE),
        Member::new("MaxItems", &MAX_ITEMS_TYPE),
        Member::new("PathPrefix", &PATH_PREFIX_TYPE),
    ],
);
pub static LIST_USERS_RESPONSE: Shape = Shape::structure(
    "ListUsersResponse",
    &[Member::new("IsTruncated", &BOOLEAN), Member::new("Marker", &STRING), Member::new("Users", &USER_LIST_TYPE)],
);
pub static SERVER_CERTIFICATE: Shape = Shape::structure(
    "ServerCertificate",
    &[
        Member::new("CertificateBody", &CERTIFICATE_BODY_TYPE),
        Member::new("CertificateChain", &CERTIFICATE_CHAIN_TYPE),
        Member::new("ServerCertificateMetadata", &SERVER_CERTIFICATE_METADATA),
        Member::new("Tags", &TAG_LIST_TYPE),
    ],
);
pub static SERVER_CERTIFICATE_METADATA: Shape = Shape::structure(
    "ServerCertificateMetadata",
    &[
        Member::new("Arn", &STRING),
        Member::new("Expiration", &TIMESTAMP),
        Member::new("Path", &PATH_TYPE),
        Member::new("ServerCertificateId", &STRING),
        Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE),
        Member::new("UploadDate", &TIMESTAMP),
    ],
);
pub static TAG: Shape = Shape::structure(
    "Tag",
    &[Member::new("Key", &TAG_KEY_TYPE).required(), Member::new("Value", &TAG_VALUE_TYPE).required()],
);
pub static TAG_SERVER_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "TagServerCertificateRequest",
    &[
        Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE).required(),
        Member::new("Tags", &TAG_LIST_TYPE).required(),
    ],
);
pub static TAG_USER_REQUEST: Shape = Shape::structure(
    "TagUserRequest",
    &[Member::new("Tags", &TAG_LIST_TYPE).required(), Member::new("UserName", &EXISTING_USER_NAME_TYPE).required()],
);
pub static UNTAG_SERVER_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "UntagServerCertificateRequest",
    &[
        Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE).required(),
        Member::new("TagKeys", &TAG_KEY_LIST_TYPE).required(),
    ],
);
pub static UNTAG_USER_REQUEST: Shape = Shape::structure(
    "UntagUserRequest",
    &[
        Member::new("TagKeys", &TAG_KEY_LIST_TYPE).required(),
        Member::new("UserName", &EXISTING_USER_NAME_TYPE).required(),
    ],
);
pub static UPDATE_ACCESS_KEY_REQUEST: Shape = Shape::structure(
    "UpdateAccessKeyRequest",
    &[
        Member::new("AccessKeyId", &ACCESS_KEY_ID_TYPE).required(),
        Member::new("Status", &STATUS_TYPE).required(),
        Member::new("UserName", &EXISTING_USER_NAME_TYPE),
    ],
);
pub static UPDATE_SERVER_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "UpdateServerCertificateRequest",
    &[
        Member::new("NewPath", &PATH_TYPE),
        Member::new("NewServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE),
        Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE).required(),
    ],
);
pub static UPDATE_USER_REQUEST: Shape = Shape::structure(
    "UpdateUserRequest",
    &[
        Member::new("NewPath", &PATH_TYPE),
        Member::new("NewUserName", &USER_NAME_TYPE),
        Member::new("UserName", &EXISTING_USER_NAME_TYPE).required(),
    ],
);
pub static UPLOAD_SERVER_CERTIFICATE_REQUEST: Shape = Shape::structure(
    "UploadServerCertificateRequest",
    &[
        Member::new("CertificateBody", &CERTIFICATE_BODY_TYPE).required(),
        Member::new("CertificateChain", &CERTIFICATE_CHAIN_TYPE),
        Member::new("Path", &PATH_TYPE),
        Member::new("PrivateKey", &PRIVATE_KEY_TYPE).required(),
        Member::new("ServerCertificateName", &SERVER_CERTIFICATE_NAME_TYPE).required(),
        Member::new("Tags", &TAG_LIST_TYPE),
    ],
);
pub static UPLOAD_SERVER_CERTIFICATE_RESPONSE: Shape = Shape::structure(
    "UploadServerCertificateResponse",
    &[Member::new("ServerCertificateMetadata", &SERVER_CERTIFICATE_METADATA), Member::new("Tags", &TAG_LIST_TYPE)],
);
pub static USER: Shape = Shape::structure(
    "User",
    &[
        Member::new("Arn", &STRING),
        Member::new("CreateDate", &TIMESTAMP),
        Member::new("Path", &PATH_TYPE),
        Member::new("Tags", &TAG_LIST_TYPE),
        Member::new("UserId", &STRING),
        Member::new("UserName", &USER_NAME_TYPE),
    ],
);
static ACCESS_KEY_ID_TYPE_PATTERN: Pattern = Pattern::new(r"[[0-9A-Za-z_]]+");
pub static ACCESS_KEY_ID_TYPE: Shape =
    Shape::new("accessKeyIdType", Kind::String).min(16.0).max(128.0).pattern(&ACCESS_KEY_ID_TYPE_PATTERN);
pub static ACCESS_KEY_METADATA_LIST_TYPE: Shape = Shape::list("accessKeyMetadataListType", &ACCESS_KEY_METADATA);
static CERTIFICATE_BODY_TYPE_PATTERN: Pattern = Pattern::new(r"[\u0009\u000A\u000D\u0020-\u00FF]+");
pub static CERTIFICATE_BODY_TYPE: Shape =
    Shape::new("certificateBodyType", Kind::String).min(1.0).max(16384.0).pattern(&CERTIFICATE_BODY_TYPE_PATTERN);
static CERTIFICATE_CHAIN_TYPE_PATTERN: Pattern = Pattern::new(r"[\u0009\u000A\u000D\u0020-\u00FF]+");
pub static CERTIFICATE_CHAIN_TYPE: Shape =
    Shape::new("certificateChainType", Kind::String).min(1.0).max(2097152.0).pattern(&CERTIFICATE_CHAIN_TYPE_PATTERN);
static EXISTING_USER_NAME_TYPE_PATTERN: Pattern = Pattern::new(r"[[0-9A-Za-z_]+=,.@-]+");
pub static EXISTING_USER_NAME_TYPE: Shape =
    Shape::new("existingUserNameType", Kind::String).min(1.0).max(128.0).pattern(&EXISTING_USER_NAME_TYPE_PATTERN);
static MARKER_TYPE_PATTERN: Pattern = Pattern::new(r"[\u0020-\u00FF]+");
pub static MARKER_TYPE: Shape =
    Shape::new("markerType", Kind::String).min(1.0).max(320.0).pattern(&MARKER_TYPE_PATTERN);
pub static MAX_ITEMS_TYPE: Shape = Shape::new("maxItemsType", Kind::Integer).min(1.0).max(1000.0);
static PATH_PREFIX_TYPE_PATTERN: Pattern = Pattern::new(r"\u002F[\u0021-\u007F]*");
pub static PATH_PREFIX_TYPE: Shape =
    Shape::new("pathPrefixType", Kind::String).min(1.0).max(512.0).pattern(&PATH_PREFIX_TYPE_PATTERN);
static PATH_TYPE_PATTERN: Pattern = Pattern::new(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)");
pub static PATH_TYPE: Shape = Shape::new("pathType", Kind::String).min(1.0).max(512.0).pattern(&PATH_TYPE_PATTERN);
static PRIVATE_KEY_TYPE_PATTERN: Pattern = Pattern::new(r"[\u0009\u000A\u000D\u0020-\u00FF]+");
pub static PRIVATE_KEY_TYPE: Shape =
    Shape::new("privateKeyType", Kind::String).min(1.0).max(16384.0).pattern(&PRIVATE_KEY_TYPE_PATTERN).sensitive();
pub static SERVER_CERTIFICATE_METADATA_LIST_TYPE: Shape =
    Shape::list("serverCertificateMetadataListType", &SERVER_CERTIFICATE_METADATA);
static SERVER_CERTIFICATE_NAME_TYPE_PATTERN: Pattern = Pattern::new(r"[[0-9A-Za-z_]+=,.@-]+");
pub static SERVER_CERTIFICATE_NAME_TYPE: Shape = Shape::new("serverCertificateNameType", Kind::String)
    .min(1.0)
    .max(128.0)
    .pattern(&SERVER_CERTIFICATE_NAME_TYPE_PATTERN);
pub static STATUS_TYPE: Shape = Shape::new("statusType", Kind::String).values(types::StatusType::NAMES);
pub static TAG_KEY_LIST_TYPE: Shape = Shape::list("tagKeyListType", &TAG_KEY_TYPE).max(50.0);
static TAG_KEY_TYPE_PATTERN: Pattern = Pattern::new(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+");
pub static TAG_KEY_TYPE: Shape =
    Shape::new("tagKeyType", Kind::String).min(1.0).max(128.0).pattern(&TAG_KEY_TYPE_PATTERN);
pub static TAG_LIST_TYPE: Shape = Shape::list("tagListType", &TAG).max(50.0);
static TAG_VALUE_TYPE_PATTERN: Pattern = Pattern::new(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*");
pub static TAG_VALUE_TYPE: Shape = Shape::new("tagValueType", Kind::String).max(256.0).pattern(&TAG_VALUE_TYPE_PATTERN);
pub static USER_LIST_TYPE: Shape = Shape::list("userListType", &USER);
static USER_NAME_TYPE_PATTERN: Pattern = Pattern::new(r"[[0-9A-Za-z_]+=,.@-]+");
pub static USER_NAME_TYPE: Shape =
    Shape::new("userNameType", Kind::String).min(1.0).max(64.0).pattern(&USER_NAME_TYPE_PATTERN);
