package cowfs.damage;

import cowfs.damage.ImageGraph.Page;
import cowfs.format.ContentItem;
import cowfs.format.GroupItem;
import cowfs.format.InodeItem;
import cowfs.format.ItemKind;
import cowfs.format.Layout;
import cowfs.format.NodePage;
import cowfs.format.PendingItem;
import cowfs.format.Superblock;
import cowfs.format.TreeId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Where in an image the records of each declared {@link Layout} lie.
///
/// The layouts are found by looking through all classes of the room `format`, so that a new record
/// or field is damaged without being named anywhere: a layout of which no record is found fails
/// {@link EveryFieldDamageTest}.
final class RecordPlaces {
    private final Map<String, Layout> layouts;
    private final Map<String, List<Place>> places = new TreeMap<>();

    /// One record.
    ///
    /// @param what kind of thing it is, for the choice of places that differ
    record Place(Page page, int position, String what) {
        @Override
        public String toString() {
            return page + " position=" + position + " " + what;
        }
    }

    RecordPlaces(ImageGraph graph) {
        layouts = declared();
        superblock(graph);
        for (Page page : graph.pages()) {
            add("node_header", page, 0, treeOf(page) + " level " + page.level);
            for (int slot = 0; slot < page.slotCount(); slot++) {
                slot(page, page.slotPosition(slot));
            }
        }
    }

    /// All layouts that the classes of the room declare, by name.
    static Map<String, Layout> declared() {
        Map<String, Layout> found = new TreeMap<>();
        try {
            Path root =
                    Path.of(
                            Layout.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            for (String name : classes(root)) {
                for (Field field : Class.forName("cowfs.format." + name).getDeclaredFields()) {
                    if (Modifier.isStatic(field.getModifiers())
                            && field.getType() == Layout.class) {
                        field.setAccessible(true);
                        Layout layout = (Layout) field.get(null);
                        found.put(layout.name(), layout);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException | ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
        return found;
    }

    /// The names of the room's classes.
    ///
    /// @param root a directory of classes, or an archive of them
    private static List<String> classes(Path root) throws IOException {
        if (Files.isDirectory(root)) {
            return classesIn(root.resolve("cowfs/format"));
        }
        try (FileSystem archive = FileSystems.newFileSystem(root)) {
            return classesIn(archive.getPath("/cowfs/format"));
        }
    }

    private static List<String> classesIn(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .sorted()
                    .toList();
        }
    }

    Map<String, Layout> layouts() {
        return layouts;
    }

    /// All records of a layout.
    List<Place> of(String layout) {
        return places.getOrDefault(layout, List.of());
    }

    /// Trees of files are all alike.
    private static String treeOf(Page page) {
        return page.tree >= TreeId.FIRST_SUBVOLUME ? "files" : "tree " + page.tree;
    }

    private void add(String layout, Page page, int position, String what) {
        places.computeIfAbsent(layout, name -> new ArrayList<>())
                .add(new Place(page, position, what));
    }

    private void superblock(ImageGraph graph) {
        Page head = graph.head();
        add("superblock", head, 0, "");
        add("block_pointer", head, ImageGraph.offset(Superblock.LAYOUT, "root"), "superblock");
        for (int i = 0; i < graph.superblock().runs().size(); i++) {
            int runs = ImageGraph.offset(Superblock.LAYOUT, "runs");
            boolean copied = graph.superblock().runs().get(i).copyAddress() != 0;
            add("run", head, runs + i * 24, copied ? "nodes" : "data");
        }
    }

    private void slot(Page page, int at) {
        String tree = treeOf(page) + " kind ";
        String what = tree + NodePage.kind(page.bytes, at);
        if (page.level > 0) {
            add("interior_slot", page, at, what);
            int pointer = ImageGraph.offset(NodePage.INTERIOR_SLOT_LAYOUT, "pointer");
            add("block_pointer", page, at + pointer, tree + "interior");
            return;
        }
        add("leaf_slot", page, at, what);
        int position = NodePage.valuePosition(page.bytes, at);
        switch (kind(page, at)) {
            case INODE ->
                    add(
                            "inode_item",
                            page,
                            position,
                            what + " type " + (InodeItem.MODE.get(page.bytes, position) >> 12));
            case INODE_REF -> add("inode_ref_item", page, position, what);
            case XATTR -> add("xattr_item", page, position, what);
            case DIRENT -> add("dirent_item", page, position, what);
            case RECEIVE -> add("receive_item", page, position, what);
            case ORPHAN -> add("orphan_item", page, position, what);
            case CONTENT -> {
                int encoding = ContentItem.ENCODING.get(page.bytes, position);
                add("content_item", page, position, what + " encoding " + encoding);
                if (encoding != ContentItem.INLINE) {
                    add("extent_item", page, position, what + encoding);
                }
                if (ContentItem.isCompressed(encoding)) {
                    add("compressed_item", page, position, what + encoding);
                }
            }
            case SUBVOLUME -> {
                add("subvolume", page, position, what);
                add("block_pointer", page, position, what);
            }
            case RECLAIM, TREE_ROOT -> {
                add("node_ref", page, position, what);
                add("block_pointer", page, position, what);
            }
            case PENDING -> {
                int bytes = layouts.get("pending_entry").sizeBytes();
                for (int i = 0; i < PendingItem.ENTRIES; i++) {
                    boolean used = GroupItem.word(page.bytes, position + i * bytes, 0) != 0;
                    add("pending_entry", page, position + i * bytes, what + " used " + used);
                }
            }
            case PROPERTY -> add("property", page, position, what);
            case BOOKMARK -> add("bookmark", page, position, what);
            case SCRUB -> add("scrub", page, position, what);
            case SCRUB_DAMAGE -> add("scrub_damage", page, position, what);
            case GROUP_SUMMARY -> add(GroupItem.SUMMARY_LAYOUT.name(), page, position, what);
            case GROUP_BITMAP -> add(GroupItem.BITMAP_LAYOUT.name(), page, position, what);
            case REFCOUNT -> add("refcount", page, position, what);
        }
    }

    private static ItemKind kind(Page page, int at) {
        int number = NodePage.kind(page.bytes, at);
        for (ItemKind kind : ItemKind.values()) {
            if (kind.number() == number) {
                return kind;
            }
        }
        throw new AssertionError("kind " + number);
    }
}
