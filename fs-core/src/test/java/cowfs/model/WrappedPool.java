package cowfs.model;

import cowfs.api.Pool;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/// A {@link ModelPool} with something between it and its callers.
abstract class WrappedPool implements PoolUnderTest {
    private final ModelPoolUnderTest model = new ModelPoolUnderTest(Timestamp::now);
    private int count;

    /// A call of a method of {@link Volume} or {@link Pool}; the arguments may be replaced.
    @SuppressWarnings("ArrayRecordComponent")
    record Call(Object target, Method method, @Nullable Object[] arguments) {
        boolean is(String name) {
            return method.getName().equals(name);
        }

        <T> T argument(int index, Class<T> type) {
            return type.cast(arguments[index]);
        }

        long inode() {
            return argument(0, Long.class);
        }

        Volume volume() {
            return (Volume) target;
        }

        /// Passes it on.
        @Nullable Object proceed() throws IOException {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                switch (e.getCause()) {
                    case IOException failure -> throw failure;
                    case RuntimeException failure -> throw failure;
                    case null, default -> throw new AssertionError(e);
                }
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// Answers a call.
    abstract @Nullable Object intercept(Call call) throws IOException;

    /// How often something else than passing on was done.
    final int count() {
        return count;
    }

    final void counted() {
        count++;
    }

    final ModelPool modelPool() {
        return model.pool();
    }

    @Override
    public Pool create(long imageBytes) {
        return wrap(Pool.class, model.create(imageBytes));
    }

    @Override
    public Pool open() throws IOException {
        return wrap(Pool.class, model.open());
    }

    @Override
    public void check() {}

    private <T> T wrap(Class<T> type, T target) {
        Object proxy =
                Proxy.newProxyInstance(
                        WrappedPool.class.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> {
                            Object[] given = arguments == null ? new Object[0] : arguments;
                            Object result = intercept(new Call(target, method, given));
                            return result instanceof ModelVolume volume
                                    ? wrap(Volume.class, volume)
                                    : result;
                        });
        return type.cast(proxy);
    }
}
