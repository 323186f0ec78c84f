/// Where things are: images, mount points, the daemon of an image, who holds a lock or keeps a
/// mount busy.
///
/// May use: `control`, `text`, and the engine's door.
///
/// - What is mounted is asked of the kernel (`/proc/self/mountinfo`), never kept in a file.
/// - A path that may be a stale mount is never resolved through its last part: that fails.
@NullMarked
package cowfs.tools.place;

import org.jspecify.annotations.NullMarked;
