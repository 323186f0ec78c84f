package cowfs.fuse.kernel;

import cowfs.fuse.kernel.RequestFormat.Read;
import cowfs.fuse.operation.DirectoryBuffer;
import cowfs.fuse.operation.ListingOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// The requests about listings.
///
/// OPENDIR is not implemented: the kernel then opens directories without asking, keeps every
/// listing, and drops it when the directory changes through it or comes back with another
/// modification time. That of `.snapshots` therefore tells when the set of snapshots was last seen
/// to change.
final class DirectoryRequests {
    private final ListingOperations listings;

    DirectoryRequests(ListingOperations listings) {
        this.listings = listings;
    }

    void register(Map<Opcode, Dispatcher.Handler> handlers) {
        handlers.put(Opcode.READDIR, this::read);
        handlers.put(Opcode.READDIRPLUS, this::readNodes);
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
