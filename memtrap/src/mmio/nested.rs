//! Blocks that are part of another block.

use super::{
    Block, BlockPtr, BlockTypes, PartType, Reg, RegArray, RegisterType, SharedPtr, access::Reach, part_stride_of,
};
use core::{fmt, marker::PhantomData, ops::Deref};

/// The base address of a block `B`, with the right to access it for `'a`.
///
/// INVARIANT: it was made from a handle that is borrowed exclusively for `'a` and whose block is, or contains, this one.
#[doc(hidden)]
pub struct ExclusivePtr<'a, B> {
    block: BlockPtr<B>,
    handle: PhantomData<&'a mut BlockPtr<B>>,
}

impl<B> Deref for ExclusivePtr<'_, B> {
    type Target = BlockPtr<B>;

    #[inline(always)]
    fn deref(&self) -> &BlockPtr<B> {
        &self.block
    }
}

impl<B> fmt::Debug for ExclusivePtr<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.block.fmt(f)
    }
}

/// An array of `N` blocks that are part of another block: what the accessor of a `#[block]` array returns.
#[must_use = "naming a block does not access it: call `at` or `get` for one of its elements"]
pub struct BlockArray<'a, B, const N: usize> {
    /// INVARIANT: `N` blocks as this one, `stride` bytes apart, start here.
    first: BlockPtr<B>,
    stride: usize,
    handle: PhantomData<&'a mut BlockPtr<B>>,
}

/// An array of `N` blocks that are part of another block, for reading: what the shared view of a handle returns.
#[must_use = "naming a block does not access it: call `at` or `get` for one of its elements"]
pub struct SharedBlockArray<'a, B, const N: usize> {
    /// INVARIANT: `N` blocks as this one, `stride` bytes apart, start here.
    first: SharedPtr<'a, B>,
    stride: usize,
}

impl<B: Block> BlockPtr<B> {
    /// A borrow of the whole block.
    #[inline(always)]
    pub const fn exclusive(&mut self) -> ExclusivePtr<'_, B> {
        ExclusivePtr { block: self.copy(), handle: PhantomData }
    }

    /// The nested block that `X` declares at `INDEX`.
    #[inline(always)]
    pub fn part<X, const INDEX: usize>(&mut self) -> <X::Block as Block>::Exclusive<'_>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        const { assert_inside::<B, X, INDEX>() };
        X::Block::exclusive_from_ptr(ExclusivePtr { block: self.moved(X::OFFSET), handle: PhantomData })
    }

    /// The array of `COUNT` nested blocks that `X` declares at `INDEX`.
    #[inline(always)]
    pub const fn parts<X, const INDEX: usize, const COUNT: usize>(&mut self) -> BlockArray<'_, X::Block, COUNT>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        const {
            assert_inside::<B, X, INDEX>();
            assert!(COUNT == X::COUNT, "the array has as many elements as are declared");
        };
        BlockArray { first: self.moved(X::OFFSET), stride: part_stride_of::<X, INDEX>(), handle: PhantomData }
    }
}

impl<B> BlockPtr<B> {
    #[inline(always)]
    const fn copy(&self) -> Self {
        // SAFETY: The invariant of the new pointer is that of `self`.
        unsafe { Self::new(self.as_ptr()) }
    }

    /// A block `distance` bytes further, which lies in the same block as this one: the caller has asserted it.
    #[inline(always)]
    const fn moved<C>(&self, distance: usize) -> BlockPtr<C> {
        // SAFETY: The caller has asserted that the block lies inside one that may be accessed, and is aligned in it.
        unsafe { BlockPtr::new(self.as_ptr().wrapping_add(distance)) }
    }
}

impl<B: Block> BlockPtr<B> {
    /// The whole block for as long as the process lives.
    #[inline(always)]
    pub const fn into_exclusive(self) -> ExclusivePtr<'static, B> {
        ExclusivePtr { block: self, handle: PhantomData }
    }
}

