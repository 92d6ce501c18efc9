//! What comes of an access that a declaration does not permit is up to the test, through either door.

#[path = "support/doors.rs"]
mod doors;

use doors::{Door, outcome};
use memtrap::{
    Access, Bus, BusError, Context, Device, Simulation, Violation, ViolationPolicy, Width, register, simulated,
};

/// A status register of which some bits are cleared by writing one.
#[register(u32)]
pub struct Status {
    #[bits(0)]
    pub enable: bool,
    #[bits(1, w1c)]
    pub overrun: bool,
    #[bits(8..=15, w0c)]
    pub events: u8,
    #[bits(16..=23, wc)]
    pub count: u8,
    #[bits(24..=31)]
    pub level: u8,
}

/// A register whose upper bits must be written as zero.
#[register(u32, reserved = zero)]
pub struct Zero {
    #[bits(0..=3)]
    pub level: u8,
}

/// A register whose upper bits must be written as one.
#[register(u32, reserved = one)]
pub struct One {
    #[bits(0..=3)]
    pub level: u8,
}

/// One register of each kind.
#[simulated(size = 0x40, width = 64)]
pub struct Block {
    #[reg(0x00, rw)]
    pub control: u32,
    #[reg(0x04, ro, reset = 0x1234_5678)]
    pub status: u32,
    #[reg(0x08, wo)]
    pub command: u32,
    #[reg(0x10, rw, write = w1c, reset = 0xff00_00ff)]
    pub flags: u32,
    #[reg(0x14, rw, write = w1s)]
    pub enable: u32,
    #[reg(0x18, rw, reset = 0xffff_ff03)]
    pub mixed: Status,
    #[reg(0x20, rw)]
    pub bytes: [u8; 6],
    #[reg(0x28, rw, read = pop, write = push)]
    pub data: u32,
    #[reg(0x2c, ro, read = clear, reset = 0xffff_ffff)]
    pub events: u32,
    #[reg(0x38, rw)]
    pub zero: Zero,
    #[reg(0x3c, rw)]
    pub one: One,
}

#[derive(Default)]
struct Plain {
    /// What arrived at the control register.
    control: Vec<u32>,
}

impl block::Model for Plain {
    fn write_control(&mut self, regs: &mut block::State, value: u32, _cx: &mut Context<'_>) {
        self.control.push(value);
        regs.control = value;
    }
}

fn block() -> Simulation<Block, Plain> {
    Block::simulate(Plain::default()).unwrap()
}

/// One access that commits each violation.
fn commit(door: Door, base: *mut u8, violation: Violation) -> u64 {
    match violation {
        Violation::Unmapped => door.read(base, 0x30, Width::U32),
        Violation::WriteToReadOnly => {
            door.write(base, 0x04, Width::U32, 1);
            0
        }
        Violation::ReadOfWriteOnly => door.read(base, 0x08, Width::U32),
        Violation::Width => door.read(base, 0x05, Width::U8),
        Violation::ReadModifyWrite => {
            door.set_bits(base, 0x10, 1);
            0
        }
        Violation::ReservedBits => {
            door.write(base, 0x38, Width::U32, 0x35);
            0
        }
        _ => unreachable!("there are no others"),
    }
}

#[test]
fn each_is_an_error_unless_the_test_says_otherwise() {
    let expected = [
        "read of block+0x030 refused: no register is mapped at this offset",
        "write of block.status refused: the register is read-only",
        "read of block.command refused: the register is write-only",
        "read of block.status+1 refused: the register answers only to aligned accesses of 4 bytes",
        "write of block.flags refused: the register has bits that act when they are written back as they were read",
        "write of block.zero refused: reserved bits 0x30 are written as one, and must be zero",
    ];
    for door in Door::ALL {
        for (violation, expected) in Violation::ALL.into_iter().zip(expected) {
            let sim = block();
            let result = outcome(&sim.bus(), || commit(*door, sim.base(), violation));
            assert_eq!(result, Err(format!("memtrap: {expected}")), "{door:?}");
            assert_eq!(sim.state().status, 0x1234_5678);
            assert_eq!(sim.state().flags, 0xff00_00ff, "nothing is carried out that is refused");
            assert_eq!(sim.state().zero.bits(), 0);
        }
    }
}

