//! The one module with unsafe code: pointers of C become references, slices and texts here, and nowhere else.
//!
//! The functions are safe to call because the crate is never an rlib: an export gets its pointers from C alone, and the
//! conventions at the top of `bidden.h` oblige the caller to pass NULL or what the function's comment says. What Rust can
//! check (NULL, lengths, UTF-8, sizes) is checked.

use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;

use bidden::Error;

use crate::string::bidden_string;

/// The fault of one argument, as every function reports it.
pub fn fault(argument: &str, reason: &str) -> Error {
    Error::invalid_field(argument, reason)
}

/// A handle or struct that must be there.
pub fn present<T>(handle: Option<T>, argument: &str) -> Result<T, Error> {
    handle.ok_or_else(|| fault(argument, "is NULL"))
}

/// A handle that a struct names; NULL is none.
#[cfg(feature = "ledger")]
pub fn lent<'a, T>(handle: *const T, argument: &str) -> Result<Option<&'a T>, Error> {
    if !handle.is_null() && !handle.is_aligned() {
        return Err(fault(argument, "cannot lie in memory like that"));
    }
    // SAFETY: NULL, or aligned and by the conventions a handle that is not freed before the function returns.
    Ok(unsafe { handle.as_ref() })
}

/// Where a result goes. Made first in every function: it sets the caller's variable to its empty value.
pub struct Output<'a, T>(&'a mut MaybeUninit<T>);

impl<'a, T: Default> Output<'a, T> {
    /// Empties the caller's variable, which may never have been initialised.
    pub fn new(slot: Option<&'a mut MaybeUninit<T>>, argument: &str) -> Result<Self, Error> {
        let slot = present(slot, argument)?;
        slot.write(T::default());
        Ok(Output(slot))
    }

    /// Hands the result over. The empty value that stood there owns nothing.
    pub fn put(self, value: T) {
        self.0.write(value);
    }
}

/// A text that must be there.
pub fn text<'a>(pointer: *const c_char, argument: &str) -> Result<&'a str, Error> {
    present(optional_text(pointer, argument)?, argument)
}

/// A text, or NULL.
pub fn optional_text<'a>(pointer: *const c_char, argument: &str) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, so by the conventions it is NUL-terminated and lives until the function returns.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map(Some).map_err(|_| fault(argument, "is not UTF-8"))
}

/// The bytes of a NUL-terminated text that came from a wire, whatever they are.
pub fn wire_text<'a>(pointer: *const c_char, argument: &str) -> Result<&'a [u8], Error> {
    if pointer.is_null() {
        return Err(fault(argument, "is NULL"));
    }
    // SAFETY: not NULL, so by the conventions it is NUL-terminated and lives until the function returns.
    Ok(unsafe { CStr::from_ptr(pointer) }.to_bytes())
}

/// The length of a text in bytes, whatever they are; 0 for NULL.
pub fn length(pointer: *const c_char) -> usize {
    if pointer.is_null() {
        return 0;
    }
    // SAFETY: not NULL, so by the conventions it is NUL-terminated.
    unsafe { CStr::from_ptr(pointer) }.count_bytes()
}

/// Bytes: NULL with 0 is empty.
pub fn bytes<'a>(pointer: *const u8, length: usize, argument: &str) -> Result<&'a [u8], Error> {
    list(pointer, length, argument)
}

/// Bytes that have to be text.
pub fn utf8<'a>(pointer: *const u8, length: usize, argument: &str) -> Result<&'a str, Error> {
    std::str::from_utf8(bytes(pointer, length, argument)?).map_err(|_| fault(argument, "is not UTF-8"))
}

/// An array: NULL with 0 is empty.
pub fn list<'a, T>(pointer: *const T, length: usize, argument: &str) -> Result<&'a [T], Error> {
    if length == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(fault(argument, "is NULL, but its length is not 0"));
    }
    if !pointer.is_aligned() || length > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(fault(argument, "cannot lie in memory like that"));
    }
    // SAFETY: not NULL, aligned, not too long; by the conventions `length` elements stand there until the function returns.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// A struct that may grow: its first member is its size, and every member is a number or a pointer.
///
/// # Safety
/// The type is `repr(C)`, begins with a `usize`, and all its bytes may be zero.
pub unsafe trait Growing: Copy {
    /// The argument's name in faults.
    const ARGUMENT: &'static str;
}

macro_rules! growing {
    ($($type:ty => $argument:literal;)*) => {
        $(
            // SAFETY: `repr(C)`, `size` first, then integers, pointers and nullable functions only.
            unsafe impl Growing for $type {
                const ARGUMENT: &'static str = $argument;
            }
        )*
    };
}

