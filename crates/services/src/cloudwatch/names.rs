//! Metrics as requests name them: namespace, name and dimensions, checked beyond what their shapes say.

use std::collections::BTreeMap;

use api::cloudwatch::types::{self, Dimension};
use model::cloudwatch::metric::Metric;

use super::errors::Error;

/// What namespaces of AWS's own services begin with; nobody else may write to them.
const RESERVED_NAMESPACE: &str = "AWS/";

/// A metric that a request names. `place` is the parameter that holds the dimensions, for the error.
pub(super) fn metric(
    namespace: String,
    name: String,
    dimensions: Option<Vec<Dimension>>,
    place: &str,
) -> Result<Metric, Error> {
    refuse_blank("MetricName", &name)?;
    let mut found = BTreeMap::new();
    for (index, Dimension { name, value }) in dimensions.unwrap_or_default().into_iter().enumerate() {
        let place = format!("{place}.member.{}", index + 1);
        check_text(&format!("{place}.Name"), &name)?;
        check_text(&format!("{place}.Value"), &value)?;
        if name.starts_with(':') {
            return Err(Error::value(format!("{place}.Name"), "the name of a dimension must not begin with a colon"));
        }
        if found.insert(name, value).is_some() {
            return Err(Error::value(format!("{place}.Name"), "a metric has each dimension at most once"));
        }
    }
    Ok(Metric { namespace, name, dimensions: found })
}

/// Refuses namespaces that belong to AWS's services.
pub(super) fn check_own_namespace(namespace: &str) -> Result<(), Error> {
    refuse_blank("Namespace", namespace)?;
    match namespace.starts_with(RESERVED_NAMESPACE) {
        true => Err(Error::value("Namespace", "namespaces that begin with AWS/ are reserved; use one of your own")),
        false => Ok(()),
    }
}

/// ASCII, with something visible in it.
fn check_text(place: &str, text: &str) -> Result<(), Error> {
    let printable = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control());
    if !printable {
        return Err(Error::value(place, "only printable ASCII characters are allowed"));
    }
    refuse_blank(place, text)
}

fn refuse_blank(place: &str, text: &str) -> Result<(), Error> {
    match text.trim().is_empty() || text.chars().any(char::is_control) {
        true => Err(Error::value(place, "it must have a visible character and no control characters")),
        false => Ok(()),
    }
}

/// A metric as the API shows it, dimensions ordered by name.
pub(super) fn to_wire(metric: Metric) -> types::Metric {
    let Metric { namespace, name, dimensions } = metric;
    let dimensions = dimensions.into_iter().map(|(name, value)| Dimension { name, value }).collect();
    types::Metric { dimensions: Some(dimensions), metric_name: Some(name), namespace: Some(namespace) }
}
