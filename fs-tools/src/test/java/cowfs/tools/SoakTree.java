package cowfs.tools;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// A small directory tree as it should be, or as it was found on a mount. A change makes a new one;
/// contents are shared. Its text shows everything that is compared.
final class SoakTree {
    private static final String XATTR = "soak";

    /// A file, directory or symlink; names with one node are hard links.
    ///
    /// @param content of a file; the target of a symlink
    /// @param xattr the value of the one extended attribute, empty when there is none
    @SuppressWarnings("ArrayRecordComponent") // compared by identity, on purpose
    record Node(Type type, byte[] content, String xattr) {}

    enum Type {
        FILE,
        DIRECTORY,
        SYMLINK
    }

    private final TreeMap<String, Integer> names;
    private final Map<Integer, Node> nodes;
    private int nextNode;
    private @Nullable String text;

    SoakTree() {
        this(new TreeMap<>(), new HashMap<>(), 0);
    }

    private SoakTree(TreeMap<String, Integer> names, Map<Integer, Node> nodes, int nextNode) {
        this.names = names;
        this.nodes = nodes;
        this.nextNode = nextNode;
    }

    TreeMap<String, Integer> names() {
        return names;
    }

    Node node(String name) {
        return nodes.get(names.get(name));
    }

    private SoakTree copy() {
        return new SoakTree(new TreeMap<>(names), new HashMap<>(nodes), nextNode);
    }

    SoakTree with(String name, Type type, byte[] content) {
        SoakTree changed = copy();
        changed.names.put(name, changed.nextNode);
        changed.nodes.put(changed.nextNode++, new Node(type, content, ""));
        return changed;
    }

    SoakTree withContent(String name, byte[] content) {
        SoakTree changed = copy();
        changed.nodes.put(names.get(name), new Node(Type.FILE, content, node(name).xattr));
        return changed;
    }

    SoakTree withXattr(String name, String value) {
        SoakTree changed = copy();
        changed.nodes.put(names.get(name), new Node(node(name).type, node(name).content, value));
        return changed;
    }

    SoakTree withLink(String name, String newName) {
        SoakTree changed = copy();
        changed.names.put(newName, names.get(name));
        return changed;
    }

    SoakTree without(String name) {
        SoakTree changed = copy();
        changed.names.remove(name);
        return changed;
    }

    /// Moves a name, and what lies below it.
    SoakTree renamed(String from, String to) {
        SoakTree changed = copy();
        for (Map.Entry<String, Integer> each : names.entrySet()) {
            String name = each.getKey();
            if (name.equals(from) || name.startsWith(from + "/")) {
                changed.names.remove(name);
            }
        }
        for (Map.Entry<String, Integer> each : names.entrySet()) {
            String name = each.getKey();
            if (name.equals(from) || name.startsWith(from + "/")) {
                changed.names.put(to + name.substring(from.length()), each.getValue());
            }
        }
        return changed;
    }

    boolean isEmptyDirectory(String name) {
        return node(name).type == Type.DIRECTORY
                && names.keySet().stream().noneMatch(each -> each.startsWith(name + "/"));
    }

    /// What is below a directory of a mount.
    static SoakTree read(Path directory) throws IOException {
        SoakTree found = new SoakTree();
        found.add(directory, "", new HashMap<>());
        return found;
    }

    private void add(Path directory, String prefix, Map<Object, Integer> known) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = prefix + entry.getFileName();
                Object key = Files.getAttribute(entry, "unix:ino", LinkOption.NOFOLLOW_LINKS);
                Integer node = known.get(key);
                if (node == null) {
                    node = nextNode++;
                    known.put(key, node);
                    nodes.put(node, read(entry, name));
                }
                names.put(name, node);
                if (nodes.get(node).type == Type.DIRECTORY) {
                    add(entry, name + "/", known);
                }
            }
        }
    }

    private static Node read(Path entry, String name) throws IOException {
        if (Files.isSymbolicLink(entry)) {
            byte[] target =
                    Files.readSymbolicLink(entry).toString().getBytes(StandardCharsets.UTF_8);
            return new Node(Type.SYMLINK, target, "");
        }
        boolean directory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
        byte[] content = directory ? new byte[0] : Files.readAllBytes(entry);
        return new Node(directory ? Type.DIRECTORY : Type.FILE, content, readXattr(entry));
    }

    private static String readXattr(Path entry) throws IOException {
        UserDefinedFileAttributeView view = xattrs(entry);
        if (!view.list().contains(XATTR)) {
            return "";
        }
        ByteBuffer value = ByteBuffer.allocate(view.size(XATTR));
        view.read(XATTR, value);
        return new String(value.array(), StandardCharsets.UTF_8);
    }

    static void writeXattr(Path entry, String value) throws IOException {
        xattrs(entry).write(XATTR, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    private static UserDefinedFileAttributeView xattrs(Path entry) {
        return Files.getFileAttributeView(
                entry, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    /// One line for each name, with the first name of the same node.
    @Override
    public String toString() {
        String done = text;
        if (done == null) {
            StringBuilder lines = new StringBuilder();
            Map<Integer, String> first = new HashMap<>();
            for (Map.Entry<String, Integer> each : names.entrySet()) {
                Node node = nodes.get(each.getValue());
                CRC32 crc = new CRC32();
                crc.update(node.content);
                first.putIfAbsent(each.getValue(), each.getKey());
                lines.append(each.getKey()).append(' ').append(node.type);
                lines.append(' ').append(node.content.length).append(" bytes ");
                lines.append(Long.toHexString(crc.getValue())).append(' ').append(node.xattr);
                lines.append(" is ").append(first.get(each.getValue())).append('\n');
            }
            done = lines.toString();
            text = done;
        }
        return done;
    }

    /// Content with bytes written into it.
    static byte[] overwritten(byte[] content, int offset, byte[] bytes, int count) {
        byte[] changed = Arrays.copyOf(content, Math.max(content.length, offset + count));
        System.arraycopy(bytes, 0, changed, offset, count);
        return changed;
    }
}
