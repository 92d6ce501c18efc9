//! A picture of what a driver did.
//!
//! Two devices on one bus: a disk controller that writes the blocks it reads into memory and raises an interrupt, and a
//! serial port on which the driver reports. The trace becomes a page with a time line, to be opened in a browser.
//!
//! Run it with `cargo run --example timeline`, or with the name of the file to write.

use memtrap::{Bus, Context, register, simulated};
use std::{env, error::Error, fs, path::Path, time::Duration};

/// A disk controller: one command at a time.
#[simulated(size = 0x100, width = 32)]
pub struct Disk {
    /// Switches it on.
    #[reg(0x00, rw)]
    pub control: Control,
    /// Number of the block.
    #[reg(0x04, rw)]
    pub block: u32,
    /// Where the block goes, low and high half.
    #[reg(0x08, rw)]
    pub address: [u32; 2],
    /// A write starts the command.
    #[reg(0x10, wo)]
    pub command: u32,
    /// What the controller does.
    #[reg(0x14, ro)]
    pub status: Status,
    /// A one acknowledges the interrupt.
    #[reg(0x18, rw, write = w1c)]
    pub pending: u32,
}

/// Control of the disk.
#[register(u32)]
pub struct Control {
    /// The motor runs.
    #[bits(0)]
    pub motor: bool,
    /// The interrupt is enabled.
    #[bits(1)]
    pub interrupt: bool,
    /// Retries before a command fails.
    #[bits(4..=7)]
    pub retries: u8,
}

/// Status of the disk.
#[register(u32)]
pub struct Status {
    /// The motor is up to speed.
    #[bits(0)]
    pub ready: bool,
    /// A command is being carried out.
    #[bits(1)]
    pub busy: bool,
    /// Blocks that were read.
    #[bits(8..=15)]
    pub blocks: u8,
}

/// A serial port that can only send.
#[simulated(size = 0x100, width = 32)]
pub struct Port {
    /// Takes one byte.
    #[reg(0x0, wo)]
    pub data: u32,
    /// Bit 0: ready for another byte.
    #[reg(0x4, ro, reset = 1)]
    pub status: u32,
}

/// Bytes of a block.
const BLOCK: usize = 512;
/// The disk's interrupt line.
const LINE: u32 = 5;
/// Events of the disk.
const UP_TO_SPEED: u64 = 1;
const READ: u64 = 2;
/// The port has sent a byte.
const SENT: u64 = 3;

/// The disk behind the controller.
struct Platter;

impl disk::Model for Platter {
    fn write_control(&mut self, regs: &mut disk::State, value: Control, cx: &mut Context<'_>) {
        if value.motor() && !regs.control.motor() {
            cx.note("the motor starts");
            cx.after(Duration::from_millis(3), UP_TO_SPEED);
        }
        regs.control = value;
    }

    fn write_command(&mut self, regs: &mut disk::State, _value: u32, cx: &mut Context<'_>) {
        regs.status.set_busy(true);
        cx.after(Duration::from_micros(250), READ);
    }

    fn write_pending(&mut self, regs: &mut disk::State, value: u32, cx: &mut Context<'_>) {
        regs.pending &= !value;
        if regs.pending == 0 {
            cx.lower(LINE);
        }
    }

    fn event(&mut self, regs: &mut disk::State, event: u64, cx: &mut Context<'_>) {
        if event == UP_TO_SPEED {
            regs.status.set_ready(true);
            return;
        }
        let address = u64::from(regs.address[0]) | u64::from(regs.address[1]) << 32;
        let content = [regs.block as u8; BLOCK];
        if let Err(error) = cx.dma().write(address, &content) {
            return cx.fail(error.to_string());
        }
        regs.status = regs.status.with_busy(false).with_blocks(regs.status.blocks() + 1);
        regs.pending |= 1;
        cx.raise(LINE);
    }
}

/// What is connected to the port.
#[derive(Default)]
struct Terminal(String);

impl port::Model for Terminal {
    fn write_data(&mut self, regs: &mut port::State, value: u32, cx: &mut Context<'_>) {
        self.0.push(char::from(value as u8));
        regs.status = 0;
        cx.after(Duration::from_nanos(8_700), SENT);
    }

    fn event(&mut self, regs: &mut port::State, _event: u64, _cx: &mut Context<'_>) {
        regs.status = 1;
    }
}

/// The driver: a line on the port for each block.
fn print(port: &mut Port, text: &str) {
    for byte in text.bytes() {
        while port.status().read() & 1 == 0 {}
        port.data().write(u32::from(byte));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).unwrap_or_else(|| "target/timeline.html".to_owned());
    let bus = Bus::new();
    let disk = bus.simulate::<Disk, _>(Platter)?;
    let port = bus.simulate::<Port, _>(Terminal::default())?;
    let memory = bus.ram(4 * BLOCK)?;

    let pending = disk.base().wrapping_add(0x18).expose_provenance();
    bus.on_interrupt(LINE, move || {
        let pending = std::ptr::with_exposed_provenance_mut::<u32>(pending);
        // SAFETY: The address lies in the disk's region, which traps the access.
        let raised = unsafe { pending.read_volatile() };
        // SAFETY: The address lies in the disk's region, which traps the access.
        unsafe { pending.write_volatile(raised) };
    });

    let (mut regs, mut console) = (disk.regs(), port.regs());
    regs.control().write(Control::new().with_motor(true).with_interrupt(true).with_retries(3));
    while !regs.status().read().ready() {}
    for number in 0..3 {
        let to = memory.base().addr() + number * BLOCK;
        regs.block().write(40 + number as u32);
        regs.address().at(0).write(to as u32);
        regs.address().at(1).write((to >> 32) as u32);
        regs.command().write(1);
        while regs.status().read().busy() {}
        print(&mut console, &format!("{number}\n"));
    }
    regs.control().modify(|control| control.with_motor(false));

    if let Some(directory) = Path::new(&file).parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(&file, bus.trace().to_html())?;
    println!("the port received {:?}; the time line is in {file}", port.model().0);
    Ok(())
}
