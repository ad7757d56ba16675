//! Instance types that can be asked for: what they promise in processors and memory.

/// One type. Figures are those of the EC2 instance type pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// For example `t2.micro`.
    pub name: &'static str,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Whether it earns processor credits.
    pub burstable: bool,
    /// Whether it is of the present generation.
    pub current_generation: bool,
}

const fn of(
    name: &'static str,
    vcpus: u32,
    memory_mib: u64,
    burstable: bool,
    current_generation: bool,
) -> InstanceType {
    InstanceType { name, vcpus, memory_mib, burstable, current_generation }
}

/// The types that RunInstances accepts, by family and size.
pub const INSTANCE_TYPES: &[InstanceType] = &[
    of("t2.nano", 1, 512, true, true),
    of("t2.micro", 1, 1024, true, true),
    of("t2.small", 1, 2048, true, true),
    of("t2.medium", 2, 4096, true, true),
    of("t2.large", 2, 8192, true, true),
    of("t2.xlarge", 4, 16_384, true, true),
    of("t3.nano", 2, 512, true, true),
    of("t3.micro", 2, 1024, true, true),
    of("t3.small", 2, 2048, true, true),
    of("t3.medium", 2, 4096, true, true),
    of("t3.large", 2, 8192, true, true),
    of("t3.xlarge", 4, 16_384, true, true),
    of("m4.large", 2, 8192, false, true),
    of("m5.large", 2, 8192, false, true),
    of("m5.xlarge", 4, 16_384, false, true),
    of("m5.2xlarge", 8, 32_768, false, true),
    of("c5.large", 2, 4096, false, true),
    of("c5.xlarge", 4, 8192, false, true),
    of("r5.large", 2, 16_384, false, true),
    of("m1.small", 1, 1740, false, false),
];

/// The type of that name.
pub fn instance_type(name: &str) -> Option<&'static InstanceType> {
    INSTANCE_TYPES.iter().find(|t| t.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_their_whole_name() {
        assert_eq!(instance_type("t2.micro").map(|t| t.vcpus), Some(1));
        assert_eq!(instance_type("t2"), None);
    }
}
