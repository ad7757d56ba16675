//! Inputs, outputs and enumerations of SSM (2014-11-06).
//!
//! Written by `cargo xtask codegen` from `shapes/ssm.json` and `shapes/ssm.toml`; change those instead.

wire::structure! { GetParameterRequest: Default {
    "Name" name: String,
    "WithDecryption" with_decryption: Option<bool>,
} }

wire::structure! { GetParameterResult: Default {
    "Parameter" parameter: Option<Parameter>,
} }

wire::structure! { GetParametersRequest: Default {
    "Names" names: Vec<String>,
    "WithDecryption" with_decryption: Option<bool>,
} }

wire::structure! { GetParametersResult: Default {
    "InvalidParameters" invalid_parameters: Option<Vec<String>>,
    "Parameters" parameters: Option<Vec<Parameter>>,
} }

wire::structure! { Parameter: Default {
    "ARN" arn: Option<String>,
    "DataType" data_type: Option<String>,
    "LastModifiedDate" last_modified_date: Option<wire::Timestamp>,
    "Name" name: Option<String>,
    "Type" r#type: Option<ParameterType>,
    "Value" value: Option<String> as secret,
    "Version" version: Option<i64>,
} }

wire::enumeration! { ParameterType {
    String = "String",
    StringList = "StringList",
    SecureString = "SecureString",
} }
