//! The two regions of one controller.

use super::{
    GicV2,
    block::{Gicc, Gicd, gic400},
};
use crate::{
    bus::{Access, Context, Device},
    error::BusError,
    map::RegisterMap,
    mmio::Block,
    models::device_by::device_by,
};

/// A part of the controller as a region of its own: systems have the two at addresses of their choice, where the declared
/// block has both.
#[derive(Debug)]
struct Window {
    gic: GicV2,
    /// Where the part is in the block.
    offset: usize,
    map: &'static RegisterMap,
}

impl Window {
    /// The access that the block sees.
    fn moved(&self, access: Access) -> Result<Access, BusError> {
        if access.offset >= self.map.size {
            return Err(BusError::Unmapped);
        }
        Ok(Access { offset: self.offset + access.offset, ..access })
    }
}

impl Device for Window {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.gic.registers().read(self.moved(access)?, cx)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        self.gic.registers().write(self.moved(access)?, value, cx)
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        self.gic.registers().reset(cx);
    }

    fn describe(&self) -> Option<String> {
        self.gic.registers().describe()
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(self.map)
    }
}

/// The distributor of a [`GicV2`]. A reset is one of the whole controller.
#[derive(Debug)]
pub struct GicDistributor {
    window: Window,
}

device_by!(GicDistributor, window);

impl GicDistributor {
    pub(super) fn new(gic: GicV2) -> Self {
        Self { window: Window { gic, offset: gic400::DISTRIBUTOR_OFFSET, map: Gicd::MAP } }
    }

    /// Sets the level of an interrupt's input: what a device does. A rising edge makes an edge-triggered one pending.
    ///
    /// # Panics
    ///
    /// If there is no interrupt with this ID, or it is an SGI, which has no input.
    pub fn set_line(&mut self, id: usize, level: bool, cx: &mut Context<'_>) {
        self.window.gic.registers().stimulate(cx, |controller, regs, _| {
            controller.distributor.set_line(&mut regs.distributor, id, level);
        });
    }
}

/// The CPU interface of a [`GicV2`]. A reset is one of the whole controller.
#[derive(Debug)]
pub struct GicCpuInterface {
    window: Window,
}

device_by!(GicCpuInterface, window);

impl GicCpuInterface {
    pub(super) fn new(gic: GicV2) -> Self {
        Self { window: Window { gic, offset: gic400::CPU_INTERFACE_OFFSET, map: Gicc::MAP } }
    }
}
