package cowfs.tools.control;

import cowfs.api.SubvolumeInfo;
import cowfs.file.Attributes;
import cowfs.file.ReadableVolume;
import cowfs.file.Volume.AttributeVisitor;
import cowfs.file.Volume.DirectoryVisitor;
import cowfs.file.Volume.SeekTarget;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The files of a subvolume or snapshot in a state that a daemon keeps. Thread safe.
final class RemoteVolume implements ReadableVolume {
    private final ControlClient client;
    private final long pin;
    private final SubvolumeInfo info;

    RemoteVolume(ControlClient client, long pin, SubvolumeInfo info) {
        this.client = client;
        this.pin = pin;
        this.info = info;
    }

    @Override
    public String name() {
        return info.ref().toString();
    }

    @Override
    public long treeId() {
        return info.treeId();
    }

    @Override
    public Attributes lookup(long directory, byte[] name) throws IOException {
        return FileWire.attributes(
                call(Verb.FILE_LOOKUP, directory, Map.of("name", FileWire.text(name))));
    }

    @Override
    public Attributes getAttributes(long inode) throws IOException {
        return FileWire.attributes(call(Verb.FILE_ATTRIBUTES, inode, Map.of()));
    }

    @Override
    public byte[] readLink(long inode) throws IOException {
        return FileWire.bytes(call(Verb.FILE_TARGET, inode, Map.of()), "value");
    }

    @Override
    public void readDirectory(long directory, long cookie, DirectoryVisitor visitor)
            throws IOException {
        long last = cookie;
        while (true) {
            List<JsonObject> entries =
                    page(Verb.FILE_ENTRIES, directory, last, PinnedReads.MAX_ENTRIES);
            for (JsonObject entry : entries) {
                last = entry.number("cookie");
                if (!visitor.entry(
                        FileWire.bytes(entry, "name"),
                        entry.number("inode"),
                        entry.smallNumber("type"),
                        last)) {
                    return;
                }
            }
            if (entries.isEmpty()) {
                return;
            }
        }
    }

    @Override
    public void readDirectoryWithAttributes(
            long directory, long cookie, int expected, AttributeVisitor visitor)
            throws IOException {
        long last = cookie;
        while (true) {
            List<JsonObject> entries =
                    page(Verb.FILE_ENTRIES_WITH_ATTRIBUTES, directory, last, expected);
            for (JsonObject entry : entries) {
                last = entry.number("cookie");
                if (!visitor.entry(
                        FileWire.bytes(entry, "name"), FileWire.attributes(entry), last)) {
                    return;
                }
            }
            if (entries.isEmpty()) {
                return;
            }
        }
    }

    private List<JsonObject> page(Verb verb, long directory, long cookie, int count)
            throws IOException {
        return call(verb, directory, Map.of("cookie", cookie, "count", count)).objects("items");
    }

    @Override
    public long getParent(long directory) throws IOException {
        return call(Verb.FILE_PARENT, directory, Map.of()).number("inode");
    }

    @Override
    public int read(long inode, long offset, ByteBuffer target) throws IOException {
        int total = 0;
        while (target.hasRemaining()) {
            int want = Math.min(target.remaining(), PinnedReads.MAX_BYTES);
            byte[] content =
                    FileWire.bytes(
                            call(
                                    Verb.FILE_CONTENT,
                                    inode,
                                    Map.of("offset", offset + total, "length", want)),
                            "value");
            target.put(content, 0, Math.min(content.length, want));
            total += content.length;
            if (content.length < want) {
                break;
            }
        }
        return total;
    }

    @Override
    public long seek(long inode, long offset, SeekTarget what) throws IOException {
        return call(
                        Verb.FILE_SEEK,
                        inode,
                        Map.of("offset", offset, "data", what == SeekTarget.DATA))
                .number("offset");
    }

    @Override
    public byte[] getXattr(long inode, byte[] name) throws IOException {
        return FileWire.bytes(
                call(Verb.FILE_XATTR, inode, Map.of("name", FileWire.text(name))), "value");
    }

    @Override
    public List<byte[]> listXattrs(long inode) throws IOException {
        List<byte[]> names = new ArrayList<>();
        for (String name : call(Verb.FILE_XATTRS, inode, Map.of()).texts("names")) {
            names.add(FileWire.bytes(new JsonObject(Map.of("name", name)), "name"));
        }
        return names;
    }

    private JsonObject call(Verb verb, long inode, Map<String, ?> arguments) throws IOException {
        Map<String, @Nullable Object> request = PoolJson.members();
        request.put("pin", pin);
        request.put("ref", info.ref().toString());
        request.put("inode", inode);
        request.putAll(arguments);
        return client.call(verb, request);
    }
}
