package cowfs.device;

import cowfs.device.DeviceEvent.Write;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A device for tests as a host shows it after a failed flush: pages that never reached the medium
/// are there all the same, and are taken for clean, until the host is made to forget them.
///
/// Writing a part of such a page writes all of it, as a host does. Thread safe by one lock.
public final class StaleCacheDevice implements BlockDevice {
    private static final int PAGE_BYTES = 4096;

    private final BlockDevice medium;
    private final Map<Long, byte[]> cached = new HashMap<>();

    /// @param lost writes whose bytes only the host's memory has, oldest first
    public StaleCacheDevice(BlockDevice medium, List<DeviceEvent> lost) throws IOException {
        this.medium = medium;
        for (DeviceEvent event : lost) {
            if (event instanceof Write write) {
                put(write.position(), ByteBuffer.wrap(write.content()));
            }
        }
    }

    /// How many pages are shown that the medium does not have.
    public synchronized int staleCount() {
        return cached.size();
    }

    @Override
    public long sizeBytes() {
        return medium.sizeBytes();
    }

    @Override
    public synchronized void read(long position, ByteBuffer target) throws IOException {
        DeviceRange.check("stale", position, target.remaining(), sizeBytes());
        long at = position;
        while (target.hasRemaining()) {
            int within = (int) (at % PAGE_BYTES);
            int count = Math.min(target.remaining(), PAGE_BYTES - within);
            target.put(page(at / PAGE_BYTES), within, count);
            at += count;
        }
    }

    @Override
    public synchronized void write(long position, ByteBuffer source) throws IOException {
        DeviceRange.check("stale", position, source.remaining(), sizeBytes());
        long first = position / PAGE_BYTES;
        long last = (position + source.remaining() - 1) / PAGE_BYTES;
        put(position, source);
        for (long number = first; number <= last; number++) {
            byte[] page = page(number);
            cached.remove(number);
            medium.write(number * PAGE_BYTES, ByteBuffer.wrap(page));
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        medium.flush();
    }

    @Override
    public synchronized void forgetCached(long position, long lengthBytes) {
        cached.keySet()
                .removeIf(
                        page ->
                                (page + 1) * PAGE_BYTES > position
                                        && page * PAGE_BYTES < position + lengthBytes);
    }

    @Override
    public synchronized void discard(long position, long lengthBytes) throws IOException {
        DeviceRange.check("stale", position, lengthBytes, sizeBytes());
        cached.keySet()
                .removeIf(
                        page ->
                                page * PAGE_BYTES >= position
                                        && (page + 1) * PAGE_BYTES <= position + lengthBytes);
        medium.discard(position, lengthBytes);
    }

    /// Closing it leaves the medium open.
    @Override
    public void close() {}

    private void put(long position, ByteBuffer source) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            int within = (int) (at % PAGE_BYTES);
            int count = Math.min(source.remaining(), PAGE_BYTES - within);
            byte[] page = page(at / PAGE_BYTES).clone();
            source.get(page, within, count);
            cached.put(at / PAGE_BYTES, page);
            at += count;
        }
    }

    private byte[] page(long number) throws IOException {
        byte[] page = cached.get(number);
        if (page == null) {
            page = new byte[PAGE_BYTES];
            medium.read(number * PAGE_BYTES, ByteBuffer.wrap(page));
        }
        return page;
    }
}
