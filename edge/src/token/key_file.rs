//! A fresh Ed25519 private key as PEM.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use storage::world::World;

/// What stands before the 32 bytes of the key in PKCS 8 (RFC 8410 §7): a sequence of version 0, the
/// algorithm 1.3.101.112 and an octet string in an octet string.
const PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

pub(super) fn generate(world: &World) -> Vec<u8> {
    let mut der = [0; 48];
    der[..16].copy_from_slice(&PREFIX);
    world.fill(&mut der[16..]);
    let text = BASE64_STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n").into_bytes()
}
