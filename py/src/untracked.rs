//! Objects that the cyclic collector need not know. It walks over everything it knows, again and again while a list of a million rows is
//! filled: a third of the time. A row holds no object of Python, so it can be part of no cycle.

use pyo3::prelude::*;
use pyo3::{PyClass, ffi};

/// An object whose class has nothing of Python in it; that it holds none is the caller's promise.
pub(crate) fn untracked<T: PyClass>(object: Bound<'_, T>) -> Bound<'_, T> {
    // SAFETY: it is a live object of a class that the collector knows, which every class of pyo3 is; what is not tracked any more is
    // freed as before, when its last reference goes.
    unsafe { ffi::PyObject_GC_UnTrack(object.as_ptr().cast()) };
    object
}
