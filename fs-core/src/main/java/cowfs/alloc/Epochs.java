package cowfs.alloc;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/// Reader epochs: they tell when nobody can still be reading a block that was freed.
///
/// A reader enters before it resolves an address and leaves when the bytes are out. Who frees a
/// block takes a {@link #stamp} after the last pointer to it is gone; the block may be reused once
/// {@link #isPast} the stamp. The epoch moves on only when the one before the current one has no
/// readers left, so it can be two ahead of a stamp only when every reader that might have seen the
/// old pointer has left.
///
/// This is epoch-based reclamation after Fraser, "Practical lock-freedom" (2004), section 5.2.3.
/// Thread safe and lock-free.
public final class Epochs {
    private static final int PADDING = 16;

    private final AtomicLong current = new AtomicLong(3);
    private final AtomicIntegerArray readers = new AtomicIntegerArray(4 * PADDING);

    /// Enters; the token goes to {@link #leave}.
    public long enter() {
        while (true) {
            long epoch = current.get();
            readers.incrementAndGet(slot(epoch));
            if (current.get() == epoch) {
                return epoch;
            }
            readers.decrementAndGet(slot(epoch));
        }
    }

    /// Leaves the epoch that `token` stands for.
    public void leave(long token) {
        if (readers.decrementAndGet(slot(token)) < 0) {
            throw new IllegalStateException("an epoch was left more often than entered");
        }
    }

    /// The epoch for something that has just become unreachable.
    public long stamp() {
        return current.get();
    }

    /// Whether every reader that was inside at a stamp has left. Moves the epoch on where it can.
    public boolean isPast(long stamp) {
        for (int i = 0; i < 2 && current.get() < stamp + 2; i++) {
            advance();
        }
        return current.get() >= stamp + 2;
    }

    private void advance() {
        long epoch = current.get();
        if (readers.get(slot(epoch - 1)) == 0) {
            current.compareAndSet(epoch, epoch + 1);
        }
    }

    private static int slot(long epoch) {
        return (int) (epoch % 3) * PADDING;
    }
}
