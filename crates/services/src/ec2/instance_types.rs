//! Instance types: what they promise, and where they can be had (everywhere).

use api::ec2::ErrorCode;
use api::ec2::types::{
    ArchitectureType, ArchitectureValues, DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypeOfferingsResult,
    DescribeInstanceTypesRequest, DescribeInstanceTypesResult, EnaSupport, InstanceTypeHypervisor, InstanceTypeInfo,
    InstanceTypeOffering, LocationType, MemoryInfo, NetworkInfo, ProcessorInfo, RootDeviceType, UsageClassType,
    VCpuInfo, VirtualizationType,
};
use model::ec2::instance_type::{INSTANCE_TYPES, InstanceType, instance_type};
use wire::AwsError;

use super::errors::unsupported;
use super::filters::{Properties, each, nothing, plain, text};
use super::images;
use super::listing::{Selection, refuse_pages_of_ids};
use crate::context::Context;

/// The most types that one call may name (EC2 API reference).
const MAXIMUM_TYPES: usize = 100;

static PROPERTIES: Properties<InstanceTypeInfo> = Properties {
    named: &[
        ("auto-recovery-supported", |kind| plain(kind.auto_recovery_supported)),
        ("bare-metal", |kind| plain(kind.bare_metal)),
        ("burstable-performance-supported", |kind| plain(kind.burstable_performance_supported)),
        ("current-generation", |kind| plain(kind.current_generation)),
        ("dedicated-hosts-supported", |kind| plain(kind.dedicated_hosts_supported)),
        ("free-tier-eligible", |kind| plain(kind.free_tier_eligible)),
        ("hibernation-supported", |kind| plain(kind.hibernation_supported)),
        ("hypervisor", |kind| plain(kind.hypervisor)),
        ("instance-storage-supported", |kind| plain(kind.instance_storage_supported)),
        ("instance-type", |kind| text(&kind.instance_type)),
        ("memory-info.size-in-mib", |kind| plain(kind.memory_info.as_ref().and_then(|memory| memory.size_in_mib))),
        ("network-info.ena-support", |kind| plain(kind.network_info.as_ref().and_then(|info| info.ena_support))),
        ("network-info.ipv4-addresses-per-interface", |kind| {
            plain(kind.network_info.as_ref().and_then(|info| info.ipv4_addresses_per_interface))
        }),
        ("network-info.ipv6-supported", |kind| plain(kind.network_info.as_ref().and_then(|info| info.ipv6_supported))),
        ("network-info.maximum-network-interfaces", |kind| {
            plain(kind.network_info.as_ref().and_then(|info| info.maximum_network_interfaces))
        }),
        ("processor-info.supported-architecture", |kind| {
            each(&kind.processor_info.as_ref().and_then(|info| info.supported_architectures.clone()), |it| {
                plain(Some(it))
            })
        }),
        ("processor-info.sustained-clock-speed-in-ghz", nothing),
        ("supported-boot-mode", nothing),
        ("supported-root-device-type", |kind| each(&kind.supported_root_device_types, |it| plain(Some(it)))),
        ("supported-usage-class", |kind| each(&kind.supported_usage_classes, |it| plain(Some(it)))),
        ("supported-virtualization-type", |kind| each(&kind.supported_virtualization_types, |it| plain(Some(it)))),
        ("vcpu-info.default-vcpus", |kind| plain(kind.vcpu_info.as_ref().and_then(|info| info.default_vcpus))),
    ],
    tags: None,
};

pub(super) fn describe(
    cx: &Context,
    input: DescribeInstanceTypesRequest,
) -> Result<DescribeInstanceTypesResult, AwsError> {
    let DescribeInstanceTypesRequest { dry_run, filters, instance_types, max_results, next_token } = input;
    let names = instance_types.unwrap_or_default();
    refuse_pages_of_ids("InstanceTypes", &names, max_results)?;
    if names.len() > MAXIMUM_TYPES {
        return Err(super::errors::invalid(format!("a call names at most {MAXIMUM_TYPES} instance types")));
    }
    for name in &names {
        known(name, ErrorCode::InvalidInstanceType)?;
    }
    let chosen = INSTANCE_TYPES.iter().filter(|kind| names.is_empty() || names.iter().any(|name| name == kind.name));
    let items = chosen.map(|kind| (kind.name.to_owned(), shown(kind)));
    let operation = "DescribeInstanceTypes";
    let selection = Selection { operation, chosen: &names, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &PROPERTIES, items)?;
    Ok(DescribeInstanceTypesResult { instance_types: Some(page.items), next_token: page.next })
}

