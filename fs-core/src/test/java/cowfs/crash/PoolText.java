package cowfs.crash;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.file.Attributes;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.SeekTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/// Everything that can be seen in a pool, as text: two pools with the same text are in the same
/// state, down to the inode numbers, times and holes.
final class PoolText {
    private static final int PIECE_BYTES = 1 << 16;

    private final StringBuilder text = new StringBuilder();
    private final Volume volume;

    private PoolText(Volume volume) {
        this.volume = volume;
    }

    static String of(Pool pool) throws IOException {
        StringBuilder all = new StringBuilder();
        for (SubvolumeInfo info : pool.list()) {
            all.append(info.ref()).append(" tree=").append(info.treeId());
            all.append(' ').append(info.uuid()).append(" of ").append(info.origin());
            all.append(" txg=").append(info.createdTxg());
            all.append(' ').append(pool.properties(info.ref())).append('\n');
            all.append(of(pool, info.ref()));
        }
        return all.toString();
    }

    private static StringBuilder of(Pool pool, Ref ref) throws IOException {
        PoolText one = new PoolText(pool.volume(ref));
        one.add(ref + ":", Volume.ROOT_INODE);
        return one.text;
    }

    private void add(String path, long inode) throws IOException {
        Attributes attributes = volume.getAttributes(inode);
        text.append(path);
        add(attributes);
        for (byte[] name : volume.listXattrs(inode)) {
            text.append(' ').append(new String(name, StandardCharsets.ISO_8859_1)).append('=');
            text.append(hash(volume.getXattr(inode, name)));
        }
        if (attributes.isSymlink()) {
            text.append(" -> ").append(hash(volume.readLink(inode)));
        } else if (attributes.isRegular()) {
            addContent(inode, attributes.sizeBytes());
        }
        text.append('\n');
        if (attributes.isDirectory()) {
            Map<String, Long> entries = new TreeMap<>();
            volume.readDirectory(
                    inode,
                    2,
                    (name, child, _, _) -> {
                        entries.put(new String(name, StandardCharsets.ISO_8859_1), child);
                        return true;
                    });
            for (Map.Entry<String, Long> entry : entries.entrySet()) {
                add(path + "/" + entry.getKey(), entry.getValue());
            }
        }
    }

    private void add(Attributes attributes) {
        text.append(" inode=").append(attributes.inode());
        text.append(" mode=").append(Integer.toOctalString(attributes.mode()));
        text.append(" links=").append(attributes.linkCount());
        text.append(" owner=").append(attributes.uid()).append(':').append(attributes.gid());
        text.append(" size=").append(attributes.sizeBytes());
        text.append(" blocks=").append(attributes.blockCount());
        add(" a=", attributes.accessed());
        add(" m=", attributes.modified());
        add(" c=", attributes.changed());
        add(" b=", attributes.born());
    }

    private void add(String what, Timestamp time) {
        text.append(what).append(time.seconds() % 100_000).append('.').append(time.nanos());
    }

    private void addContent(long inode, long sizeBytes) throws IOException {
        CRC32 one = new CRC32();
        CRC32C other = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, sizeBytes + 1));
        long at = 0;
        while (volume.read(inode, at, piece.clear()) > 0) {
            one.update(piece.flip());
            other.update(piece.rewind());
            at += piece.limit();
        }
        text.append(" content=").append(Long.toHexString(one.getValue() << 32 ^ other.getValue()));
        text.append(" to ").append(at).append(" data=");
        long from = 0;
        try {
            while (from < sizeBytes) {
                long data = volume.seek(inode, from, SeekTarget.DATA);
                from = volume.seek(inode, data, SeekTarget.HOLE);
                text.append(data).append('-').append(from).append(' ');
            }
        } catch (CowException none) {
            if (none.kind() != ErrorKind.NO_SUCH_OFFSET) {
                throw none;
            }
        }
    }

    private static String hash(byte[] bytes) {
        CRC32 one = new CRC32();
        one.update(bytes);
        CRC32C other = new CRC32C();
        other.update(bytes);
        return bytes.length + ":" + Long.toHexString(one.getValue() << 32 ^ other.getValue());
    }
}
