package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import cowfs.api.CheckReport;
import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.device.BlockDevice;
import cowfs.device.CrashDevice;
import cowfs.device.MemoryDevice;
import cowfs.model.PoolUnderTest;
import cowfs.subvol.Bookmarks;
import cowfs.subvol.Reclaim;
import cowfs.subvol.Subvolume;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolOptions;
import cowfs.txn.PoolStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// An image in memory that sends and receives, and is checked whenever it is closed.
final class StreamImage implements PoolUnderTest {
    private static final OpenOptions OPTIONS =
            new OpenOptions(false, 4L << 20, Duration.ofMillis(200));
    private static final PoolOptions STORE_OPTIONS =
            new PoolOptions(
                    false, 4 << 20, Duration.ofMillis(200), PoolOptions.DEFAULT_MAX_DIRTY_BYTES);

    /// Small, so that short streams have many places to go on from.
    private static final int SEAL_AT_BYTES = 3000;

    private final int nodeBytes;
    private final int copies;
    private MemoryDevice device = new MemoryDevice(0);

    StreamImage(int nodeBytes, int copies) {
        this.nodeBytes = nodeBytes;
        this.copies = copies;
    }

    /// A new image with an empty `main`.
    static StreamImage formatted(int nodeBytes, long imageBytes) throws IOException {
        StreamImage image = new StreamImage(nodeBytes, 1);
        image.create(imageBytes).close();
        return image;
    }

    @Override
    public Pool create(long imageBytes) throws IOException {
        device = new MemoryDevice(imageBytes);
        Images.format(device, new FormatOptions(imageBytes, nodeBytes, copies, "stream"));
        return open();
    }

    @Override
    public Pool open() throws IOException {
        device = device.copy();
        return Images.open(device, OPTIONS);
    }

    @Override
    public void check() throws IOException {
        CheckReport report = Images.check(device.copy(), (done, total) -> {});
        assertEquals(List.of(), report.findings());
    }

    /// The image as its device is now, whether it is open or not.
    StreamImage copy() {
        StreamImage copy = new StreamImage(nodeBytes, copies);
        copy.device = device.copy();
        return copy;
    }

    long usedBytes() throws IOException {
        try (Opened opened = openEngine()) {
            return opened.store.status().usedBlockCount() << 12;
        }
    }

    /// An image on a device that is left as it is.
    static StreamImage on(MemoryDevice device) {
        StreamImage image = new StreamImage(0, 0);
        image.device = device;
        return image;
    }

    /// The engine over this image.
    Opened openEngine() throws IOException {
        device = device.copy();
        return new Opened(device, true);
    }

    /// The engine over this image, with every write and flush recorded. The image stays what it is.
    Opened openEngine(CrashDevice recorder) throws IOException {
        return new Opened(recorder, false);
    }

    /// A device that starts as this image is.
    CrashDevice recorder() {
        return new CrashDevice(device.copy());
    }

    /// An open image. Closing it checks it.
    final class Opened implements Closeable {
        final PoolStore store;
        final Subvolumes subvolumes;
        final Bookmarks bookmarks;
        final Sender sender;
        final Receiver receiver;
        private final Reclaim reclaim;
        private final boolean checked;

        private Opened(BlockDevice on, boolean checked) throws IOException {
            this.checked = checked;
            store = PoolStore.open(on, STORE_OPTIONS);
            reclaim = new Reclaim(store);
            subvolumes = Subvolumes.open(store, reclaim);
            reclaim.start();
            bookmarks = new Bookmarks(store, subvolumes);
            sender = new Sender(store, subvolumes, SEAL_AT_BYTES);
            receiver = new Receiver(store, subvolumes);
        }

        Subvolume get(String ref) throws IOException {
            int at = ref.indexOf('@');
            return at < 0
                    ? subvolumes.get(ref, null)
                    : subvolumes.get(ref.substring(0, at), ref.substring(at + 1));
        }

        List<String> names() throws IOException {
            return subvolumes.list().stream().map(Subvolume::fullName).toList();
        }

        byte[] send(Sender.Plan plan) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            sender.send(plan, out);
            return out.toByteArray();
        }

        byte[] send(String snapshot) throws IOException {
            return send(sender.plan(get(snapshot), null, false));
        }

        byte[] send(String snapshot, String base) throws IOException {
            return send(sender.plan(get(snapshot), get(base), false));
        }

        byte[] sendFrom(Bookmarks.Bookmark bookmark, Subvolume snapshot, boolean between)
                throws IOException {
            return send(sender.planOn(bookmark, snapshot, between));
        }

        byte[] resume(ResumeToken token) throws IOException {
            return send(sender.plan(token));
        }

        void sendTo(OutputStream out, String snapshot) throws IOException {
            sender.send(sender.plan(get(snapshot), null, false), out);
        }

        List<Subvolume> receive(String name, byte[] stream) throws IOException {
            return receiver.receive(name, new ByteArrayInputStream(stream), bytes -> {});
        }

        void awaitReclaim() throws IOException {
            reclaim.await();
        }

        Map<String, String> tree(String ref) throws IOException {
            return CanonicalTree.of(store, get(ref));
        }

        @Override
        public void close() throws IOException {
            reclaim.close();
            store.close();
            if (checked) {
                check();
            }
        }
    }
}
