//! Blocks inside blocks: handles, stored values, models and names, through both doors.

use memtrap::{Context, register, simulated, trace};

/// Control of a channel.
#[register(u32)]
pub struct Control {
    #[bits(0)]
    pub enable: bool,
    #[bits(4..=7)]
    pub burst: u8,
}

/// One channel.
#[simulated(size = 0x20)]
pub struct Channel {
    /// Starts the channel.
    #[reg(0x00, rw, reset = 0x30)]
    pub control: Control,
    #[reg(0x04, rw)]
    pub address: [u32; 2],
    #[reg(0x0c, ro)]
    pub status: u32,
    #[reg(0x10, wo, write = w1c, state = status)]
    pub clear: u32,
    #[reg(0x14, ro, value = control & 1)]
    pub running: u32,
}

/// Where the channels report.
#[simulated(size = 0x8)]
pub struct Summary {
    #[reg(0x0, rw, write = w1c)]
    pub done: u32,
    #[reg(0x4, rw)]
    pub mask: u32,
}

/// A controller with channels.
#[simulated(size = 0x200)]
pub struct Dma {
    #[reg(0x000, rw)]
    pub enable: u32,
    #[block(0x08)]
    pub summary: Summary,
    /// The channels.
    #[block(0x100, stride = 0x40)]
    pub channel: [Channel; 4],
    #[reg(0x120, rw, stride = 0x40)]
    pub priority: [u32; 4],
}

/// Two controllers.
#[simulated(size = 0x400)]
pub struct Soc {
    #[block(0x000)]
    pub dma: [Dma; 2],
}

struct Plain;
impl channel::Model for Plain {}
impl dma::Model for Plain {}
impl soc::Model for Plain {}

#[test]
fn registers_of_nested_blocks_are_stored_where_they_belong() {
    let sim = Dma::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.channel().at(2).control().modify(|control| control.with_enable(true));
    regs.channel().at(3).address().at(1).write(7);
    regs.priority().at(1).write(9);
    regs.summary().mask().write(5);
    for (index, mut channel) in regs.channel().iter().enumerate() {
        channel.address().at(0).write(0x100 * index as u32);
    }
    let state = sim.state().clone();
    assert_eq!(state.channel[2].control.bits(), 0x31);
    assert_eq!(state.channel[0].control.bits(), 0x30);
    assert_eq!(state.channel[3].address, [0x300, 7]);
    assert_eq!((state.priority, state.summary.mask), ([0, 9, 0, 0], 5));
    assert_ne!(state, dma::State::default());
    assert!(format!("{state:?}").contains("summary: State { done: 0x00000000, mask: 0x00000005 }"), "{state:?}");
    assert!(regs.channel().get(4).is_none());
    assert_eq!(regs.channel().len(), 4);
}

