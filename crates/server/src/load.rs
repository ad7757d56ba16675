//! `POST /_goru/load`: what simulated instances compute, so that scaling can be tested where nothing runs.

use compute::{Driver, simulated::GroupLoad};
use controllers::metrics::spread_group_loads;
use model::{
    ec2::{instance::Instance, instance_type::instance_type},
    id::InstanceId,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::View;

/// The most that can be said of a load, in per cent.
const MAXIMUM_PERCENT: f64 = 1e6;

/// The body: an instance or a group, and what it computes in per cent of the vCPUs of an instance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadRequest {
    instance: Option<String>,
    auto_scaling_group: Option<String>,
    /// Of the instance, or of each running member.
    cpu_percent: Option<f64>,
    /// Of all running members together.
    total_cpu_percent: Option<f64>,
}

/// Why no load was set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Real instances compute what they compute.
    #[error("load can be set only where nothing runs; start a server with driver = \"simulated\"")]
    NotSimulated,
    /// The body says nothing that can be done.
    #[error(
        "{0}; say {{\"instance\": \"i-…\", \"cpu_percent\": 80}} or {{\"auto_scaling_group\": \"web\", \"total_cpu_percent\": 240}}"
    )]
    Malformed(String),
    /// There is no such instance.
    #[error("there is no instance `{0}` that is not terminated")]
    NoInstance(String),
}

#[derive(Debug, PartialEq)]
enum Wanted {
    Instance(InstanceId, f64),
    Group(String, GroupLoad),
}

/// Does what the body asks for. A group need not exist yet; its load is spread anew whenever its members change.
pub fn set(driver: &Driver, view: &View, body: &str) -> Result<Value, LoadError> {
    let Driver::Simulated(simulated) = driver else { return Err(LoadError::NotSimulated) };
    match wanted(body)? {
        Wanted::Instance(id, percent) => {
            let instance = view.all::<Instance>().map(|(_, instance)| instance).find(|one| one.id == id);
            let instance = instance.ok_or_else(|| LoadError::NoInstance(id.to_string()))?;
            let vcpus = instance_type(&instance.instance_type).map_or(1, |kind| kind.vcpus);
            simulated.set_processors([(&id, percent / 100.0 * f64::from(vcpus))]);
            Ok(json!({ "instance": id, "cpu_percent": percent }))
        }
        Wanted::Group(group, load) => {
            simulated.set_group_load(&group, load);
            spread_group_loads(driver, view);
            Ok(match load {
                GroupLoad::Each(percent) => json!({ "auto_scaling_group": group, "cpu_percent": percent }),
                GroupLoad::Total(percent) => json!({ "auto_scaling_group": group, "total_cpu_percent": percent }),
            })
        }
    }
}

fn wanted(body: &str) -> Result<Wanted, LoadError> {
    let malformed = |text: &str| LoadError::Malformed(text.to_owned());
    let request: LoadRequest = serde_json::from_str(body).map_err(|error| LoadError::Malformed(error.to_string()))?;
    let LoadRequest { instance, auto_scaling_group, cpu_percent, total_cpu_percent } = request;
    let accepted = |percent: f64| (0.0..=MAXIMUM_PERCENT).contains(&percent);
    if ![cpu_percent, total_cpu_percent].into_iter().flatten().all(accepted) {
        return Err(malformed("a load is 0 per cent or more"));
    }
    match (instance, auto_scaling_group, cpu_percent, total_cpu_percent) {
        (Some(id), None, Some(percent), None) => {
            id.parse().map(|id| Wanted::Instance(id, percent)).map_err(|_| LoadError::NoInstance(id))
        }
        (None, Some(group), Some(each), None) => Ok(Wanted::Group(group, GroupLoad::Each(each))),
        (None, Some(group), None, Some(total)) => Ok(Wanted::Group(group, GroupLoad::Total(total))),
        (Some(_), _, _, Some(_)) => Err(malformed("total_cpu_percent is for groups")),
        (_, _, _, _) => Err(malformed("an instance or a group, and one number, are needed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_of_an_instance_or_of_a_group() {
        let group = |load| Ok(Wanted::Group("web".to_owned(), load));
        assert_eq!(wanted(r#"{"auto_scaling_group": "web", "cpu_percent": 80}"#), group(GroupLoad::Each(80.0)));
        assert_eq!(
            wanted(r#"{"auto_scaling_group": "web", "total_cpu_percent": 240}"#),
            group(GroupLoad::Total(240.0))
        );
        let id: InstanceId = "i-0123456789abcdef0".parse().unwrap();
        assert_eq!(wanted(r#"{"instance": "i-0123456789abcdef0", "cpu_percent": 5}"#), Ok(Wanted::Instance(id, 5.0)));
        for body in [
            "",
            "{}",
            r#"{"instance": "i-0123456789abcdef0"}"#,
            r#"{"instance": "i-0123456789abcdef0", "total_cpu_percent": 5}"#,
            r#"{"instance": "i-0123456789abcdef0", "auto_scaling_group": "web", "cpu_percent": 5}"#,
            r#"{"auto_scaling_group": "web", "cpu_percent": -1}"#,
            r#"{"auto_scaling_group": "web", "cpu_percent": 1, "total_cpu_percent": 1}"#,
            r#"{"auto_scaling_group": "web", "percent": 1}"#,
        ] {
            assert!(matches!(wanted(body), Err(LoadError::Malformed(_))), "{body}");
        }
    }
}
