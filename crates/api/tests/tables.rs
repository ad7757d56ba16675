//! The generated crate against itself: tables, types, validation and names agree for every operation.

mod support;

use std::collections::BTreeSet;

use support::sample::{self, Choices, Side};
use support::{CONVERSIONS, Conversion};
use wire::shape::{Kind, Operation, Shape};
use wire::validate::{Problem, violations};
use wire::value::Structure;
use wire::{Timestamp, Value};

/// Samples per shape.
const SEEDS: u64 = 64;

fn operation((service, name, ..): &Conversion) -> &'static Operation {
    service.operation(name).unwrap_or_else(|| panic!("{}.{name} is not in the table of its service", service.name))
}

/// Calls `check` with every operation and samples of its input.
fn for_every_input(check: impl Fn(&Conversion, &'static Operation, Structure)) {
    for conversion in CONVERSIONS {
        let operation = operation(conversion);
        for seed in 0..SEEDS {
            check(conversion, operation, sample::structure(operation.input, Side::Request, &mut Choices::new(seed)));
        }
    }
}

#[test]
fn every_operation_has_its_types_and_every_type_its_operation() {
    let of_types: BTreeSet<_> = CONVERSIONS.iter().map(|(service, name, ..)| (service.name, *name)).collect();
    let of_tables =
        api::SERVICES.iter().flat_map(|service| service.operations.iter().map(|op| (service.name, op.name)));
    assert_eq!(of_types, of_tables.collect());
    assert!(of_types.len() >= 80, "only {} operations", of_types.len());
}

#[test]
fn every_valid_input_survives_its_type() {
    for_every_input(|(service, name, input, _), _, sample| {
        let sample = Value::Structure(sample);
        let survived = input(sample.clone()).unwrap_or_else(|error| panic!("{}.{name}: {error}", service.name));
        assert_eq!(survived, sample, "{}.{name}", service.name);
    });
}

#[test]
fn every_output_survives_its_type() {
    for conversion in CONVERSIONS {
        let (service, name, _, output) = conversion;
        for seed in 0..SEEDS {
            let sample = sample::value(operation(conversion).output, Side::Answer, &mut Choices::new(seed));
            let survived = output(sample.clone()).unwrap_or_else(|error| panic!("{}.{name}: {error}", service.name));
            assert_eq!(survived, sample, "{}.{name}", service.name);
        }
    }
}

#[test]
fn valid_inputs_have_no_violations() {
    for_every_input(|(service, name, ..), operation, sample| {
        assert_eq!(violations(operation.input, &Value::Structure(sample)), [], "{}.{name}", service.name);
    });
}

#[test]
fn a_missing_member_is_missed() {
    for_every_input(|(service, name, ..), operation, sample| {
        for member in operation.input.members().iter().filter(|member| member.required) {
            let mut input = sample.clone();
            input.take(member.name).expect("samples have every required member");
            let found = violations(operation.input, &Value::Structure(input));
            assert_eq!(found.len(), 1, "{}.{name}: {found:?}", service.name);
            assert_eq!((found[0].path.as_str(), &found[0].problem), (member.form, &Problem::Missing));
        }
    });
}

#[test]
fn a_refused_member_is_refused_with_its_reason() {
    let mut refused = 0;
    for conversion in CONVERSIONS {
        for member in operation(conversion).input.members() {
            let Some(reason) = member.refused else { continue };
            let input = operation(conversion).input;
            let mut structure = sample::structure(input, Side::Request, &mut Choices::new(0));
            structure.push(member.name, Value::Boolean(true));
            let found = violations(input, &Value::Structure(structure));
            assert_eq!(found.len(), 1, "{}: {found:?}", conversion.1);
            assert_eq!((found[0].path.as_str(), &found[0].problem), (member.form, &Problem::Refused(reason)));
            refused += 1;
        }
    }
    assert!(refused > 50, "only {refused} refused members");
}

#[test]
fn a_member_of_another_type_is_malformed_and_never_reaches_the_type() {
    for_every_input(|(_, name, ..), operation, sample| {
        for (index, (member, value)) in sample.members.iter().enumerate() {
            let mut input = sample.clone();
            input.members[index].1 = value_of_another_type(value);
            let found = violations(operation.input, &Value::Structure(input));
            assert_eq!(found.len(), 1, "{name}.{member}: {found:?}");
            assert!(matches!(found[0].problem, Problem::Malformed(_)), "{name}.{member}: {found:?}");
        }
    });
}

fn value_of_another_type(value: &Value) -> Value {
    if matches!(value, Value::Boolean(_)) { Value::Timestamp(Timestamp(0)) } else { Value::Boolean(true) }
}

/// Calls `check` with every shape that an operation reaches.
fn for_every_shape(mut check: impl FnMut(&'static Shape)) {
    let mut seen = BTreeSet::new();
    let operations = api::SERVICES.iter().flat_map(|service| service.operations);
    let mut waiting: Vec<&'static Shape> =
        operations.flat_map(|operation| [operation.input, operation.output]).collect();
    while let Some(shape) = waiting.pop() {
        if !seen.insert(std::ptr::from_ref(shape).addr()) {
            continue;
        }
        check(shape);
        match shape.kind {
            Kind::List(list) => waiting.push(list.element),
            Kind::Map(map) => waiting.extend([map.key, map.value]),
            Kind::Structure(structure) => waiting.extend(structure.members.iter().map(|member| member.shape)),
            Kind::Boolean
            | Kind::Integer
            | Kind::Long
            | Kind::Float
            | Kind::Double
            | Kind::String
            | Kind::Blob
            | Kind::Timestamp(_)
            | Kind::Opaque => {}
        }
    }
    assert!(seen.len() > 500, "only {} shapes", seen.len());
}

#[test]
fn every_pattern_compiles() {
    let mut patterns = 0;
    for_every_shape(|shape| {
        let Some(pattern) = shape.constraint.pattern else { return };
        assert!(pattern.compiled().is_some(), "{}: {}", shape.name, pattern.source());
        patterns += 1;
    });
    assert!(patterns > 10, "only {patterns} patterns");
}

#[test]
fn aws_patterns_mean_in_our_syntax_what_they_mean_in_theirs() {
    let member = |input: &'static Shape, name: &str| input.member(name).map(|member| member.shape).expect("a member");
    let user = member(&api::iam::shapes::CREATE_USER_REQUEST, "UserName");
    let path = member(&api::iam::shapes::CREATE_USER_REQUEST, "Path");
    let group = member(&api::elbv2::shapes::CREATE_TARGET_GROUP_INPUT, "Name");
    let table = [
        (user, "ann.b+x=1,2@host-1_a", true),
        (user, "고루", false),
        (user, "a b", false),
        (user, "", false),
        (path, "/", true),
        (path, "/division/team/", true),
        (path, "division", false),
        (group, "web-1", true),
        (group, "-web", false),
        (group, "web-", false),
        (group, "w", true),
        (group, "a_b", false),
        (group, "abcdefghijabcdefghijabcdefghijabc", false),
    ];
    for (shape, text, valid) in table {
        let found = violations(shape, &Value::String(text.into()));
        assert_eq!(found.is_empty(), valid, "{} {text:?}: {found:?}", shape.name);
    }
}

#[test]
fn no_two_members_of_a_structure_share_a_name() {
    for_every_shape(|shape| {
        let names: [BTreeSet<&str>; 3] = [
            shape.members().iter().map(|member| member.name).collect(),
            shape.members().iter().map(|member| member.wire).collect(),
            shape.members().iter().map(|member| member.form).collect(),
        ];
        assert!(names.iter().all(|names| names.len() == shape.members().len()), "{}: {names:?}", shape.name);
    });
}

#[test]
fn ec2_names_its_members_as_aws_does() {
    let request = &api::ec2::shapes::RUN_INSTANCES_REQUEST;
    let names = |member: &str| request.member(member).map(|member| (member.wire, member.form)).expect("a member");
    assert_eq!(names("SecurityGroupIds"), ("SecurityGroupId", "SecurityGroupId"));
    assert_eq!(names("DryRun"), ("dryRun", "DryRun"));
    assert_eq!(names("NetworkInterfaces"), ("networkInterface", "NetworkInterface"));
    let network = &api::ec2::shapes::INSTANCE_NETWORK_INTERFACE_SPECIFICATION;
    let groups = network.member("Groups").expect("a member");
    assert_eq!((groups.wire, groups.form), ("SecurityGroupId", "SecurityGroupId"));
}

#[test]
fn operations_are_found_by_name_whether_served_or_not() {
    for service in api::SERVICES {
        assert!(service.operations.is_sorted_by_key(|operation| operation.name), "{}", service.name);
        assert!(service.unserved.is_sorted(), "{}", service.name);
        for operation in service.operations {
            assert_eq!(service.operation(operation.name).map(|found| found.name), Some(operation.name));
            assert!(!service.is_unserved(operation.name), "{}", operation.name);
        }
    }
    assert_eq!(api::ec2::Operation::from_name("RunInstances"), Some(api::ec2::Operation::RunInstances));
    assert_eq!(api::ec2::Operation::from_name("CreateFpgaImage"), None);
    assert!(api::ec2::SERVICE.is_unserved("CreateFpgaImage"));
    assert!(!api::ec2::SERVICE.is_unserved("CreateUnicorn"));
}

#[test]
fn codes_of_violations_are_errors_of_the_service() {
    for service in api::SERVICES {
        let codes = &service.violations;
        for code in [codes.missing, codes.unknown, codes.refused, codes.invalid, codes.malformed] {
            assert_eq!(service.error(code).map(|error| error.status), Some(400), "{}: {code}", service.name);
        }
    }
}
