/// Power cuts under the whole engine: small sequences of operations, cut at every point.
///
/// - {@link cowfs.crash.Operation} is what can be done, {@link cowfs.crash.Persistence} how it is
///   then made durable, {@link cowfs.crash.Sequence} some of them one after the other.
/// - {@link cowfs.crash.Recording} runs a sequence on a recording device and notes the state after
///   each operation; {@link cowfs.crash.PowerCuts} tries the states that a cut can leave.
@NullMarked
package cowfs.crash;

import org.jspecify.annotations.NullMarked;
