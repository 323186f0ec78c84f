package cowfs.stream;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.BlockDevice;
import cowfs.device.MemoryDevice;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.subvol.Reclaim;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Puts what was received from another image into images that tests look at as a whole.
public final class ReceivedTrees {
    private static final PoolOptions OPTIONS =
            new PoolOptions(false, 1 << 20, Duration.ZERO, PoolOptions.DEFAULT_MAX_DIRTY_BYTES);
    private static final int SEAL_AT_BYTES = 1 << 16;

    private ReceivedTrees() {}

    /// Makes a snapshot `name@sent` with one small file in the pool on a device, as a stream of
    /// another image brings it.
    public static void receive(BlockDevice device, String name) throws IOException {
        byte[] stream = stream();
        try (PoolStore store = PoolStore.open(device, OPTIONS);
                Reclaim reclaim = new Reclaim(store)) {
            Subvolumes subvolumes = Subvolumes.open(store, reclaim);
            new Receiver(store, subvolumes)
                    .receive(name, new ByteArrayInputStream(stream), bytes -> {});
        }
    }

    private static byte[] stream() throws IOException {
        MemoryDevice source = new MemoryDevice(FormatOptions.MIN_SIZE_BYTES);
        Images.format(source, new FormatOptions(FormatOptions.MIN_SIZE_BYTES, 4096, 1, "source"));
        try (Pool pool = Images.open(source, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long file =
                    main.create(
                                    Volume.ROOT_INODE,
                                    "sent".getBytes(StandardCharsets.UTF_8),
                                    NewInode.regular(0640, 7, 8))
                            .inode();
            main.write(file, 0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            pool.snapshot(Ref.parse("main@sent"));
        }
        try (PoolStore store = PoolStore.open(source.copy(), OPTIONS);
                Reclaim reclaim = new Reclaim(store)) {
            Subvolumes subvolumes = Subvolumes.open(store, reclaim);
            Sender sender = new Sender(store, subvolumes, SEAL_AT_BYTES);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            sender.send(sender.plan(subvolumes.get("main", "sent"), null, false), out);
            return out.toByteArray();
        }
    }
}
