package cowfs.fuse.kernel;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.fuse.kernel.ReplyFormat.Header;
import cowfs.fuse.kernel.RequestFormat.Init;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The first exchange on a new connection: which protocol, and which features.
final class Handshake {
    private static final int BUFFER_BYTES = (1 << 20) + (64 << 10);
    private static final int EPROTO = 71;
    private static final long LOW_BITS = 0xFFFF_FFFFL;

    private final int descriptor;
    private final long wantedFlags;
    private final MemorySegment in;
    private final MemorySegment out;
    private final Request request;

    Handshake(int descriptor, long wantedFlags, Arena arena) {
        this.descriptor = descriptor;
        this.wantedFlags = wantedFlags;
        in = arena.allocate(BUFFER_BYTES, Long.BYTES);
        out = arena.allocate(Header.BYTES + ReplyFormat.Init.BYTES, Long.BYTES);
        request = new Request(in, 0, in);
    }

    Negotiation negotiate() throws RequestException {
        readInit();
        if (request.get(Init.MAJOR) > Negotiation.MAJOR) {
            // A kernel of a later protocol goes down to the one that it is answered, and asks
            // again.
            send(0, new Negotiation(Negotiation.MAX_MINOR, 0, 0, 0));
            readInit();
        }
        if (request.get(Init.MAJOR) != Negotiation.MAJOR) {
            send(EPROTO, null);
            throw new RequestException(
                    ErrorKind.UNSUPPORTED,
                    "the kernel speaks FUSE " + request.get(Init.MAJOR) + ", and 7 is needed");
        }
        Negotiation agreed;
        try {
            agreed =
                    Negotiation.of(
                            request.get(Init.MINOR),
                            request.get(Init.MAX_READAHEAD),
                            offeredFlags(),
                            wantedFlags);
        } catch (RequestException e) {
            send(EPROTO, null);
            throw e;
        }
        send(0, agreed);
        return agreed;
    }

    private long offeredFlags() {
        long low = request.get(Init.FLAGS) & LOW_BITS;
        boolean extended = InitFlag.INIT_EXT.isIn(low) && request.remaining() >= Integer.BYTES;
        return extended ? low | ((long) request.get(Init.FLAGS_HIGH) << 32) : low;
    }

    private void readInit() throws RequestException {
        long count = Linux.read(descriptor, in.address(), in.byteSize());
        while (count == -Linux.EINTR) {
            count = Linux.read(descriptor, in.address(), in.byteSize());
        }
        if (count < 0) {
            throw refused(Linux.text((int) -count));
        }
        if (!request.takeStream((int) count, false)
                || request.opcode() != Opcode.INIT
                || request.structureBytes() < Init.SHORT_BYTES) {
            throw refused("its first request is not INIT");
        }
    }

    private void send(int error, @org.jspecify.annotations.Nullable Negotiation agreed)
            throws RequestException {
        int length = Header.BYTES + (agreed == null ? 0 : ReplyFormat.Init.BYTES);
        Header.LENGTH.set(out, 0, length);
        Header.ERROR.set(out, 0, -error);
        Header.UNIQUE.set(out, 0, request.unique());
        if (agreed != null) {
            agreed.putReply(out.asSlice(Header.BYTES));
        }
        long count = Linux.write(descriptor, out.address(), length);
        if (count < 0) {
            throw refused(Linux.text((int) -count));
        }
    }

    private static RequestException refused(String reason) {
        return new RequestException(ErrorKind.IO, "the kernel refused the mount: " + reason);
    }
}
