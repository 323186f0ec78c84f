package cowfs.tools.daemon;

import cowfs.file.Attributes;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume.AttributeVisitor;
import cowfs.file.Volume.DirectoryVisitor;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// The files of a pinned state, each read while the pool is open. Thread safe.
final class ServedVolume implements ReadableVolume {
    private final ServedPool pool;
    private final ReadableVolume files;

    ServedVolume(ServedPool pool, ReadableVolume files) {
        this.pool = pool;
        this.files = files;
    }

    @Override
    public String name() {
        return files.name();
    }

    @Override
    public long treeId() {
        return files.treeId();
    }

    @Override
    public Attributes lookup(long directory, byte[] name) throws IOException {
        return pool.inside(() -> files.lookup(directory, name));
    }

    @Override
    public Attributes getAttributes(long inode) throws IOException {
        return pool.inside(() -> files.getAttributes(inode));
    }

    @Override
    public byte[] readLink(long inode) throws IOException {
        return pool.inside(() -> files.readLink(inode));
    }

    @Override
    public void readDirectory(long directory, long cookie, DirectoryVisitor visitor)
            throws IOException {
        pool.inside(
                () -> {
                    files.readDirectory(directory, cookie, visitor);
                    return visitor;
                });
    }

    @Override
    public void readDirectoryWithAttributes(
            long directory, long cookie, int expected, AttributeVisitor visitor)
            throws IOException {
        pool.inside(
                () -> {
                    files.readDirectoryWithAttributes(directory, cookie, expected, visitor);
                    return visitor;
                });
    }

    @Override
    public long getParent(long directory) throws IOException {
        return pool.inside(() -> files.getParent(directory));
    }

    @Override
    public int read(long inode, long offset, ByteBuffer target) throws IOException {
        return pool.inside(() -> files.read(inode, offset, target));
    }

    @Override
    public long seek(long inode, long offset, SeekTarget what) throws IOException {
        return pool.inside(() -> files.seek(inode, offset, what));
    }

    @Override
    public byte[] getXattr(long inode, byte[] name) throws IOException {
        return pool.inside(() -> files.getXattr(inode, name));
    }

    @Override
    public List<byte[]> listXattrs(long inode) throws IOException {
        return pool.inside(() -> files.listXattrs(inode));
    }
}
