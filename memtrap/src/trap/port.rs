//! Carries out port I/O.
#![forbid(unsafe_code)]

use super::{
    execute::{Bases, load, store},
    frame::{DIRECTION_FLAG, Frame},
    memory::Stop,
    plan::{Address, Part, Port, Register},
};
use crate::{
    bus::{ports, shape::Origin},
    map::Width,
};

const RAX: u8 = 0;
const RCX: usize = 1;
const RDX: usize = 2;
const RSI: usize = 6;
const RDI: usize = 7;

/// Carries out `in` or `out`.
pub(super) fn port(port: Port, width: Width, output: bool, frame: &mut Frame, origin: Origin) -> Result<(), Stop> {
    let port = match port {
        Port::Constant(port) => u16::from(port),
        Port::Dx => frame.gpr[RDX] as u16,
    };
    let part = match width {
        Width::U8 => Part::Low8,
        Width::U16 => Part::Low16,
        Width::U32 | Width::U64 => Part::Low32,
    };
    let accumulator = Register { number: RAX, part };
    if output {
        store(ports::address(port), width, accumulator.get(&frame.gpr), origin)
    } else {
        let value = load(ports::address(port), width, origin)?;
        accumulator.set(&mut frame.gpr, value);
        Ok(())
    }
}

/// A string instruction of port I/O.
pub(super) struct PortString {
    pub(super) width: Width,
    pub(super) memory: Address,
    pub(super) output: bool,
    pub(super) narrow: bool,
}

impl PortString {
    /// Carries it out, once or `rcx` times. The registers are the driver's after each element.
    pub(super) fn carry_out(&self, repeats: bool, frame: &mut Frame, origin: Origin) -> Result<(), Stop> {
        let narrow = |value: u64| if self.narrow { value & u64::from(u32::MAX) } else { value };
        while !repeats || narrow(frame.gpr[RCX]) != 0 {
            self.element(frame, origin)?;
            let pointer = if self.output { RSI } else { RDI };
            let size = self.width.bytes() as u64;
            let step = if frame.rflags & DIRECTION_FLAG == 0 { size } else { size.wrapping_neg() };
            frame.gpr[pointer] = narrow(frame.gpr[pointer].wrapping_add(step));
            if !repeats {
                break;
            }
            frame.gpr[RCX] = narrow(frame.gpr[RCX].wrapping_sub(1));
        }
        Ok(())
    }

    fn element(&self, frame: &Frame, origin: Origin) -> Result<(), Stop> {
        let port = ports::address(frame.gpr[RDX] as u16);
        let memory = self.memory.evaluate(frame, 0, &Bases);
        let (from, to) = if self.output { (memory, port) } else { (port, memory) };
        let value = load(from, self.width, origin)?;
        store(to, self.width, value, origin)
    }
}
