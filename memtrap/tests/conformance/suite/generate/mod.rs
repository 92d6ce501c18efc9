//! Instances of forms: one concrete instruction with the complete state it starts from.
//!
//! An instance is a function of form, seed and index. Drawing it again with a [`Change`] moves its operand or replaces
//! its mask and leaves everything else as it was, which is what the access oracle needs.

mod address;
mod encode;
mod mask;
mod operands;
mod special;
mod string;
mod values;

use crate::suite::{
    arena::{Arena, FIRST_DEVICE, HIGH, LOW, SECOND_DEVICE, WINDOW_SIZE},
    forms::{Addressing, Form},
    random::Random,
    state::State,
    xsave::Registers,
};
use iced_x86::{Code, Instruction, OpCodeInfo, OpCodeOperandKind};

/// One instruction and all it starts from.
pub(crate) struct Instance {
    pub(crate) form: Form,
    pub(crate) index: u64,
    pub(crate) arena: Arena,
    /// As the decoder reads it back from `code`.
    pub(crate) instruction: Instruction,
    pub(crate) code: Vec<u8>,
    pub(crate) entry: u64,
    pub(crate) state: Box<State>,
    /// Contents of memory where they matter; everything else in the window is random.
    pub(crate) memory: Vec<Patch>,
    /// The operand, if it is one range of bytes that [`Change::target`] can move.
    pub(crate) operand: Option<Operand>,
    /// Accesses in program order, if the form makes several: read or write, address, size.
    pub(crate) elements: Option<Vec<Element>>,
    /// Whether segment registers may be loaded.
    pub(crate) loads_segments: bool,
}

/// Bytes that are put into memory before an instance runs.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    pub(crate) address: u64,
    pub(crate) bytes: Vec<u8>,
}

/// A contiguous memory operand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operand {
    pub(crate) address: u64,
    /// How many bytes it has at most.
    pub(crate) size: usize,
    /// The write mask that applies to it and its number of lanes.
    pub(crate) mask: Option<(u64, u32)>,
}

/// One of several accesses of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) write: bool,
    pub(crate) address: u64,
    pub(crate) size: usize,
}

/// What is different from the instance as it was first drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    /// The operand's address.
    pub(crate) target: Option<u64>,
    /// The value of the write mask.
    pub(crate) mask: Option<u64>,
}

/// Why an instance could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unbuildable {
    /// The choices do not go together; others may.
    Unlucky,
    OperandKind(OpCodeOperandKind),
    Encoder(String),
    DecodesAs(Code),
}

/// Draws until the choices go together.
pub(crate) fn instance(form: Form, seed: u64, index: u64, change: Change) -> Result<Instance, Unbuildable> {
    let mut last = Unbuildable::Unlucky;
    for attempt in 0..64 {
        match Draft::new(form, Random::of(seed, form.code as u64, index << 8 | attempt), change).complete(index) {
            Ok(instance) => return Ok(instance),
            Err(error @ Unbuildable::OperandKind(_)) => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// An instance in the making.
struct Draft {
    form: Form,
    change: Change,
    random: Random,
    arena: Arena,
    /// Whether addresses are computed in 32 bits.
    short_address: bool,
    instruction: Instruction,
    state: Box<State>,
    registers: Registers,
    /// Components of `registers` that are not in their initial state.
    present: u64,
    /// General registers whose values are needed as they are.
    pinned: u16,
    memory: Vec<Patch>,
    operand: Option<Operand>,
    elements: Option<Vec<Element>>,
    mask: Option<(u64, u32)>,
}

impl Draft {
    fn new(form: Form, mut random: Random, change: Change) -> Self {
        let low = special::needs_low_addresses(form) || random.one_in(2);
        let arena = if low { LOW } else { HIGH };
        let short_address = match form.code.op_code().address_size() {
            32 => true,
            64 => false,
            _ => arena.is_low() && random.one_in(6),
        };
        let (registers, present) = values::registers(&mut random);
        let state = values::state(&mut random, arena.stack());
        let mut instruction = Instruction::default();
        instruction.set_code(form.code);
        Self {
            form,
            change,
            random,
            arena,
            short_address,
            instruction,
            state,
            registers,
            present,
            pinned: 1 << crate::suite::state::RSP,
            memory: Vec::new(),
            operand: None,
            elements: None,
            mask: None,
        }
    }

    fn info(&self) -> &'static OpCodeInfo {
        self.form.code.op_code()
    }

    fn complete(mut self, index: u64) -> Result<Instance, Unbuildable> {
        operands::choose(&mut self)?;
        mask::choose(&mut self);
        special::pin(&mut self)?;
        match self.form.addressing {
            Addressing::Explicit => {
                let target = self.place_operand();
                address::explicit(&mut self, target)?;
                special::contents(&mut self, target);
            }
            Addressing::Vector => address::vector(&mut self)?,
            Addressing::String => string::choose(&mut self),
            Addressing::Implicit => special::implicit(&mut self)?,
            Addressing::Stack => special::stack(&mut self),
        }
        encode::finish(self, index)
    }

    /// Sets a general register and keeps it from being used for anything else.
    fn pin(&mut self, register: usize, value: u64) {
        self.state.gpr[register] = value;
        self.pinned |= 1 << register;
    }

    fn is_pinned(&self, register: usize) -> bool {
        self.pinned & 1 << register != 0
    }

    /// Chooses where the operand lies and fills it.
    fn place_operand(&mut self) -> u64 {
        let size = special::operand_size(self);
        let place = self.place(size, special::alignment(self));
        let target = self.change.target.unwrap_or(place);
        let mut bytes = vec![0; size];
        let element = self.info().memory_size();
        values::fill(&mut self.random, &mut bytes, element);
        self.memory.push(Patch { address: target, bytes });
        self.operand = Some(Operand { address: target, size, mask: self.mask });
        target
    }

    /// An address for `size` bytes in the window: mostly in a device, often across the edge of something.
    ///
    /// `alignment` is what the instruction needs; it is disregarded now and then.
    fn place(&mut self, size: usize, alignment: usize) -> u64 {
        let random = &mut self.random;
        let first = FIRST_DEVICE;
        let edges = [first.start, (first.start + first.end) / 2, first.end, SECOND_DEVICE.end];
        let offset = match random.below(8) {
            edge @ 0..=3 if size > 1 => edges[edge] - 1 - random.below(size - 1),
            0..=3 => edges[random.below(4)] - random.below(2),
            4 => SECOND_DEVICE.start + random.below(SECOND_DEVICE.len() - size),
            _ => first.start + random.below(first.len() - size),
        };
        let wanted = match random.below(4) {
            0 => 1,
            1 => alignment.max(8),
            _ => alignment,
        };
        let wanted = if alignment > 1 && random.one_in(8) { 1 } else { wanted };
        let offset = (offset / wanted * wanted).min(WINDOW_SIZE - size);
        self.arena.window() + offset as u64
    }
}