#[test]
fn effects_views_and_computed_values_work_in_every_element() {
    let sim = Dma::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    sim.state().channel[1].status = 0b11;
    regs.channel().at(1).clear().clear(0b01);
    assert_eq!(regs.shared().channel().at(1).status().read(), 0b10);
    assert_eq!(sim.state().channel[1].running(), 0);
    regs.channel().at(1).control().write(Control::new().with_enable(true));
    assert_eq!(regs.channel().at(1).running().read(), 1);
    assert_eq!(regs.shared().summary().mask().read(), 0);
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
fn the_trapped_door_reaches_the_same_registers() {
    let sim = Dma::simulate(Plain).unwrap();
    let base = sim.base();
    let at = |offset: usize| base.wrapping_add(offset).cast::<u32>();
    // SAFETY: The region is live; what the address reaches is the model.
    unsafe { at(0x184).write_volatile(0x1234) };
    // SAFETY: As above.
    unsafe { at(0x120 + 2 * 0x40).write_volatile(3) };
    // SAFETY: As above.
    assert_eq!(unsafe { at(0x180).read_volatile() }, 0x30);
    assert_eq!(sim.state().channel[2].address[0], 0x1234);
    assert_eq!(sim.state().priority[2], 3);
    let typed = Dma::simulate(Plain).unwrap();
    let mut regs = typed.regs();
    regs.channel().at(2).address().at(0).write(0x1234);
    regs.priority().at(2).write(3);
    assert_eq!(regs.channel().at(2).control().read().bits(), 0x30);
    assert_eq!(*typed.state(), *sim.state());
    assert_eq!(typed.trace().to_string(), sim.trace().to_string());
}

#[test]
fn a_trace_names_the_block_and_its_element() {
    let sim = Dma::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.channel().at(2).address().at(1).write(1);
    regs.channel().at(3).control().read();
    regs.summary().done().clear(1);
    assert_eq!(
        sim.trace().to_string(),
        "#1     W dma.channel[2].address[1]  0x00000001\n\
         #2     R dma.channel[3].control     0x00000030  {burst=3}\n\
         #3     W dma.summary.done           0x00000001\n"
    );
    let trace = sim.trace();
    assert_eq!(trace.count(trace::write("channel[2].address[1]")), 1);
    assert_eq!(trace.count(trace::write("channel[2].address")), 1);
    assert_eq!(trace.count(trace::write("channel.address")), 1, "an index that is left out stands for every element");
    assert_eq!(trace.count(trace::write("channel[1].address")), 0);
    assert_eq!(trace.count(trace::read("dma.channel.control").with_field("burst", 3)), 1);
}

#[test]
fn coverage_knows_every_element() {
    let sim = Dma::simulate(Plain).unwrap();
    sim.regs().channel().at(3).control().read();
    let coverage = sim.bus().coverage();
    assert_eq!(coverage.registers().count(), 2 + 2 + 4 * 5);
    let touched: Vec<_> = coverage.registers().filter(|register| register.is_touched()).collect();
    assert_eq!(touched.len(), 1);
    assert_eq!((touched[0].register, touched[0].offset), ("channel[3].control", 0x1c0));
}

/// A channel that is done at once.
#[derive(Default)]
struct Fast(u32);

impl channel::Model for Fast {
    fn write_control(&mut self, regs: &mut channel::State, value: Control, _cx: &mut Context<'_>) {
        regs.control = value;
        regs.status = u32::from(value.enable());
        self.0 += 1;
    }
}

/// A controller whose channels have models of their own.
#[derive(Default)]
struct Engine {
    channels: [Fast; 4],
    accesses: Vec<String>,
}

impl dma::Model for Engine {
    fn channel_model(&mut self, index: usize) -> &mut dyn channel::Model {
        &mut self.channels[index]
    }

    fn write_channel(&mut self, regs: &mut dma::State, index: usize, write: channel::Write, cx: &mut Context<'_>) {
        write.apply(self.channel_model(index), &mut regs.channel[index], cx);
        self.accesses.push(format!("{index}: {write:?}"));
        if let channel::Write::Control(control) = write
            && control.enable()
        {
            regs.summary.done |= 1 << index;
        }
    }

    fn read_channel(&mut self, regs: &mut dma::State, index: usize, read: channel::Read, cx: &mut Context<'_>) -> u64 {
        self.accesses.push(format!("{index}: {read:?}"));
        match read {
            channel::Read::Address(element) => 100 + element as u64,
            _ => read.apply(&mut channel::Declared, &mut regs.channel[index], cx),
        }
    }
}

#[test]
fn the_model_of_the_outer_block_sees_what_happens_in_the_inner_ones() {
    let sim = Dma::simulate(Engine::default()).unwrap();
    let mut regs = sim.regs();
    regs.channel().at(1).control().write(Control::new().with_enable(true));
    regs.channel().at(1).address().at(1).write(9);
    assert_eq!(regs.summary().done().read(), 0b10);
    assert_eq!(regs.channel().at(1).status().read(), 1);
    assert_eq!(regs.channel().at(0).address().at(1).read(), 101);
    assert_eq!(sim.model().channels[1].0, 1);
    assert_eq!(
        sim.model().accesses,
        ["1: Control(0x00000001)", "1: Address(1, 0x00000009)", "1: Status", "0: Address(1)"]
    );
    sim.reset();
    assert_eq!(*sim.state(), dma::State::default());
}

#[test]
fn blocks_nest_to_any_depth() {
    let sim = Soc::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.dma().at(1).channel().at(3).control().write(Control::from_bits(2));
    assert_eq!(sim.state().dma[1].channel[3].control.bits(), 2);
    assert_eq!(sim.trace().to_string(), "#1     W soc.dma[1].channel[3].control  0x00000002\n");
    let mut dma = regs.dma();
    let mut second = dma.at(1);
    let mut channels = second.channel();
    assert_eq!(channels.at(3).as_ptr().addr(), sim.base().addr() + 0x200 + 0x100 + 0xc0);
    assert_eq!(channels.at(3).control().as_ptr().addr(), sim.base().addr() + 0x3c0);
}

#[test]
fn a_driver_of_the_inner_block_takes_a_borrow_of_it() {
    fn start(mut channel: channel::Exclusive<'_>) {
        channel.control().modify(|control| control.with_enable(true));
    }
    let sim = Dma::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    start(regs.channel().at(0));
    let alone = Channel::simulate(Plain).unwrap();
    start(alone.regs().exclusive());
    assert_eq!(sim.state().channel[0], *alone.state());
}
