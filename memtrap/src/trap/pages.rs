//! Address space that is reserved and never made accessible.
use crate::error::MapError;
pub(crate) fn reserve(_size: usize) -> Result<usize, MapError> {
    Err(MapError::ZeroSize)
}
pub(crate) fn reserve_at(_address: usize, _size: usize) -> Result<(), MapError> {
    Err(MapError::ZeroSize)
}
