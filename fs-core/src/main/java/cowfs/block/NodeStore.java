package cowfs.block;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import cowfs.device.BlockDevice;
import cowfs.error.CorruptException;
import cowfs.error.CountText;
import cowfs.format.BlockPointer;
import cowfs.format.Blocks;
import cowfs.format.Checksum;
import cowfs.format.NodePage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Verified reads of committed nodes, with a cache of bounded size.
///
/// No byte of a node gets out before its checksum, its identity (image, address, birth, level) and
/// its structure have been checked. When the primary copy fails, the second is tried, and the
/// {@link DamageLog} is told; nothing is ever written here.
///
/// The cache is keyed by address; an entry counts only when birth and checksum are those of the
/// pointer, so that an address that was freed and written again never serves the older node. Thread
/// safe. The caller is inside a reader epoch (or is the commit), so that the address can't be
/// reused meanwhile.
public final class NodeStore implements NodeSource {
    private final BlockDevice device;
    private final UUID uuid;
    private final int nodeBytes;
    private volatile long deviceBlocks;
    private final Cache<Long, CommittedNode> cache;
    private final LongAdder deviceReads = new LongAdder();
    private final LongAdder cacheHits = new LongAdder();
    private final LongAdder copyReads = new LongAdder();
    private final DamageLog damage = new DamageLog();

    /// @param cacheBytes bound on the pages that the cache keeps
    public NodeStore(
            BlockDevice device, UUID uuid, int nodeBytes, long deviceBlocks, long cacheBytes) {
        this.device = device;
        this.uuid = uuid;
        this.nodeBytes = nodeBytes;
        this.deviceBlocks = deviceBlocks;
        // maintenance runs on the calling thread: a filesystem should not depend on a shared pool
        this.cache =
                Caffeine.newBuilder()
                        .maximumSize(Math.max(16, cacheBytes / nodeBytes))
                        .executor(Runnable::run)
                        .build();
    }

    public int nodeBytes() {
        return nodeBytes;
    }

    /// Blocks of one copy of a node.
    public int nodeBlocks() {
        return nodeBytes >>> Blocks.SHIFT;
    }

    public UUID uuid() {
        return uuid;
    }

    public long deviceBlocks() {
        return deviceBlocks;
    }

    /// Takes note of another size of the image.
    public void resize(long newDeviceBlocks) {
        deviceBlocks = newDeviceBlocks;
    }

    /// Nodes read from the device so far.
    public long deviceReadCount() {
        return deviceReads.sum();
    }

    /// Nodes found in the cache so far.
    public long cacheHitCount() {
        return cacheHits.sum();
    }

    /// Reads that the second copy had to serve.
    public long copyReadCount() {
        return copyReads.sum();
    }

    /// What was found damaged.
    public DamageLog damage() {
        return damage;
    }

    /// Makes a node that the commit has just written available to readers.
    public void put(CommittedNode node) {
        cache.put(node.pointer().address(), node);
    }

    /// The node that a pointer names.
    ///
    /// @param level the level that the pointer's holder promises
    /// @throws CorruptException when no copy is what the pointer says
    @Override
    public CommittedNode read(BlockPointer pointer, int level) throws IOException {
        CommittedNode cached = lookupCached(pointer, level);
        if (cached != null) {
            return cached;
        }
        CommittedNode node = readUncached(pointer, level);
        cache.put(pointer.address(), node);
        return node;
    }

    /// The node that a pointer names if it is in memory.
    @Nullable CommittedNode lookupCached(BlockPointer pointer, int level) {
        CommittedNode cached = cache.getIfPresent(pointer.address());
        if (cached == null || !matches(cached, pointer, level)) {
            return null;
        }
        cacheHits.increment();
        return cached;
    }

    static boolean matches(CommittedNode node, BlockPointer pointer, int level) {
        return node.pointer().equals(pointer) && node.level() == level;
    }

    /// The same as {@link #read}, past the cache: what the checker wants.
    public CommittedNode readUncached(BlockPointer pointer, int level) throws IOException {
        IOException first;
        try {
            return readCopy(pointer, pointer.address(), level);
        } catch (IOException primaryFailed) {
            first = primaryFailed;
        }
        if (pointer.copyAddress() != 0) {
            try {
                CommittedNode node = readCopy(pointer, pointer.copyAddress(), level);
                copyReads.increment();
                damage.badCopy(pointer, level, pointer.address());
                return node;
            } catch (IOException copyFailed) {
                first.addSuppressed(copyFailed);
            }
        }
        damage.unreadable(pointer.address(), nodeBlocks());
        throw first;
    }

    /// Reads and verifies the copy of a node at `address`.
    public CommittedNode readCopy(BlockPointer pointer, long address, int level)
            throws IOException {
        String where = "block=" + address + " birth=" + pointer.birthTxg();
        if (address <= 0 || address > deviceBlocks - nodeBlocks()) {
            throw new CorruptException(
                    "block_pointer",
                    where,
                    "it leaves the image of " + CountText.of(deviceBlocks, "block"));
        }
        byte[] page = new byte[nodeBytes];
        device.read(Blocks.toBytes(address), ByteBuffer.wrap(page));
        deviceReads.increment();
        long checksum = Checksum.of(page, 0, page.length);
        if (checksum != pointer.checksum()) {
            throw new CorruptException(
                    "node",
                    where,
                    "checksum has "
                            + Long.toHexString(checksum)
                            + " want "
                            + Long.toHexString(pointer.checksum()));
        }
        NodePage.validate(page, uuid, level, where);
        if (NodePage.address(page) != pointer.address()
                || NodePage.birthTxg(page) != pointer.birthTxg()) {
            throw new CorruptException(
                    "node",
                    where,
                    "it says block="
                            + NodePage.address(page)
                            + " birth="
                            + NodePage.birthTxg(page));
        }
        return new CommittedNode(pointer, page);
    }

    /// The cached node of an address, for tests and inspection.
    public @Nullable CommittedNode cached(long address) {
        return cache.getIfPresent(address);
    }
}
