package cowfs.stream;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.model.PoolUnderTest;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An image on which random operations run while snapshots are taken every so often that the
/// operations know nothing of.
final class HistoryImage implements PoolUnderTest {
    private static final String OURS = "history-";
    private static final int CALLS_BETWEEN = 50;

    private final StreamImage image;
    private int callCount;
    private int snapshotCount;

    HistoryImage(StreamImage image) {
        this.image = image;
    }

    @Override
    public Pool create(long imageBytes) throws IOException {
        return watched(image.create(imageBytes));
    }

    @Override
    public Pool open() throws IOException {
        return watched(image.open());
    }

    @Override
    public void check() throws IOException {
        image.check();
    }

    private Pool watched(Pool pool) {
        return (Pool)
                Proxy.newProxyInstance(
                        HistoryImage.class.getClassLoader(),
                        new Class<?>[] {Pool.class},
                        (_, method, arguments) -> call(pool, method, arguments));
    }

    private @Nullable Object call(Pool pool, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (method.getName().equals("delete")) {
            for (Object ref : (List<?>) Objects.requireNonNull(arguments)[0]) {
                deleteOurs(pool, ((Ref) ref).subvolume());
            }
        } else if (!method.getName().equals("close") && ++callCount % CALLS_BETWEEN == 0) {
            List<SubvolumeInfo> all = pool.list();
            snapshot(pool, all.get(callCount % all.size()).ref().subvolume());
        }
        Object result;
        try {
            result = method.invoke(pool, arguments);
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
        if (method.getName().equals("list")) {
            return ((List<?>) Objects.requireNonNull(result))
                    .stream().filter(each -> !isOurs(((SubvolumeInfo) each).ref())).toList();
        }
        return result;
    }

    private void snapshot(Pool pool, String subvolume) throws IOException {
        pool.snapshot(new Ref(subvolume, OURS + snapshotCount++));
    }

    private static void deleteOurs(Pool pool, String subvolume) throws IOException {
        for (SubvolumeInfo each : pool.list()) {
            if (each.ref().subvolume().equals(subvolume) && isOurs(each.ref())) {
                pool.delete(List.of(each.ref()));
            }
        }
    }

    private static boolean isOurs(Ref ref) {
        String name = ref.snapshot();
        return name != null && name.startsWith(OURS);
    }
}
