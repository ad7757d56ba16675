//! Makes the TLS of a snapshot, and keeps what outlives one.
//!
//! Certificates and trust stores are read again only when they have changed, so that a change of a rule costs no parsing
//! of keys and no reading of revocation lists. The keys of session tickets belong to a listener and its policy: with the
//! same settings a client resumes across snapshots, with others it does not. All of it happens on the control thread;
//! workers see finished values. A fault of one certificate or trust store is a fault of that one: it is listed, and what
//! depends on it refuses clients.

use super::{
    accept::{Acceptor, Settings},
    application::Application,
    certificates::{Certificate, CertificateFault},
    client_verifier::{TrustStore, TrustStoreFault},
    connect::{Connector, TargetPolicy},
    policy,
};
use model::{
    Arn,
    elbv2::{
        certificate::CertificatePlan,
        listener::MutualAuthentication,
        security_policy::{self, SecurityPolicy},
        snapshot::TlsPlan,
        trust_store::TrustStorePlan,
    },
};
use rustls::{crypto::aws_lc_rs::Ticketer, server::ProducesTickets};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The registry. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct TlsRegistry {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    certificates: HashMap<Arn, Arc<Certificate>>,
    trust_stores: HashMap<Arn, Arc<TrustStore>>,
    tickets: HashMap<(Arn, &'static str), Arc<dyn ProducesTickets>>,
    connectors: HashMap<(Arn, TargetPolicy, Application), Arc<Connector>>,
}

/// Why a listener cannot speak TLS at all: the snapshot contradicts itself, or the machine fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsConfigError {
    /// No such policy.
    #[error("there is no security policy {0}")]
    UnknownPolicy(String),
    /// A certificate that the snapshot does not contain.
    #[error("certificate {0} is not in the snapshot")]
    UnknownCertificate(Arn),
    /// A trust store that the snapshot does not contain.
    #[error("trust store {0} is not in the snapshot")]
    UnknownTrustStore(Arn),
    /// No certificate is listed.
    #[error("it has no certificate")]
    NoCertificate,
    /// The library or the machine failed.
    #[error("TLS cannot be set up: {0}")]
    Library(String),
}

/// A part of a snapshot that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// A certificate. Clients that it would be shown to get none.
    #[error("certificate {arn} cannot be served: {fault}")]
    Certificate {
        /// Which.
        arn: Arn,
        /// Why.
        fault: CertificateFault,
    },
    /// A trust store. Its listeners refuse everybody.
    #[error("trust store {arn} cannot be used: {fault}")]
    TrustStore {
        /// Which.
        arn: Arn,
        /// Why.
        fault: TrustStoreFault,
    },
    /// One authority of a trust store whose others are used.
    #[error("an authority of trust store {trust_store} cannot be used: {why}")]
    Authority {
        /// Whose.
        trust_store: Arn,
        /// Which, and why.
        why: String,
    },
}

/// The certificates and trust stores of a snapshot, made ready.
#[derive(Debug)]
pub struct Materials {
    certificates: HashMap<Arn, Result<Arc<Certificate>, CertificateFault>>,
    trust_stores: HashMap<Arn, Result<Arc<TrustStore>, TrustStoreFault>>,
}

impl Materials {
    /// What cannot be used, for the log and for whoever asks why clients are refused.
    pub fn faults(&self) -> Vec<TlsFault> {
        let certificates = self.certificates.iter().filter_map(|(arn, made)| {
            made.as_ref().err().map(|fault| TlsFault::Certificate { arn: arn.clone(), fault: fault.clone() })
        });
        let trust_stores = self.trust_stores.iter().filter_map(|(arn, made)| {
            made.as_ref().err().map(|fault| TlsFault::TrustStore { arn: arn.clone(), fault: fault.clone() })
        });
        let authorities = self.trust_stores.values().flatten().flat_map(|trust_store| {
            let fault = |why: &String| TlsFault::Authority { trust_store: trust_store.arn.clone(), why: why.clone() };
            trust_store.unusable_authorities.iter().map(fault).collect::<Vec<_>>()
        });
        certificates.chain(trust_stores).chain(authorities).collect()
    }
}

