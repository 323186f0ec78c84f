package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.error.CorruptException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.ReadableVolume;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.ContentItem;
import cowfs.format.ItemKind;
import cowfs.subvol.Subvolume;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Every distinct version of a file over all snapshots and clones of a pool, and who has it.
///
/// **Lineage.** The file is the inode that the path leads to in the tree that was named; where it
/// leads nowhere, in the newest snapshot of that subvolume in which it leads to one. A tree has the
/// file if it has an inode of the same number and birth, under whatever name; and else if the same
/// path leads to another file there, as after an editor has saved by renaming. So a version is
/// found both where the file was moved and where it was written anew.
///
/// **Versions.** Two states are one version if they have the same bytes: the same length, and the
/// same checksum of each block that is not all zeros. Attributes do not count.
///
/// Cost: one look-up and the file's own items for each tree. Memory: a few hundred bytes for each.
public final class FileHistory {
    private static final int CONTENT = ItemKind.CONTENT.number();
    private static final int ZERO_CRC = Checksum.crc32c(new byte[Blocks.SIZE], 0, Blocks.SIZE);

    private final StableTrees trees;

    private FileHistory(StableTrees trees) {
        this.trees = trees;
    }

    /// A tree that has a version.
    ///
    /// @param path where it is there
    public record Holder(Subvolume subvolume, FilePath path, Attributes attributes) {}

    /// A version and the trees that have it: snapshots, oldest first, then live subvolumes.
    public record Version(List<Holder> holders) {}

    /// All versions, newest first.
    ///
    /// @param all the subvolumes and snapshots to look into
    /// @param of the one that the path belongs to
    /// @throws RequestException `NOT_FOUND` when neither it nor one of its snapshots has the path,
    ///   `IS_A_DIRECTORY`
    public static List<Version> of(
            PoolStore store, List<Subvolume> all, Subvolume of, FilePath path) throws IOException {
        try (StableTrees trees = StableTrees.open(store, all)) {
            return new FileHistory(trees).find(all, of, path);
        }
    }

    private List<Version> find(List<Subvolume> all, Subvolume of, FilePath path)
            throws IOException {
        Attributes file = origin(all, of, path);
        Map<String, List<Holder>> versions = new LinkedHashMap<>();
        List<Subvolume> oldestFirst = new ArrayList<>(all);
        // a live subvolume is as it is now, whenever it was made
        oldestFirst.sort(
                Comparator.comparing((Subvolume each) -> !each.isSnapshot())
                        .thenComparing(Subvolume::treeId));
        for (Subvolume each : oldestFirst) {
            Holder holder = lookup(each, file, path);
            if (holder != null) {
                versions.computeIfAbsent(fingerprint(holder), _ -> new ArrayList<>()).add(holder);
            }
        }
        return versions.values().stream()
                .map(holders -> new Version(List.copyOf(holders)))
                .toList()
                .reversed();
    }

    /// The file that is meant.
    private Attributes origin(List<Subvolume> all, Subvolume of, FilePath path) throws IOException {
        List<Subvolume> places = new ArrayList<>(List.of(of));
        long live = of.isSnapshot() ? of.item().parentTree() : of.treeId();
        all.stream()
                .filter(each -> each.item().parentTree() == live)
                .sorted(Comparator.comparing(Subvolume::treeId).reversed())
                .forEach(places::add);
        for (Subvolume each : places) {
            TreePaths paths = paths(each);
            long inode = paths.find(path);
            if (inode != 0) {
                Attributes found = attributes(paths, each, inode);
                if (found.isDirectory()) {
                    throw new RequestException(
                            ErrorKind.IS_A_DIRECTORY,
                            "'"
                                    + each.fullName()
                                    + ":"
                                    + path.toPrintable()
                                    + "' is a directory: name a file");
                }
                return found;
            }
        }
        throw new RequestException(
                ErrorKind.NOT_FOUND,
                "there is no '"
                        + path.toPrintable()
                        + "' in '"
                        + of.fullName()
                        + "' nor in a snapshot of its subvolume");
    }

    /// The attributes of an inode that has a name.
    private static Attributes attributes(TreePaths paths, Subvolume subvolume, long inode)
            throws IOException {
        Attributes found = paths.attributes(inode);
        if (found == null) {
            throw new CorruptException(
                    "dirent item",
                    "tree=" + subvolume.treeId() + " inode=" + inode,
                    "a name leads to an inode that is not there");
        }
        return found;
    }

