//! What a block should do, bit by bit and byte by byte, from its description alone.

use crate::{
    block::{Block, Register, Storage},
    operation::Policies,
    subject::FILLING,
};
use memtrap::{Violation, ViolationPolicy};
use std::collections::{HashSet, VecDeque};

/// One access as the bus should carry it: what its trace shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) is_write: bool,
    pub(crate) offset: usize,
    pub(crate) bytes: usize,
    pub(crate) value: u64,
    pub(crate) is_refused: bool,
}

/// A device made of bits.
pub(crate) struct Oracle<'a> {
    block: &'a Block,
    policies: Policies,
    /// The bits of every element of every register that has some.
    bits: Vec<Vec<Vec<bool>>>,
    /// For each element of a FIFO: for the driver, and from it.
    queues: Vec<Vec<[VecDeque<u64>; 2]>>,
    written: HashSet<(usize, usize)>,
    pub(crate) seen: Vec<Seen>,
}

/// An element that an access touches: bytes of the access, and the bytes of the register that they are.
struct Touched {
    register: usize,
    element: usize,
    pairs: Vec<(usize, usize)>,
}

/// A byte of the block: register, element, and which byte of it.
type Byte = Option<(usize, usize, usize)>;

impl<'a> Oracle<'a> {
    pub(crate) fn new(block: &'a Block, policies: Policies) -> Self {
        let bits = |register: &Register| (0..8 * register.bytes).map(|bit| register.reset >> bit & 1 == 1).collect();
        let queues = |register: &Register| {
            let filling = FILLING.iter().map(|value| value & register.mask()).collect();
            vec![[filling, VecDeque::new()]; register.len()]
        };
        Self {
            block,
            policies,
            bits: block.registers.iter().map(|register| vec![bits(register); register.len()]).collect(),
            queues: block.registers.iter().map(queues).collect(),
            written: HashSet::new(),
            seen: Vec::new(),
        }
    }

    /// What the state should be, as `Stored::stored` gives it.
    pub(crate) fn stored(&self) -> Vec<Vec<u64>> {
        let registers = self.block.registers.iter().enumerate();
        registers
            .filter_map(|(index, register)| match register.storage {
                Storage::Own => Some(self.bits[index].iter().map(|bits| value(bits)).collect()),
                Storage::Fifo { .. } => {
                    let queues = self.queues[index].iter().flatten();
                    Some(queues.flat_map(|queue| queue.iter().copied().chain([u64::MAX])).collect())
                }
                _ => None,
            })
            .collect()
    }

    /// Reads `bytes` at `offset`; `None` if it is refused.
    pub(crate) fn read(&mut self, offset: usize, bytes: usize) -> Option<u64> {
        let mut value = 0;
        for (at, bytes) in split(offset, bytes, self.block.bus) {
            let piece = self.read_piece(at, bytes);
            let bits = piece.unwrap_or(u64::MAX >> (64 - 8 * bytes));
            self.seen.push(Seen { is_write: false, offset: at, bytes, value: bits, is_refused: piece.is_none() });
            value |= piece? << (8 * (at - offset));
        }
        Some(value)
    }

    /// Writes `bytes` at `offset`; `None` if it is refused.
    pub(crate) fn write(&mut self, offset: usize, bytes: usize, value: u64) -> Option<()> {
        for (at, bytes) in split(offset, bytes, self.block.bus) {
            let value = value >> (8 * (at - offset)) & u64::MAX >> (64 - 8 * bytes);
            let piece = self.write_piece(at, bytes, value);
            self.seen.push(Seen { is_write: true, offset: at, bytes, value, is_refused: piece.is_none() });
            piece?;
        }
        Some(())
    }

    fn byte(&self, offset: usize) -> Byte {
        let registers = self.block.registers.iter().enumerate();
        let elements =
            registers.flat_map(|(index, register)| (0..register.len()).map(move |element| (index, register, element)));
        elements
            .filter_map(|(index, register, element)| {
                let start = register.offset + element * register.stride;
                (start..start + register.bytes).contains(&offset).then(|| (index, element, offset - start))
            })
            .next()
    }

    /// The elements that the bytes touch, in ascending order.
    fn touched(&self, offset: usize, bytes: usize) -> Vec<Touched> {
        let mut touched: Vec<Touched> = Vec::new();
        for at in 0..bytes {
            let Some((register, element, within)) = self.byte(offset + at) else { continue };
            match touched.last_mut() {
                Some(last) if (last.register, last.element) == (register, element) => last.pairs.push((at, within)),
                _ => touched.push(Touched { register, element, pairs: vec![(at, within)] }),
            }
        }
        touched
    }

    fn permits(&self, violation: Violation) -> bool {
        self.policies.of(violation) != ViolationPolicy::Error
    }

