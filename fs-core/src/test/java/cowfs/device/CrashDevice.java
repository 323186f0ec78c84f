package cowfs.device;

import cowfs.device.DeviceEvent.Discard;
import cowfs.device.DeviceEvent.Flush;
import cowfs.device.DeviceEvent.Write;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A device in memory for tests that records what is done to it and can then show what a power cut
/// at any moment would have left.
///
///     events   W0  W1  F  W2  D3  W4 | ...          a cut after event 6: eventIndex 6
///              ------------
///              always kept    CutPolicy decides
///
/// Every write before a flush that has returned is kept. Calls run one at a time, so each event
/// either happened before a flush or after it. Events are numbered from 0 since the device was
/// made.
///
/// Cost: all bytes written since the start, or since {@link #forgetFlushed}, stay in memory. A cut
/// copies one map entry for each 4096-byte chunk of content and applies the unflushed events; cuts
/// in rising order apply each flushed event once. Thread safe.
public final class CrashDevice implements BlockDevice {
    private final MemoryDevice live;
    private final List<DeviceEvent> events = new ArrayList<>();
    private final Set<Integer> ignoredFlushes = new HashSet<>();
    private int flushCount;
    private int forgottenEvents; // events before the first of the list
    private MemoryDevice start; // the content before the first of the list
    private MemoryDevice durable; // start and the first `durableEvents` of the list
    private int durableEvents;

    /// A device that starts with the content of `initial`, which it neither changes nor closes.
    public CrashDevice(MemoryDevice initial) {
        live = initial.copy();
        start = initial.copy();
        durable = start.copy();
    }

    /// Makes the device lie at its n-th flush, 1 being the first: it returns and makes nothing
    /// durable. For tests of the tests.
    public synchronized void ignoreFlush(int n) {
        ignoredFlushes.add(n);
    }

    /// How many events there were. Asked after an fsync it is the first cut that the fsync must
    /// survive.
    public synchronized int eventCount() {
        return forgottenEvents + events.size();
    }

    /// The earliest cut that can still be made.
    public synchronized int firstCut() {
        return forgottenEvents;
    }

    /// The event with this number.
    public synchronized DeviceEvent event(int eventIndex) {
        return events.get(eventIndex - forgottenEvents);
    }

    /// How many of the first `eventIndex` events no cut after them can undo.
    public synchronized int flushedBefore(int eventIndex) {
        return forgottenEvents + listedFlushed(listIndex(eventIndex));
    }

    /// The writes and discards that a cut after the first `eventIndex` events leaves to its policy,
    /// oldest first.
    public synchronized List<DeviceEvent> unflushed(int eventIndex) {
        int end = listIndex(eventIndex);
        return unflushed(listedFlushed(end), end);
    }

    /// How many writes and discards a cut after the first `eventIndex` events leaves to its policy.
    public synchronized int unflushedCount(int eventIndex) {
        int end = listIndex(eventIndex);
        return unflushed(listedFlushed(end), end).size();
    }

    /// A new device with what is on the medium after a cut at which the first `eventIndex` events
    /// had happened.
    public synchronized MemoryDevice cut(int eventIndex, CutPolicy policy) throws IOException {
        int end = listIndex(eventIndex);
        int flushed = listedFlushed(end);
        MemoryDevice medium = durableAfter(flushed).copy();
        for (DeviceEvent event : policy.survivors(unflushed(flushed, end))) {
            event.applyTo(medium);
        }
        return medium;
    }

    /// Forgets the events up to the last flush, and so the cuts before it: gives their memory back.
    public synchronized void forgetFlushed() throws IOException {
        int flushed = listedFlushed(events.size());
        start = durableAfter(flushed).copy();
        events.subList(0, flushed).clear();
        forgottenEvents += flushed;
        durableEvents = 0;
    }

    @Override
    public long sizeBytes() {
        return live.sizeBytes();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        live.read(position, target);
    }

    @Override
    public synchronized void write(long position, ByteBuffer source) throws IOException {
        ByteBuffer content = source.duplicate();
        live.write(position, source);
        byte[] copy = new byte[content.remaining()];
        content.get(copy);
        events.add(new Write(position, copy));
    }

    @Override
    public synchronized void flush() throws IOException {
        live.flush();
        flushCount++;
        events.add(new Flush(!ignoredFlushes.contains(flushCount)));
    }

    /// Keeps its size, as a block device does, so that a cut can leave any state; what goes is as
    /// good as discarded.
    @Override
    public void resizeTo(long newSizeBytes) throws IOException {
        if (newSizeBytes > sizeBytes()) {
            throw new IOException("the device has " + sizeBytes() + " bytes");
        }
        discard(newSizeBytes, sizeBytes() - newSizeBytes);
    }

    @Override
    public synchronized void discard(long position, long lengthBytes) throws IOException {
        live.discard(position, lengthBytes);
        events.add(new Discard(position, lengthBytes));
    }

    /// Refuses further use as a device; cuts can still be made.
    @Override
    public void close() {
        live.close();
    }

    private int listIndex(int eventIndex) {
        if (eventIndex < forgottenEvents || eventIndex > eventCount()) {
            throw new IndexOutOfBoundsException(
                    "cut " + eventIndex + " of " + forgottenEvents + ".." + eventCount());
        }
        return eventIndex - forgottenEvents;
    }

    /// The number of events up to and with the last honoured flush among the first `end`.
    private int listedFlushed(int end) {
        for (int i = end; i > 0; i--) {
            if (events.get(i - 1) instanceof Flush(boolean honoured) && honoured) {
                return i;
            }
        }
        return 0;
    }

    private List<DeviceEvent> unflushed(int from, int end) {
        return events.subList(from, end).stream()
                .filter(event -> !(event instanceof Flush))
                .toList();
    }

    private MemoryDevice durableAfter(int flushed) throws IOException {
        if (flushed < durableEvents) {
            durable = start.copy();
            durableEvents = 0;
        }
        while (durableEvents < flushed) {
            events.get(durableEvents).applyTo(durable);
            durableEvents++;
        }
        return durable;
    }
}
