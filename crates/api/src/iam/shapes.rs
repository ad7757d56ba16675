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
pub static DELETE_USER_REQUEST: Shape =
    Shape::structure("DeleteUserRequest", &[Member::new("UserName", &EXISTING_USER_NAME_TYPE).required()]);
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
pub static TAG: Shape = Shape::structure(
    "Tag",
    &[Member::new("Key", &TAG_KEY_TYPE).required(), Member::new("Value", &TAG_VALUE_TYPE).required()],
);
pub static TAG_USER_REQUEST: Shape = Shape::structure(
    "TagUserRequest",
    &[Member::new("Tags", &TAG_LIST_TYPE).required(), Member::new("UserName", &EXISTING_USER_NAME_TYPE).required()],
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
pub static UPDATE_USER_REQUEST: Shape = Shape::structure(
    "UpdateUserRequest",
    &[
        Member::new("NewPath", &PATH_TYPE),
        Member::new("NewUserName", &USER_NAME_TYPE),
        Member::new("UserName", &EXISTING_USER_NAME_TYPE).required(),
    ],
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