/// What a handle is split into: each register and each nested block has one owner.
impl<'a, B: Block> ExclusivePtr<'a, B> {
    /// The register that `X` declares at `INDEX`.
    ///
    /// # Safety
    ///
    /// It is taken once, with the access kind that is declared for it, and the pointer is used only to take others.
    #[inline(always)]
    pub const unsafe fn take_register<X, const INDEX: usize, A: Reach>(&self) -> Reg<'a, X::Value, A>
    where
        X: RegisterType<INDEX> + BlockTypes<Handle = B>,
    {
        // SAFETY: The caller gives the guarantees of `register`; a block is split by its only owner.
        unsafe { self.block.register::<X, INDEX, A>() }.extended()
    }

    /// The array of `COUNT` registers that `X` declares at `INDEX`.
    ///
    /// # Safety
    ///
    /// As for [`take_register`](Self::take_register).
    #[inline(always)]
    pub const unsafe fn take_array<X, const INDEX: usize, A: Reach, const COUNT: usize>(
        &self,
    ) -> RegArray<'a, X::Value, A, COUNT>
    where
        X: RegisterType<INDEX> + BlockTypes<Handle = B>,
    {
        // SAFETY: The caller gives the guarantees of `array`; a block is split by its only owner.
        unsafe { self.block.array::<X, INDEX, A, COUNT>() }.extended()
    }

    /// The nested block that `X` declares at `INDEX`.
    ///
    /// # Safety
    ///
    /// As for [`take_register`](Self::take_register).
    #[inline(always)]
    pub unsafe fn take_part<X, const INDEX: usize>(&self) -> <X::Block as Block>::Exclusive<'a>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        const { assert_inside::<B, X, INDEX>() };
        X::Block::exclusive_from_ptr(ExclusivePtr { block: self.block.moved(X::OFFSET), handle: PhantomData })
    }

    /// The array of `COUNT` nested blocks that `X` declares at `INDEX`.
    ///
    /// # Safety
    ///
    /// As for [`take_register`](Self::take_register).
    #[inline(always)]
    pub const unsafe fn take_parts<X, const INDEX: usize, const COUNT: usize>(&self) -> BlockArray<'a, X::Block, COUNT>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        const {
            assert_inside::<B, X, INDEX>();
            assert!(COUNT == X::COUNT, "the array has as many elements as are declared");
        };
        BlockArray { first: self.block.moved(X::OFFSET), stride: part_stride_of::<X, INDEX>(), handle: PhantomData }
    }
}

impl<B: Block> ExclusivePtr<'_, B> {
    /// A borrow of the same block.
    #[inline(always)]
    pub const fn exclusive(&mut self) -> ExclusivePtr<'_, B> {
        self.block.exclusive()
    }

    /// As [`BlockPtr::part`].
    #[inline(always)]
    pub fn part<X, const INDEX: usize>(&mut self) -> <X::Block as Block>::Exclusive<'_>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        self.block.part::<X, INDEX>()
    }

    /// As [`BlockPtr::parts`].
    #[inline(always)]
    pub const fn parts<X, const INDEX: usize, const COUNT: usize>(&mut self) -> BlockArray<'_, X::Block, COUNT>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        self.block.parts::<X, INDEX, COUNT>()
    }
}

impl<'a, B: Block> SharedPtr<'a, B> {
    /// The nested block that `X` declares at `INDEX`, for reading.
    #[inline(always)]
    pub fn part<X, const INDEX: usize>(self) -> <X::Block as Block>::Shared<'a>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        const { assert_inside::<B, X, INDEX>() };
        X::Block::shared_from_ptr(self.moved(X::OFFSET))
    }

    /// The array of `COUNT` nested blocks that `X` declares at `INDEX`, for reading.
    #[inline(always)]
    pub const fn parts<X, const INDEX: usize, const COUNT: usize>(self) -> SharedBlockArray<'a, X::Block, COUNT>
    where
        X: PartType<INDEX> + BlockTypes<Handle = B>,
    {
        const {
            assert_inside::<B, X, INDEX>();
            assert!(COUNT == X::COUNT, "the array has as many elements as are declared");
        };
        SharedBlockArray { first: self.moved(X::OFFSET), stride: part_stride_of::<X, INDEX>() }
    }
}

