//! Amazon EC2: regions and zones, VPCs with their subnets, security groups and tags, images, instances.
//!
//! State belongs to an account and a region. [`ensure_region`] makes the default VPC of a region at its first use. What
//! instances really do is not known here: operations write what is wanted, controllers make it true.

mod addresses;
mod console;
mod defaults;
mod errors;
mod filters;
mod image_attributes;
mod image_making;
mod images;
mod instance_attributes;
mod instance_status;
mod instance_types;
mod instance_views;
mod instances;
mod internet_gateways;
mod key_material;
mod key_pairs;
mod launch;
mod launch_spec;
mod launch_template_versions;
mod launch_templates;
mod listing;
mod metadata_options;
mod nat_gateways;
mod network_acl_entries;
mod network_acls;
mod network_interfaces;
mod regions;
mod resources;
mod route_tables;
mod routes;
mod security_group_rules;
mod security_groups;
mod subnets;
mod tags;
mod user_data;
mod vpcs;

pub use crate::context::Console;
pub use console::MAXIMUM_SHOWN_BYTES;
pub use defaults::ensure_region;

use api::ec2::Operation;
use api::ec2::types::{CreateNetworkAclEntryRequest, ReplaceNetworkAclEntryRequest};
use wire::{AwsError, Value};

use crate::context::Context;
use crate::handler::{done, read, reply};

