//! What the manual promises.

use super::{ChannelConfiguration, ChannelControl, Configuration, ElementWidth, Pl080, Pl080Engine};
use crate::{
    bus::{Bus, Ram},
    model::Simulation,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

const LINE: u32 = 24;
const RAM: u32 = 0x2000_0000;
const SOURCE: u32 = 0x000;
const DESTINATION: u32 = 0x100;
const LIST: u32 = 0x200;

struct Fixture {
    sim: Simulation<Pl080, Pl080Engine>,
    regs: Pl080,
    ram: Ram,
}

impl Fixture {
    /// An enabled controller, and memory of which the first 64 bytes are 0, 1, 2..
    fn new() -> Self {
        let bus = Bus::new();
        let ram = bus.ram(0x1000).unwrap();
        ram.set_bus_address(RAM.into());
        ram.write(0, &(0..64).collect::<Vec<u8>>());
        let sim: Simulation<Pl080, _> = bus.simulate(Pl080Engine::new().with_interrupt(LINE)).unwrap();
        let mut fixture = Self { regs: sim.regs(), sim, ram };
        fixture.regs.configuration().write(Configuration::new().with_enable(true));
        fixture
    }

    /// Has a channel carry out an item, with both interrupts enabled.
    fn start(&mut self, channel: usize, [source, destination, next]: [u32; 3], control: ChannelControl) {
        self.regs.src_addr().at(channel).write(source);
        self.regs.dest_addr().at(channel).write(destination);
        self.regs.lli().at(channel).write(next);
        self.regs.control().at(channel).write(control);
        self.regs.channel_configuration().at(channel).write(enabled());
    }

    fn memory(&self, offset: u32, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.ram.read(offset as usize, &mut bytes);
        bytes
    }

    fn sleep(&self) {
        self.sim.bus().clock().sleep(Duration::from_micros(10));
    }

    fn is_pending(&self) -> bool {
        self.sim.bus().is_interrupt_pending(LINE)
    }
}

fn enabled() -> ChannelConfiguration {
    ChannelConfiguration::new().with_enable(true).with_error_interrupt(true).with_terminal_count_interrupt(true)
}

/// So many elements of these widths, with addresses that move on, and an interrupt at the end.
fn copy(elements: u16, source: ElementWidth, destination: ElementWidth) -> ChannelControl {
    ChannelControl::new()
        .with_transfer_size(elements)
        .with_source_width(source)
        .with_destination_width(destination)
        .with_source_increment(true)
        .with_destination_increment(true)
        .with_terminal_count_interrupt(true)
}

#[test]
fn memory_is_copied_in_its_time_and_the_channel_disables_itself() {
    let mut dma = Fixture::new();
    dma.start(2, [RAM + SOURCE, RAM + DESTINATION, 0], copy(16, ElementWidth::Word, ElementWidth::Word));
    assert_eq!(dma.regs.enbld_chns().read(), 1 << 2);
    assert_eq!(dma.memory(DESTINATION, 64), [0; 64], "32 cycles of 10 ns have not passed");
    let before = dma.sim.bus().clock().now();
    while dma.regs.enbld_chns().read() != 0 {}
    assert!(dma.sim.bus().clock().now() - before < Duration::from_micros(1), "not before a polling driver has looked");
    assert_eq!(dma.memory(DESTINATION, 64), (0..64).collect::<Vec<u8>>());
    assert_eq!(dma.regs.src_addr().at(2).read(), RAM + SOURCE + 64);
    assert_eq!(dma.regs.dest_addr().at(2).read(), RAM + DESTINATION + 64);
    assert_eq!(dma.regs.control().at(2).read().transfer_size(), 0);

    assert!(dma.is_pending());
    assert_eq!(dma.regs.int_status().read(), 1 << 2);
    assert_eq!(dma.regs.int_tc_status().read(), 1 << 2);
    dma.regs.int_tc_clear().clear(1 << 2);
    assert_eq!((dma.regs.int_status().read(), dma.is_pending()), (0, false));
}

#[test]
fn addresses_may_stay_and_widths_may_differ() {
    let mut dma = Fixture::new();
    let fill = copy(6, ElementWidth::Byte, ElementWidth::Halfword).with_source_increment(false);
    dma.start(0, [RAM + SOURCE + 7, RAM + DESTINATION, 0], fill);
    let last = copy(4, ElementWidth::Halfword, ElementWidth::Word).with_destination_increment(false);
    dma.start(1, [RAM + SOURCE, RAM + DESTINATION + 8, 0], last);
    dma.sleep();
    assert_eq!(dma.memory(DESTINATION, 12), [7, 7, 7, 7, 7, 7, 0, 0, 4, 5, 6, 7]);
    assert_eq!(dma.regs.src_addr().at(0).read(), RAM + SOURCE + 7);
}

#[test]
fn a_list_is_followed_to_its_end() {
    let mut dma = Fixture::new();
    let quiet = copy(4, ElementWidth::Byte, ElementWidth::Byte).with_terminal_count_interrupt(false);
    let items = [
        [RAM + SOURCE + 8, RAM + DESTINATION + 8, RAM + LIST + 16, quiet.bits()],
        [RAM + SOURCE + 16, RAM + DESTINATION + 16, 0, copy(4, ElementWidth::Byte, ElementWidth::Byte).bits()],
    ];
    let bytes: Vec<u8> = items.into_iter().flatten().flat_map(u32::to_le_bytes).collect();
    dma.ram.write(LIST as usize, &bytes);
    dma.start(0, [RAM + SOURCE, RAM + DESTINATION, RAM + LIST], quiet);
    dma.sim.bus().clock().sleep(Duration::from_nanos(200));
    assert_eq!((dma.memory(DESTINATION + 8, 1), dma.is_pending()), (vec![8], false), "the last item is on its way");
    dma.sleep();
    let expected = [0, 1, 2, 3, 0, 0, 0, 0, 8, 9, 10, 11, 0, 0, 0, 0, 16, 17, 18, 19];
    assert_eq!(dma.memory(DESTINATION, 20), expected);
    assert_eq!((dma.regs.raw_int_tc_status().read(), dma.is_pending()), (1, true));
}

#[test]
fn memory_out_of_reach_is_an_error_of_the_channel() {
    for addresses in [
        [0x1000_0000, RAM + DESTINATION, 0],
        [RAM + SOURCE, RAM + 0xff8, 0],
        [RAM + SOURCE, RAM + DESTINATION, 0x1000_0000],
    ] {
        let mut dma = Fixture::new();
        dma.start(3, addresses, copy(4, ElementWidth::Word, ElementWidth::Word));
        dma.sleep();
        assert_eq!(dma.regs.int_error_status().read(), 1 << 3, "{addresses:#x?}");
        assert_eq!((dma.regs.enbld_chns().read(), dma.is_pending()), (0, true));
        assert!(dma.sim.trace().to_string().contains("channel 3: "), "a remark says why");
        dma.regs.int_err_clr().clear(1 << 3);
        assert_eq!(dma.regs.raw_int_error_status().read(), 0);
    }
}

#[test]
fn interrupts_can_be_masked() {
    let mut dma = Fixture::new();
    dma.start(0, [RAM + SOURCE, RAM + DESTINATION, 0], copy(1, ElementWidth::Word, ElementWidth::Word));
    let masked = enabled().with_terminal_count_interrupt(false);
    dma.regs.channel_configuration().at(0).write(masked);
    dma.sleep();
    assert_eq!((dma.regs.raw_int_tc_status().read(), dma.regs.int_tc_status().read()), (1, 0));
    assert!(!dma.is_pending());
}

#[test]
fn a_channel_can_be_halted_and_stopped() {
    let mut dma = Fixture::new();
    dma.start(0, [RAM + SOURCE, RAM + DESTINATION, 0], copy(4, ElementWidth::Word, ElementWidth::Word));
    dma.regs.channel_configuration().at(0).write(enabled().with_halt(true));
    dma.sleep();
    assert_eq!(dma.memory(DESTINATION, 4), [0; 4]);
    assert_eq!(dma.regs.enbld_chns().read(), 1, "halted, but enabled");
    dma.regs.channel_configuration().at(0).write(enabled());
    dma.sleep();
    assert_eq!(dma.memory(DESTINATION, 4), [0, 1, 2, 3]);

    dma.start(0, [RAM + SOURCE, RAM + DESTINATION + 64, 0], copy(4, ElementWidth::Word, ElementWidth::Word));
    dma.regs.configuration().write(Configuration::new());
    dma.sleep();
    assert_eq!(dma.memory(DESTINATION + 64, 4), [0; 4], "the controller is disabled");
}

#[test]
fn what_is_not_modelled_or_reserved_is_told() {
    let mut dma = Fixture::new();
    let reserved = copy(1, ElementWidth::Reserved(5), ElementWidth::Word);
    dma.start(0, [RAM + SOURCE, RAM + DESTINATION, 0], reserved);
    dma.start(1, [RAM + SOURCE, RAM + DESTINATION, 0], copy(3, ElementWidth::Byte, ElementWidth::Halfword));
    dma.sleep();
    assert_eq!(dma.regs.raw_int_error_status().read(), 0b11);
    let trace = dma.sim.trace().to_string();
    assert!(
        trace.contains("a width of 5 is reserved") && trace.contains("3 bytes are no whole elements of 2"),
        "{trace}"
    );

    let requested = enabled().with_flow_control(1);
    let write = |dma: &mut Fixture| dma.regs.channel_configuration().at(2).write(requested);
    let panic = catch_unwind(AssertUnwindSafe(|| write(&mut dma))).expect_err("that is not modelled");
    assert!(panic.downcast::<String>().unwrap().contains("a transfer that a peripheral requests"));
}

#[test]
fn a_reset_forgets_everything() {
    let mut dma = Fixture::new();
    dma.start(0, [RAM + SOURCE, RAM + DESTINATION, 0], copy(4, ElementWidth::Word, ElementWidth::Word));
    dma.sim.reset();
    dma.sleep();
    assert_eq!(dma.memory(DESTINATION, 4), [0; 4]);
    assert_eq!((dma.regs.enbld_chns().read(), dma.regs.configuration().read().bits()), (0, 0));
    assert_eq!(dma.regs.periph_id().at(0).read(), 0x80);
}
