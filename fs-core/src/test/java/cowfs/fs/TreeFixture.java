package cowfs.fs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.check.CheckResult;
import cowfs.check.Checker;
import cowfs.device.MemoryDevice;
import cowfs.file.NewInode;
import cowfs.file.Timestamp;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.ItemKind;
import cowfs.format.SubvolumeItem;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import cowfs.format.TreeId;
import cowfs.txn.CommitContext;
import cowfs.txn.FileTree;
import cowfs.txn.NewPool;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/// A pool in memory with one subvolume, for tests of the rooms above `txn`.
public final class TreeFixture implements AutoCloseable {
    private static final String NAME = "main";

    private final MemoryDevice device;
    private PoolStore store;
    private FileTree tree;
    private boolean damaged;

    /// Makes and opens a new pool whose subvolume has an empty root directory.
    public TreeFixture(int nodeBytes, int metadataCopies, long sizeBytes) throws IOException {
        device = new MemoryDevice(sizeBytes);
        Superblock start =
                new Superblock(
                        Superblock.Features.NONE,
                        new UUID(1, 2),
                        "",
                        sizeBytes / Blocks.SIZE,
                        0,
                        nodeBytes,
                        metadataCopies,
                        new UUID(3, 4),
                        0,
                        BlockPointer.NONE,
                        0,
                        TreeId.FIRST_SUBVOLUME,
                        0,
                        (long) SuperblockArea.AREAS * SuperblockArea.SLOTS,
                        true,
                        List.of());
        NewPool.format(device, start, TreeFixture::makeSubvolume);
        open();
    }

    private static void makeSubvolume(CommitContext context) throws IOException {
        long id = context.newTreeId();
        SubvolumeItem item =
                new SubvolumeItem(
                        BlockPointer.NONE,
                        0,
                        new UUID(5, id),
                        0,
                        0,
                        context.txg(),
                        0,
                        0,
                        0,
                        2,
                        0,
                        0,
                        0,
                        0,
                        NAME);
        SubvolumeItem made =
                context.createTree(
                        id,
                        item,
                        change ->
                                TreeVolume.initialise(
                                        change, NewInode.directory(0755, 0, 0), Timestamp.now()));
        context.putSubvolume(id, made);
    }

    private void open() throws IOException {
        PoolOptions options = new PoolOptions(false, 1 << 20, Duration.ZERO, 4 << 20);
        store = PoolStore.open(device, options);
        tree = open(TreeId.FIRST_SUBVOLUME, NAME);
    }

    private FileTree open(long id, String name) throws IOException {
        BTree roots = store.rootTreeOf(store.state());
        Cursor c = roots.cursor();
        if (!roots.find(c, id, ItemKind.SUBVOLUME.number(), 0)) {
            throw new AssertionError("the subvolume is not there");
        }
        SubvolumeItem item =
                SubvolumeItem.readFrom(c.page(), c.position(), c.lengthBytes(), "tree=" + id);
        return store.tree(id, name, item);
    }

    /// The tree of a new snapshot.
    public FileTree snapshot() throws IOException {
        long[] id = new long[1];
        store.submit(
                context -> {
                    SubvolumeItem item = Objects.requireNonNull(context.lookupSubvolume(tree.id()));
                    id[0] = context.newTreeId();
                    context.shareRoot(item);
                    context.raiseLastSnapshotTxg(tree.id());
                    context.putSubvolume(
                            id[0],
                            new SubvolumeItem(
                                    item.root(),
                                    item.rootLevel(),
                                    new UUID(6, id[0]),
                                    tree.id(),
                                    0,
                                    context.txg(),
                                    0,
                                    0,
                                    context.txg(),
                                    item.nextInode(),
                                    item.referencedBlocks(),
                                    item.nodeCount(),
                                    item.inodeCount(),
                                    0,
                                    "s" + id[0]));
                });
        return open(id[0], NAME + "@s" + id[0]);
    }

    /// Closes the pool and opens it again; its tree and its volumes are new ones then.
    public void reopen() throws IOException {
        store.close();
        open();
    }

    public MemoryDevice device() {
        return device;
    }

    public PoolStore store() {
        return store;
    }

    public FileTree tree() {
        return tree;
    }

    /// A volume of the tree, with no holds.
    public TreeVolume volume() {
        return new TreeVolume(tree, Clock.systemUTC());
    }

    /// Tells that the test makes items that no volume would make.
    public void expectDamage() {
        damaged = true;
    }

    /// Closes the pool and checks the image.
    @Override
    public void close() throws IOException {
        store.close();
        if (!damaged) {
            CheckResult result = Checker.check(device, (done, total) -> {});
            assertTrue(result.isClean(), () -> "the image is damaged: " + result);
        }
    }
}
