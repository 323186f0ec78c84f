package cowfs.tools.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Which file a path leads to, whatever the path.
///
/// @param device as in `st_dev`
public record FileIdentity(long device, long inode) {
    /// The file that a path leads to.
    public static FileIdentity of(Path file) throws IOException {
        return new FileIdentity(
                (long) Files.getAttribute(file, "unix:dev"),
                (long) Files.getAttribute(file, "unix:ino"));
    }

    /// `major:minor:inode` as `/proc/locks` writes it.
    public String lockPlace() {
        long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
        return String.format(Locale.ROOT, "%02x:%02x:%d", major, minor, inode);
    }

    /// A file name made of it.
    String fileName() {
        return Long.toHexString(device) + "-" + Long.toHexString(inode);
    }

    /// The reverse of {@link #fileName}.
    static FileIdentity parse(String fileName) {
        int dash = fileName.indexOf('-');
        return new FileIdentity(
                Long.parseUnsignedLong(fileName.substring(0, dash), 16),
                Long.parseUnsignedLong(fileName.substring(dash + 1), 16));
    }
}