/// The type of that name.
///
/// # Errors
/// `code`, which differs between operations.
pub(super) fn known(name: &str, code: ErrorCode) -> Result<&'static InstanceType, AwsError> {
    instance_type(name).ok_or_else(|| {
        let shown: String = name.chars().take(64).collect();
        code.error(format!("`{shown}` is no instance type here; `describe-instance-types` lists those that are"))
    })
}

fn shown(kind: &InstanceType) -> InstanceTypeInfo {
    let vcpus = i32::try_from(kind.vcpus).ok();
    InstanceTypeInfo {
        auto_recovery_supported: Some(false),
        bare_metal: Some(false),
        burstable_performance_supported: Some(kind.burstable),
        current_generation: Some(kind.current_generation),
        dedicated_hosts_supported: Some(false),
        free_tier_eligible: Some(matches!(kind.name, "t2.micro" | "t3.micro")),
        hibernation_supported: Some(false),
        hypervisor: Some(if kind.name.starts_with('t') {
            InstanceTypeHypervisor::Xen
        } else {
            InstanceTypeHypervisor::Nitro
        }),
        instance_storage_supported: Some(false),
        instance_type: Some(kind.name.to_owned()),
        memory_info: Some(MemoryInfo { size_in_mib: i64::try_from(kind.memory_mib).ok() }),
        network_info: Some(network()),
        processor_info: Some(processor()),
        supported_boot_modes: Some(Vec::new()),
        supported_root_device_types: Some(vec![RootDeviceType::InstanceStore]),
        supported_usage_classes: Some(vec![UsageClassType::OnDemand]),
        supported_virtualization_types: Some(vec![VirtualizationType::Hvm]),
        vcpu_info: Some(VCpuInfo {
            default_cores: vcpus,
            default_threads_per_core: Some(1),
            default_vcpus: vcpus,
            valid_cores: None,
            valid_threads_per_core: None,
        }),
    }
}

/// Instances have one interface with one address, whatever their type.
fn network() -> NetworkInfo {
    NetworkInfo {
        default_network_card_index: Some(0),
        efa_supported: Some(false),
        ena_support: Some(EnaSupport::Supported),
        encryption_in_transit_supported: Some(false),
        ipv4_addresses_per_interface: Some(1),
        ipv6_addresses_per_interface: Some(0),
        ipv6_supported: Some(false),
        maximum_network_cards: Some(1),
        maximum_network_interfaces: Some(1),
        network_performance: None,
    }
}

fn processor() -> ProcessorInfo {
    let architecture = match images::architecture() {
        ArchitectureValues::I386 => ArchitectureType::I386,
        ArchitectureValues::X86_64 => ArchitectureType::X86_64,
        ArchitectureValues::Arm64 => ArchitectureType::Arm64,
        ArchitectureValues::X86_64Mac => ArchitectureType::X86_64Mac,
        ArchitectureValues::Arm64Mac => ArchitectureType::Arm64Mac,
    };
    ProcessorInfo { supported_architectures: Some(vec![architecture]), ..Default::default() }
}

static OFFERING_PROPERTIES: Properties<InstanceTypeOffering> = Properties {
    named: &[
        ("instance-type", |offering| text(&offering.instance_type)),
        ("location", |offering| text(&offering.location)),
    ],
    tags: None,
};

pub(super) fn describe_offerings(
    cx: &Context,
    input: DescribeInstanceTypeOfferingsRequest,
) -> Result<DescribeInstanceTypeOfferingsResult, AwsError> {
    let DescribeInstanceTypeOfferingsRequest { dry_run, filters, location_type, max_results, next_token } = input;
    let location_type = location_type.unwrap_or(LocationType::Region);
    let locations: Vec<String> = match location_type {
        LocationType::Region => vec![cx.region.clone()],
        LocationType::AvailabilityZone => cx.zones().into_iter().map(|zone| zone.name).collect(),
        LocationType::AvailabilityZoneId => cx.zones().into_iter().map(|zone| zone.id).collect(),
        LocationType::Outpost => return Err(unsupported("LocationType: Goru has no Outposts")),
    };
    let items = locations.iter().flat_map(|location| {
        INSTANCE_TYPES.iter().map(move |kind| {
            let offering = InstanceTypeOffering {
                instance_type: Some(kind.name.to_owned()),
                location: Some(location.clone()),
                location_type: Some(location_type),
            };
            (format!("{location}|{}", kind.name), offering)
        })
    });
    let operation = "DescribeInstanceTypeOfferings";
    let selection = Selection { operation, chosen: &location_type, filters, max_results, next_token, dry_run };
    let page = selection.page(cx, &OFFERING_PROPERTIES, items)?;
    Ok(DescribeInstanceTypeOfferingsResult { instance_type_offerings: Some(page.items), next_token: page.next })
}
