//! Parts of a Cortex-M's private peripheral bus.

#[allow(unsafe_code, reason = "the handle of a register block can be made for hardware, which is `unsafe`")]
pub mod block;
mod nvic;
mod systick;
#[cfg(test)]
mod tests;

pub use nvic::Nvic;
pub use systick::SysTick;
