//! GetParameter and GetParameters: names of images, all of the default one (`model::ssm`).

use std::collections::BTreeSet;

use api::ssm::ErrorCode;
use api::ssm::types::{
    GetParameterRequest, GetParameterResult, GetParametersRequest, GetParametersResult, Parameter, ParameterType,
};
use model::ssm::{NotPublic, PUBLIC_VERSION, PublicImage, public_image};
use model::{Arn, Timestamp};
use wire::AwsError;

use crate::context::Context;
use crate::handler::to_wire;

/// Decryption changes nothing: no parameter here is a secret.
pub(super) fn get(cx: &Context, input: GetParameterRequest) -> Result<GetParameterResult, AwsError> {
    let GetParameterRequest { name, with_decryption: _ } = input;
    let found = find(cx, &name).map_err(|error| {
        let code = match error {
            NotPublic::Name(_) => ErrorCode::ParameterNotFound,
            NotPublic::Version { .. } => ErrorCode::ParameterVersionNotFound,
        };
        code.error(error.to_string())
    })?;
    Ok(GetParameterResult { parameter: Some(shown(cx, found)) })
}

/// Names that are none do not fail the call; they are listed.
pub(super) fn get_several(cx: &Context, input: GetParametersRequest) -> Result<GetParametersResult, AwsError> {
    let GetParametersRequest { names, with_decryption: _ } = input;
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
        let shown: String = twice.chars().take(128).collect();
        return Err(ErrorCode::ValidationException.error(format!("parameter `{shown}` is named more than once")));
    }
    let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
    for name in &names {
        match find(cx, name) {
            Ok(found) => parameters.push(shown(cx, found)),
            Err(NotPublic::Name(_) | NotPublic::Version { .. }) => invalid.push(name.clone()),
        }
    }
    Ok(GetParametersResult { invalid_parameters: Some(invalid), parameters: Some(parameters) })
}

/// A parameter goes by its name, or by its ARN, which has no account.
fn find<'n>(cx: &Context, name: &'n str) -> Result<PublicImage<'n>, NotPublic> {
    let arn = format!("arn:aws:ssm:{}::parameter", cx.region);
    public_image(name.strip_prefix(&arn).unwrap_or(name))
}

fn shown(cx: &Context, found: PublicImage<'_>) -> Parameter {
    Parameter {
        arn: Some(Arn::new("ssm", &cx.region, "", format!("parameter{}", found.name)).to_string()),
        data_type: Some("text".to_owned()),
        last_modified_date: Some(to_wire(Timestamp::default())),
        name: Some(found.name.to_owned()),
        r#type: Some(ParameterType::String),
        value: Some(found.image.to_owned()),
        version: i64::try_from(PUBLIC_VERSION).ok(),
    }
}
