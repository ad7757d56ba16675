//! The environment that an instance begins with: small, clean, and made from its own facts only.
//!
//! Nothing of the server's environment goes in but `PATH`, which says where the host's programs are. `docs/instances.md`
//! lists the variables for users.

use crate::driver::{InstanceSpec, Metadata};
use std::{collections::BTreeMap, path::Path};

/// Marks every process of an instance: processes that outlive their shim are found by it.
pub(crate) const MARKER: &str = "GORU_INSTANCE_DIRECTORY";
/// Where programs are looked for when nobody says.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What an instance finds where it runs.
pub(crate) struct Surroundings<'a> {
    /// Where programs are looked for.
    pub(crate) path: &'a str,
    /// Its working directory.
    pub(crate) home: &'a Path,
    /// Its directory on the host, when its processes are to be found by it.
    pub(crate) directory: Option<&'a Path>,
}

/// Where the host's programs are, as this server was told.
pub(crate) fn server_path() -> String {
    std::env::var("PATH").ok().filter(|path| !path.is_empty()).unwrap_or_else(|| DEFAULT_PATH.to_owned())
}

/// The variables of one boot.
pub(crate) fn environment(spec: &InstanceSpec, surroundings: &Surroundings<'_>) -> BTreeMap<String, String> {
    let Surroundings { path, home, directory } = surroundings;
    let mut variables = BTreeMap::from(
        [
            ("HOST", spec.address.to_string()),
            ("PORT", spec.port.to_string()),
            ("PATH", (*path).to_owned()),
            ("HOME", home.display().to_string()),
            ("PWD", home.display().to_string()),
            ("SHELL", "/bin/sh".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("GORU_INSTANCE_ID", spec.id.to_string()),
            ("GORU_BOOT", spec.boot.to_string()),
            ("GORU_VCPUS", spec.vcpus.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    variables.extend(directory.map(|directory| (MARKER.to_owned(), directory.display().to_string())));
    variables.extend(metadata(&spec.metadata).map(|(name, value)| (name.to_owned(), value)));
    if let Some(endpoint) = &spec.metadata.api_endpoint {
        variables.insert("AWS_ENDPOINT_URL".to_owned(), endpoint.clone());
    }
    variables
}

fn metadata(metadata: &Metadata) -> impl Iterator<Item = (&'static str, String)> {
    let groups: Vec<&str> = metadata.security_groups.iter().map(AsRef::as_ref).collect();
    // A map of texts always has a JSON form; values may hold anything, so they are not variables of their own.
    let tags = serde_json::to_string(&metadata.tags).unwrap_or_default();
    [
        ("GORU_ACCOUNT_ID", metadata.account.clone()),
        ("GORU_REGION", metadata.region.clone()),
        ("GORU_ZONE", metadata.zone.clone()),
        ("GORU_INSTANCE_TYPE", metadata.instance_type.clone()),
        ("GORU_IMAGE_ID", metadata.image_id.to_string()),
        ("GORU_PRIVATE_ADDRESS", metadata.private_address.to_string()),
        ("GORU_VPC_ID", metadata.vpc_id.to_string()),
        ("GORU_SUBNET_ID", metadata.subnet_id.to_string()),
        ("GORU_SECURITY_GROUPS", groups.join(",")),
        ("GORU_RESERVATION_ID", metadata.reservation_id.to_string()),
        ("GORU_LAUNCH_INDEX", metadata.launch_index.to_string()),
        ("GORU_TAGS", tags),
        ("AWS_REGION", metadata.region.clone()),
        ("AWS_DEFAULT_REGION", metadata.region.clone()),
    ]
    .into_iter()
}
