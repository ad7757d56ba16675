//! The certificate that all proxies serve: ECDSA on P-256, self-signed, made anew for each run.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bench::order::HOST;

/// The certificate and its key, as text and as files.
#[derive(Clone)]
pub struct Certificate {
    pub names: Vec<String>,
    pub chain_pem: String,
    pub key_pem: String,
    pub chain: PathBuf,
    pub key: PathBuf,
    /// Both in one, as HAProxy wants them.
    pub both: PathBuf,
}

impl Certificate {
    /// Makes one and writes it to `directory`.
    pub fn make(directory: &Path) -> Result<Self> {
        let names = vec![HOST.to_owned(), "*.elb.localhost".to_owned()];
        let key = rcgen::KeyPair::generate()?;
        let certificate = rcgen::CertificateParams::new(names.clone())?.self_signed(&key)?;
        let (chain_pem, key_pem) = (certificate.pem(), key.serialize_pem());
        std::fs::create_dir_all(directory)?;
        let write = |name: &str, text: &str| -> Result<PathBuf> {
            let path = directory.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(path)
        };
        Ok(Self {
            chain: write("chain.pem", &chain_pem)?,
            key: write("key.pem", &key_pem)?,
            both: write("both.pem", &format!("{chain_pem}{key_pem}"))?,
            names,
            chain_pem,
            key_pem,
        })
    }
}
