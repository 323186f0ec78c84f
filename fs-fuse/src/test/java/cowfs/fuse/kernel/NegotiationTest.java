package cowfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.fuse.kernel.ReplyFormat.Init;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// What is agreed on with kernels of different age.
final class NegotiationTest {
    private static final long ALL = -1;

    /// What no kernel that is served lacks.
    private static final long LEAST = InitFlag.POSIX_ACL.bit();

    private static KernelOptions options(boolean readOnly, boolean writeback) {
        return new KernelOptions("test.img", readOnly, true, true, writeback, 4, ChannelKind.LOOP);
    }

    @Test
    void aKernelThatIsTooOldIsRefusedWithWhatToDo() {
        RequestException refusal =
                assertThrows(RequestException.class, () -> Negotiation.of(30, 0, ALL, ALL));
        assertEquals(ErrorKind.UNSUPPORTED, refusal.kind());
        assertTrue(refusal.getMessage().contains("--transport jnr"), refusal.getMessage());
    }

    @Test
    void aKernelThatDoesNotCheckAccessListsIsRefusedWithWhatToDo() {
        RequestException refusal =
                assertThrows(
                        RequestException.class, () -> Negotiation.of(45, 0, ALL & ~LEAST, ALL));
        assertEquals(ErrorKind.UNSUPPORTED, refusal.kind());
        assertTrue(refusal.getMessage().contains("--transport jnr"), refusal.getMessage());
    }

    @Test
    void theLowerMinorCounts() throws RequestException {
        assertEquals(31, Negotiation.of(31, 0, LEAST, ALL).minor());
        assertEquals(Negotiation.MAX_MINOR, Negotiation.of(60, 0, LEAST, ALL).minor());
    }

    @Test
    void onlyWhatBothHaveIsAgreedOn() throws RequestException {
        long wanted = options(false, true).wantedFlags();
        assertEquals(wanted, Negotiation.of(45, 0, ALL, wanted).flags());
        assertEquals(LEAST, Negotiation.of(45, 0, LEAST, wanted).flags());
        long one = LEAST | InitFlag.WRITEBACK_CACHE.bit();
        assertEquals(one, Negotiation.of(45, 0, one, wanted).flags());
    }

    @Test
    void requestsAreLargeWhereTheKernelCan() throws RequestException {
        assertEquals(1 << 20, Negotiation.of(45, 0, ALL, ALL).maxWriteBytes());
        assertEquals(128 << 10, Negotiation.of(31, 0, LEAST, ALL).maxWriteBytes());
    }

    @Test
    void whatCannotBeWrittenHasNoWriteback() {
        assertTrue(InitFlag.WRITEBACK_CACHE.isIn(options(false, true).wantedFlags()));
        assertFalse(InitFlag.WRITEBACK_CACHE.isIn(options(false, false).wantedFlags()));
        assertFalse(InitFlag.WRITEBACK_CACHE.isIn(options(true, true).wantedFlags()));
    }

    @Test
    void theReplySaysWhatWasAgreedOn() throws RequestException {
        MemorySegment reply = Arena.ofAuto().allocate(64);
        long flags = InitFlag.of(InitFlag.MAX_PAGES, InitFlag.INIT_EXT, InitFlag.OVER_IO_URING);
        Negotiation.of(45, 128 << 10, ALL, flags).putReply(reply);
        assertEquals(7, Init.MAJOR.get(reply, 0));
        assertEquals(45, Init.MINOR.get(reply, 0));
        assertEquals(1 << 20, Init.MAX_WRITE.get(reply, 0));
        assertEquals(256, Init.MAX_PAGES.get(reply, 0));
        assertEquals(1 << 22 | 1 << 30, Init.FLAGS.get(reply, 0));
        assertEquals(1 << 9, Init.FLAGS_HIGH.get(reply, 0));
        assertEquals(65535, Init.MAX_BACKGROUND.get(reply, 0));
    }
}
