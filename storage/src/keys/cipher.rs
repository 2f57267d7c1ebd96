//! AES-256-GCM as all of `keys` uses it: nonce, ciphertext, tag; the associated data is a list of
//! parts, each after its length, so that no two lists read the same.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};

use super::{DataKey, Error};

pub(super) const NONCE_BYTES: usize = 12;

pub(super) fn associated_data(parts: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for part in parts {
        let length = u32::try_from(part.len()).map_err(|_| Error::Tampered("part is too long"))?;
        all.extend_from_slice(&length.to_be_bytes());
        all.extend_from_slice(part);
    }
    Ok(all)
}

pub(super) fn seal(
    key: &DataKey,
    nonce: [u8; NONCE_BYTES],
    associated_data: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, Error> {
    let payload = Payload { msg: plain, aad: associated_data };
    let sealed = Aes256Gcm::new(&key.0.into())
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| Error::Tampered("field is too long to be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// `None` where anything is not as it was sealed.
pub(super) fn open(key: &DataKey, associated_data: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: sealed, aad: associated_data };
    Aes256Gcm::new(&key.0.into()).decrypt(&Nonce::from(*nonce), payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_vector() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14.
        let sealed = seal(&DataKey([0; 32]), [0; 12], &[], &[0; 16]).unwrap();
        let hex: String = sealed[12..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    }

    #[test]
    fn parts_cannot_be_shifted() {
        let data = |parts: &[&[u8]]| associated_data(parts).unwrap();
        assert_eq!(data(&[b"ab", b""]), b"\0\0\0\x02ab\0\0\0\0");
        assert_ne!(data(&[b"a", b"b"]), data(&[b"ab"]));
        assert_ne!(data(&[b"ab", b"c"]), data(&[b"a", b"bc"]));
    }
}
