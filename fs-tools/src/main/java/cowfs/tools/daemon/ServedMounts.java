package cowfs.tools.daemon;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.IoStatistics.MountRequests;
import cowfs.tools.control.Log;
import cowfs.tools.control.MountService.ServedMount;
import cowfs.tools.text.ErrorText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a daemon has mounted.
///
/// Thread safe: one monitor, held while a mount comes up, so that two requests for the same place
/// meet. Once the last mount is gone it takes no more.
final class ServedMounts {
    private final Pool pool;
    private final Mounter mounter;
    private final Log log;
    private final Map<Path, Entry> entries = new LinkedHashMap<>();
    private boolean closed;
    private boolean haveFailed;

    ServedMounts(Pool pool, Mounter mounter, Log log) {
        this.pool = pool;
        this.mounter = mounter;
        this.log = log;
    }

    synchronized ServedMount mount(Ref ref, Path directory, List<String> options)
            throws IOException {
        requireOpen();
        Mounter.Handle handle = mounter.mount(pool, ref, directory, options);
        Entry entry = new Entry(ref, directory, handle);
        entries.put(directory, entry);
        log.write("mounted " + ref + " on " + directory);
        Thread.ofPlatform()
                .daemon()
                .name("await " + directory)
                .start(() -> awaitEnd(directory, handle));
        return entry.mount();
    }

    synchronized List<ServedMount> list() {
        return entries.values().stream().map(Entry::mount).toList();
    }

    /// How the requests of each mount have been served.
    synchronized List<MountRequests> requests() {
        return entries.values().stream()
                .map(
                        entry ->
                                new MountRequests(
                                        entry.ref().toString(),
                                        entry.directory().toString(),
                                        entry.handle().requestTimes()))
                .toList();
    }

    /// @throws RequestException `BUSY` once the last mount is gone
    synchronized void requireOpen() throws RequestException {
        if (closed) {
            throw new RequestException(
                    ErrorKind.BUSY, "the image is being closed; try again in a moment");
        }
    }

    /// A subvolume and its snapshots have another name now.
    synchronized void renamed(String from, String to) {
        entries.replaceAll(
                (directory, entry) ->
                        entry.ref().subvolume().equals(from)
                                ? new Entry(
                                        new Ref(to, entry.ref().snapshot()),
                                        directory,
                                        entry.handle())
                                : entry);
    }

    /// Waits until nothing is mounted on `directory`.
    ///
    /// @return whether that was the last mount
    synchronized boolean awaitGone(Path directory) throws InterruptedException {
        while (entries.containsKey(directory)) {
            wait();
        }
        return closed;
    }

    /// Whether one has ended for a defect.
    synchronized boolean haveFailed() {
        return haveFailed;
    }

    /// Waits until the last mount is gone.
    synchronized void awaitLast() throws InterruptedException {
        while (!closed) {
            wait();
        }
    }

    /// Takes no more mounts and unmounts all, then waits, up to a limit, until those that could be
    /// are gone.
    ///
    /// @return whether all are
    boolean unmountAll(long limitMillis) throws InterruptedException {
        List<Entry> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(entries.values());
        }
        Set<Path> going = new HashSet<>();
        for (Entry entry : all) {
            try {
                entry.handle().unmount();
                going.add(entry.directory());
            } catch (IOException e) {
                log.write("can't unmount " + entry.directory() + ": " + ErrorText.describe(e));
            }
        }
        synchronized (this) {
            notifyAll();
            long deadline = System.nanoTime() + limitMillis * 1_000_000;
            for (long left = limitMillis;
                    left > 0 && !Collections.disjoint(entries.keySet(), going); ) {
                wait(left);
                left = (deadline - System.nanoTime()) / 1_000_000;
            }
            return entries.isEmpty();
        }
    }

    private void awaitEnd(Path directory, Mounter.Handle handle) {
        try {
            handle.awaitUnmounted();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                entries.remove(directory);
                haveFailed |= handle.hasFailed();
                closed |= entries.isEmpty();
                notifyAll();
            }
            log.write(
                    handle.hasFailed()
                            ? directory + Endpoint.FAILED + "a thread that served it has failed"
                            : "unmounted " + directory);
        }
    }

    private record Entry(Ref ref, Path directory, Mounter.Handle handle) {
        /// As it is now.
        ServedMount mount() {
            return new ServedMount(
                    ref, directory, handle.readOnly(), handle.transport(), handle.requestCounts());
        }
    }
}
