//! Which of a number of partitions a stream travels in. It never changes: consumers trust that a stream
//! stays where it is.

use events_schema::stream::PartitionKey;

/// [`hash`] of the key, over the number of partitions.
#[must_use]
pub fn of(key: &PartitionKey, partitions: u32) -> u32 {
    hash(key.as_str()) % partitions.max(1)
}

/// FNV-1a, 32 bits: the same in every process and version.
#[must_use]
pub fn hash(text: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5_u32, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_its_partition_for_ever() {
        let of = |text: &str| of(&PartitionKey::from_stored(text.to_owned()), 12);
        // By the reference vectors of FNV-1a: 0xe40c292c for `a`, 0xbf9cf968 for `foobar`.
        assert_eq!([of("a"), of("foobar")], [0xe40c_292c_u32 % 12, 0xbf9c_f968_u32 % 12]);
    }
}
