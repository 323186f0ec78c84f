package cowfs.device;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A small device in memory that is cheap to copy and knows a fingerprint of its content: for tests
/// that try very many states of one image.
///
/// Pages are shared by copies and never changed, only replaced. Thread safe by one lock.
public final class PageImage implements BlockDevice {
    private static final int PAGE_BYTES = 4096;
    private static final byte[] ZEROS = new byte[PAGE_BYTES];
    private static final String NAME = "pages";

    private final @Nullable byte[][] pages;
    private long fingerprint;

    private PageImage(@Nullable byte[][] pages, long fingerprint) {
        this.pages = pages;
        this.fingerprint = fingerprint;
    }

    /// A copy of a device whose size is a multiple of 4096 bytes.
    public static PageImage of(BlockDevice device) throws IOException {
        PageImage image =
                new PageImage(new byte[Math.toIntExact(device.sizeBytes() / PAGE_BYTES)][], 0);
        byte[] page = new byte[PAGE_BYTES];
        for (int i = 0; i < image.pages.length; i++) {
            device.read((long) i * PAGE_BYTES, ByteBuffer.wrap(page));
            if (!Arrays.equals(page, ZEROS)) {
                image.replace(i, page.clone());
            }
        }
        return image;
    }

    /// A device with the same content, which shares its pages. Costs a reference for each page.
    public synchronized PageImage copy() {
        return new PageImage(pages.clone(), fingerprint);
    }

    /// The same content in a device of another kind.
    public synchronized MemoryDevice toMemory() throws IOException {
        MemoryDevice memory = new MemoryDevice(sizeBytes());
        for (int i = 0; i < pages.length; i++) {
            byte[] page = pages[i];
            if (page != null) {
                memory.write((long) i * PAGE_BYTES, ByteBuffer.wrap(page));
            }
        }
        return memory;
    }

    /// Writes a sparse file with this content.
    public synchronized void writeTo(Path file) throws IOException {
        try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
            target.setLength(sizeBytes());
            for (int i = 0; i < pages.length; i++) {
                byte[] page = pages[i];
                if (page != null) {
                    target.seek((long) i * PAGE_BYTES);
                    target.write(page);
                }
            }
        }
    }

    /// Equal for equal contents, and otherwise different but for chance.
    public synchronized long fingerprint() {
        return fingerprint;
    }

    @Override
    public long sizeBytes() {
        return (long) pages.length * PAGE_BYTES;
    }

    @Override
    public synchronized void read(long position, ByteBuffer target) throws IOException {
        DeviceRange.check(NAME, position, target.remaining(), sizeBytes());
        long at = position;
        while (target.hasRemaining()) {
            int within = (int) (at % PAGE_BYTES);
            int count = Math.min(target.remaining(), PAGE_BYTES - within);
            target.put(page((int) (at / PAGE_BYTES)), within, count);
            at += count;
        }
    }

    @Override
    public synchronized void write(long position, ByteBuffer source) throws IOException {
        DeviceRange.check(NAME, position, source.remaining(), sizeBytes());
        long at = position;
        while (source.hasRemaining()) {
            int within = (int) (at % PAGE_BYTES);
            int count = Math.min(source.remaining(), PAGE_BYTES - within);
            int number = (int) (at / PAGE_BYTES);
            byte[] page = count == PAGE_BYTES ? new byte[PAGE_BYTES] : page(number).clone();
            source.get(page, within, count);
            replace(number, page);
            at += count;
        }
    }

    @Override
    public void flush() {}

    @Override
    public synchronized void discard(long position, long lengthBytes) throws IOException {
        DeviceRange.check(NAME, position, lengthBytes, sizeBytes());
        long end = (position + lengthBytes) / PAGE_BYTES;
        for (long page = Math.ceilDiv(position, PAGE_BYTES); page < end; page++) {
            replace((int) page, null);
        }
    }

    /// The content stays for {@link #copy}.
    @Override
    public void close() {}

    private byte[] page(int number) {
        byte[] page = pages[number];
        return page == null ? ZEROS : page;
    }

    private void replace(int number, byte @Nullable [] page) {
        fingerprint += hash(number, page) - hash(number, pages[number]);
        pages[number] = page;
    }

    /// 0 for a page of zeros, so that a discard and a write of zeros are the same.
    private static long hash(int number, byte @Nullable [] page) {
        if (page == null || Arrays.equals(page, ZEROS)) {
            return 0;
        }
        CRC32 one = new CRC32();
        one.update(page);
        CRC32C other = new CRC32C();
        other.update(page);
        return mix((one.getValue() << 32 ^ other.getValue()) + number * 0x9E3779B97F4A7C15L);
    }

    /// The finalizer of MurmurHash3.
    private static long mix(long value) {
        long z = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        z = (z ^ z >>> 33) * 0xc4ceb9fe1a85ec53L;
        return z ^ z >>> 33;
    }
}
