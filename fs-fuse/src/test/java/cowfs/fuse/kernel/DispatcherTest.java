package cowfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.fuse.kernel.ReplyFormat.Attr;
import cowfs.fuse.kernel.ReplyFormat.Entry;
import cowfs.fuse.operation.Caller;
import cowfs.fuse.operation.Errno;
import cowfs.fuse.operation.Node;
import cowfs.fuse.operation.NodeId;
import cowfs.fuse.operation.Operations;
import cowfs.model.ModelPools;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Requests, served without a kernel, on the model.
final class DispatcherTest {
    private static final int BODY = 16;
    private static final KernelOptions OPTIONS =
            new KernelOptions("test.img", false, true, true, true, 1, ChannelKind.LOOP);

    private static final Kernel KERNEL =
            new Kernel() {
                @Override
                public void attributesChanged(long node) {}

                @Override
                public void writeBack() {}
            };

    private final Pool pool = ModelPools.create();
    private final Generation generation = new Generation();
    private final MemorySegment memory = Arena.ofAuto().allocate(BODY + (64 << 10), 8);
    private final Reply reply = new Reply(memory, BODY, generation);
    private Operations operations;
    private Dispatcher dispatcher;

    /// These requests are refused with a line in the log each.
    private final Logger log = Logger.getLogger("cowfs.fuse");

    @BeforeEach
    void beQuiet() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void beLoudAgain() {
        log.setLevel(null);
    }

    @BeforeEach
    void open() throws IOException {
        operations = new Operations(pool, pool, pool.volume(Ref.MAIN));
        dispatcher = new Dispatcher(operations, OPTIONS, KERNEL, generation);
    }

    private Node file(String name) throws IOException {
        return operations
                .names()
                .create(1, name.getBytes(UTF_8), Attributes.REGULAR | 0644, 0, new Caller(1, 2));
    }

    private void serve(Wire wire) {
        dispatcher.serve(wire.taken(), reply);
        assertTrue(reply.isAnswered());
    }

    private void refuses(Errno errno, Wire wire) {
        serve(wire);
        assertEquals(errno.number(), reply.error());
        assertEquals(0, reply.bodyBytes());
    }

    @Test
    void aLookupIsAnsweredWithTheFile() throws IOException {
        Node made = file("f");
        serve(Wire.request(1, 1).name("f"));
        assertEquals(0, reply.error());
        assertEquals(128, reply.bodyBytes());
        assertEquals(made.id(), Entry.NODE.get(memory, BODY));
        assertEquals(Attributes.REGULAR | 0644, Attr.MODE.get(memory, BODY + (long) Entry.ATTR));
    }