/// Places all elements of a nested block inside the block.
const fn assert_inside<B: Block, X: PartType<INDEX>, const INDEX: usize>() {
    let map = X::Block::MAP;
    let (size, align, stride) = (map.size, map.align(), part_stride_of::<X, INDEX>());
    assert!(X::COUNT > 0, "an array of blocks needs an element");
    assert!(stride >= size && stride.is_multiple_of(align), "the stride does not keep the blocks apart and aligned");
    assert!(X::OFFSET + (X::COUNT - 1) * stride + size <= B::MAP.size, "the nested block lies outside its block");
    assert!(X::OFFSET.is_multiple_of(align), "the nested block is not aligned to its widest register");
}

impl<'a, B: Block, const N: usize> BlockArray<'a, B, N> {
    /// The elements, each for an owner of its own.
    #[inline(always)]
    #[must_use]
    pub fn split(self) -> [B::Exclusive<'a>; N] {
        core::array::from_fn(|index| {
            B::exclusive_from_ptr(ExclusivePtr { block: self.first.moved(index * self.stride), handle: PhantomData })
        })
    }
}

impl<B: Block, const N: usize> BlockArray<'_, B, N> {
    /// Number of elements.
    #[inline(always)]
    #[must_use]
    pub const fn len(&self) -> usize {
        N
    }

    /// Whether there are no elements. Never: an empty array is refused when it is declared.
    #[inline(always)]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        N == 0
    }

    /// Element `index`, or `None` if the array is shorter.
    #[inline(always)]
    pub fn get(&mut self, index: usize) -> Option<B::Exclusive<'_>> {
        if index < N { Some(self.element(index)) } else { None }
    }

    /// Element `index`.
    ///
    /// # Panics
    ///
    /// If the array is shorter. The check disappears when the index is a constant; [`get`](Self::get) never panics.
    #[inline(always)]
    #[track_caller]
    pub fn at(&mut self, index: usize) -> B::Exclusive<'_> {
        assert!(index < N, "index out of range of an array of blocks");
        self.element(index)
    }

    /// The elements in ascending order of their addresses.
    #[inline(always)]
    pub fn iter(&mut self) -> impl ExactSizeIterator<Item = B::Exclusive<'_>> + DoubleEndedIterator {
        (0..N).map(|index| self.element(index))
    }

    /// Element `index`, which the caller has checked to be less than `N`, and uses for one element at a time or for
    /// each element once.
    #[inline(always)]
    fn element(&self, index: usize) -> B::Exclusive<'_> {
        B::exclusive_from_ptr(ExclusivePtr { block: self.first.moved(index * self.stride), handle: PhantomData })
    }
}

impl<B, const N: usize> fmt::Debug for BlockArray<'_, B, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockArray({:?}, {N} x {:#x} bytes)", self.first, self.stride)
    }
}

impl<B, const N: usize> Clone for SharedBlockArray<'_, B, N> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<B, const N: usize> Copy for SharedBlockArray<'_, B, N> {}

impl<'a, B: Block, const N: usize> SharedBlockArray<'a, B, N> {
    /// Number of elements.
    #[inline(always)]
    #[must_use]
    pub const fn len(self) -> usize {
        N
    }

    /// Whether there are no elements. Never: an empty array is refused when it is declared.
    #[inline(always)]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        N == 0
    }

    /// Element `index`, or `None` if the array is shorter.
    #[inline(always)]
    pub fn get(self, index: usize) -> Option<B::Shared<'a>> {
        if index < N { Some(self.element(index)) } else { None }
    }

    /// Element `index`.
    ///
    /// # Panics
    ///
    /// If the array is shorter. The check disappears when the index is a constant; [`get`](Self::get) never panics.
    #[inline(always)]
    #[track_caller]
    pub fn at(self, index: usize) -> B::Shared<'a> {
        assert!(index < N, "index out of range of an array of blocks");
        self.element(index)
    }

    /// The elements in ascending order of their addresses.
    #[inline(always)]
    pub fn iter(self) -> impl ExactSizeIterator<Item = B::Shared<'a>> + DoubleEndedIterator {
        (0..N).map(move |index| self.element(index))
    }

    /// Element `index`, which the caller has checked to be less than `N`.
    #[inline(always)]
    fn element(self, index: usize) -> B::Shared<'a> {
        B::shared_from_ptr(self.first.moved(index * self.stride))
    }
}

impl<B, const N: usize> fmt::Debug for SharedBlockArray<'_, B, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedBlockArray({:?}, {N} x {:#x} bytes)", self.first, self.stride)
    }
}
