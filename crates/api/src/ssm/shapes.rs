//! Shape tables of SSM (2014-11-06).
//!
//! Written by `cargo xtask codegen` from `shapes/ssm.json` and `shapes/ssm.toml`; change those instead.

use super::types;
use wire::shape::{BOOLEAN, Kind, LONG, Member, STRING, Shape, TIMESTAMP};

pub static GET_PARAMETER_REQUEST: Shape = Shape::structure(
    "GetParameterRequest",
    &[Member::new("Name", &PS_PARAMETER_NAME).required(), Member::new("WithDecryption", &BOOLEAN)],
);
pub static GET_PARAMETER_RESULT: Shape =
    Shape::structure("GetParameterResult", &[Member::new("Parameter", &PARAMETER)]);
pub static GET_PARAMETERS_REQUEST: Shape = Shape::structure(
    "GetParametersRequest",
    &[Member::new("Names", &PARAMETER_NAME_LIST).required(), Member::new("WithDecryption", &BOOLEAN)],
);
pub static GET_PARAMETERS_RESULT: Shape = Shape::structure(
    "GetParametersResult",
    &[Member::new("InvalidParameters", &PARAMETER_NAME_LIST), Member::new("Parameters", &PARAMETER_LIST)],
);
pub static PS_PARAMETER_NAME: Shape = Shape::new("PSParameterName", Kind::String).min(1.0).max(2048.0);
pub static PARAMETER: Shape = Shape::structure(
    "Parameter",
    &[
        Member::new("ARN", &STRING),
        Member::new("DataType", &STRING),
        Member::new("LastModifiedDate", &TIMESTAMP),
        Member::new("Name", &PS_PARAMETER_NAME),
        Member::new("Type", &PARAMETER_TYPE),
        Member::new("Value", &STRING),
        Member::new("Version", &LONG),
    ],
);
pub static PARAMETER_LIST: Shape = Shape::list("ParameterList", &PARAMETER);
pub static PARAMETER_NAME_LIST: Shape = Shape::list("ParameterNameList", &PS_PARAMETER_NAME).min(1.0).max(10.0);
pub static PARAMETER_TYPE: Shape = Shape::new("ParameterType", Kind::String).values(types::ParameterType::NAMES);
