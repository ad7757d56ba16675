//! What an instance can read about itself: a tree of texts, made anew for each question (it is small, and never stale).

use crate::{
    Tags, Timestamp,
    cidr::Cidr,
    id::{ImageId, InstanceId, NetworkInterfaceId, ReservationId, SecurityGroupId, SubnetId, VpcId},
};
use std::{collections::BTreeMap, net::Ipv4Addr};

/// An instance, as it may know itself.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Twelve digits.
    pub account: String,
    /// Region name.
    pub region: String,
    /// Zone name.
    pub zone: String,
    /// Zone id.
    pub zone_id: String,
    /// The instance.
    pub instance_id: InstanceId,
    /// For example `t2.micro`.
    pub instance_type: String,
    /// What it booted from.
    pub image_id: ImageId,
    /// The launch.
    pub reservation_id: ReservationId,
    /// Its place within the launch.
    pub launch_index: u32,
    /// `ip-10-0-0-5.ap-northeast-2.compute.internal`
    pub private_name: String,
    /// Its public name, when it has one.
    pub public_name: Option<String>,
    /// Its interface.
    pub interface: Interface,
    /// The name and the text of its public key.
    pub key: Option<(String, String)>,
    /// Its tags.
    pub tags: Tags,
    /// Its user data.
    pub user_data: Option<Vec<u8>>,
    /// When it was launched.
    pub launched_at: Timestamp,
    /// What its Auto Scaling group wants of it (`InService`, `Terminated` …), when it is in one.
    pub target_lifecycle_state: Option<String>,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// `eni-…`
    pub id: NetworkInterfaceId,
    /// In colons.
    pub mac: String,
    /// Its address within the subnet.
    pub private_address: Ipv4Addr,
    /// Its public address, when it has one.
    pub public_address: Option<Ipv4Addr>,
    /// Ids and names of its security groups.
    pub security_groups: Vec<(SecurityGroupId, String)>,
    /// The subnet and its block.
    pub subnet: (SubnetId, Cidr),
    /// The VPC and its block.
    pub vpc: (VpcId, Cidr),
}

/// The text at a path; of a directory the names in it, those of directories with a slash. `None`: nothing is there.
pub(super) fn read(path: &str, about: &About, shows_tags: bool) -> Option<Vec<u8>> {
    let path = path.trim_start_matches('/');
    let (version, rest) = path.split_once('/').unwrap_or((path, ""));
    if version.is_empty() {
        return Some(b"latest".to_vec());
    }
    // Clients of all ages ask for the version of their time.
    let is_date = version.len() == 10 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if !is_date && version != "latest" && version != "1.0" {
        return None;
    }
    let rest = rest.trim_end_matches('/');
    if rest == "user-data" {
        return about.user_data.clone();
    }
    let texts = texts(about, shows_tags);
    texts.get(rest).map(|text| text.clone().into_bytes()).or_else(|| listing(&texts, rest, about))
}

fn listing(texts: &BTreeMap<String, String>, directory: &str, about: &About) -> Option<Vec<u8>> {
    // The keys have names that are not those of their directories.
    if directory == "meta-data/public-keys" {
        return about.key.as_ref().map(|(name, _)| format!("0={name}").into_bytes());
    }
    let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
    let mut names: Vec<String> = texts
        .keys()
        .filter_map(|path| path.strip_prefix(&prefix))
        .map(|rest| rest.split_once('/').map_or_else(|| rest.to_owned(), |(name, _)| format!("{name}/")))
        .collect();
    names.dedup();
    if directory.is_empty() && about.user_data.is_some() {
        names.push("user-data".to_owned());
    }
    (!names.is_empty()).then(|| names.join("\n").into_bytes())
}

