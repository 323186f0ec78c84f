/// The engine's oracle and the tests that every implementation of `cowfs.file.Volume` and
/// `cowfs.api.Pool` passes.
///
/// - `Model*` is a plain in-memory filesystem, meant to be obviously right and not to be fast.
/// - `*Contract` are interfaces of tests; a test class implements one and says what to run it on.
/// - `RandomOperations` does the same random things to the model and to another pool, and compares.
@NullMarked
package cowfs.model;

import org.jspecify.annotations.NullMarked;
