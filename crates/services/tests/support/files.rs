//! Files of a server, in memory.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use services::{Files, ObjectError};

/// Objects by bucket and key, and revocation lists that were kept.
#[derive(Default)]
pub struct MemoryFiles {
    pub objects: Mutex<BTreeMap<(String, String), Vec<u8>>>,
    pub lists: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl MemoryFiles {
    pub fn put(&self, bucket: &str, key: &str, content: impl Into<Vec<u8>>) {
        self.objects.lock().unwrap().insert((bucket.to_owned(), key.to_owned()), content.into());
    }
}

impl Files for MemoryFiles {
    fn has_bucket(&self, bucket: &str) -> bool {
        self.objects.lock().unwrap().keys().any(|(known, _)| known == bucket)
    }

    fn read_object(&self, bucket: &str, key: &str, limit: u64) -> Result<Vec<u8>, ObjectError> {
        if !self.has_bucket(bucket) {
            return Err(ObjectError::NoBucket(bucket.to_owned()));
        }
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        match self.objects.lock().unwrap().get(&(bucket.clone(), key.clone())) {
            None => Err(ObjectError::NoObject { bucket, key }),
            Some(content) if content.len() as u64 > limit => Err(ObjectError::TooLarge { bucket, key, limit }),
            Some(content) => Ok(content.clone()),
        }
    }

    fn keep_revocation_list(&self, name: &str, content: &[u8]) -> std::io::Result<PathBuf> {
        self.lists.lock().unwrap().insert(name.to_owned(), content.to_vec());
        Ok(PathBuf::from("/lists").join(name))
    }
}