growing! {
    crate::options::bidden_options => "options";
    crate::lifecycle::bidden_decision => "decision";
    crate::typed::bidden_imocha_invite => "arguments";
    crate::typed::bidden_imocha_reattempt => "arguments";
    crate::typed::bidden_think_exam_assign_test => "arguments";
    crate::typed::bidden_think_exam_deassign_test => "arguments";
    crate::typed::bidden_think_exam_registration => "candidates";
    crate::typed::bidden_think_exam_bulk_candidate_register => "arguments";
    crate::typed::bidden_testinvite_create_candidate => "arguments";
}

#[cfg(feature = "ledger")]
growing! {
    crate::ledger::bidden_operation => "operation";
    crate::many::bidden_many => "many";
    crate::plan::bidden_apply => "apply";
}

#[cold]
fn no_place(argument: &str, is_null: bool) -> Error {
    fault(argument, if is_null { "is NULL" } else { "cannot lie in memory like that" })
}

#[cold]
fn no_size(argument: &str) -> Error {
    fault(&format!("{argument}.size"), "is not the size of the struct; set it to sizeof")
}

/// The size a caller wrote into a growing struct.
#[inline(always)]
fn size_of_growing<T: Growing>(pointer: *const T) -> Result<usize, Error> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(no_place(T::ARGUMENT, pointer.is_null()));
    }
    // SAFETY: not NULL and aligned; by the conventions a struct stands there whose first member is its size.
    let size = unsafe { pointer.cast::<usize>().read() };
    // The size of a struct is a multiple of its alignment; any other ends within a pointer.
    if size < size_of::<usize>() || size > 4096 || size % align_of::<usize>() != 0 {
        return Err(no_size(T::ARGUMENT));
    }
    Ok(size)
}

/// Reads a growing struct of an older or a newer caller: what an older one does not know is absent, what this library does
/// not know must be zero.
pub fn read_growing<T: Growing>(pointer: *const T) -> Result<T, Error> {
    let size = size_of_growing(pointer)?;
    let known = size.min(size_of::<T>());
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `size` bytes are readable by the caller's own word, `known` is no more than that nor than our struct.
    unsafe { std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), value.as_mut_ptr().cast::<u8>(), known) };
    for unknown in known..size {
        // SAFETY: `unknown` is less than `size`.
        if unsafe { pointer.cast::<u8>().add(unknown).read() } != 0 {
            return Err(fault(T::ARGUMENT, "sets a member that this version of the library does not know"));
        }
    }
    // SAFETY: every bit pattern that C can write into these members is a value of them, and the rest is zero.
    Ok(unsafe { value.assume_init() })
}

/// A member that has no meaning yet: a program that gives it one must not be misunderstood.
pub fn reserved(member: i32) -> Result<(), Error> {
    if member == 0 { Ok(()) } else { Err(fault("reserved", "is not 0")) }
}

