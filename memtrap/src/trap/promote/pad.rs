//! The machine code of a pad.
//!
//! A promoted site jumps to its pad, which compares the operand's address with the ranges that devices have. If it is in
//! none of them, the pad executes the instruction's copy and jumps back; otherwise it enters the engine. No register or
//! flag changes on the first way, and nothing is stored in the driver's red zone on either.
#![forbid(unsafe_code)]

use super::{
    super::{
        frame::Frame,
        plan::{Recipe, Relative},
    },
    ranges,
    record::{BUDGET_LEFT, ENTRY, SITE_ADDRESS},
    unwind::Row,
};
use crate::trap::frame::RED_ZONE;

/// Bytes between the driver's stack pointer and the frame that a pad starts to fill.
pub(super) const BELOW: u32 = (RED_ZONE + size_of::<Frame>()) as u32;

/// Addresses that a pad refers to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    pub(super) start: usize,
    /// Of the instruction behind the site.
    pub(super) next: usize,
    pub(super) ranges: usize,
    pub(super) record: usize,
}

/// A finished pad.
#[derive(Debug)]
pub(super) struct Pad {
    pub(super) code: Vec<u8>,
    /// Offset of the instruction's copy.
    pub(super) original: usize,
    /// Where the driver's stack pointer and registers are meanwhile.
    pub(super) rows: Vec<Row>,
}

/// Offsets in a pad of the instructions that store to the driver's stack before any of its registers has changed, except
/// that `rsp` is lower by [`BELOW`].
pub(super) const FIRST_STORES: [usize; 3] = [8, 12, 17];

/// Size of the pad in bytes.
pub(super) fn size(recipe: &Recipe) -> Result<usize, &'static str> {
    let nowhere = Addresses { start: 0, next: 0, ranges: 0, record: 0 };
    Ok(build(&Recipe { relative: None, ..recipe.clone() }, nowhere)?.code.len())
}

/// A jump at `from` to `to`.
pub(super) fn jump(from: usize, to: usize) -> Result<Vec<u8>, &'static str> {
    let mut code = Code { bytes: Vec::new(), start: from, rows: Vec::new() };
    code.relative(&[0xe9], to)?;
    Ok(code.bytes)
}