/// The operations of EC2.
///
/// # Errors
/// Those of the operation.
pub async fn dispatch(cx: &Context, operation: Operation, input: Value) -> Result<Value, AwsError> {
    match operation {
        Operation::AllocateAddress => reply(addresses::allocate(cx, read(input)?).await),
        Operation::AssociateAddress => reply(addresses::associate(cx, read(input)?).await),
        Operation::AssociateRouteTable => reply(route_tables::associate(cx, read(input)?).await),
        Operation::AttachInternetGateway => done(internet_gateways::attach(cx, read(input)?).await),
        Operation::AuthorizeSecurityGroupEgress => {
            reply(security_group_rules::authorize_egress(cx, read(input)?).await)
        }
        Operation::AuthorizeSecurityGroupIngress => {
            reply(security_group_rules::authorize_ingress(cx, read(input)?).await)
        }
        Operation::CopyImage => reply(image_making::copy(read(input)?)),
        Operation::CreateDefaultVpc => reply(defaults::create_vpc(cx, read(input)?).await),
        Operation::CreateImage => reply(image_making::create(cx, read(input)?).await),
        Operation::CreateInternetGateway => reply(internet_gateways::create(cx, read(input)?).await),
        Operation::CreateKeyPair => reply(key_pairs::create(cx, read(input)?).await),
        Operation::CreateLaunchTemplate => reply(launch_templates::create(cx, read(input)?).await),
        Operation::CreateLaunchTemplateVersion => reply(launch_template_versions::create(cx, read(input)?).await),
        Operation::CreateNatGateway => reply(nat_gateways::create(cx, read(input)?).await),
        Operation::CreateNetworkAcl => reply(network_acls::create(cx, read(input)?).await),
        Operation::CreateNetworkAclEntry => {
            done(network_acl_entries::create(cx, read::<CreateNetworkAclEntryRequest>(input)?.into()).await)
        }
        Operation::CreateRoute => reply(routes::create(cx, read(input)?).await),
        Operation::CreateRouteTable => reply(route_tables::create(cx, read(input)?).await),
        Operation::CreateSecurityGroup => reply(security_groups::create(cx, read(input)?).await),
        Operation::CreateSubnet => reply(subnets::create(cx, read(input)?).await),
        Operation::CreateTags => done(tags::create(cx, read(input)?).await),
        Operation::CreateVpc => reply(vpcs::create(cx, read(input)?).await),
        Operation::DeleteInternetGateway => done(internet_gateways::delete(cx, read(input)?).await),
        Operation::DeleteKeyPair => reply(key_pairs::delete(cx, read(input)?).await),
        Operation::DeleteLaunchTemplate => reply(launch_templates::delete(cx, read(input)?).await),
        Operation::DeleteLaunchTemplateVersions => reply(launch_template_versions::delete(cx, read(input)?).await),
        Operation::DeleteNatGateway => reply(nat_gateways::delete(cx, read(input)?).await),
        Operation::DeleteNetworkAcl => done(network_acls::delete(cx, read(input)?).await),
        Operation::DeleteNetworkAclEntry => done(network_acl_entries::delete(cx, read(input)?).await),
        Operation::DeleteRoute => done(routes::delete(cx, read(input)?).await),
        Operation::DeleteRouteTable => done(route_tables::delete(cx, read(input)?).await),
        Operation::DeleteSecurityGroup => reply(security_groups::delete(cx, read(input)?).await),
        Operation::DeleteSubnet => done(subnets::delete(cx, read(input)?).await),
        Operation::DeleteTags => done(tags::delete(cx, read(input)?).await),
        Operation::DeleteVpc => done(vpcs::delete(cx, read(input)?).await),
        Operation::DeregisterImage => reply(image_making::deregister(cx, read(input)?).await),
        Operation::DescribeAccountAttributes => reply(regions::describe_account(cx, read(input)?)),
        Operation::DescribeAddresses => reply(addresses::describe(cx, read(input)?)),
        Operation::DescribeAddressesAttribute => reply(addresses::describe_attribute(cx, read(input)?)),
        Operation::DescribeAvailabilityZones => reply(regions::describe_zones(cx, read(input)?)),
        Operation::DescribeImageAttribute => reply(image_attributes::describe(cx, read(input)?)),
        Operation::DescribeImages => reply(images::describe(cx, read(input)?)),
        Operation::DescribeInstanceAttribute => reply(instance_attributes::describe(cx, read(input)?)),
        Operation::DescribeInstanceStatus => reply(instance_status::describe(cx, read(input)?)),
        Operation::DescribeInstanceTypeOfferings => reply(instance_types::describe_offerings(cx, read(input)?)),
        Operation::DescribeInstanceTypes => reply(instance_types::describe(cx, read(input)?)),
        Operation::DescribeInstances => reply(instances::describe(cx, read(input)?)),
        Operation::DescribeInternetGateways => reply(internet_gateways::describe(cx, read(input)?)),
        Operation::DescribeKeyPairs => reply(key_pairs::describe(cx, read(input)?)),
        Operation::DescribeLaunchTemplateVersions => reply(launch_template_versions::describe(cx, read(input)?)),
        Operation::DescribeLaunchTemplates => reply(launch_templates::describe(cx, read(input)?)),
        Operation::DescribeNatGateways => reply(nat_gateways::describe(cx, read(input)?)),
        Operation::DescribeNetworkAcls => reply(network_acls::describe(cx, read(input)?)),
        Operation::DescribeNetworkInterfaces => reply(network_interfaces::describe(cx, read(input)?)),
        Operation::DescribeRegions => reply(regions::describe(cx, read(input)?)),
        Operation::DescribeRouteTables => reply(route_tables::describe(cx, read(input)?)),
        Operation::DescribeSecurityGroupRules => reply(security_group_rules::describe(cx, read(input)?)),
        Operation::DescribeSecurityGroups => reply(security_groups::describe(cx, read(input)?)),
        Operation::DescribeSubnets => reply(subnets::describe(cx, read(input)?)),
        Operation::DescribeTags => reply(tags::describe(cx, read(input)?)),
        Operation::DescribeVpcAttribute => reply(vpcs::describe_attribute(cx, read(input)?)),
        Operation::DescribeVpcs => reply(vpcs::describe(cx, read(input)?)),
        Operation::DetachInternetGateway => done(internet_gateways::detach(cx, read(input)?).await),
        Operation::DisassociateAddress => done(addresses::disassociate(cx, read(input)?).await),
        Operation::DisassociateRouteTable => done(route_tables::disassociate(cx, read(input)?).await),
        Operation::GetConsoleOutput => reply(console::get(cx, read(input)?)),
        Operation::GetLaunchTemplateData => reply(launch_template_versions::data_of_instance(cx, read(input)?)),
        Operation::ImportKeyPair => reply(key_pairs::import(cx, read(input)?).await),
        Operation::ModifyImageAttribute => done(image_attributes::modify(cx, read(input)?).await),
        Operation::ModifyInstanceAttribute => done(instance_attributes::modify(cx, read(input)?).await),
        Operation::ModifyInstanceMetadataOptions => reply(metadata_options::modify(cx, read(input)?).await),
        Operation::ModifyLaunchTemplate => reply(launch_templates::modify(cx, read(input)?).await),
        Operation::ModifySubnetAttribute => done(subnets::modify_attribute(cx, read(input)?).await),
        Operation::ModifyVpcAttribute => done(vpcs::modify_attribute(cx, read(input)?).await),
        Operation::RebootInstances => done(instances::reboot(cx, read(input)?).await),
        Operation::RegisterImage => reply(image_making::register(cx, read(input)?).await),
        Operation::ReleaseAddress => done(addresses::release(cx, read(input)?).await),
        Operation::ReplaceNetworkAclAssociation => reply(network_acls::replace_association(cx, read(input)?).await),
        Operation::ReplaceNetworkAclEntry => {
            done(network_acl_entries::replace(cx, read::<ReplaceNetworkAclEntryRequest>(input)?.into()).await)
        }
        Operation::ReplaceRoute => done(routes::replace(cx, read(input)?).await),
        Operation::ReplaceRouteTableAssociation => reply(route_tables::replace_association(cx, read(input)?).await),
        Operation::RevokeSecurityGroupEgress => reply(security_group_rules::revoke_egress(cx, read(input)?).await),
        Operation::RevokeSecurityGroupIngress => reply(security_group_rules::revoke_ingress(cx, read(input)?).await),
        Operation::RunInstances => reply(launch::run(cx, read(input)?).await),
        Operation::StartInstances => reply(instances::start(cx, read(input)?).await),
        Operation::StopInstances => reply(instances::stop(cx, read(input)?).await),
        Operation::TerminateInstances => reply(instances::terminate(cx, read(input)?).await),
    }
}
