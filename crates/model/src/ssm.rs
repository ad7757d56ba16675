//! Systems Manager: the public parameters by which AWS names images, all of which are the default image here.
//!
//! Which operating system and which version a name asks for decides nothing: instances of the default image run the
//! programs of the host.

use crate::ec2::image::HOST_IMAGE;

/// The longest name of a parameter, in characters.
pub const MAXIMUM_NAME_LENGTH: usize = 2048;
/// The version that each public parameter has.
pub const PUBLIC_VERSION: u64 = 1;

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublic {
    /// No name of an image.
    #[error(
        "there is no parameter `{0}`: those that there are begin with /aws/service/ami-amazon-linux-latest/, \
         /aws/service/canonical/ubuntu/ or /aws/service/debian/"
    )]
    Name(String),
    /// A version that it does not have, or a label, which it has none of.
    #[error("parameter `{name}` has the version {PUBLIC_VERSION} only, not `{version}`")]
    Version {
        /// The parameter.
        name: String,
        /// What was asked for, shortened.
        version: String,
    },
}

/// A name of a public parameter and the image that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicImage<'a> {
    /// The name without version.
    pub name: &'a str,
    /// `:1` when a version was asked for.
    pub selector: Option<&'a str>,
    /// The id of the image, as text.
    pub image: &'static str,
}

/// The image of a name, which may end in `:` and a version.
///
/// # Errors
/// [`NotPublic`].
pub fn public_image(name: &str) -> Result<PublicImage<'_>, NotPublic> {
    let shown = |text: &str| text.chars().take(128).collect();
    let (path, selector) = match name.find(':') {
        Some(at) => (&name[..at], Some(&name[at..])),
        None => (name, None),
    };
    if name.len() > MAXIMUM_NAME_LENGTH || !is_public(path) {
        return Err(NotPublic::Name(shown(path)));
    }
    match selector {
        Some(selector) if selector[1..] != PUBLIC_VERSION.to_string() => {
            Err(NotPublic::Version { name: shown(path), version: shown(&selector[1..]) })
        }
        Some(_) | None => Ok(PublicImage { name: path, selector, image: HOST_IMAGE }),
    }
}

fn is_public(path: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["", "aws", "service", "ami-amazon-linux-latest", name] => part(name),
        ["", "aws", "service", "canonical", "ubuntu", rest @ .., "ami-id"] => {
            !rest.is_empty() && rest.iter().all(|text| part(text))
        }
        ["", "aws", "service", "debian", rest @ ..] => rest.len() > 1 && rest.iter().all(|text| part(text)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_names_are_the_default_image() {
        for name in [
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
            "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
            "/aws/service/canonical/ubuntu/server-minimal/jammy/stable/20260901/arm64/hvm/ebs-gp2/ami-id",
            "/aws/service/debian/release/12/latest/amd64",
            "/aws/service/debian/daily/bookworm/latest/arm64",
        ] {
            assert_eq!(public_image(name), Ok(PublicImage { name, selector: None, image: HOST_IMAGE }));
            let versioned = format!("{name}:1");
            let found = public_image(&versioned).unwrap();
            assert_eq!((found.name, found.selector), (name, Some(":1")));
            for version in ["", "0", "2", "01", "latest", "1:1"] {
                let error = public_image(&format!("{name}:{version}")).err();
                assert!(matches!(error, Some(NotPublic::Version { .. })), "{version}");
            }
        }
    }

    #[test]
    fn other_names_are_no_parameters() {
        let long = format!("/aws/service/ami-amazon-linux-latest/{}", "x".repeat(2048));
        for name in [
            "",
            ":1",
            "/",
            "mine",
            "/aws/service/ami-amazon-linux-latest",
            "/aws/service/ami-amazon-linux-latest/",
            "/aws/service/ami-amazon-linux-latest/a/b",
            "aws/service/ami-amazon-linux-latest/a",
            "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base",
            "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2",
            "/aws/service/canonical/ubuntu/ami-id",
            "/aws/service/debian/release",
            "/aws/service/debian//12",
            "/aws/service/ami-amazon-linux-latest/\u{202e}",
            &long,
        ] {
            assert!(matches!(public_image(name), Err(NotPublic::Name(_))), "{name}");
        }
    }
}