/// Builds the pad of a site.
///
/// # Errors
///
/// If something it refers to is out of its reach.
pub(super) fn build(recipe: &Recipe, addresses: Addresses) -> Result<Pad, &'static str> {
    let mut code = Code { bytes: Vec::with_capacity(256), start: addresses.start, rows: Vec::new() };
    let lea_rsp = |by: i32| [&[0x48, 0x8d, 0xa4, 0x24], &by.to_le_bytes()[..]].concat();
    let restore = [
        &[0x48, 0x8b, 0x54, 0x24, 0x10][..], // mov rdx, [rsp + 16]
        &[0x48, 0x8b, 0x4c, 0x24, 0x08],     // mov rcx, [rsp + 8]
        &[0x48, 0x8b, 0x04, 0x24],           // mov rax, [rsp]
    ]
    .concat();
    let below = BELOW.cast_signed();

    code.row(0, 0);
    code.put(&lea_rsp(-below));
    code.row(BELOW, 0);
    code.put(&[0x48, 0x89, 0x04, 0x24]); // mov [rsp], rax
    code.row(BELOW, 1);
    code.put(&[0x48, 0x89, 0x4c, 0x24, 0x08]); // mov [rsp + 8], rcx
    code.row(BELOW, 2);
    code.put(&[0x48, 0x89, 0x54, 0x24, 0x10]); // mov [rsp + 16], rdx
    code.row(BELOW, 3);
    let mut to_device = Vec::new();
    for (number, probe) in recipe.probes.iter().enumerate() {
        code.put(probe);
        if number == 0 {
            code.put(&[0x9f, 0x0f, 0x90, 0xc0]); // lahf; seto al
        }
        for range in 0..ranges::COUNT {
            let pair = addresses.ranges + 2 * size_of::<usize>() * range;
            code.put(&[0x48, 0x89, 0xca]); // mov rdx, rcx
            code.relative(&[0x48, 0x2b, 0x15], pair)?; // sub rdx, [start]
            code.relative(&[0x48, 0x3b, 0x15], pair + size_of::<usize>())?; // cmp rdx, [length]
            to_device.push(code.forward(&[0x0f, 0x82])); // jb device
        }
    }
    code.relative(&[0xff, 0x0d], addresses.record + BUDGET_LEFT)?; // dec dword ptr [budget]
    to_device.push(code.forward(&[0x0f, 0x84])); // jz device
    let to_original = code.bytes.len();
    code.put(&[0x04, 0x7f, 0x9e]); // add al, 0x7f; sahf
    code.put(&restore);
    code.put(&lea_rsp(below));
    code.row(0, 0);
    let original = code.bytes.len();
    code.put(&recipe.original);
    if let Some(Relative { at, target }) = recipe.relative {
        code.set_relative(original + at, code.bytes.len(), target)?;
    }
    code.relative(&[0xe9], addresses.next)?; // jmp next

    for jump in to_device {
        code.land(jump);
    }
    code.row(BELOW, 3);
    // A stack that is not aligned as Rust needs it cannot be used: let the copy fault.
    code.put(&[0x40, 0xf6, 0xc4, 0x07]); // test spl, 7
    code.relative(&[0x0f, 0x85], addresses.start + to_original)?; // jnz
    if recipe.needs_image {
        code.put(&[0x04, 0x7f, 0x9e]); // add al, 0x7f; sahf
        code.put(&restore);
        code.put(&lea_rsp(size_of::<Frame>() as i32));
        code.row(RED_ZONE as u32, 0);
        code.relative(&[0xff, 0x35], addresses.record + SITE_ADDRESS)?; // push [site]
        code.row(RED_ZONE as u32 + 8, 0);
        code.relative(&[0xff, 0x25], addresses.record + ENTRY)?; // jmp [entry]
    } else {
        code.relative(&[0x48, 0x8d, 0x0d], addresses.record)?; // lea rcx, [record]
        code.relative(&[0xff, 0x15], addresses.record + ENTRY)?; // call [entry]
        // The registers are the driver's again, perhaps with other values.
        code.row(BELOW, 0);
        code.put(&lea_rsp(below));
        code.row(0, 0);
        code.relative(&[0xe9], addresses.next)?; // jmp next
    }
    Ok(Pad { code: code.bytes, original, rows: code.rows })
}

/// Code for a known address.
struct Code {
    bytes: Vec<u8>,
    start: usize,
    rows: Vec<Row>,
}

impl Code {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// From here on the driver's stack pointer is so many bytes above, and so many of its registers are stored.
    fn row(&mut self, below: u32, saved: usize) {
        self.rows.push(Row { at: self.bytes.len(), below: below as usize, saved });
    }

    /// An instruction that ends in the distance to `target`.
    fn relative(&mut self, opcode: &[u8], target: usize) -> Result<(), &'static str> {
        self.put(opcode);
        let at = self.bytes.len();
        self.put(&[0; 4]);
        self.set_relative(at, at + 4, target)
    }

    /// Sets the distance at offset `at`, of an instruction that ends at offset `end`, to `target`.
    fn set_relative(&mut self, at: usize, end: usize, target: usize) -> Result<(), &'static str> {
        let distance = target.wrapping_sub(self.start + end).cast_signed();
        let distance = i32::try_from(distance).map_err(|_| "what it refers to is too far from where a pad can be")?;
        self.bytes[at..at + 4].copy_from_slice(&distance.to_le_bytes());
        Ok(())
    }

    /// A jump to a later place, which [`land`](Self::land) makes the current one; where its distance stands.
    fn forward(&mut self, opcode: &[u8]) -> usize {
        self.put(opcode);
        self.put(&[0; 4]);
        self.bytes.len() - 4
    }

    fn land(&mut self, at: usize) {
        let distance = (self.bytes.len() - (at + 4)) as u32;
        self.bytes[at..at + 4].copy_from_slice(&distance.to_le_bytes());
    }
}