/// All texts, by their paths below the version.
fn texts(about: &About, shows_tags: bool) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut data = |path: &str, text: &str| drop(texts.insert(format!("meta-data/{path}"), text.to_owned()));
    data("ami-id", about.image_id.as_str());
    data("ami-launch-index", &about.launch_index.to_string());
    data("ami-manifest-path", "(unknown)");
    data("block-device-mapping/ami", "xvda");
    data("block-device-mapping/root", "/dev/xvda");
    data("hostname", &about.private_name);
    data("instance-action", "none");
    data("instance-id", about.instance_id.as_str());
    data("instance-life-cycle", "on-demand");
    data("instance-type", &about.instance_type);
    data("local-hostname", &about.private_name);
    data("local-ipv4", &about.interface.private_address.to_string());
    data("mac", &about.interface.mac);
    data("placement/availability-zone", &about.zone);
    data("placement/availability-zone-id", &about.zone_id);
    data("placement/region", &about.region);
    data("profile", "default-hvm");
    data("reservation-id", about.reservation_id.as_str());
    data("security-groups", &lines(about.interface.security_groups.iter().map(|(_, name)| name.as_str())));
    data("services/domain", "amazonaws.com");
    data("services/partition", "aws");
    if let Some(name) = &about.public_name {
        data("public-hostname", name);
    }
    if let Some(address) = about.interface.public_address {
        data("public-ipv4", &address.to_string());
    }
    if let Some((_, key)) = &about.key {
        data("public-keys/0/openssh-key", key);
    }
    if let Some(state) = &about.target_lifecycle_state {
        data("autoscaling/target-lifecycle-state", state);
    }
    if shows_tags {
        about.tags.0.iter().for_each(|(key, value)| data(&format!("tags/instance/{key}"), value));
    }
    interface(about, &mut |name, text| data(&format!("network/interfaces/macs/{}/{name}", about.interface.mac), text));
    texts.insert("dynamic/instance-identity/document".to_owned(), document(about));
    texts
}

fn interface(about: &About, data: &mut dyn FnMut(&str, &str)) {
    let interface = &about.interface;
    let private_address = interface.private_address.to_string();
    data("device-number", "0");
    data("interface-id", interface.id.as_str());
    data("local-hostname", &about.private_name);
    data("local-ipv4s", &private_address);
    data("mac", &interface.mac);
    data("owner-id", &about.account);
    data("security-group-ids", &lines(interface.security_groups.iter().map(|(id, _)| id.as_str())));
    data("security-groups", &lines(interface.security_groups.iter().map(|(_, name)| name.as_str())));
    data("subnet-id", interface.subnet.0.as_str());
    data("subnet-ipv4-cidr-block", &interface.subnet.1.to_string());
    data("vpc-id", interface.vpc.0.as_str());
    data("vpc-ipv4-cidr-block", &interface.vpc.1.to_string());
    data("vpc-ipv4-cidr-blocks", &interface.vpc.1.to_string());
    if let Some(address) = interface.public_address {
        data("public-ipv4s", &address.to_string());
        data(&format!("ipv4-associations/{address}"), &private_address);
    }
    if let Some(name) = &about.public_name {
        data("public-hostname", name);
    }
}

fn lines<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect::<Vec<_>>().join("\n")
}

/// The identity document. Its values need no escapes: ids, names of regions, addresses.
fn document(about: &About) -> String {
    let fields = [
        ("accountId", format!("\"{}\"", about.account)),
        ("architecture", "\"x86_64\"".to_owned()),
        ("availabilityZone", format!("\"{}\"", about.zone)),
        ("billingProducts", "null".to_owned()),
        ("devpayProductCodes", "null".to_owned()),
        ("imageId", format!("\"{}\"", about.image_id)),
        ("instanceId", format!("\"{}\"", about.instance_id)),
        ("instanceType", format!("\"{}\"", about.instance_type)),
        ("kernelId", "null".to_owned()),
        ("marketplaceProductCodes", "null".to_owned()),
        ("pendingTime", format!("\"{}\"", about.launched_at)),
        ("privateIp", format!("\"{}\"", about.interface.private_address)),
        ("ramdiskId", "null".to_owned()),
        ("region", format!("\"{}\"", about.region)),
        ("version", "\"2017-09-30\"".to_owned()),
    ];
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("  \"{name}\" : {value}")).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}