/// A growing struct in which everything is absent.
pub fn absent<T: Growing>() -> T {
    // SAFETY: by the trait's promise all bytes may be zero.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// A growing struct of the caller that is written as far as it goes, but for its size.
pub struct GrowingOutput<T> {
    pointer: *mut T,
    size: usize,
}

impl<T: Growing> GrowingOutput<T> {
    /// Where the members behind the size begin.
    const HEAD: usize = size_of::<usize>();

    /// Empties the caller's struct. Inlined like [`GrowingOutput::put`]: a decision takes less time than the calls would.
    #[inline(always)]
    pub fn new(pointer: *mut T) -> Result<Self, Error> {
        let output = GrowingOutput { pointer, size: size_of_growing(pointer)? };
        if output.is_usual() {
            // SAFETY: the caller's struct is as large as ours.
            unsafe { output.members().write_bytes(0, size_of::<T>() - Self::HEAD) };
        } else {
            // SAFETY: `size` bytes are writable by the caller's own word, and at least one `usize` of them is the size itself.
            unsafe { output.members().write_bytes(0, output.size - Self::HEAD) };
        }
        Ok(output)
    }

    /// Writes the value.
    #[inline(always)]
    pub fn put(self, value: &T) {
        // SAFETY: a struct begins with its size.
        let source = unsafe { std::ptr::from_ref(value).cast::<u8>().add(Self::HEAD) };
        if self.is_usual() {
            // SAFETY: the caller's struct is as large as ours.
            unsafe { std::ptr::copy_nonoverlapping(source, self.members(), size_of::<T>() - Self::HEAD) };
        } else {
            self.put_part(source);
        }
    }

    /// Apart, because together the two would be one copy of a length that only the running program knows.
    #[cold]
    #[inline(never)]
    fn put_part(self, source: *const u8) {
        // SAFETY: it is written as far as both go.
        unsafe { std::ptr::copy_nonoverlapping(source, self.members(), self.size.min(size_of::<T>()) - Self::HEAD) };
    }

    /// With a length that the compiler knows it calls no function of the C library.
    #[inline(always)]
    fn is_usual(&self) -> bool {
        self.size == size_of::<T>()
    }

    #[inline(always)]
    fn members(&self) -> *mut u8 {
        // SAFETY: the struct begins with its size, of which there is at least that much.
        unsafe { self.pointer.cast::<u8>().add(Self::HEAD) }
    }
}

/// Makes the owned text of C: the bytes and a NUL.
pub fn new_string(bytes: &[u8]) -> bidden_string {
    let mut owned = Vec::with_capacity(bytes.len() + 1);
    owned.extend_from_slice(bytes);
    owned.push(0);
    bidden_string { text: Box::into_raw(owned.into_boxed_slice()).cast::<c_char>(), length: bytes.len() }
}

/// Frees what [`new_string`] made, and leaves the empty string behind. The text is zeroed first: it may be a secret.
pub fn free_string(string: &mut bidden_string) {
    let (text, length) = (std::mem::replace(&mut string.text, std::ptr::null_mut()), std::mem::take(&mut string.length));
    if text.is_null() {
        return;
    }
    let slice = std::ptr::slice_from_raw_parts_mut(text.cast::<u8>(), length + 1);
    // SAFETY: text and length come from `new_string`, by the conventions unchanged, and the pointer was taken out of the
    // caller's variable, so nobody frees it twice through it.
    let mut owned = unsafe { Box::from_raw(slice) };
    for byte in &mut *owned {
        // SAFETY: a valid reference; volatile, because nobody reads what is freed and the compiler knows it.
        unsafe { std::ptr::from_mut(byte).write_volatile(0) };
    }
}

/// A caller's context pointer: handed back to the caller's callback, never looked at.
#[derive(Clone, Copy)]
pub struct Context(*mut c_void);

impl Context {
    /// Keeps it.
    pub fn new(pointer: *mut c_void) -> Self {
        Context(pointer)
    }

    /// Hands it back.
    pub fn pointer(self) -> *mut c_void {
        self.0
    }
}

// SAFETY: it is only carried; the conventions say on which threads a callback runs, and what it points to is the caller's.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_comes_back_with_its_nul_and_is_freed_once() {
        let mut string = new_string(b"a\0b");
        assert_eq!(string.length, 3);
        let read = bytes(string.text.cast::<u8>(), 4, "text").unwrap();
        assert_eq!(read, b"a\0b\0");
        free_string(&mut string);
        assert!(string.text.is_null() && string.length == 0);
        free_string(&mut string);
    }

    #[test]
    fn no_slice_is_made_from_null() {
        assert!(bytes(std::ptr::null(), 0, "body").unwrap().is_empty());
        assert!(bytes(std::ptr::null(), 1, "body").unwrap_err().to_string().contains("body"));
        assert!(bytes(std::ptr::NonNull::dangling().as_ptr(), usize::MAX, "body").is_err());
        assert!(text(std::ptr::null(), "name").is_err());
        assert_eq!(text(c"\xff".as_ptr(), "name").unwrap_err().fields()[0].field, "name");
    }

    #[test]
    fn a_growing_struct_is_read_from_older_and_newer_callers() {
        use crate::options::bidden_options;
        let mut options: bidden_options = absent();
        for wrong in [0, 7, 5000, size_of::<bidden_options>() - 4, 4095] {
            options.size = wrong;
            assert!(read_growing(&raw const options).is_err(), "{wrong}");
        }
        options.size = size_of::<usize>();
        options.callers = 7;
        assert_eq!(read_growing(&raw const options).unwrap().callers, 0, "what an older caller does not know is absent");
        #[repr(C)]
        struct Newer(bidden_options, u64);
        options.size = size_of::<Newer>();
        let mut newer = Newer(options, 0);
        assert_eq!(read_growing((&raw const newer).cast::<bidden_options>()).unwrap().callers, 7);
        newer.1 = 1;
        assert!(read_growing((&raw const newer).cast::<bidden_options>()).is_err(), "a member nobody here knows is refused");
    }
}
