/// The control socket between the command and a daemon: a Unix domain socket, one JSON object a line.
///
///     -> {"version":1,"verb":"snapshot","ref":"main@monday"}
///     <- {"version":1,"ok":{"ref":"main@monday",...}}
///     <- {"version":1,"error":{"kind":"EXISTS","message":"..."}}
///
/// May use: `text`, and the engine's door.
///
/// - A connection carries any number of requests, one after the other.
/// - Only the daemon's user and root get an answer: the socket has mode 0600 in a directory of mode 0700, and
///   the peer's credentials are checked.
/// - The socket's name comes from the image's device and inode, so that any path to the image finds it.
@NullMarked
package cowfs.tools.control;

import org.jspecify.annotations.NullMarked;