#[test]
fn one_that_is_logged_is_carried_out_with_a_remark() {
    let expected = [
        "#1     R block+0x030  0x00000000\n       \
                . block        permitted: no register is mapped at this offset\n",
        "#1     W block.status  0x00000001\n       \
                . block         permitted: the register is read-only\n",
        "#1     R block.command  0x00000000\n       \
                . block          permitted: the register is write-only\n",
        "#1     R block.status+1  0x56\n       \
                . block           permitted: the register answers only to aligned accesses of 4 bytes\n",
        "#1     R block.flags  0xff0000ff\n\
         #2     W block.flags  0xff0000ff\n       \
                . block        permitted: the register has bits that act when they are written back as they were read\n",
        "#1     W block.zero  0x00000035  {level=5}\n       \
                . block       permitted: reserved bits 0x30 are written as one, and must be zero\n",
    ];
    for door in Door::ALL {
        for (violation, expected) in Violation::ALL.into_iter().zip(expected) {
            let sim = block();
            sim.set_violation_policy(violation, ViolationPolicy::Log);
            commit(*door, sim.base(), violation);
            assert_eq!(sim.trace().to_string(), expected, "{door:?}");
            assert_eq!(sim.state().status, 0x1234_5678, "a write to a read-only register does nothing");
            let is_carried_out = violation == Violation::ReservedBits;
            assert_eq!(sim.state().zero.bits(), if is_carried_out { 0x35 } else { 0 });
        }
    }
}

#[test]
fn one_that_is_allowed_leaves_no_remark() {
    for door in Door::ALL {
        for violation in Violation::ALL {
            let sim = block();
            sim.bus().set_violation_policy(violation, ViolationPolicy::Allow);
            let value = commit(*door, sim.base(), violation);
            assert_eq!(value, if violation == Violation::Width { 0x56 } else { 0 });
            let trace = sim.trace();
            assert_eq!(trace.events().len(), trace.accesses().count(), "{trace}");
        }
    }
}

#[test]
fn a_simulations_own_policy_wins_over_that_of_its_bus() {
    let bus = Bus::new();
    let strict = bus.simulate::<Block, _>(Plain::default()).unwrap();
    let lenient = bus.simulate::<Block, _>(Plain::default()).unwrap();
    bus.set_violation_policy(Violation::Unmapped, ViolationPolicy::Allow);
    strict.set_violation_policy(Violation::Unmapped, ViolationPolicy::Error);
    for door in Door::ALL {
        assert!(outcome(&bus, || commit(*door, strict.base(), Violation::Unmapped)).is_err());
        assert_eq!(outcome(&bus, || commit(*door, lenient.base(), Violation::Unmapped)), Ok(0));
        assert!(outcome(&bus, || commit(*door, lenient.base(), Violation::WriteToReadOnly)).is_err(), "another kind");
    }
}

/// A block on which accesses of any width are allowed.
fn any_width() -> Simulation<Block, Plain> {
    let sim = block();
    sim.set_violation_policy(Violation::Width, ViolationPolicy::Allow);
    sim
}

#[test]
fn a_narrow_write_acts_on_the_bytes_that_it_carries() {
    for door in Door::ALL {
        let sim = any_width();
        let base = sim.base();
        door.write(base, 0x02, Width::U16, 0xabcd);
        door.write(base, 0x00, Width::U8, 0x11);
        assert_eq!(sim.model().control, [0xabcd_0000, 0xabcd_0011], "a model gets whole values");

        door.write(base, 0x10, Width::U8, 0x0f);
        assert_eq!(sim.state().flags, 0xff00_00f0);
        door.write(base, 0x17, Width::U8, 0x81);
        assert_eq!(sim.state().enable, 0x8100_0000);

        // The byte of `events` is not carried, and so neither is its zero; the counter is cleared by the byte it is in.
        door.write(base, 0x18, Width::U8, 0x02);
        assert_eq!(sim.state().mixed.bits(), 0xffff_ff00, "enable is stored, overrun cleared");
        door.write(base, 0x1a, Width::U8, 0xff);
        assert_eq!(sim.state().mixed.bits(), 0xff00_ff00);
        door.write(base, 0x19, Width::U8, 0x0f);
        assert_eq!(sim.state().mixed.bits(), 0xff00_0f00);

        door.write(base, 0x29, Width::U8, 0x41);
        assert_eq!(sim.state().data.from_driver.make_contiguous(), [0x4100]);
    }
}

#[test]
fn a_narrow_read_has_the_side_effect_of_the_whole_register() {
    for door in Door::ALL {
        let sim = any_width();
        sim.state().data.to_driver.extend([0x1122_3344, 0x5566_7788]);
        assert_eq!(door.read(sim.base(), 0x29, Width::U8), 0x33);
        assert_eq!(door.read(sim.base(), 0x28, Width::U16), 0x7788);
        assert_eq!(door.read(sim.base(), 0x2e, Width::U16), 0xffff);
        assert_eq!(sim.state().events, 0);
    }
}

