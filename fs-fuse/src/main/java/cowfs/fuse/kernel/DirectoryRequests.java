package cowfs.fuse.kernel;

import cowfs.fuse.kernel.RequestFormat.Read;
import cowfs.fuse.operation.DirectoryBuffer;
import cowfs.fuse.operation.ListingOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// The requests about listings.
final class DirectoryRequests {
    private final ListingOperations listings;

    DirectoryRequests(ListingOperations listings) {
        this.listings = listings;
    }

    void register(Map<Opcode, Dispatcher.Handler> handlers) {
        handlers.put(Opcode.OPENDIR, this::open);
        handlers.put(Opcode.READDIR, this::read);
        handlers.put(Opcode.READDIRPLUS, this::readNodes);
        handlers.put(Opcode.RELEASEDIR, (request, reply) -> reply.ok());
    }

    /// The kernel throws away a kept listing unless it is told at the next open to keep it again.
    private void open(Request request, Reply reply) throws IOException {
        reply.opened(
                request.node(),
                listings.mayKeep(request.node())
                        ? OpenFlags.CACHE_DIRECTORY | OpenFlags.KEEP_CACHE
                        : 0);
    }

    private void read(Request request, Reply reply) throws IOException {
        DirectoryBuffer entries = new DirectoryBuffer(reply.buffer(request.get(Read.SIZE)));
        listings.read(request.node(), request.get(Read.OFFSET), entries::add);
        reply.bytes();
    }

    private void readNodes(Request request, Reply reply) throws IOException {
        ByteBuffer target = reply.buffer(request.get(Read.SIZE));
        NodeBuffer entries = new NodeBuffer(reply, target);
        listings.readWithAttributes(
                request.node(),
                request.get(Read.OFFSET),
                target.remaining() / NodeBuffer.TYPICAL_ENTRY_BYTES + 1,
                entries::add);
        reply.bytes();
    }
}
