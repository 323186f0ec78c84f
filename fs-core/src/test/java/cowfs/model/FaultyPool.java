package cowfs.model;

import cowfs.api.Pool;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A pool with one fault.
final class FaultyPool extends WrappedPool {
    private final Fault fault;

    FaultyPool(Fault fault) {
        this.fault = fault;
    }

    @Override
    @Nullable Object intercept(Call call) throws IOException {
        if (!fault.concerns(call)) {
            return call.proceed();
        }
        counted();
        return fault.answer(call);
    }

    @Override
    public Pool open() throws IOException {
        Pool pool = super.open();
        if (fault == Fault.FORGETS_A_FILE_AT_REOPENING) {
            counted();
            Fault.forgetAFile(modelPool());
        }
        return pool;
    }
}
