package cowfs.fuse.kernel;

import cowfs.error.CommandHint;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Volume;
import cowfs.fuse.operation.NodeId;
import cowfs.fuse.operation.Operations;
import cowfs.fuse.operation.RequestTime;
import cowfs.fuse.operation.Session;
import cowfs.fuse.operation.SyncBarrier;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// A mount served through the kernel's own protocol.
///
/// A channel's threads serve it; a keeper thread waits for them to end and gives everything back.
public final class KernelSession implements Session, Kernel {
    private static final System.Logger LOG = System.getLogger("cowfs.fuse");

    private final Path directory;
    private final Operations operations;
    private final Connection connection;
    private final Notices notices;
    private final Generation generation = new Generation();
    private final boolean forgetsNames;
    private final Dispatcher dispatcher;
    private final Channel channel;
    private final SyncBarrier barrier;
    private final CountDownLatch ended = new CountDownLatch(1);

    /// Mounts, and serves from then on.
    ///
    /// @param onEnd run when the mount has ended and the operations are closed
    /// @throws IOException `UNSUPPORTED` when the kernel is too old or `fusermount3` is missing,
    ///   `IO` when the mount is refused
    public static KernelSession start(
            Path directory, Operations operations, KernelOptions options, Runnable onEnd)
            throws IOException {
        ChannelChoice choice =
                new ChannelChoice(
                        options,
                        "cowfs-fuse-" + directory.getFileName(),
                        () -> KernelMount.abort(directory));
        Connection connection;
        try {
            connection = connect(directory, options, choice);
        } catch (IOException e) {
            choice.giveUp();
            throw e;
        }
        KernelSession session;
        try {
            session = new KernelSession(directory, operations, options, connection, choice);
            Thread.ofPlatform()
                    .daemon()
                    .name("cowfs-fuse-" + directory.getFileName())
                    .start(() -> session.keep(onEnd));
        } catch (RuntimeException | Error e) {
            choice.giveUp();
            KernelMount.undo(directory, connection.descriptor());
            throw e;
        }
        session.serve();
        return session;
    }

    /// Begins to serve, and returns when that works.
    ///
    /// @throws IllegalStateException when it does not; nothing is mounted then
    private void serve() {
        try {
            channel.start();
        } catch (RuntimeException | Error e) {
            KernelMount.abort(directory);
            KernelMount.detach(directory);
            throw e;
        }
        KernelMount.readFarAhead(directory);
        if (channel.hasFailed()) {
            KernelMount.detach(directory);
            throw new IllegalStateException(
                    directory + " can't be served: the log tells which thread has failed");
        }
    }

    private static Connection connect(Path directory, KernelOptions options, ChannelChoice choice)
            throws IOException {
        int descriptor = KernelMount.mount(directory, options);
        try {
            return Connection.open(descriptor, choice.wantedFlags());
        } catch (IOException e) {
            KernelMount.undo(directory, descriptor);
            throw e;
        }
    }

    private KernelSession(
            Path directory,
            Operations operations,
            KernelOptions options,
            Connection connection,
            ChannelChoice choice) {
        this.directory = directory;
        this.operations = operations;
        this.connection = connection;
        this.notices = new Notices(connection);
        this.forgetsNames = notices.allNamesChanged(); // no name is known yet
        dispatcher = new Dispatcher(operations, options, this, generation);
        channel = choice.channel(connection, dispatcher);
        barrier = new SyncBarrier(directory, operations.opens().writers(), channel::awaitTaken);
    }

    @Override
    public void barrier() throws IOException {
        if (!hasEnded()) {
            barrier.pass();
        }
    }

    @Override
    public boolean canInvalidateAll() {
        return forgetsNames;
    }

    @Override
    public synchronized void replaceContent(Volume replacement) throws IOException {
        requireForgets();
        if (hasEnded()) {
            return;
        }
        // In this order: a request that found its handle current meets the old content, which takes
        // nothing; only when none of them is left there is another content to meet.
        generation.advance();
        barrier.drain();
        operations.replaceContent(replacement);
        forgetContent();
    }

    /// Has the kernel ask anew for everything: by other names it comes to other inodes, and what is
    /// still open finds none of its pages.
    private void forgetContent() {
        notices.allNamesChanged();
        notices.contentChanged(NodeId.ROOT); // the one inode that is never looked up anew
        operations.forEachKnown(notices::contentChanged);
    }

    @Override
    public void requireNotices() {
        // every kernel that the transport takes has them
    }

    @Override
    public void nameAppeared(long directory, byte[] name) {
        if (!hasEnded()) {
            notices.nameChanged(directory, name);
            notices.contentChanged(directory); // its listing, and its times
        }
    }

    @Override
    public void snapshotReplaced(long treeId) {
        operations.snapshotReplaced(treeId);
        if (!hasEnded()) {
            notices.allNamesChanged();
        }
    }

    private void requireForgets() throws RequestException {
        if (!forgetsNames) {
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "this kernel keeps what it knows of "
                            + directory
                            + " (Linux 6.16 is needed); unmount it first: "
                            + CommandHint.of("umount", directory));
        }
    }

    @Override
    public synchronized void invalidateAll() throws IOException {
        requireForgets();
        if (hasEnded()) {
            return;
        }
        // In this order: what is looked up after the names are gone must carry the new generation.
        generation.advance();
        operations.contentReplaced();
        forgetContent();
    }

    @Override
    public void attributesChanged(long node) {
        notices.attributesChanged(node);
    }

    @Override
    public void writeBack() throws IOException {
        barrier();
    }

    @Override
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    @Override
    public boolean hasFailed() {
        return channel.hasFailed();
    }

    @Override
    public int knownNodeCount() {
        return operations.names().knownNodeCount();
    }

    @Override
    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    @Override
    public String description() {
        return "kernel, protocol "
                + Negotiation.MAJOR
                + "."
                + connection.agreed().minor()
                + ", "
                + channel.description();
    }

    @Override
    public Map<String, RequestTime> requestTimes() {
        return dispatcher.times().all();
    }

    @Override
    public Map<String, Long> requestCounts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Opcode opcode : Opcode.values()) {
            long count = channel.count(opcode);
            if (count > 0) {
                counts.put(opcode.name(), count);
            }
        }
        return counts;
    }

    private void keep(Runnable onEnd) {
        try {
            channel.awaitEnd();
            connection.close();
            operations.close();
        } catch (InterruptedException e) {
            LOG.log(Level.ERROR, "nobody interrupts the keeper of " + directory, e);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "after the end of " + directory + ": " + e.getMessage());
        } finally {
            try {
                onEnd.run();
            } finally {
                ended.countDown();
            }
        }
    }
}
