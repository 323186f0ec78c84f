/// The offline checker: walks everything, recounts it and reports findings.
///
/// May use: `fs` and every room below it, and `error`.
///
/// - A check reports and changes nothing.
/// - Each finding has a permanent code and says where the damage is and why it is damage.
/// - Damage of any shape ends in findings: no hang, no stack overflow, no unbounded memory.
@NullMarked
package cowfs.check;

import org.jspecify.annotations.NullMarked;