    @Test
    void aMissingNameIsAnsweredWithAnEntryThatSaysSo() {
        serve(Wire.request(1, 1).name("none"));
        assertEquals(0, reply.error());
        assertEquals(0, Entry.NODE.get(memory, BODY));
        assertTrue(Entry.ENTRY_SECONDS.get(memory, BODY) > 0);
        refuses(Errno.ENOENT, Wire.request(1, NodeId.SNAPSHOTS).name("none"));
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Node made = file("f");
        serve(
                Wire.request(16, made.id())
                        .u64(0)
                        .u64(3)
                        .u32(5)
                        .u32(0)
                        .u64(0)
                        .u64(0)
                        .bytes("hello".getBytes(UTF_8)));
        assertEquals(5, ReplyFormat.Size.SIZE.get(memory, BODY));
        serve(Wire.request(15, made.id()).u64(0).u64(0).u32(4096).u32(0).u64(0).u64(0));
        assertArrayEquals(
                "\0\0\0hello".getBytes(UTF_8),
                memory.asSlice(BODY, reply.bodyBytes()).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void whatWasOpenedBeforeAReplacementIsStale() throws IOException {
        Node made = file("f");
        serve(Wire.request(14, made.id()).u32(2).u32(0));
        long handle = ReplyFormat.Open.HANDLE.get(memory, BODY);
        Wire write =
                Wire.request(16, made.id())
                        .u64(handle)
                        .u64(0)
                        .u32(1)
                        .u32(0)
                        .u64(0)
                        .u64(0)
                        .bytes(new byte[1]);
        serve(write);
        assertEquals(0, reply.error());
        generation.advance();
        refuses(Errno.ESTALE, write);
        refuses(
                Errno.ESTALE,
                Wire.request(15, made.id()).u64(handle).u64(0).u32(1).u32(0).u64(0).u64(0));
        serve(Wire.request(18, made.id()).u64(handle).u32(2).u32(0).u64(0));
        assertEquals(0, reply.error(), "it can be closed");
        serve(Wire.request(1, 1).name("f"));
        assertEquals(1, Entry.GENERATION.get(memory, BODY));
    }

    @Test
    void aRequestForMoreThanAReplyCanHoldGetsWhatFits() throws IOException {
        Node made = file("f");
        operations.content().write(made.id(), 0, ByteBuffer.allocate(100_000), SetIdBits.KEEP);
        serve(Wire.request(15, made.id()).u64(0).u64(0).u32(-1).u32(0).u64(0).u64(0));
        assertEquals(0, reply.error());
        assertTrue(reply.bodyBytes() <= 64 << 10);
    }

    @Test
    void unknownOpcodesAreNotImplemented() {
        refuses(Errno.ENOSYS, Wire.request(7, 1));
        refuses(Errno.ENOSYS, Wire.request(1000, 1).bytes(new byte[100]));
        refuses(Errno.ENOSYS, Wire.request(Opcode.BMAP.number(), 1));
        refuses(Errno.ENOSYS, Wire.request(Opcode.INTERRUPT.number(), 0).u64(5));
    }

    @Test
    void forgetOfAnUnknownNodeIsNothing() throws IOException {
        for (long node : new long[] {0, -1, 99, Long.MAX_VALUE, NodeId.SNAPSHOTS, 7L << 40 | 3}) {
            for (long count : new long[] {0, 1, -1, Long.MIN_VALUE}) {
                serve(Wire.request(2, node).u64(count));
                assertTrue(reply.isSilent());
                serve(Wire.request(42, 0).u32(2).u32(0).u64(node).u64(count).u64(node).u64(1));
                assertTrue(reply.isSilent());
            }
        }
        Node made = file("f");
        serve(Wire.request(2, made.id()).u64(-5));
        assertNotNull(operations.attributes().get(made.id()));
    }

    @Test
    void forgetsThatAreCountedTooManyAreNotRead() throws IOException {
        Node made = file("f");
        serve(Wire.request(42, 0).u32(-1).u32(0).u64(made.id()).u64(1));
        assertTrue(reply.isSilent());
        serve(Wire.request(42, 0).u32(1000).u32(0));
        assertTrue(reply.isSilent());
    }

    @Test
    void aTruncatedRequestIsAnIoError() {
        for (Opcode opcode : Opcode.values()) {
            if (opcode.structureBytes() > 0
                    && opcode != Opcode.FORGET
                    && opcode != Opcode.BATCH_FORGET
                    && opcode != Opcode.SETXATTR) {
                serve(
                        Wire.request(opcode.number(), 1)
                                .bytes(new byte[opcode.structureBytes() - 1]));
                assertTrue(
                        reply.error() == Errno.EIO.number()
                                || reply.error() == Errno.ENOSYS.number(),
                        opcode + ": " + reply.error());
            }
        }
        refuses(Errno.EIO, Wire.request(Opcode.SETXATTR.number(), 1).bytes(new byte[7]));
        refuses(Errno.EIO, Wire.request(Opcode.LOOKUP.number(), 1));
        refuses(Errno.EIO, Wire.request(Opcode.WRITE.number(), 1).bytes(new byte[20]));
    }

    @Test
    void anyBytesAreAnsweredWithoutAFailure() {
        Random random = new Random(4);
        for (int i = 0; i < 5_000; i++) {
            byte[] body = new byte[random.nextInt(120)];
            random.nextBytes(body);
            if (random.nextBoolean()) { // small numbers get further
                for (int at = 0; at < body.length; at++) {
                    body[at] = (byte) (random.nextInt(4) == 0 ? random.nextInt(5) : 0);
                }
            }
            int opcode = random.nextInt(56);
            // What may make a file as long as the numbers say is asked of one that is not there.
            long node = mayGrow(opcode) ? 99 : random.nextInt(5);
            dispatcher.serve(Wire.request(opcode, node).bytes(body).taken(), reply);
            assertTrue(reply.isAnswered(), "round " + i + " of seed 4, opcode " + opcode);
            assertTrue(reply.bodyBytes() <= memory.byteSize() - BODY);
        }
    }

    private static boolean mayGrow(int opcode) {
        return opcode == Opcode.SETATTR.number()
                || opcode == Opcode.WRITE.number()
                || opcode == Opcode.FALLOCATE.number();
    }

    @Test
    void aListingWithAttributesCountsWhatItTells() throws IOException {
        for (int i = 0; i < 10; i++) {
            Node made = file("file" + i);
            operations.names().forget(made.id(), 1);
        }
        serve(Wire.request(44, 1).u64(0).u64(0).u32(600).u32(0).u64(0).u64(0));
        assertEquals(0, reply.error());
        // . and .. with 152 + 8 bytes each, and then one of ten that fits
        assertEquals(3 * 160, reply.bodyBytes());
        assertEquals(0, Entry.NODE.get(memory, BODY));
        long told = Entry.NODE.get(memory, BODY + 320L);
        assertTrue(told > 1);
        assertEquals(1, operations.names().knownNodeCount());
    }
}
