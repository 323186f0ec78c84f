/// Files inside images as the command reads them: without a mount, from a pinned state of a pool or
/// from an image that may be damaged; and their way out to the host.
///
/// May use: `text`, `place`, and the engine's door.
///
/// - Names are bytes. As text, what is no printable UTF-8 is written `\xHH`, and read so.
/// - A symbolic link never leads out of its subvolume.
/// - What can't be read is said, once, and makes the exit code 1; it never stops the rest.
@NullMarked
package cowfs.tools.files;

import org.jspecify.annotations.NullMarked;
