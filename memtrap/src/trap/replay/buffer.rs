//! Buffers that stand for a memory operand.
#![forbid(unsafe_code)]

/// A buffer has the address of its operand modulo this, so that alignment faults come out as natively.
const ALIGN: usize = 64;
/// The largest operand whose buffer is on the stack, in bytes.
const SMALL: usize = 64;

/// A buffer for one memory operand.
pub(super) struct Buffer {
    small: Aligned,
    /// For register images, which have some hundred bytes.
    large: Vec<u8>,
    start: usize,
    size: usize,
}

#[repr(C, align(64))]
struct Aligned([u8; ALIGN + SMALL]);

impl Buffer {
    /// A zeroed buffer for `size` bytes at `address`.
    pub(super) fn new(address: usize, size: usize) -> Self {
        let small = Aligned([0; ALIGN + SMALL]);
        let large = if size > SMALL { vec![0; ALIGN + size] } else { Vec::new() };
        // The vector's bytes stay where they are when the buffer moves; the array is aligned wherever it is.
        let misaligned = if large.is_empty() { 0 } else { large.as_ptr().addr() % ALIGN };
        Self { small, large, start: (address % ALIGN + ALIGN - misaligned) % ALIGN, size }
    }

    /// The operand's bytes.
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        let whole = if self.large.is_empty() { &mut self.small.0[..] } else { &mut self.large[..] };
        &mut whole[self.start..self.start + self.size]
    }
}

#[cfg(test)]
mod tests {
    use super::Buffer;

    #[test]
    fn a_buffer_is_aligned_as_its_operand() {
        for size in [1, 8, 64, 65, 512, 2700] {
            for address in [0, 1, 8, 63, 0x1007, 0x2000] {
                let mut buffer = Buffer::new(address, size);
                assert_eq!(buffer.bytes().len(), size);
                assert_eq!(buffer.bytes().as_ptr().addr() % 64, address % 64, "{size} bytes at {address:#x}");
            }
        }
    }
}
