package cowfs.model;

import cowfs.api.Pool;
import cowfs.file.Timestamp;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A {@link ModelPool} as a pool under test. It takes any amount of data and has nothing to check.
final class ModelPoolUnderTest implements PoolUnderTest {
    private final Supplier<Timestamp> clock;
    private @Nullable ModelPool pool;

    ModelPoolUnderTest(Supplier<Timestamp> clock) {
        this.clock = clock;
    }

    /// The pool that was made or opened last.
    ModelPool pool() {
        return Objects.requireNonNull(pool, "no pool was made");
    }

    @Override
    public Pool create(long imageBytes) {
        pool = new ModelPool(clock);
        return pool;
    }

    @Override
    public Pool open() {
        pool = pool().reopen();
        return pool;
    }

    @Override
    public void check() {}
}
