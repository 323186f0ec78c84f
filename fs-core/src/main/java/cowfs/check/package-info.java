/// The checker, the scrub and the repair of images: they walk everything, verify and recount it.
///
/// May use: `fs` and every room below it, and `error`.
///
/// - A check reports and changes nothing. A scrub writes bad copies of nodes again, from good ones.
///   A repair writes to free blocks, then one superblock.
/// - Each finding has a permanent code and says where the damage is and why it is damage.
/// - Damage of any shape ends in findings: no hang, no stack overflow, no unbounded memory.
@NullMarked
package cowfs.check;

import org.jspecify.annotations.NullMarked;
