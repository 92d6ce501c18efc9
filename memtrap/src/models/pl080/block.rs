//! The registers of a PL080, declared once: for drivers, for the simulation, and for the trace.

use crate::{FieldEnum, register, simulated};

/// Arm PrimeCell DMA controller (PL080), with eight channels.
///
/// Names, offsets and reset values: Arm DDI 0196, chapter 3, the summary of registers; what they do: the descriptions that
/// follow it there. The PL081 is the same with two channels.
#[simulated(size = 0x1000, width = 32, crate = crate)]
pub struct Pl080 {
    /// DMACIntStatus: channels with an interrupt of either kind that is not masked.
    #[reg(0x000, ro, value = int_tc_status | int_error_status)]
    pub int_status: u32,
    /// DMACIntTCStatus: channels that are done and say so.
    #[reg(0x004, ro)]
    pub int_tc_status: u32,
    /// DMACIntTCClear: a second window on the raw status.
    #[reg(0x008, wo, write = w1c, state = raw_int_tc_status)]
    pub int_tc_clear: u32,
    /// DMACIntErrorStatus: channels that have failed and say so.
    #[reg(0x00c, ro)]
    pub int_error_status: u32,
    /// DMACIntErrClr: a second window on the raw status.
    #[reg(0x010, wo, write = w1c, state = raw_int_error_status)]
    pub int_err_clr: u32,
    /// DMACRawIntTCStatus: channels that are done, masked or not.
    #[reg(0x014, ro)]
    pub raw_int_tc_status: u32,
    /// DMACRawIntErrorStatus: channels that have failed, masked or not.
    #[reg(0x018, ro)]
    pub raw_int_error_status: u32,
    /// DMACEnbldChns: channels that are enabled. One that is done is not.
    #[reg(0x01c, ro)]
    pub enbld_chns: u32,
    /// DMACSoftBReq, DMACSoftSReq, DMACSoftLBReq and DMACSoftLSReq: requests for peripherals, made by software.
    #[reg(0x020, rw)]
    pub soft_req: [u32; 4],
    /// DMACConfiguration.
    #[reg(0x030, rw)]
    pub configuration: Configuration,
    /// DMACSync: peripherals whose requests are synchronised.
    #[reg(0x034, rw)]
    pub sync: u32,
    /// DMACCxSrcAddr: where the next element comes from.
    #[reg(0x100, rw, stride = 0x20)]
    pub src_addr: [u32; 8],
    /// DMACCxDestAddr: where the next element goes to.
    #[reg(0x104, rw, stride = 0x20)]
    pub dest_addr: [u32; 8],
    /// DMACCxLLI: where the next item of the list is, or 0.
    #[reg(0x108, rw, stride = 0x20)]
    pub lli: [u32; 8],
    /// DMACCxControl.
    #[reg(0x10c, rw, stride = 0x20)]
    pub control: [ChannelControl; 8],
    /// DMACCxConfiguration.
    #[reg(0x110, rw, stride = 0x20)]
    pub channel_configuration: [ChannelConfiguration; 8],
    /// DMACPeriphID0 to 3: part number, designer, revision, configuration, a byte in each register.
    #[reg(0xfe0, ro, constant = [0x80, 0x10, 0x04, 0x0a])]
    pub periph_id: [u32; 4],
    /// DMACPCellID0 to 3, a byte in each register.
    #[reg(0xff0, ro, constant = [0x0d, 0xf0, 0x05, 0xb1])]
    pub pcell_id: [u32; 4],
}

/// DMACConfiguration (Arm DDI 0196, chapter 3).
#[register(u32, crate = crate)]
pub struct Configuration {
    /// The controller is enabled.
    #[bits(0)]
    pub enable: bool,
    /// The first bus master is big-endian.
    #[bits(1)]
    pub big_endian_1: bool,
    /// The second bus master is big-endian.
    #[bits(2)]
    pub big_endian_2: bool,
}

/// DMACCxControl (Arm DDI 0196, chapter 3).
#[register(u32, crate = crate)]
pub struct ChannelControl {
    /// Elements of the source's width that are to be transferred.
    #[bits(0..=11)]
    pub transfer_size: u16,
    /// Elements of the source in a burst, as a code.
    #[bits(12..=14)]
    pub source_burst: u8,
    /// Elements of the destination in a burst, as a code.
    #[bits(15..=17)]
    pub destination_burst: u8,
    /// Width of the source's elements.
    #[bits(18..=20)]
    pub source_width: ElementWidth,
    /// Width of the destination's elements.
    #[bits(21..=23)]
    pub destination_width: ElementWidth,
    /// The bus master of the source.
    #[bits(24)]
    pub source_master: bool,
    /// The bus master of the destination.
    #[bits(25)]
    pub destination_master: bool,
    /// The source address moves on with each element.
    #[bits(26)]
    pub source_increment: bool,
    /// The destination address moves on with each element.
    #[bits(27)]
    pub destination_increment: bool,
    /// Protection of the accesses.
    #[bits(28..=30)]
    pub protection: u8,
    /// The end of this item is a terminal count interrupt.
    #[bits(31)]
    pub terminal_count_interrupt: bool,
}

/// Width of an element (Arm DDI 0196, chapter 3, DMACCxControl).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldEnum)]
#[field_enum(crate = crate)]
#[repr(u8)]
pub enum ElementWidth {
    /// 8 bits.
    Byte = 0,
    /// 16 bits.
    Halfword = 1,
    /// 32 bits.
    Word = 2,
    /// Not defined.
    #[other]
    Reserved(u8),
}

/// DMACCxConfiguration (Arm DDI 0196, chapter 3).
#[register(u32, crate = crate)]
pub struct ChannelConfiguration {
    /// The channel is enabled; it disables itself when it is done.
    #[bits(0)]
    pub enable: bool,
    /// The peripheral that requests from the source.
    #[bits(1..=4)]
    pub source_peripheral: u8,
    /// The peripheral that requests for the destination.
    #[bits(6..=9)]
    pub destination_peripheral: u8,
    /// Who says how much is transferred, and between what: 0 is from memory to memory, by the controller.
    #[bits(11..=13)]
    pub flow_control: u8,
    /// Errors interrupt.
    #[bits(14)]
    pub error_interrupt: bool,
    /// Terminal counts interrupt.
    #[bits(15)]
    pub terminal_count_interrupt: bool,
    /// The channel locks the bus.
    #[bits(16)]
    pub lock: bool,
    /// The channel's FIFO holds data.
    #[bits(17, ro)]
    pub active: bool,
    /// Further requests are ignored.
    #[bits(18)]
    pub halt: bool,
}
