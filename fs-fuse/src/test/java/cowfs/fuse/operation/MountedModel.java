package cowfs.fuse.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.model.ModelPools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.function.Executable;

/// The operations of a mount of `main`, on the model instead of an engine and without a kernel.
final class MountedModel {
    static final long ROOT = NodeId.ROOT;
    static final Caller CALLER = new Caller(10, 20);

    private final Pool pool = ModelPools.create();
    private final Volume volume;
    private final Operations operations;

    MountedModel() throws IOException {
        volume = pool.volume(Ref.MAIN);
        operations = new Operations(pool, pool, volume);
    }

    Pool pool() {
        return pool;
    }

    Volume volume() {
        return volume;
    }

    Operations operations() {
        return operations;
    }

    static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    Node file(long parent, String name) throws IOException {
        return operations.names().create(parent, name(name), Attributes.REGULAR | 0644, 0, CALLER);
    }

    Node directory(long parent, String name) throws IOException {
        return operations
                .names()
                .create(parent, name(name), Attributes.DIRECTORY | 0755, 0, CALLER);
    }

    Node get(long parent, String name) throws IOException {
        return Objects.requireNonNull(operations.names().lookup(parent, name(name)), name);
    }

    List<String> names(long node) throws IOException {
        List<String> names = new ArrayList<>();
        operations
                .listings()
                .read(
                        node,
                        0,
                        (name, child, type, cookie) ->
                                names.add(new String(name, StandardCharsets.UTF_8)));
        return names;
    }

    void write(Node node, String text) throws IOException {
        operations.content().write(node.id(), 0, ByteBuffer.wrap(name(text)), SetIdBits.KEEP);
    }

    String read(Node node) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(1000);
        int count = operations.content().read(node.id(), 0, target);
        return new String(target.array(), 0, count, StandardCharsets.UTF_8);
    }

    static void refuses(Errno errno, Executable action) {
        assertEquals(errno, Errno.of(assertThrows(IOException.class, action)));
    }
}
