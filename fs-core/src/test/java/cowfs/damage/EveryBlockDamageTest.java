package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.MemoryDevice;
import cowfs.format.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every block of an image is flipped, zeroed, swapped with another one and replaced by an earlier
/// version of itself, under the checksums as they are: no read gives out a wrong byte.
///
/// With two copies of the metadata, reads do not see a bad node at all; the checker does.
final class EveryBlockDamageTest {
    private static final long SEED = Long.getLong("cowfs.seed", 20_251_125);

    private MemoryDevice image;
    private Trial sound;
    private Set<Long> nodeBlocks;
    private final Set<String> failures = new TreeSet<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void noReadGivesOutAWrongByte(int copies) throws IOException {
        SampleImage sample = SampleImage.make(copies);
        // sealed: a bad run of an unsealed superblock would be the cut-off end of a commit
        ImageGraph unsealed = new ImageGraph(sample.image());
        image =
                unsealed.with(
                        List.of(
                                new ImageGraph.Patch(
                                        unsealed.pages().iterator().next(), 0, new byte[0])));
        sound = Trial.of(image);
        assertEquals(List.of(), sound.findings());
        nodeBlocks =
                new ImageGraph(image)
                        .pages().stream()
                                .flatMap(
                                        page ->
                                                java.util.stream.Stream.of(
                                                        page.address, page.copyAddress))
                                .collect(Collectors.toSet());
        Random random = new Random(SEED);
        List<Long> used = new ArrayList<>();
        for (long block = 0; block < SampleImage.SIZE_BYTES / Blocks.SIZE; block++) {
            if (!isBlank(read(image, block))) {
                used.add(block);
            }
        }
        for (long block : used) {
            byte[] content = read(image, block);
            byte[] flipped = content.clone();
            int bit = random.nextInt(8 * Blocks.SIZE);
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            attempt(copies, "bit " + bit + " flipped in", block, flipped);
            attempt(copies, "zeroed", block, new byte[Blocks.SIZE]);
            long other = used.get(random.nextInt(used.size()));
            if (other != block) {
                byte[] instead = read(image, other);
                attempt(copies, "swapped with " + other, block, instead, other, content);
            }
            byte[] older = earlier(sample.states(), block, content);
            if (older != null) {
                attempt(copies, "older version of", block, older);
            }
        }
        assertTrue(used.size() > 80, "blocks in use: " + used.size());
        assertEquals("", String.join("\n", failures));
    }

    private static byte[] earlier(List<MemoryDevice> states, long block, byte[] now)
            throws IOException {
        for (MemoryDevice state : states.reversed()) {
            byte[] content = read(state, block);
            if (!Arrays.equals(content, now) && !isBlank(content)) {
                return content;
            }
        }
        return null;
    }

    private void attempt(int copies, String how, long block, byte[] content) {
        attempt(copies, how, block, content, block, content);
    }

    private void attempt(
            int copies, String how, long block, byte[] content, long other, byte[] otherContent) {
        String label = copies + " copies, " + how + " block " + block + ", seed " + SEED;
        try {
            Trial trial =
                    Trial.withPatience(
                            () -> {
                                MemoryDevice damaged = image.copy();
                                write(damaged, other, otherContent);
                                write(damaged, block, content);
                                return damaged;
                            });
            List<String> lies = trial.dump() == null ? List.of() : trial.dump().lies(sound.dump());
            boolean metadata = nodeBlocks.contains(block) && nodeBlocks.contains(other);
            boolean hidden = copies == 2 && metadata && block == other;
            if (!lies.isEmpty()) {
                failures.add(label + ": lies " + lies.stream().limit(2).toList());
            } else if (!trial.isEqualTo(sound) && (hidden || !trial.isReported())) {
                failures.add(
                        label
                                + ": "
                                + (hidden ? "seen by a read: " : "not reported: ")
                                + trial.difference(sound));
            } else if (nodeBlocks.contains(block) && !trial.isReported()) {
                failures.add(label + ": a bad node is not reported");
            }
        } catch (IOException | RuntimeException | Error escaped) {
            failures.add(label + ": " + Trial.text(escaped));
        }
    }

    private static byte[] read(MemoryDevice device, long block) throws IOException {
        byte[] content = new byte[Blocks.SIZE];
        device.copy().read(Blocks.toBytes(block), ByteBuffer.wrap(content));
        return content;
    }

    private static void write(MemoryDevice device, long block, byte[] content) throws IOException {
        device.write(Blocks.toBytes(block), ByteBuffer.wrap(content));
    }

    private static boolean isBlank(byte[] content) {
        return Arrays.equals(content, new byte[content.length]);
    }
}
