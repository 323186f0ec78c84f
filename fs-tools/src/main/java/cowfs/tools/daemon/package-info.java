/// The daemon: the process that has an image open and serves its mounts and its control socket.
///
/// May use: `place`, `control`, `text`, `cowfs.fuse`, and the engine's door.
///
/// - One daemon an image, held to it by the engine's lock on the image; any number of mount points.
/// - It ends when its last mount is gone, or at SIGTERM, with the pool closed; the socket goes
///   first, so that who finds no socket and no lock finds a sealed image.
/// - `Daemon` is a process's life, `Mounts` what it has mounted, `ServedPool` what its socket may
///   do to the pool.
@NullMarked
package cowfs.tools.daemon;

import org.jspecify.annotations.NullMarked;
