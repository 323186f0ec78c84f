package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.damage.ImageGraph.Patch;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.format.Blocks;
import cowfs.format.Layout;
import cowfs.format.Superblock;
import cowfs.format.SuperblockArea;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Superblocks that somebody made to mislead, or that a newer cowfs wrote, with checksums that fit.
final class HostileSuperblockDamageTest {
    private static final OpenOptions READ_ONLY = new OpenOptions(true, 1 << 20, Duration.ZERO);

    private SampleImage sample;
    private ImageGraph graph;

    @BeforeEach
    void makeImage() throws IOException {
        sample = SampleImage.make(1);
        graph = new ImageGraph(sample.image());
    }

    @Test
    void anImageWithFeaturesThatAWriterMustKnowIsReadAndNotWritten() throws IOException {
        byte[] two = {2};
        int at = ImageGraph.offset(Superblock.LAYOUT, "ro_compat");
        MemoryDevice image = graph.with(List.of(new Patch(graph.head(), at, two)));
        CowException refused =
                assertThrows(
                        CowException.class, () -> Images.open(image.copy(), OpenOptions.DEFAULTS));
        assertEquals(ErrorKind.TOO_NEW, refused.kind());
        assertTrue(refused.getMessage().contains("open it read-only"), refused.getMessage());
        try (Pool pool = Images.open(image.copy(), READ_ONLY)) {
            assertEquals(Trial.of(sample.image()).dump().lines(), VolumeDump.of(pool).lines());
        }
    }

    @Test
    void runsTooLongToVerifyAreRefused() throws IOException {
        int runs = ImageGraph.offset(Superblock.LAYOUT, "runs");
        int count = ImageGraph.offset(Superblock.Run.LAYOUT, "block_count");
        byte[] length = new byte[4];
        new Layout.U32Field(0).set(length, 0, Superblock.MAX_RUN_BLOCKS + 1);
        MemoryDevice image = graph.with(List.of(new Patch(graph.head(), runs + count, length)));
        Trial trial = Trial.withPatience(() -> image);
        assertTrue(trial.refused().contains("its runs have more than"), trial.refused());
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "incompat"})
    void aSuperblockOfANewerCowfsIsNotPassedOverForAnOlderOne(String field) throws IOException {
        byte[] unknown = {64};
        int at = ImageGraph.offset(Superblock.LAYOUT, field);
        MemoryDevice image = graph.with(List.of(new Patch(graph.head(), at, unknown)));
        CowException refused =
                assertThrows(CowException.class, () -> Images.open(image, READ_ONLY));
        assertEquals(ErrorKind.TOO_NEW, refused.kind());
    }

    @Test
    void aNewestSuperblockThatMakesNoSenseIsNotPassedOverForAnOlderOne() throws IOException {
        int at = ImageGraph.offset(Superblock.LAYOUT, "node_bytes");
        MemoryDevice image = graph.with(List.of(new Patch(graph.head(), at, new byte[4])));
        CowException refused =
                assertThrows(CowException.class, () -> Images.open(image, READ_ONLY));
        assertEquals(ErrorKind.CORRUPT, refused.kind());
        assertTrue(refused.getMessage().contains("node size is 0"), refused.getMessage());
    }

    @Test
    void aStateWhoseSuperblockIsGoneInBothAreasIsMissedAloud() throws IOException {
        MemoryDevice image = sample.image().copy();
        Superblock newest = graph.superblock();
        for (int area = 0; area < SuperblockArea.AREAS; area++) {
            long slot = newest.slot(area, newest.txg());
            image.write(Blocks.toBytes(slot) + 700, ByteBuffer.wrap(new byte[] {77}));
        }
        Trial trial = Trial.of(image);
        assertTrue(trial.note().contains("transaction group " + newest.txg()), trial.note());
        assertTrue(trial.isEqualTo(Trial.of(sample.before())));
    }
}
