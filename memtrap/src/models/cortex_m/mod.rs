//! Parts of a Cortex-M's private peripheral bus.

mod nvic;
mod systick;
#[cfg(test)]
mod tests;

pub use nvic::Nvic;
pub use systick::SysTick;
