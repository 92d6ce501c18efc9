//! The 25 field access policies against an independent model of them, through both doors.

#[path = "support/random.rs"]
mod random;
#[path = "support/uvm.rs"]
mod uvm;

use memtrap::{RegisterValue, map::Policy, register, simulated};
use random::Numbers;
use uvm::{Rule, TABLE};

/// One bit with each policy; the others do what the register declares.
#[register(u32)]
pub struct Bits {
    #[bits(0, ro)]
    pub ro: bool,
    #[bits(1, rw)]
    pub rw: bool,
    #[bits(2, rc)]
    pub rc: bool,
    #[bits(3, rs)]
    pub rs: bool,
    #[bits(4, wrc)]
    pub wrc: bool,
    #[bits(5, wrs)]
    pub wrs: bool,
    #[bits(6, wc)]
    pub wc: bool,
    #[bits(7, ws)]
    pub ws: bool,
    #[bits(8, wsrc)]
    pub wsrc: bool,
    #[bits(9, wcrs)]
    pub wcrs: bool,
    #[bits(10, w1c)]
    pub w1c: bool,
    #[bits(11, w1s)]
    pub w1s: bool,
    #[bits(12, w1t)]
    pub w1t: bool,
    #[bits(13, w0c)]
    pub w0c: bool,
    #[bits(14, w0s)]
    pub w0s: bool,
    #[bits(15, w0t)]
    pub w0t: bool,
    #[bits(16, w1src)]
    pub w1src: bool,
    #[bits(17, w1crs)]
    pub w1crs: bool,
    #[bits(18, w0src)]
    pub w0src: bool,
    #[bits(19, w0crs)]
    pub w0crs: bool,
    #[bits(20, wo)]
    pub wo: bool,
    #[bits(21, woc)]
    pub woc: bool,
    #[bits(22, wos)]
    pub wos: bool,
    #[bits(23, w1)]
    pub w1: bool,
    #[bits(24, wo1)]
    pub wo1: bool,
}

/// The same bits as a readable and writable register, as a narrower one, and in an array.
#[simulated(size = 0x20)]
pub struct Block {
    #[reg(0x00, rw, read = fields, reset = 0x5555_5555)]
    pub one: Bits,
    #[reg(0x08, rw, read = fields, reset = 0xaaaa_aaaa)]
    pub many: [Bits; 3],
    #[reg(0x14, rw)]
    pub plain: u16,
}

struct Plain;
impl block::Model for Plain {}

/// A register, bit by bit.
struct Model {
    bits: [bool; 32],
    written: bool,
}

impl Model {
    fn new(reset: u32) -> Self {
        Self { bits: std::array::from_fn(|bit| reset >> bit & 1 == 1), written: false }
    }

    fn value(&self) -> u32 {
        self.bits.iter().enumerate().fold(0, |value, (bit, set)| value | u32::from(*set) << bit)
    }

    /// The bits that have no policy are stored.
    fn rule(bit: usize) -> Rule {
        TABLE.get(bit).map_or(Rule::new('=', '0', '1'), |(_, rule)| *rule)
    }

    fn read(&mut self) -> u32 {
        let bits = self.bits.iter_mut().enumerate();
        bits.fold(0, |value, (bit, stored)| value | u32::from(Self::rule(bit).read(stored)) << bit)
    }

    fn write(&mut self, value: u32) {
        for (bit, stored) in self.bits.iter_mut().enumerate() {
            Self::rule(bit).write(stored, value >> bit & 1 == 1, !self.written);
        }
        self.written = true;
    }
}

fn next_u32(numbers: &mut Numbers) -> u32 {
    u32::try_from(numbers.next() >> 32).expect("32 bits remain")
}

#[test]
fn every_policy_is_declared() {
    let names: Vec<_> = Policy::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, TABLE.map(|(name, ..)| name));
    for ((name, policy), field) in Policy::ALL.iter().zip(Bits::FIELDS) {
        assert_eq!((field.name, field.policy), (*name, Some(*policy)));
    }
}

#[test]
fn the_typed_door_agrees_with_the_table() {
    // An interpreter needs as long for two as a processor for all.
    for seed in 1..=if cfg!(miri) { 2 } else { 50 } {
        let sim = Block::simulate(Plain).unwrap();
        let mut regs = sim.regs();
        let mut numbers = Numbers::new(seed);
        let mut one = Model::new(0x5555_5555);
        let mut many: [Model; 3] = std::array::from_fn(|_| Model::new(0xaaaa_aaaa));
        for _ in 0..100 {
            let (value, index) = (next_u32(&mut numbers), numbers.below(4));
            let is_read = numbers.next().is_multiple_of(2);
            match (is_read, index) {
                (true, 3) => assert_eq!(regs.one().read().bits(), one.read()),
                (true, index) => assert_eq!(regs.many().at(index).read().bits(), many[index].read()),
                (false, 3) => {
                    regs.one().write(Bits::from_bits(value));
                    one.write(value);
                }
                (false, index) => {
                    regs.many().at(index).write(Bits::from_bits(value));
                    many[index].write(value);
                }
            }
            let state = sim.state().clone();
            assert_eq!(state.one.bits(), one.value());
            assert_eq!(state.many.map(Bits::bits), [0, 1, 2].map(|index| many[index].value()));
        }
    }
}

/// Random reads and writes through a raw pointer leave the same state and the same trace as through the handle.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
fn both_doors_do_the_same() {
    for seed in 1..=20 {
        let (typed, trapped) = (Block::simulate(Plain).unwrap(), Block::simulate(Plain).unwrap());
        let mut regs = typed.regs();
        let base = trapped.base();
        let mut numbers = Numbers::new(seed);
        for _ in 0..100 {
            let (value, index) = (next_u32(&mut numbers), numbers.below(5));
            let is_read = numbers.next().is_multiple_of(2);
            let word = base.wrapping_add([8, 12, 16, 0, 0x14][index]).cast::<u32>();
            match (is_read, index) {
                (true, 4) => {
                    // SAFETY: The register lies in the simulated block, whose addresses stay reserved.
                    assert_eq!(regs.plain().read(), unsafe { word.cast::<u16>().read_volatile() });
                }
                (false, 4) => {
                    regs.plain().write(value as u16);
                    // SAFETY: As above.
                    unsafe { word.cast::<u16>().write_volatile(value as u16) };
                }
                (true, index) => {
                    let read = if index == 3 { regs.one().read() } else { regs.many().at(index).read() };
                    // SAFETY: As above.
                    assert_eq!(read.bits(), unsafe { word.read_volatile() });
                }
                (false, index) => {
                    let bits = Bits::from_bits(value);
                    if index == 3 {
                        regs.one().write(bits)
                    } else {
                        regs.many().at(index).write(bits)
                    }
                    // SAFETY: As above.
                    unsafe { word.write_volatile(value) };
                }
            }
        }
        assert_eq!(*typed.state(), *trapped.state());
        assert_eq!(typed.trace().to_string(), trapped.trace().to_string());
    }
}
