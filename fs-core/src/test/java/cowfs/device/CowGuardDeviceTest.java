package cowfs.device;

import static cowfs.device.BlockDeviceContract.bytes;
import static cowfs.device.BlockDeviceContract.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CowGuardDeviceTest implements BlockDeviceContract {
    private static final int BLOCK = CowGuardDevice.BLOCK_BYTES;

    @Override
    public BlockDevice newDevice(long sizeBytes) {
        return new CowGuardDevice(new MemoryDevice(sizeBytes));
    }

    @Test
    void aWriteThatTouchesAProtectedBlockIsRefusedAndNothingOfItIsWritten() throws IOException {
        CowGuardDevice device = guard(Set.of(), 5);
        for (long[] range :
                new long[][] {{5 * BLOCK, BLOCK}, {6 * BLOCK - 1, 2}, {0, 10 * BLOCK}}) {
            AssertionError error =
                    assertThrows(
                            AssertionError.class,
                            () ->
                                    device.write(
                                            range[0], ByteBuffer.wrap(bytes(1, (int) range[1]))));
            assertTrue(error.getMessage().contains("block 5"), error.getMessage());
        }
        assertArrayEquals(new byte[16 * BLOCK], read(device, 0, 16 * BLOCK));
    }

    @Test
    void aDiscardThatTouchesAProtectedBlockIsRefused() {
        CowGuardDevice device = guard(Set.of(), 5);
        assertThrows(AssertionError.class, () -> device.discard(5 * BLOCK, BLOCK));
        assertThrows(AssertionError.class, () -> device.discard(0, 5 * BLOCK + 1));
    }

    @Test
    void theNeighboursOfAProtectedBlockMayBeWritten() throws IOException {
        CowGuardDevice device = guard(Set.of(), 5);
        device.write(4 * BLOCK, ByteBuffer.allocate(BLOCK));
        device.write(6 * BLOCK, ByteBuffer.allocate(BLOCK));
        device.discard(0, 5 * BLOCK);
        device.write(5 * BLOCK, ByteBuffer.allocate(0));
        device.assertNoViolations();
    }

    @Test
    void superblockSlotsMayBeWrittenThoughReachable() throws IOException {
        CowGuardDevice device = guard(Set.of(2L), 2, 3);
        device.write(2 * BLOCK, ByteBuffer.allocate(BLOCK));
        assertFalse(device.isProtected(2));
        assertTrue(device.isProtected(3));
        device.assertNoViolations();
    }

    @Test
    void aNewProtectionTakesThePlaceOfTheOldOne() throws IOException {
        CowGuardDevice device = guard(Set.of(), 5);
        BitSet next = new BitSet();
        next.set(7);
        device.protect(next, Set.of());
        next.set(5); // the guard has its own copy
        device.write(5 * BLOCK, ByteBuffer.allocate(BLOCK));
        assertThrows(
                AssertionError.class, () -> device.write(7 * BLOCK, ByteBuffer.allocate(BLOCK)));
    }

    @Test
    void aSwallowedViolationIsStillFoundAtTheEnd() throws Exception {
        CowGuardDevice device = guard(Set.of(), 5);
        device.assertNoViolations();
        Thread swallower =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        assertThrows(
                                                AssertionError.class,
                                                () -> device.discard(5 * BLOCK, 1)));
        swallower.join();
        assertEquals(1, device.violations().size());
        AssertionError error = assertThrows(AssertionError.class, device::assertNoViolations);
        assertTrue(error.getMessage().contains("discard of 1 bytes"), error.getMessage());
    }

    private static CowGuardDevice guard(Set<Long> slots, int... blocks) {
        CowGuardDevice device = new CowGuardDevice(new MemoryDevice(64 * BLOCK));
        BitSet reachable = new BitSet();
        for (int block : blocks) {
            reachable.set(block);
        }
        device.protect(reachable, slots);
        return device;
    }
}