#[test]
fn a_wide_access_acts_on_all_registers_that_it_covers() {
    for door in Door::ALL {
        let sim = any_width();
        let base = sim.base();
        door.write(base, 0x10, Width::U64, 0x0000_00f0_ff00_000f);
        let state = sim.state().clone();
        assert_eq!((state.flags, state.enable), (0xf0, 0xf0));
        assert_eq!(door.read(base, 0x10, Width::U64), 0xf0_0000_00f0);
        door.write(base, 0x20, Width::U64, 0x8877_6655_4433_2211);
        assert_eq!(sim.state().bytes, [0x11, 0x22, 0x33, 0x44, 0x55, 0x66]);
        assert_eq!(door.read(base, 0x24, Width::U32), 0x6655, "what no register covers reads as zero");
        // The write of the second register is a violation of its own, before anything is carried out.
        let result = outcome(&sim.bus(), || door.write(base, 0x00, Width::U64, u64::MAX));
        assert_eq!(result, Err("memtrap: write of block.control refused: the register is read-only".to_owned()));
        assert_eq!(sim.state().control, 0);
    }
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
fn an_unaligned_access_is_several_narrow_ones() {
    let sim = any_width();
    Door::Trapped.write(sim.base(), 0x12, Width::U32, 0xffff_ff00);
    let state = sim.state().clone();
    assert_eq!((state.flags, state.enable), (0x00ff, 0xffff));
    assert_eq!(
        sim.trace().to_string(),
        "#1     W block.flags+2  0xff00\n\
         #2     W block.enable   0xffff\n"
    );
}

/// What the registers with reserved bits hold.
fn reserved(sim: &Simulation<Block, Plain>) -> (u32, u32) {
    let state = sim.state();
    (state.zero.bits(), state.one.bits())
}

#[test]
fn reserved_bits_are_looked_at_where_the_access_carries_them() {
    for door in Door::ALL {
        let sim = any_width();
        let base = sim.base();
        door.write(base, 0x38, Width::U8, 0x0f);
        door.write(base, 0x3c, Width::U8, 0xff);
        door.write(base, 0x3d, Width::U8, 0xff);
        door.write(base, 0x38, Width::U64, 0xffff_fff5_0000_0007);
        assert_eq!(reserved(&sim), (7, 0xffff_fff5));
        for (offset, width, value, expected) in [
            (
                0x3a,
                Width::U16,
                0x100,
                "write of block.zero+2 refused: reserved bits 0x1000000 are written as one, and must be zero",
            ),
            (
                0x3c,
                Width::U32,
                0xfff_ff05,
                "write of block.one refused: reserved bits 0xf00000f0 are written as zero, and must be one",
            ),
            (
                0x38,
                Width::U64,
                0x10,
                "write of block.zero refused: reserved bits 0x10 are written as one, and must be zero",
            ),
        ] {
            let result = outcome(&sim.bus(), || door.write(base, offset, width, value));
            assert_eq!(result, Err(format!("memtrap: {expected}")), "{door:?}");
        }
        assert_eq!(reserved(&sim), (7, 0xffff_fff5), "nothing is carried out");
    }
}

#[test]
fn the_handle_knows_the_reserved_bits() {
    let sim = block();
    let mut regs = sim.regs();
    sim.state().zero = Zero::from_bits(u32::MAX);
    regs.zero().modify(|value| value.with_level(7));
    regs.one().modify(|value| value.with_level(7));
    assert_eq!(reserved(&sim), (7, 0xffff_fff7));
    regs.zero().write(Zero::new().with_level(1));
    regs.one().write(One::new().with_level(1));
    assert_eq!(reserved(&sim), (1, 0xffff_fff1));
    regs.zero().write_with(|value| value.with_level(2));
    regs.one().write_with(|value| value.with_level(2));
    assert_eq!(reserved(&sim), (2, 0xffff_fff2));
}

/// A block in which windows change bits.
#[simulated(size = 0x400, alias(set = 0x100, clear = 0x200, xor = 0x300))]
pub struct Windowed {
    #[reg(0x0, rw)]
    pub zero: Zero,
    #[reg(0x4, rw)]
    pub one: One,
}

impl windowed::Model for Plain {}

#[test]
fn a_window_breaks_the_reserved_bits_that_it_changes() {
    for door in Door::ALL {
        let sim = Windowed::simulate(Plain::default()).unwrap();
        let base = sim.base();
        let write = |offset, value| outcome(&sim.bus(), || door.write(base, offset, Width::U32, value));
        assert_eq!(
            [write(0x100, 0x5), write(0x200, 0xf4), write(0x304, 0x2), write(0x104, 0xff)],
            [const { Ok(()) }; 4]
        );
        let state = sim.state().clone();
        assert_eq!((state.zero.bits(), state.one.bits()), (1, 0xff));
        for (offset, refused) in [(0x100, "zero.set"), (0x204, "one.clear"), (0x300, "zero.xor"), (0x304, "one.xor")] {
            let report = write(offset, 0x10).unwrap_err();
            assert!(
                report.starts_with(&format!("memtrap: write of windowed.{refused} refused: reserved bits 0x10 ")),
                "{report}"
            );
        }
    }
}

#[test]
fn setting_bits_that_a_one_sets_is_no_violation() {
    for door in Door::ALL {
        let sim = block();
        door.set_bits(sim.base(), 0x14, 0b101);
        door.set_bits(sim.base(), 0x00, 0b101);
        let state = sim.state();
        assert_eq!((state.enable, state.control), (0b101, 0b101));
    }
}

#[test]
fn a_handle_that_masks_the_bits_that_act_may_modify() {
    let sim = block();
    let mut regs = sim.regs();
    regs.mixed().modify(|status| status.with_enable(false));
    assert_eq!(sim.state().mixed.bits(), 0xff00_ff02);
    regs.mixed().modify(|status| status.with_overrun(true));
    assert_eq!(sim.state().mixed.bits(), 0xff00_ff00);
}

/// What a driver may do with a volatile read and a volatile write is right or wrong whatever the compiler makes of it, and
/// nobody can tell an acknowledgement from a mistake: see the book.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
fn two_accesses_are_never_taken_for_one() {
    let sim = block();
    let flags = sim.base().wrapping_add(0x10).cast::<u32>();
    // SAFETY: The register lies in the simulated block.
    let pending = unsafe { flags.read_volatile() };
    // SAFETY: As above.
    unsafe { flags.write_volatile(pending) };
    assert_eq!(sim.state().flags, 0);
    sim.state().flags = 0xff;
    // SAFETY: As above.
    let pending = unsafe { flags.read_volatile() } | 1;
    // SAFETY: As above.
    unsafe { flags.write_volatile(pending) };
    assert_eq!(sim.state().flags, 0, "what the mistake does can be seen");
    // SAFETY: As above. An optimiser would make this instruction of the two lines before.
    unsafe { std::arch::asm!("or dword ptr [{}], 1", in(reg) flags) };
    drop(sim.trace());
}

/// A device by hand that knows one register, and answers bytes of it if it may.
struct ByHand;

impl Device for ByHand {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let width = BusError::Width { expected: Width::U32 };
        match access.offset {
            0..4 if access.width == Width::U32 || cx.permits(&width) => Ok(0x4433_2211 >> (8 * access.offset)),
            0..4 => Err(width),
            4 => Err(BusError::refused("asleep")),
            _ => Err(BusError::Unmapped),
        }
    }

    fn write(&mut self, _: Access, _: u64, _: &mut Context<'_>) -> Result<(), BusError> {
        Err(BusError::ReadOnly)
    }
}

