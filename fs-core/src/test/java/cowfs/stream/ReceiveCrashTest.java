package cowfs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.model.RandomOperations;
import cowfs.model.RandomOperations.Plan;
import cowfs.stream.StreamImage.Opened;
import cowfs.subvol.Subvolume;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A power cut at any moment of a receive leaves a sound image in which the snapshot is there as a
/// whole, or not at all and can be gone on with.
final class ReceiveCrashTest {
    private static final long IMAGE_BYTES = 64L << 20;
    private static final int CUTS = 60;

    private enum Kind {
        FULL,
        INCREMENT,
        ON_BOOKMARK
    }

    @ParameterizedTest
    @EnumSource
    void aCutLeavesAllOfASnapshotOrNothingToBeSeen(Kind kind) throws IOException {
        StreamImage source = new StreamImage(4096, 1);
        RandomOperations.run(
                new Plan(21, 400, 400, IMAGE_BYTES, false), new HistoryImage(source, "zstd:1"));
        StreamImage target = StreamImage.formatted(4096, IMAGE_BYTES);
        Random random = new Random(kind.ordinal());
        int there = 0;
        int resumed = 0;
        try (Opened from = source.openEngine()) {
            Subvolume last = chain(from).getLast();
            Subvolume base = kind == Kind.FULL ? null : chain(from).getFirst();
            if (base != null) {
                byte[] first = from.send(base.fullName());
                try (Opened opened = target.openEngine()) {
                    opened.receive("copy", first);
                }
            }
            Map<String, String> wanted = from.tree(last.fullName());
            byte[] stream =
                    base != null && kind == Kind.ON_BOOKMARK
                            ? from.sendFrom(from.bookmarks.create(base, "base"), last, false)
                            : from.send(from.sender.plan(last, base, false));
            String name = "copy@" + last.item().name();
            CrashDevice recorder = target.recorder();
            try (Opened opened = target.openEngine(recorder)) {
                opened.receiver.receive("copy", committing(stream, opened), bytes -> {});
            }
            for (int i = 0; i < CUTS; i++) {
                int event = random.nextInt(recorder.eventCount() + 1);
                List<CutPolicy> policies =
                        CutPolicy.forUnflushed(recorder.unflushedCount(event), i, 1);
                CutPolicy policy = policies.get(random.nextInt(policies.size()));
                StreamImage cut = StreamImage.on(recorder.cut(event, policy));
                try (Opened opened = cut.openEngine()) {
                    if (opened.names().contains(name)) {
                        there++;
                    } else {
                        ResumeToken token = opened.receiver.lookupToken("copy");
                        resumed += token == null ? 0 : 1;
                        opened.receive("copy", token == null ? stream : from.resume(token));
                    }
                    assertEquals(wanted, opened.tree(name), "cut at " + event + ", " + policy);
                }
            }
        }
        assertTrue(there > 0 && resumed > CUTS / 3, there + " there, " + resumed + " resumed");
    }

    /// A stream during which there are many commits.
    private static InputStream committing(byte[] stream, Opened opened) {
        return new FilterInputStream(new ByteArrayInputStream(stream)) {
            private int left = 4000;

            @Override
            public int read(byte[] bytes, int from, int lengthBytes) throws IOException {
                int count = super.read(bytes, from, Math.min(lengthBytes, 1000));
                left -= count;
                if (left < 0) {
                    left = 4000;
                    opened.store.sync();
                }
                return count;
            }
        };
    }

    private static List<Subvolume> chain(Opened source) throws IOException {
        List<Subvolume> all =
                source.subvolumes.list().stream().filter(Subvolume::isSnapshot).toList();
        return all.stream()
                .filter(each -> each.subvolumeName().equals(all.getFirst().subvolumeName()))
                .toList();
    }
}