impl TlsRegistry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the certificates and trust stores of a snapshot ready. Reads the files of revocation lists.
    pub fn materials(&self, certificates: &[CertificatePlan], trust_stores: &[TrustStorePlan]) -> Materials {
        let mut kept = self.kept();
        Materials {
            certificates: certificates.iter().map(|plan| (plan.arn.clone(), kept.certificate(plan))).collect(),
            trust_stores: trust_stores.iter().map(|plan| (plan.arn.clone(), kept.trust_store(plan))).collect(),
        }
    }

    /// What the sessions of a listener are made with. `http2`: whether its load balancer offers HTTP/2.
    ///
    /// # Errors
    /// The plan names what the snapshot does not have. A certificate or a trust store that cannot be used is no error:
    /// it is among [`Materials::faults`], and clients that need it are refused.
    pub fn acceptor(
        &self,
        listener: &Arn,
        plan: &TlsPlan,
        http2: bool,
        materials: &Materials,
    ) -> Result<Arc<Acceptor>, TlsConfigError> {
        let policy =
            security_policy::find(&plan.policy).ok_or_else(|| TlsConfigError::UnknownPolicy(plan.policy.clone()))?;
        let (default, others) = plan.certificates.split_first().ok_or(TlsConfigError::NoCertificate)?;
        let certificate = |arn: &Arn| {
            let made = materials.certificates.get(arn);
            made.map(|made| made.clone().ok()).ok_or_else(|| TlsConfigError::UnknownCertificate(arn.clone()))
        };
        let others: Vec<Option<_>> = others.iter().map(certificate).collect::<Result<_, _>>()?;
        let settings = Settings {
            policy,
            default: certificate(default)?,
            others: others.into_iter().flatten().collect(),
            mutual: plan.mutual.clone(),
            trust_store: trust_store(&plan.mutual, materials)?,
            http2,
            tickets: self.kept().tickets(listener, policy, &plan.mutual).map_err(library)?,
        };
        Acceptor::new(settings).map(Arc::new).map_err(library)
    }

    /// What the sessions to a target group are made with.
    ///
    /// # Errors
    /// The library fails.
    pub fn connector(
        &self,
        group: &Arn,
        policy: TargetPolicy,
        application: Application,
    ) -> Result<Arc<Connector>, TlsConfigError> {
        let mut kept = self.kept();
        let key = (group.clone(), policy, application);
        if let Some(connector) = kept.connectors.get(&key) {
            return Ok(Arc::clone(connector));
        }
        let connector = Arc::new(Connector::new(policy, application).map_err(library)?);
        kept.connectors.insert(key, Arc::clone(&connector));
        Ok(connector)
    }

    /// Forgets what no snapshot and no connection uses any more.
    pub fn forget_unused(&self) {
        let mut kept = self.kept();
        kept.certificates.retain(|_, certificate| Arc::strong_count(certificate) > 1);
        kept.trust_stores.retain(|_, trust_store| Arc::strong_count(trust_store) > 1);
        kept.tickets.retain(|_, tickets| Arc::strong_count(tickets) > 1);
        kept.connectors.retain(|_, connector| Arc::strong_count(connector) > 1);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What is behind the lock is whole after every statement; a panicking holder leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn certificate(&mut self, plan: &CertificatePlan) -> Result<Arc<Certificate>, CertificateFault> {
        if let Some(known) = self.certificates.get(&plan.arn).filter(|known| known.is_of(plan)) {
            return Ok(Arc::clone(known));
        }
        let certificate = Arc::new(Certificate::read(plan)?);
        self.certificates.insert(plan.arn.clone(), Arc::clone(&certificate));
        Ok(certificate)
    }

    fn trust_store(&mut self, plan: &TrustStorePlan) -> Result<Arc<TrustStore>, TrustStoreFault> {
        if let Some(known) = self.trust_stores.get(&plan.arn).filter(|known| known.is_of(plan)) {
            return Ok(Arc::clone(known));
        }
        let policy =
            security_policy::find(security_policy::DEFAULT).expect("the default policy is one of the model's policies");
        // Signatures that are accepted of clients are the same with every policy.
        let trust_store = Arc::new(TrustStore::read(plan, &policy::listener_provider(policy))?);
        self.trust_stores.insert(plan.arn.clone(), Arc::clone(&trust_store));
        Ok(trust_store)
    }

    fn tickets(
        &mut self,
        listener: &Arn,
        policy: &'static SecurityPolicy,
        mutual: &MutualAuthentication,
    ) -> Result<Option<Arc<dyn ProducesTickets>>, rustls::Error> {
        match mutual {
            MutualAuthentication::Off => {}
            MutualAuthentication::Passthrough | MutualAuthentication::Verify { .. } => return Ok(None),
        }
        let key = (listener.clone(), policy.name);
        if let Some(tickets) = self.tickets.get(&key) {
            return Ok(Some(Arc::clone(tickets)));
        }
        let tickets = Ticketer::new()?;
        self.tickets.insert(key, Arc::clone(&tickets));
        Ok(Some(tickets))
    }
}

fn trust_store(
    mutual: &MutualAuthentication,
    materials: &Materials,
) -> Result<Option<Arc<TrustStore>>, TlsConfigError> {
    match mutual {
        MutualAuthentication::Off | MutualAuthentication::Passthrough => Ok(None),
        MutualAuthentication::Verify { trust_store, .. } => {
            let made = materials.trust_stores.get(trust_store);
            made.map(|made| made.clone().ok()).ok_or_else(|| TlsConfigError::UnknownTrustStore(trust_store.clone()))
        }
    }
}

fn library(error: rustls::Error) -> TlsConfigError {
    TlsConfigError::Library(error.to_string())
}