#[test]
fn a_device_by_hand_is_asked_and_may_ask() {
    for door in Door::ALL {
        let bus = Bus::new();
        let region = bus.map(0x10, ByHand).unwrap();
        let base = region.base();
        assert!(outcome(&bus, || door.read(base, 2, Width::U8)).is_err());
        for violation in Violation::ALL {
            region.set_violation_policy(violation, ViolationPolicy::Allow);
        }
        region.set_violation_policy(Violation::Width, ViolationPolicy::Log);
        bus.clear_trace();
        assert_eq!(door.read(base, 2, Width::U8), 0x33);
        assert_eq!(door.read(base, 8, Width::U32), 0, "it answers nothing there");
        door.write(base, 0, Width::U32, 1);
        assert_eq!(
            bus.trace().to_string(),
            "#2     R byhand+0x002  0x33\n       \
                    . byhand        permitted: the register answers only to aligned accesses of 4 bytes\n\
             #3     R byhand+0x008  0x00000000\n\
             #4     W byhand+0x000  0x00000001\n"
        );
        assert!(outcome(&bus, || door.read(base, 4, Width::U32)).is_err(), "a reason of its own is no violation");
    }
}

#[test]
fn every_violation_has_an_error() {
    let errors = [
        BusError::Unmapped,
        BusError::ReadOnly,
        BusError::WriteOnly,
        BusError::Width { expected: Width::U8 },
        BusError::ReadModifyWrite,
        BusError::ReservedBits { ones: 1, zeros: 0 },
    ];
    assert_eq!(errors.each_ref().map(Violation::of), Violation::ALL.map(Some));
    for other in [BusError::Reentered, BusError::Injected, BusError::refused("no")] {
        assert_eq!(Violation::of(&other), None);
    }
}
