//! Inputs, outputs and enumerations of IAM (2010-05-08).
//!
//! Written by `cargo xtask codegen` from `shapes/iam.json` and `shapes/iam.toml`; change those instead.

wire::structure! { AccessKey: Default {
    "AccessKeyId" access_key_id: Option<String>,
    "CreateDate" create_date: Option<wire::Timestamp>,
    "SecretAccessKey" secret_access_key: Option<String> as secret,
    "Status" status: Option<StatusType>,
    "UserName" user_name: Option<String>,
} }

wire::structure! { AccessKeyMetadata: Default {
    "AccessKeyId" access_key_id: Option<String>,
    "CreateDate" create_date: Option<wire::Timestamp>,
    "Status" status: Option<StatusType>,
    "UserName" user_name: Option<String>,
} }

wire::structure! { CreateAccessKeyRequest: Default {
    "UserName" user_name: Option<String>,
} }

wire::structure! { CreateAccessKeyResponse: Default {
    "AccessKey" access_key: Option<AccessKey>,
} }

wire::structure! { CreateUserRequest: Default {
    "Path" path: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "UserName" user_name: String,
} }

wire::structure! { CreateUserResponse: Default {
    "User" user: Option<User>,
} }

wire::structure! { DeleteAccessKeyRequest: Default {
    "AccessKeyId" access_key_id: String,
    "UserName" user_name: Option<String>,
} }

wire::structure! { DeleteUserRequest: Default {
    "UserName" user_name: String,
} }

wire::structure! { GetUserRequest: Default {
    "UserName" user_name: Option<String>,
} }

wire::structure! { GetUserResponse: Default {
    "User" user: Option<User>,
} }

wire::structure! { ListAccessKeysRequest: Default {
    "Marker" marker: Option<String>,
    "MaxItems" max_items: Option<i32>,
    "UserName" user_name: Option<String>,
} }

wire::structure! { ListAccessKeysResponse: Default {
    "AccessKeyMetadata" access_key_metadata: Option<Vec<AccessKeyMetadata>>,
    "IsTruncated" is_truncated: Option<bool>,
    "Marker" marker: Option<String>,
} }

wire::structure! { ListUserTagsRequest: Default {
    "Marker" marker: Option<String>,
    "MaxItems" max_items: Option<i32>,
    "UserName" user_name: String,
} }

wire::structure! { ListUserTagsResponse: Default {
    "IsTruncated" is_truncated: Option<bool>,
    "Marker" marker: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { ListUsersRequest: Default {
    "Marker" marker: Option<String>,
    "MaxItems" max_items: Option<i32>,
    "PathPrefix" path_prefix: Option<String>,
} }

wire::structure! { ListUsersResponse: Default {
    "IsTruncated" is_truncated: Option<bool>,
    "Marker" marker: Option<String>,
    "Users" users: Option<Vec<User>>,
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "Value" value: String,
} }

wire::structure! { TagUserRequest: Default {
    "Tags" tags: Vec<Tag>,
    "UserName" user_name: String,
} }

wire::structure! { UntagUserRequest: Default {
    "TagKeys" tag_keys: Vec<String>,
    "UserName" user_name: String,
} }

wire::structure! { UpdateAccessKeyRequest {
    "AccessKeyId" access_key_id: String,
    "Status" status: StatusType,
    "UserName" user_name: Option<String>,
} }

wire::structure! { UpdateUserRequest: Default {
    "NewPath" new_path: Option<String>,
    "NewUserName" new_user_name: Option<String>,
    "UserName" user_name: String,
} }

wire::structure! { User: Default {
    "Arn" arn: Option<String>,
    "CreateDate" create_date: Option<wire::Timestamp>,
    "Path" path: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
    "UserId" user_id: Option<String>,
    "UserName" user_name: Option<String>,
} }

wire::enumeration! { StatusType {
    Active = "Active",
    Inactive = "Inactive",
    Expired = "Expired",
} }
