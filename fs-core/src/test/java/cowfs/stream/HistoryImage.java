package cowfs.stream;

import cowfs.api.PinnedState;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.file.ReadableVolume;
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
    private final String compress;
    private int callCount;
    private int snapshotCount;

    /// @param compress how new content is compressed
    HistoryImage(StreamImage image, String compress) {
        this.image = image;
        this.compress = compress;
    }

    @Override
    public Pool create(long imageBytes) throws IOException {
        Pool pool = image.create(imageBytes);
        pool.setProperty(Ref.MAIN, "compress", compress);
        return watched(pool);
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
        if (method.getName().equals("purge")) {
            Objects.requireNonNull(arguments)[1] = theirs(pool, (List<?>) arguments[1]);
        }
        Object result;
        try {
            result = method.invoke(pool, arguments);
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
        return switch (result) {
            case List<?> all when method.getName().equals("list") -> visible(all);
            case PinnedState pin -> new VisiblePart(pin);
            case null, default -> result;
        };
    }

    /// All snapshots that the operations know, when none are named.
    private static List<?> theirs(Pool pool, List<?> named) throws IOException {
        return named.isEmpty()
                ? visible(pool.list()).stream()
                        .map(SubvolumeInfo::ref)
                        .filter(Ref::isSnapshot)
                        .toList()
                : named;
    }

    private static List<SubvolumeInfo> visible(List<?> infos) {
        return infos.stream()
                .map(SubvolumeInfo.class::cast)
                .filter(each -> !isOurs(each.ref()))
                .toList();
    }

    /// What the operations know of a pinned state.
    private record VisiblePart(PinnedState pin) implements PinnedState {
        @Override
        public long txg() {
            return pin.txg();
        }

        @Override
        public List<SubvolumeInfo> list() throws IOException {
            return visible(pin.list());
        }

        @Override
        public ReadableVolume volume(Ref ref) throws IOException {
            return pin.volume(ref);
        }

        @Override
        public void close() throws IOException {
            pin.close();
        }
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
