package cowfs.model;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A model that goes along with another pool: whatever is done to both must have the same result,
/// and leave the same trees. For tests of other rooms. Not thread safe.
public final class ModelTwin {
    private final StepClock clock = new StepClock();
    private final ModelPool model;

    /// Something that is done to a pool.
    @FunctionalInterface
    public interface Action {
        void on(Pool pool) throws IOException;
    }

    /// A twin of a pool that was made and then filled, between two moments.
    public ModelTwin(Instant begin, Instant end, Action filled) throws IOException {
        clock.past(begin, end);
        model = new ModelPool(clock::now);
        filled.on(model);
    }

    /// Does the same to both.
    ///
    /// @return the kind of the failure when it failed for both
    public @Nullable ErrorKind apply(String text, Pool actual, Action action) throws IOException {
        clock.begin();
        @Nullable ErrorKind found = outcome(action, actual);
        clock.end();
        @Nullable ErrorKind wanted = outcome(action, model);
        TreeComparison.require(text, "result", String.valueOf(wanted), String.valueOf(found));
        return found;
    }

    private static @Nullable ErrorKind outcome(Action action, Pool pool) throws IOException {
        try {
            action.on(pool);
            return null;
        } catch (CowException refused) {
            return refused.kind();
        }
    }

    /// Compares everything that has a name.
    public void compare(Pool actual) throws IOException {
        TreeComparison.require("pool", "list", PoolSteps.listing(model), PoolSteps.listing(actual));
        for (SubvolumeInfo info : model.list()) {
            Ref ref = info.ref();
            new TreeComparison(model.volume(ref), actual.volume(ref), clock).compareAll();
        }
    }
}
