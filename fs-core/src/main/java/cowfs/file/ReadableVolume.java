package cowfs.file;

import cowfs.file.Volume.AttributeVisitor;
import cowfs.file.Volume.DirectoryVisitor;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// What can be read of the files of one subvolume or snapshot, by inode number: the half of a
/// {@link Volume} that an older state and a damaged image have as well.
///
/// The root directory has the number {@link Volume#ROOT_INODE}. Names are raw bytes, 1 to 255 of
/// them, without `/` and NUL; `.` and `..` are not stored and not looked up by {@link #lookup} (the
/// kernel resolves them), but {@link #readDirectory} reports them. Permissions are not checked
/// here.
///
/// Thread safe. Failures are `CowException`s, or a plain `IOException` from the device.
public interface ReadableVolume {
    /// The name of the subvolume or snapshot when it was opened, such as `main` or `main@monday`.
    String name();

    /// Never reused within an image; a mount makes `st_ino` unique with it.
    long treeId();

    /// The attributes of what `name` stands for in a directory.
    ///
    /// @throws IOException `NOT_FOUND`, `NOT_A_DIRECTORY`, `NAME_TOO_LONG`
    Attributes lookup(long directory, byte[] name) throws IOException;

    /// The attributes of an inode, unlinked ones included while they are held.
    Attributes getAttributes(long inode) throws IOException;

    byte[] readLink(long inode) throws IOException;

    /// Reports entries whose cookie is above `cookie`, in the order of cookies, `.` and `..` first,
    /// until the visitor returns false. 0 starts; a cookie stays valid for as long as the directory
    /// lives, whatever else is created or removed in it.
    void readDirectory(long directory, long cookie, DirectoryVisitor visitor) throws IOException;

    /// The same with the attributes of each entry, which cost little more than its name.
    ///
    /// @param expected about how many entries the visitor will take: no more are looked up at once
    void readDirectoryWithAttributes(
            long directory, long cookie, int expected, AttributeVisitor visitor) throws IOException;

    /// The parent of a directory; the root is its own.
    long getParent(long directory) throws IOException;

    /// Reads up to `target.remaining()` bytes at `offset`; fewer only at the end of the file.
    ///
    /// @return the number of bytes read, 0 at and past the end
    int read(long inode, long offset, ByteBuffer target) throws IOException;

    /// The first offset at or after `offset` that holds data (or lies in a hole). The end of the
    /// file counts as a hole.
    ///
    /// @throws IOException `NO_SUCH_OFFSET` when there is none
    long seek(long inode, long offset, SeekTarget what) throws IOException;

    /// The value of an extended attribute.
    ///
    /// @throws IOException `NO_ATTRIBUTE`
    byte[] getXattr(long inode, byte[] name) throws IOException;

    List<byte[]> listXattrs(long inode) throws IOException;
}