    private TreePaths paths(Subvolume subvolume) throws IOException {
        return new TreePaths(trees.tree(subvolume), trees.nameHash());
    }

    private @Nullable Holder lookup(Subvolume subvolume, Attributes file, FilePath path)
            throws IOException {
        TreePaths paths = paths(subvolume);
        Attributes same = paths.attributes(file.inode());
        if (same != null
                && same.linkCount() > 0
                && same.born().equals(file.born())
                && same.type() == file.type()) {
            FilePath name =
                    paths.find(path) == file.inode()
                            ? path
                            : paths.lookup(file.inode(), FilePath.ROOT);
            if (name != null) {
                return new Holder(subvolume, name, same);
            }
        }
        long other = paths.find(path);
        if (other == 0) {
            return null;
        }
        Attributes found = attributes(paths, subvolume, other);
        return found.isDirectory() ? null : new Holder(subvolume, path, found);
    }

    /// The same for the same bytes, however they are stored.
    private String fingerprint(Holder holder) throws IOException {
        Attributes attributes = holder.attributes();
        MessageDigest digest = sha256();
        ByteBuffer number = ByteBuffer.allocate(20);
        digest.update(
                number.putLong(attributes.sizeBytes())
                        .putInt(attributes.type())
                        .putLong(attributes.device())
                        .flip());
        BTree tree = trees.tree(holder.subvolume());
        Cursor c = tree.cursor();
        long inode = attributes.inode();
        long end = 0;
        for (boolean more = c.seek(inode, CONTENT, 0);
                more && c.inode() == inode && c.kind() == CONTENT;
                more = c.next()) {
            byte[] page = c.page();
            int position = c.position();
            ItemCheck.requireContent(
                    tree.owner(),
                    inode,
                    c.offset(),
                    new ItemValue(page, position, c.lengthBytes()),
                    end);
            long first = c.offset() >>> Blocks.SHIFT;
            end = first + ContentItem.blockCount(page, position);
            for (int i = 0; i < ContentItem.blockCount(page, position); i++) {
                int crc = crc(holder, page, position, first + i, i);
                if (crc != ZERO_CRC) {
                    digest.update(number.clear().putLong(first + i).putInt(crc).flip());
                }
                if (ContentItem.ENCODING.get(page, position) == ContentItem.UNWRITTEN) {
                    break; // all of it reads as zeros
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// The checksum of a block's bytes.
    private int crc(Holder holder, byte[] page, int position, long block, int index)
            throws IOException {
        boolean whole = Blocks.toBytes(block + 1) <= holder.attributes().sizeBytes();
        return switch (ContentItem.ENCODING.get(page, position)) {
            case ContentItem.UNWRITTEN -> ZERO_CRC;
            case ContentItem.PLAIN ->
                    whole ? ContentItem.crc(page, position, index) : read(holder, block);
            case ContentItem.INLINE -> {
                byte[] bytes = new byte[Blocks.SIZE];
                int from = position + ContentItem.LAYOUT.sizeBytes();
                System.arraycopy(page, from, bytes, 0, ContentItem.LENGTH.get(page, position));
                yield Checksum.crc32c(bytes, 0, bytes.length);
            }
            default -> read(holder, block);
        };
    }

    /// The checksum of a block that has to be read for it, with zeros behind the file's end.
    private int read(Holder holder, long block) throws IOException {
        byte[] bytes = new byte[Blocks.SIZE];
        Attributes file = holder.attributes();
        long offset = Blocks.toBytes(block);
        if (offset < file.sizeBytes()) {
            ReadableVolume volume = trees.volume(holder.subvolume());
            if (file.isSymlink()) {
                byte[] target = volume.readLink(file.inode());
                int from = (int) Math.min(offset, target.length);
                int count = Math.min(target.length - from, bytes.length);
                System.arraycopy(target, from, bytes, 0, count);
            } else {
                volume.read(file.inode(), offset, ByteBuffer.wrap(bytes));
            }
        }
        return Checksum.crc32c(bytes, 0, bytes.length);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has it", e);
        }
    }
}
