//! `virtio-drivers`: its memory-mapped transport, which its own tests leave out, under its block and network devices.

mod block;
mod net;
mod platform;
