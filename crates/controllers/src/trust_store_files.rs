//! Keeps true that the data directory has the revocation lists of trust stores, and no others for long.
//!
//! A list is written before the record that names it, and the node may still read one whose record is gone: so a file goes
//! only when nobody has named it for a while.

use crate::controller::{Context, Controller, ControllerError, Next};
use model::{Timestamp, elbv2::trust_store::TrustStore};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    time::Duration,
};
use store::Kind;

/// How long a file stays that no record names.
pub const GRACE: Duration = Duration::from_secs(3600);

/// The controller.
pub struct TrustStoreFiles {
    directory: PathBuf,
    /// Files that no record names, and since when.
    unused: BTreeMap<PathBuf, Timestamp>,
}

impl TrustStoreFiles {
    /// Of this directory, which need not exist.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, unused: BTreeMap::new() }
    }

    fn files(&self) -> io::Result<BTreeSet<PathBuf>> {
        match std::fs::read_dir(&self.directory) {
            Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        }
    }
}

impl Controller for TrustStoreFiles {
    const NAME: &'static str = "trust-store-files";
    const INTERESTS: &'static [Kind] = &[Kind::TrustStore];

    async fn reconcile(&mut self, cx: &Context) -> Result<Next, ControllerError> {
        // observe
        let now = cx.clock.now();
        let files = self.files().map_err(|error| ControllerError::of("looking for revocation lists", error))?;
        let named: BTreeSet<PathBuf> = cx
            .store
            .view()
            .all::<TrustStore>()
            .flat_map(|(_, store)| store.revocations.iter().map(|list| list.file.clone()).collect::<Vec<_>>())
            .collect();
        // decide
        self.unused.retain(|file, _| files.contains(file) && !named.contains(file));
        for file in files.difference(&named) {
            self.unused.entry(file.clone()).or_insert(now);
        }
        let over: Vec<PathBuf> =
            self.unused.iter().filter(|(_, since)| now.since(**since) >= GRACE).map(|(file, _)| file.clone()).collect();
        // act
        for file in over {
            std::fs::remove_file(&file).map_err(|error| ControllerError::of("removing a revocation list", error))?;
            self.unused.remove(&file);
        }
        Ok(Next::earliest(self.unused.values().map(|since| since.plus(GRACE))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Arn, Scope, Tags, elbv2::trust_store::Revocation, time::Clock};
    use std::{convert::Infallible, sync::Arc};
    use testkit::ManualClock;

    fn trust_store(files: &[&PathBuf]) -> TrustStore {
        let revocation = |(n, file): (u64, &&PathBuf)| Revocation { id: n, file: (*file).clone(), entries: 1 };
        TrustStore {
            arn: Arn::new("elasticloadbalancing", "ap-northeast-2", "123456789012", "truststore/one/0"),
            name: "one".to_owned(),
            ca_certificates_pem: String::new(),
            certificates: 1,
            revocations: (1..).zip(files).map(revocation).collect(),
            next_revocation: 9,
            created_at: Timestamp::default(),
            tags: Tags::default(),
        }
    }

    #[tokio::test]
    async fn a_file_goes_some_time_after_its_last_record() {
        let dir = tempfile::tempdir().unwrap();
        let (clock, store) = (ManualClock::default(), store::Store::in_memory());
        let cx = Context::new(store.clone(), Arc::new(clock.clone()));
        let mut controller = TrustStoreFiles::new(dir.path().join("trust-stores"));
        assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::OnChange, "there need not be a directory");
        std::fs::create_dir(dir.path().join("trust-stores")).unwrap();
        let [kept, removed, early] =
            ["kept", "removed", "early"].map(|name| dir.path().join("trust-stores").join(name));
        for file in [&kept, &removed, &early] {
            std::fs::write(file, "list").unwrap();
        }
        let put = |files: Vec<&PathBuf>| {
            let (store, record) = (store.clone(), trust_store(&files));
            async move {
                let write = |txn: &mut store::Transaction| {
                    txn.put(&Scope::new("123456789012", "ap-northeast-2"), record.clone());
                    Ok::<(), Infallible>(())
                };
                store.transact(write).await.unwrap();
            }
        };
        put(vec![&kept, &removed]).await;
        assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::At(clock.now().plus(GRACE)));
        // The file that was early gets its record in time; another loses its own.
        put(vec![&kept, &early]).await;
        clock.advance(GRACE);
        controller.reconcile(&cx).await.unwrap();
        assert!(kept.exists() && removed.exists() && early.exists());
        clock.advance(GRACE);
        assert_eq!(controller.reconcile(&cx).await.unwrap(), Next::OnChange);
        assert!(kept.exists() && !removed.exists() && early.exists());
    }
}
