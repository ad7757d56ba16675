//! The system's allocator, counting for each thread. Declare it in the test that wants to count:
//! `#[global_allocator] static ALLOCATOR: allocations::Counting = allocations::Counting;`

#![allow(unsafe_code)] // an allocator is one
#![allow(dead_code)] // not every test asks for both

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// The allocator.
pub struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE_BYTES: Cell<i64> = const { Cell::new(0) };
}

/// How often this thread has asked for memory.
pub fn count() -> u64 {
    ALLOCATIONS.get()
}

/// How much this thread has asked for and not given back.
pub fn live_bytes() -> i64 {
    LIVE_BYTES.get()
}

fn note(allocations: u64, bytes: i64) {
    ALLOCATIONS.set(ALLOCATIONS.get() + allocations);
    LIVE_BYTES.set(LIVE_BYTES.get() + bytes);
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

// SAFETY: everything is passed on to the system's allocator as it came; the counts are plain numbers of this thread.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, signed(layout.size()));
        // SAFETY: as of the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, -signed(layout.size()));
        // SAFETY: as of the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, signed(size) - signed(layout.size()));
        // SAFETY: as of the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
