//! What an unwinder must know to get from a pad into the driver: for backtraces that a signal handler takes, which may have
//! interrupted a pad anywhere.
//!
//! Seen from the outside a pad is a function that the driver has called at the site, without a return address on the stack.
//! The tables are those of `.eh_frame` (Linux Standard Base, 10.6.1), whose instructions are DWARF's (version 5, 6.4.2).

/// Where the driver's stack pointer is, and which of its registers are on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Offset in the pad from which on this holds.
    pub(super) at: usize,
    /// Bytes from the stack pointer to the driver's.
    pub(super) below: usize,
    /// Of `rax`, `rcx` and `rdx`, how many are stored at the bottom of the frame. The others are as the driver has them.
    pub(super) saved: usize,
}

/// All of a jump to a pad: nothing has happened yet.
pub(super) const JUMP: &[Row] = &[Row { at: 0, below: 0, saved: 0 }];

/// DWARF's numbers of `rax`, `rcx` and `rdx`, in the order of the frame.
const SAVED: [u8; 3] = [0, 2, 1];
const RSP: u8 = 7;
const RETURN_ADDRESS: u8 = 16;
/// Everything on the stack is at a multiple of this, in bytes.
const WORD: usize = 8;

mod op {
    pub(super) const NOP: u8 = 0x00;
    pub(super) const SAME_VALUE: u8 = 0x08;
    pub(super) const ADVANCE_LOC4: u8 = 0x04;
    pub(super) const DEF_CFA: u8 = 0x0c;
    pub(super) const OFFSET: u8 = 0x80;
    pub(super) const VAL_EXPRESSION: u8 = 0x16;
    /// Of expressions: a constant of 8 bytes.
    pub(super) const CONST8U: u8 = 0x0e;
}

/// The tables of `length` bytes of code at `start`, which a site at `site` has jumped to.
pub(super) fn tables(start: usize, length: usize, rows: &[Row], site: usize) -> Vec<u8> {
    let mut tables = entry(&[
        &0_u32.to_le_bytes(),              // a common entry
        &[1, 0],                           // version, no augmentation
        &[1],                              // code alignment
        &[(-8_i8).cast_unsigned() & 0x7f], // data alignment: minus the size of a word
        &[RETURN_ADDRESS],
    ]);
    let to_common = tables.len() as u32 + 4;
    let program = program(rows, site);
    tables.extend(entry(&[&to_common.to_le_bytes(), &start.to_le_bytes(), &length.to_le_bytes(), &program]));
    tables.extend([0; 4]);
    tables
}

/// An entry, with its length in front, filled up to whole words.
fn entry(parts: &[&[u8]]) -> Vec<u8> {
    let mut content = parts.concat();
    content.resize((content.len() + 4).next_multiple_of(WORD) - 4, op::NOP);
    let mut entry = (content.len() as u32).to_le_bytes().to_vec();
    entry.extend(content);
    entry
}

fn program(rows: &[Row], site: usize) -> Vec<u8> {
    // One more than the site's address, as for the entry thunk: whoever prints a backtrace looks one byte before it.
    let mut program = vec![op::VAL_EXPRESSION, RETURN_ADDRESS, 9, op::CONST8U];
    program.extend((site + 1).to_le_bytes());
    let mut at = 0;
    for row in rows {
        if row.at > at {
            program.push(op::ADVANCE_LOC4);
            program.extend(((row.at - at) as u32).to_le_bytes());
            at = row.at;
        }
        program.extend([op::DEF_CFA, RSP]);
        unsigned(&mut program, row.below);
        for (place, register) in SAVED.into_iter().enumerate() {
            if place < row.saved {
                program.push(op::OFFSET | register);
                unsigned(&mut program, row.below / WORD - place);
            } else {
                program.extend([op::SAME_VALUE, register]);
            }
        }
    }
    program
}

/// A number in base 128, from the lowest digit.
fn unsigned(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Makes the tables known to the unwinder. They stay. The unwinder wants ranges that do not overlap, so those of two pieces of
/// code that are not next to each other are registered one by one.
#[cfg(target_env = "gnu")]
pub(super) fn register(tables: Vec<u8>) {
    unsafe extern "C" {
        /// Of the unwinder of GCC, which Rust's standard library uses with glibc.
        fn __register_frame(tables: *const u8);
    }
    // Aligned as the linker aligns the section.
    let mut words = vec![0_u64; tables.len().div_ceil(WORD)];
    for (word, bytes) in words.iter_mut().zip(tables.chunks(WORD)) {
        let mut whole = [0; WORD];
        whole[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_le_bytes(whole);
    }
    // SAFETY: The tables are well-formed, end in an entry of length zero, and are never changed or freed.
    unsafe { __register_frame(Box::leak(words.into_boxed_slice()).as_ptr().cast()) };
}

/// Other unwinders want each entry by itself, or have no such function: a backtrace that begins in a pad ends there.
#[cfg(not(target_env = "gnu"))]
pub(super) fn register(_tables: Vec<u8>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_base_128() {
        let written = |value| {
            let mut bytes = Vec::new();
            unsigned(&mut bytes, value);
            bytes
        };
        assert_eq!((written(0), written(127), written(272)), (vec![0], vec![127], vec![0x90, 0x02]));
    }

    #[test]
    fn entries_are_whole_words_and_the_last_is_empty() {
        let rows = [JUMP[0], Row { at: 8, below: 272, saved: 0 }, Row { at: 12, below: 272, saved: 1 }];
        let tables = tables(0x1000, 40, &rows, 0x2000);
        let mut at = 0;
        let mut lengths = Vec::new();
        loop {
            let length = u32::from_le_bytes(tables[at..at + 4].try_into().unwrap()) as usize;
            lengths.push(length);
            if length == 0 {
                break;
            }
            assert!((length + 4).is_multiple_of(WORD));
            at += 4 + length;
        }
        assert_eq!((lengths.len(), at + 4), (3, tables.len()));
    }
}
