//! How HTTPS listeners speak TLS: security policy, default certificate, client certificates; and how it is shown.

use api::elbv2::types as shape;
use model::elbv2::listener::{ListenerProtocol, ListenerTls, MutualAuthentication};
use model::elbv2::security_policy::{self, SecurityPolicy};
use store::View;

use super::errors::{Error, shown};
use super::{arns, certificates};
use crate::context::Context;

/// What a request says about TLS. Whether what it names is there is a question for the transaction: [`Written::applied`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    policy: Option<&'static SecurityPolicy>,
    certificate: Option<String>,
    mutual: Option<WrittenMutual>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum WrittenMutual {
    Off,
    Passthrough,
    Verify { trust_store: String, ignore_expiry: bool, advertise_ca_names: bool },
}

impl Written {
    pub(super) fn parse(
        policy: Option<String>,
        certificates: Option<Vec<shape::Certificate>>,
        mutual: Option<shape::MutualAuthenticationAttributes>,
    ) -> Result<Self, Error> {
        let policy = policy.map(|name| security_policy::find(&name).ok_or_else(|| Error::PolicyNotFound(shown(&name))));
        let certificates = certificates.filter(|given| !given.is_empty());
        Ok(Self {
            policy: policy.transpose()?,
            certificate: certificates.map(certificates::only).transpose()?,
            mutual: mutual.map(parse_mutual).transpose()?,
        })
    }

    /// The TLS of a listener of this protocol that had `old`.
    pub(super) fn applied(
        &self,
        view: &View,
        cx: &Context,
        protocol: ListenerProtocol,
        old: Option<&ListenerTls>,
    ) -> Result<Option<ListenerTls>, Error> {
        match protocol {
            ListenerProtocol::Http if *self == Self::default() => Ok(None),
            ListenerProtocol::Http => {
                let message = "Certificates, SslPolicy and MutualAuthentication are for HTTPS listeners";
                Err(Error::Configuration(message.into()))
            }
            ListenerProtocol::Https => self.of_https(view, cx, old).map(Some),
        }
    }

    fn of_https(&self, view: &View, cx: &Context, old: Option<&ListenerTls>) -> Result<ListenerTls, Error> {
        let given = self.certificate.as_ref().map(|text| certificates::existing(view, cx, text)).transpose()?;
        let default = given.or_else(|| old.map(|old| old.default_certificate.clone()));
        let no_certificate = || Error::Invalid("an HTTPS listener needs Certificates: its default certificate".into());
        Ok(ListenerTls {
            policy: match (self.policy, old) {
                (Some(policy), _) => policy.name.to_owned(),
                (None, Some(old)) => old.policy.clone(),
                (None, None) => security_policy::DEFAULT.to_owned(),
            },
            default_certificate: default.ok_or_else(no_certificate)?,
            certificates: old.map(|old| old.certificates.clone()).unwrap_or_default(),
            mutual: match (&self.mutual, old) {
                (Some(mutual), _) => mutual.resolved(view, cx)?,
                (None, Some(old)) => old.mutual.clone(),
                (None, None) => MutualAuthentication::Off,
            },
        })
    }
}

fn parse_mutual(given: shape::MutualAuthenticationAttributes) -> Result<WrittenMutual, Error> {
    let shape::MutualAuthenticationAttributes {
        advertise_trust_store_ca_names: advertise,
        ignore_client_certificate_expiry: ignore,
        mode,
        trust_store_arn,
        // It is shown, never given.
        trust_store_association_status: _,
    } = given;
    let mode = mode.unwrap_or_else(|| "off".to_owned());
    match (mode.as_str(), trust_store_arn) {
        ("verify", Some(trust_store)) => Ok(WrittenMutual::Verify {
            trust_store,
            ignore_expiry: ignore.unwrap_or(false),
            advertise_ca_names: advertise == Some(shape::AdvertiseTrustStoreCaNamesEnum::On),
        }),
        ("verify", None) => Err(Error::Invalid("MutualAuthentication with Mode `verify` needs a TrustStoreArn".into())),
        ("off" | "passthrough", trust_store) => {
            if trust_store.is_some()
                || ignore == Some(true)
                || advertise == Some(shape::AdvertiseTrustStoreCaNamesEnum::On)
            {
                let message =
                    "TrustStoreArn, IgnoreClientCertificateExpiry and AdvertiseTrustStoreCaNames go with Mode `verify`";
                return Err(Error::Invalid(message.into()));
            }
            Ok(if mode == "off" { WrittenMutual::Off } else { WrittenMutual::Passthrough })
        }
        (_, _) => Err(Error::Invalid(format!(
            "Mode `{}` of MutualAuthentication must be off, passthrough or verify",
            shown(&mode)
        ))),
    }
}

impl WrittenMutual {
    fn resolved(&self, view: &View, cx: &Context) -> Result<MutualAuthentication, Error> {
        Ok(match self {
            Self::Off => MutualAuthentication::Off,
            Self::Passthrough => MutualAuthentication::Passthrough,
            Self::Verify { trust_store, ignore_expiry, advertise_ca_names } => MutualAuthentication::Verify {
                trust_store: arns::trust_store(view, &cx.scope(), trust_store)?.arn.clone(),
                ignore_expiry: *ignore_expiry,
                advertise_ca_names: *advertise_ca_names,
            },
        })
    }
}

/// What is asked of clients, as the API shows it.
pub(super) fn mutual_view(mutual: &MutualAuthentication) -> shape::MutualAuthenticationAttributes {
    let mode = |mode: &str| shape::MutualAuthenticationAttributes {
        mode: Some(mode.to_owned()),
        ..shape::MutualAuthenticationAttributes::default()
    };
    match mutual {
        MutualAuthentication::Off => mode("off"),
        MutualAuthentication::Passthrough => mode("passthrough"),
        MutualAuthentication::Verify { trust_store, ignore_expiry, advertise_ca_names } => {
            let advertise = match advertise_ca_names {
                true => shape::AdvertiseTrustStoreCaNamesEnum::On,
                false => shape::AdvertiseTrustStoreCaNamesEnum::Off,
            };
            shape::MutualAuthenticationAttributes {
                advertise_trust_store_ca_names: Some(advertise),
                ignore_client_certificate_expiry: Some(*ignore_expiry),
                trust_store_arn: Some(trust_store.to_string()),
                trust_store_association_status: Some(shape::TrustStoreAssociationStatusEnum::Active),
                ..mode("verify")
            }
        }
    }
}
