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

wire::structure! { DeleteServerCertificateRequest: Default {
    "ServerCertificateName" server_certificate_name: String,
} }

wire::structure! { DeleteUserRequest: Default {
    "UserName" user_name: String,
} }

wire::structure! { GetServerCertificateRequest: Default {
    "ServerCertificateName" server_certificate_name: String,
} }

wire::structure! { GetServerCertificateResponse: Default {
    "ServerCertificate" server_certificate: Option<ServerCertificate>,
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

wire::structure! { ListServerCertificateTagsRequest: Default {
    "Marker" marker: Option<String>,
    "MaxItems" max_items: Option<i32>,
    "ServerCertificateName" server_certificate_name: String,
} }

wire::structure! { ListServerCertificateTagsResponse: Default {
    "IsTruncated" is_truncated: Option<bool>,
    "Marker" marker: Option<String>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { ListServerCertificatesRequest: Default {
    "Marker" marker: Option<String>,
    "MaxItems" max_items: Option<i32>,
    "PathPrefix" path_prefix: Option<String>,
} }

wire::structure! { ListServerCertificatesResponse: Default {
    "IsTruncated" is_truncated: Option<bool>,
    "Marker" marker: Option<String>,
    "ServerCertificateMetadataList" server_certificate_metadata_list: Option<Vec<ServerCertificateMetadata>>,
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

wire::structure! { ServerCertificate: Default {
    "CertificateBody" certificate_body: Option<String>,
    "CertificateChain" certificate_chain: Option<String>,
    "ServerCertificateMetadata" server_certificate_metadata: Option<ServerCertificateMetadata>,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { ServerCertificateMetadata: Default {
    "Arn" arn: Option<String>,
    "Expiration" expiration: Option<wire::Timestamp>,
    "Path" path: Option<String>,
    "ServerCertificateId" server_certificate_id: Option<String>,
    "ServerCertificateName" server_certificate_name: Option<String>,
    "UploadDate" upload_date: Option<wire::Timestamp>,
} }

wire::structure! { Tag: Default {
    "Key" key: String,
    "Value" value: String,
} }

wire::structure! { TagServerCertificateRequest: Default {
    "ServerCertificateName" server_certificate_name: String,
    "Tags" tags: Vec<Tag>,
} }

wire::structure! { TagUserRequest: Default {
    "Tags" tags: Vec<Tag>,
    "UserName" user_name: String,
} }

wire::structure! { UntagServerCertificateRequest: Default {
    "ServerCertificateName" server_certificate_name: String,
    "TagKeys" tag_keys: Vec<String>,
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

wire::structure! { UpdateServerCertificateRequest: Default {
    "NewPath" new_path: Option<String>,
    "NewServerCertificateName" new_server_certificate_name: Option<String>,
    "ServerCertificateName" server_certificate_name: String,
} }

wire::structure! { UpdateUserRequest: Default {
    "NewPath" new_path: Option<String>,
    "NewUserName" new_user_name: Option<String>,
    "UserName" user_name: String,
} }

wire::structure! { UploadServerCertificateRequest: Default {
    "CertificateBody" certificate_body: String,
    "CertificateChain" certificate_chain: Option<String>,
    "Path" path: Option<String>,
    "PrivateKey" private_key: String as secret,
    "ServerCertificateName" server_certificate_name: String,
    "Tags" tags: Option<Vec<Tag>>,
} }

wire::structure! { UploadServerCertificateResponse: Default {
    "ServerCertificateMetadata" server_certificate_metadata: Option<ServerCertificateMetadata>,
    "Tags" tags: Option<Vec<Tag>>,
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