    /// Whether a read, or a write of `value`, may be carried out.
    fn may(&self, offset: usize, bytes: usize, value: Option<u64>) -> bool {
        let touched = self.touched(offset, bytes);
        let all = touched.iter().all(|Touched { register, element, pairs }| {
            let register = &self.block.registers[*register];
            let is_whole = (offset, bytes) == (register.offset + element * register.stride, register.bytes);
            let is_kept = pairs.iter().all(|(at, within)| {
                let carried = |bit: usize| value.map(|value| value >> (8 * at + bit) & 1 == 1);
                (0..8).all(|bit| {
                    let must = register.reserved[8 * within + bit];
                    must.is_none() || carried(bit).is_none() || must == carried(bit)
                })
            });
            let (is_permitted, violation) = if value.is_some() {
                (register.is_writable, Violation::WriteToReadOnly)
            } else {
                (register.is_readable, Violation::ReadOfWriteOnly)
            };
            (is_permitted || self.permits(violation))
                && (is_whole || self.permits(Violation::Width))
                && (is_kept || self.permits(Violation::ReservedBits))
        });
        all && (!touched.is_empty() || self.permits(Violation::Unmapped))
    }

    fn read_piece(&mut self, offset: usize, bytes: usize) -> Option<u64> {
        if !self.may(offset, bytes, None) {
            return None;
        }
        let mut answer = 0;
        for Touched { register, element, pairs } in self.touched(offset, bytes) {
            if !self.block.registers[register].is_readable {
                continue;
            }
            let register = self.read_element(register, element);
            for (at, within) in pairs {
                answer |= (register >> (8 * within) & 0xff) << (8 * at);
            }
        }
        Some(answer)
    }

    fn read_element(&mut self, index: usize, element: usize) -> u64 {
        let block = self.block;
        let register = &block.registers[index];
        let store = match &register.storage {
            Storage::Constant(values) => return values[element],
            Storage::Both(one, other) => {
                return value(&self.bits[*one][0]) & value(&self.bits[*other][0]) & register.mask();
            }
            Storage::Fifo { pops: true, .. } => {
                return self.queues[index][element][0].pop_front().unwrap_or(register.reset);
            }
            Storage::Fifo { .. } => return register.reset,
            Storage::View(other) => *other,
            Storage::Own => index,
        };
        let bits = self.bits[store][element].iter_mut().zip(&register.rules);
        let read: Vec<bool> = bits.map(|(bit, rule)| rule.read(bit)).collect();
        value(&read)
    }

    fn write_piece(&mut self, offset: usize, bytes: usize, value: u64) -> Option<()> {
        if !self.may(offset, bytes, Some(value)) {
            return None;
        }
        for Touched { register, element, pairs } in self.touched(offset, bytes) {
            if self.block.registers[register].is_writable {
                self.write_element(register, element, &pairs, value);
            }
        }
        Some(())
    }

    /// `pairs` are bytes of the value, and the bytes of the register that they are written to.
    fn write_element(&mut self, index: usize, element: usize, pairs: &[(usize, usize)], value: u64) {
        let block = self.block;
        let register = &block.registers[index];
        let store = match register.storage {
            Storage::Fifo { pushes, .. } => {
                let bytes = pairs.iter().map(|(at, within)| (value >> (8 * at) & 0xff) << (8 * within));
                let pushed = bytes.fold(0, |pushed, byte| pushed | byte);
                if pushes {
                    self.queues[index][element][1].push_back(pushed);
                }
                return;
            }
            Storage::View(other) => other,
            _ => index,
        };
        let first = !self.written.contains(&(index, element));
        if register.rules.iter().any(|rule| rule.zero == 'f') {
            self.written.insert((index, element));
        }
        for (at, within) in pairs {
            for bit in 0..8 {
                let stored = &mut self.bits[store][element][8 * within + bit];
                register.rules[8 * within + bit].write(stored, value >> (8 * at + bit) & 1 == 1, first);
            }
        }
    }
}

fn value(bits: &[bool]) -> u64 {
    bits.iter().enumerate().fold(0, |value, (bit, set)| value | u64::from(*set) << bit)
}

/// Cuts an access into pieces that are aligned to their own width and no wider than the bus.
fn split(offset: usize, bytes: usize, bus: usize) -> Vec<(usize, usize)> {
    let mut pieces: Vec<(usize, usize)> = (offset..offset + bytes).map(|at| (at, 1)).collect();
    for width in [1, 2, 4] {
        if width == bus {
            break;
        }
        let mut joined: Vec<(usize, usize)> = Vec::new();
        for piece in pieces {
            match joined.last_mut() {
                Some(last) if (last.1, piece.1) == (width, width) && last.0 % (2 * width) == 0 => last.1 = 2 * width,
                _ => joined.push(piece),
            }
        }
        pieces = joined;
    }
    pieces
}
