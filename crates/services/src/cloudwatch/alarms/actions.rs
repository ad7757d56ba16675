//! The action ARNs of a request: which ones Goru can carry out.

use model::Arn;
use model::cloudwatch::alarm::{Actions, MAXIMUM_ACTIONS};

use crate::cloudwatch::errors::Error;
use crate::context::Context;

/// What is not served, by the service in the ARN, with the reason.
const REFUSED: [(&str, &str); 5] = [
    ("automate", "EC2 actions of alarms (stop, terminate, reboot, recover) are not supported yet"),
    ("swf", "EC2 actions of alarms (stop, terminate, reboot, recover) are not supported yet"),
    ("lambda", "there is no Lambda in Goru"),
    ("ssm", "there is no Systems Manager in Goru"),
    ("aiops", "there are no investigations in Goru"),
];

/// The three lists of a request.
pub(super) struct Lists {
    pub(super) ok: Option<Vec<String>>,
    pub(super) alarm: Option<Vec<String>>,
    pub(super) insufficient_data: Option<Vec<String>>,
    /// Composite alarms cannot scale.
    pub(super) may_scale: bool,
}

impl Lists {
    pub(super) fn parse(self, cx: &Context) -> Result<Actions, Error> {
        let Self { ok, alarm, insufficient_data, may_scale } = self;
        let list = |place: &str, texts: Option<Vec<String>>| {
            let texts = texts.unwrap_or_default();
            if texts.len() > MAXIMUM_ACTIONS {
                return Err(Error::value(place, format!("a state has at most {MAXIMUM_ACTIONS} actions")));
            }
            texts.iter().map(|text| parse(cx, place, text, may_scale)).collect()
        };
        Ok(Actions {
            ok: list("OKActions", ok)?,
            alarm: list("AlarmActions", alarm)?,
            insufficient_data: list("InsufficientDataActions", insufficient_data)?,
        })
    }
}

fn parse(cx: &Context, place: &str, text: &str, may_scale: bool) -> Result<Arn, Error> {
    let invalid = |reason: &str| Error::value(place, format!("`{text}`: {reason}"));
    let arn: Arn = text.parse().map_err(|_| invalid("this is not an ARN"))?;
    if let Some((_, reason)) = REFUSED.iter().find(|(service, _)| *service == arn.service()) {
        return Err(invalid(reason));
    }
    match arn.service() {
        "sns" => {}
        "autoscaling" if !arn.resource().starts_with("scalingPolicy:") => {
            return Err(invalid("of Auto Scaling only scaling policies can be actions"));
        }
        "autoscaling" if may_scale => {}
        "autoscaling" => return Err(invalid("a composite alarm cannot carry out scaling policies")),
        _ => return Err(invalid("actions are SNS topics and scaling policies")),
    }
    match arn.region() == cx.region {
        true => Ok(arn),
        false => Err(invalid("an action must be in the alarm's region")),
    }
}
