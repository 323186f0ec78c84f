package cowfs.model;

import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import java.io.IOException;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A pool that now and then has no space for a change, and then does not make it.
final class RefusingPool extends WrappedPool {
    private static final Set<String> REFUSED =
            Set.of("write", "create", "symlink", "rename", "link", "setXattr", "snapshot");

    private final Random random;

    RefusingPool(long seed) {
        random = new Random(seed);
    }

    @Override
    @Nullable Object intercept(Call call) throws IOException {
        boolean onSnapshot = call.target() instanceof ModelVolume volume && volume.readOnly();
        if (!onSnapshot && REFUSED.contains(call.method().getName()) && random.nextInt(8) == 0) {
            counted();
            throw new RequestException(ErrorKind.NO_SPACE, "the image is full");
        }
        return call.proceed();
    }
}
