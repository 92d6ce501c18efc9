//! Value types of registers: fields, enumerations, and types of the user's own.

use memtrap::{FieldEnum, RegisterValue, map::Policy, register, simulated};

/// Data of a UART.
#[register(u32)]
pub struct Data {
    /// The byte.
    #[bits(0..=7)]
    pub data: u8,
    #[bits(8, ro)]
    pub framing_error: bool,
    #[bits(9..12)]
    pub errors: u8,
    #[bits(16..=31, w1c)]
    pub flags: u16,
}

/// Fill level of a FIFO.
#[derive(Clone, Copy, Debug, PartialEq, FieldEnum)]
#[repr(u8)]
pub enum Level {
    /// An eighth.
    Eighth,
    /// A quarter.
    Quarter,
    /// Half.
    Half = 2,
    /// Values without a meaning.
    #[other]
    Reserved(u8),
}

/// A direction: all values of one bit have names.
#[derive(Clone, Copy, Debug, PartialEq, FieldEnum)]
pub enum Direction {
    /// To the device.
    Out = 1,
    /// From the device.
    In = 0,
}

/// Every width of field at the end of the widest register.
#[register(u64, reserved = deny)]
pub struct Wide {
    #[bits(0..=2)]
    pub level: Level,
    #[bits(3)]
    pub direction: Direction,
    #[bits(4..=31)]
    pub low: u32,
    #[bits(32..=63)]
    pub high: u32,
}

/// A register that is one field.
#[register(u64)]
pub struct Whole {
    #[bits(0..=63)]
    pub all: u64,
}

#[test]
fn fields_are_at_their_bits() {
    let data = Data::new().with_data(0xa5).with_framing_error(true).with_errors(5).with_flags(0x8001);
    assert_eq!(data.bits(), 0x8001_0ba5);
    assert_eq!((data.data(), data.framing_error(), data.errors(), data.flags()), (0xa5, true, 5, 0x8001));
    let mut data = Data::from_bits(u32::MAX);
    data.set_data(0);
    data.set_framing_error(false);
    data.set_errors(0);
    assert_eq!(data.bits(), 0xffff_f000);
    assert_eq!(Whole::new().with_all(u64::MAX).all(), u64::MAX);
    let wide = Wide::new().with_low(0x0fff_ffff).with_high(u32::MAX);
    assert_eq!(wide.bits(), 0xffff_ffff_ffff_fff0);
}

#[test]
fn values_are_made_in_constants() {
    const DATA: Data = Data::new().with_data(1).with_framing_error(true);
    const BITS: u32 = DATA.bits();
    assert_eq!(BITS, 0x101);
    assert_eq!(DATA, Data::from(0x101));
    assert_eq!(u32::from(DATA), 0x101);
    assert_eq!(u64::from(DATA), 0x101);
    assert_eq!(Data::default().bits(), 0);
}

#[test]
fn setters_check_what_the_type_does_not() {
    assert_eq!(Data::new().try_with_errors(7).map(Data::bits), Some(0xe00));
    assert_eq!(Data::new().try_with_errors(8), None);
    assert_eq!(Wide::new().try_with_level(Level::Reserved(8)), None);
    let message = std::panic::catch_unwind(|| Data::new().with_errors(8)).unwrap_err();
    assert_eq!(message.downcast_ref::<&str>(), Some(&"the value does not fit in the 3 bits of `errors`"));
}

#[test]
fn enumerations_name_values() {
    for (bits, level) in
        [(0, Level::Eighth), (1, Level::Quarter), (2, Level::Half), (3, Level::Reserved(3)), (7, Level::Reserved(7))]
    {
        assert_eq!(Wide::from_bits(bits).level(), level);
        assert_eq!(Wide::new().with_level(level).bits(), bits);
    }
    assert_eq!(Wide::new().direction(), Direction::In);
    assert_eq!(Wide::new().with_direction(Direction::Out).bits(), 8);
}

#[test]
fn debug_decodes_fields_and_shows_reserved_bits() {
    assert_eq!(
        format!("{:?}", Data::from_bits(0x0001_1141)),
        "Data { data: 0x41, framing_error: true, errors: 0x0, flags: 0x1, reserved: 0x1000 }"
    );
    assert_eq!(
        format!("{:?}", Wide::from_bits(0xf)),
        "Wide { level: Reserved(7), direction: Out, low: 0x0, high: 0x0 }"
    );
}

#[test]
fn fields_are_known_as_data() {
    let fields: Vec<_> = Data::FIELDS.iter().map(|field| (field.name, field.lsb, field.bits, field.policy)).collect();
    assert_eq!(
        fields,
        [
            ("data", 0, 8, None),
            ("framing_error", 8, 1, Some(Policy::RO)),
            ("errors", 9, 3, None),
            ("flags", 16, 16, Some(Policy::W1C)),
        ]
    );
    assert_eq!(Data::FIELDS[3].mask(), 0xffff_0000);
    assert_eq!(Whole::FIELDS[0].mask(), u64::MAX);
}

/// Bits with more than one meaning.
#[register(u32, reserved = deny)]
pub struct Interrupt {
    #[bits(0..=15, rc)]
    pub causes: u16,
    /// The first cause, by itself.
    #[bits(0, alias)]
    pub overrun: bool,
    #[bits(16..=31, w1t)]
    pub enabled: u16,
    #[bits(8..=23, alias)]
    pub middle: u16,
}

#[test]
fn an_alias_is_another_view_of_the_bits_of_other_fields() {
    let value = Interrupt::new().with_causes(2).with_overrun(true).with_middle(0xff00);
    assert_eq!(value.bits(), 0x00ff_0003);
    assert_eq!((value.causes(), value.overrun(), value.enabled(), value.middle()), (3, true, 0xff, 0xff00));
    assert_eq!(format!("{value:?}"), "Interrupt { causes: 0x3, enabled: 0xff }");
    let fields: Vec<_> = Interrupt::FIELDS.iter().map(|field| field.name).collect();
    assert_eq!(fields, ["causes", "enabled"]);
}

/// A device whose register has such bits: the policies of their fields act once.
#[simulated(size = 0x4)]
pub struct Controller {
    #[reg(0x0, rw, read = fields, reset = 0x101)]
    pub interrupt: Interrupt,
}

impl controller::Model for Plain {}

#[test]
fn an_alias_has_no_effects_of_its_own() {
    let sim = Controller::simulate(Plain).unwrap();
    let mut controller = sim.regs();
    controller.interrupt().write(Interrupt::new().with_middle(0x8000));
    assert_eq!(controller.interrupt().read().bits(), 0x0080_0101);
    assert_eq!(sim.state().interrupt.bits(), 0x0080_0000);
}

/// A device with registers of these types.
#[simulated(size = 0x20, width = 64)]
pub struct Device {
    #[reg(0x00, rw, reset = 0x41)]
    pub data: Data,
    #[reg(0x08, rw)]
    pub wide: [Wide; 2],
}

struct Plain;
impl device::Model for Plain {}

#[test]
fn a_device_has_registers_of_these_types() {
    let sim = Device::simulate(Plain).unwrap();
    let mut device = sim.regs();
    assert_eq!(device.data().read().data(), 0x41);
    device.wide().at(1).modify(|wide| wide.with_level(Level::Half));
    assert_eq!(sim.state().wide[1].level(), Level::Half);
    sim.state().data.set_framing_error(true);
    assert!(device.shared().data().read().framing_error());
    assert!(format!("{:?}", sim.state()).contains("framing_error: true"));
}
