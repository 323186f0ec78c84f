package cowfs.crash;

import cowfs.api.CheckReport;
import cowfs.api.Images;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.device.DeviceEvent;
import cowfs.device.PageImage;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// The power cuts of one recording: every distinct state of the medium that the policies leave is
/// checked, opened, and compared with the states that the recording allows; some are then used
/// further, and in some the opening is cut too.
///
/// Not thread safe.
final class PowerCuts {
    private static final int USE_EVERY = 7;
    private static final int CUT_OPENING_EVERY = 11;

    private final Recording recording;
    private final Map<Long, String> found = new HashMap<>();
    private final Set<Long> recovering = new HashSet<>();
    private final long seed;
    private final int sampledEach;

    /// Told about each state that a cut can leave, whether it came before or not.
    @FunctionalInterface
    private interface Visitor {
        void visit(int event, CutPolicy policy, PageImage medium) throws IOException;
    }

    /// @param sampledEach how many of each kind of random cut to try at each event; 0: the extreme
    ///   ones and two of any kind
    PowerCuts(Recording recording, long seed, int sampledEach) {
        this.recording = recording;
        this.seed = seed;
        this.sampledEach = sampledEach;
    }

    /// Tries the cuts after the beginning of the last operation: those before are cuts of a shorter
    /// sequence.
    ///
    /// @return how many distinct states there were
    int tryAll() throws IOException {
        forEachCut(
                recording.device(),
                recording.start(),
                recording.lastBegun(),
                sampledEach,
                this::tryOne);
        return found.size() + recovering.size();
    }

    private void forEachCut(
            CrashDevice device, PageImage start, int first, int sampled, Visitor visitor)
            throws IOException {
        PageImage durable = start.copy();
        int flushed = 0;
        for (int event = first; event <= device.eventCount(); event++) {
            for (; flushed < device.flushedBefore(event); flushed++) {
                device.event(flushed).applyTo(durable);
            }
            List<DeviceEvent> unflushed = device.unflushed(event);
            for (CutPolicy policy : policies(unflushed.size(), seed + event, sampled)) {
                PageImage medium = durable.copy();
                for (DeviceEvent survivor : policy.survivors(unflushed)) {
                    survivor.applyTo(medium);
                }
                visitor.visit(event, policy, medium);
            }
        }
    }

    private static List<CutPolicy> policies(int unflushedCount, long seed, int sampled) {
        List<CutPolicy> all = CutPolicy.forUnflushed(unflushedCount, seed, Math.max(1, sampled));
        if (sampled > 0 || unflushedCount == 0) {
            return all;
        }
        SplittableRandom random = new SplittableRandom(seed);
        return List.of(
                new CutPolicy.DropUnflushed(),
                new CutPolicy.KeepAll(),
                new CutPolicy.LastOnly(),
                all.get(random.nextInt(all.size())),
                all.get(random.nextInt(all.size())));
    }

    private void tryOne(int event, CutPolicy policy, PageImage medium) {
        try {
            long print = medium.fingerprint();
            String state = found.get(print);
            if (state == null) {
                int number = found.size();
                state = open(medium.copy(), number % USE_EVERY == 0);
                found.put(print, state);
                if (number % CUT_OPENING_EVERY == 0) {
                    cutOpening(medium, state);
                }
            }
            requireAllowed(event, state);
        } catch (IOException | RuntimeException | AssertionError failed) {
            throw new CutFailure("cut at event " + event + " with " + policy, medium, failed);
        }
    }

    private void requireAllowed(int event, String state) {
        int least = recording.least(event);
        int most = recording.most(event);
        List<String> allowed = recording.states().subList(least, most + 1);
        if (!allowed.contains(state)) {
            throw new AssertionError(
                    "states "
                            + least
                            + " to "
                            + most
                            + " of "
                            + recording.states().size()
                            + " are allowed, found is state "
                            + recording.states().indexOf(state)
                            + ":\n"
                            + state
                            + "\nthe newest allowed:\n"
                            + allowed.getLast());
        }
    }

    /// Opens what a cut left, closes it again, and has it checked.
    ///
    /// @param use whether to work in it too
    /// @return the state that was found
    private static String open(PageImage device, boolean use) throws IOException {
        String state;
        try (Pool pool = Images.open(device, Recording.OPTIONS)) {
            state = PoolText.of(pool);
            if (use) {
                use(pool);
            }
        }
        CheckReport report = Images.check(device, (done, total) -> {});
        if (!report.isClean()) {
            throw new AssertionError("the checker finds: " + report.findings());
        }
        return state;
    }

    /// Allocates, overwrites and frees: what recovery took for free must be free.
    private static void use(Pool pool) throws IOException {
        Volume main = pool.volume(Ref.MAIN);
        byte[] name = "after".getBytes(StandardCharsets.US_ASCII);
        long file = main.create(Volume.ROOT_INODE, name, NewInode.regular(0600, 0, 0)).inode();
        for (int i = 0; i < 3; i++) {
            main.write(file, 0, ByteBuffer.wrap(new byte[20_000]));
            pool.sync();
        }
        main.unlink(Volume.ROOT_INODE, name);
        pool.sync();
        pool.awaitReclaim();
    }

    private void cutOpening(PageImage medium, String state) throws IOException {
        CrashDevice opening = new CrashDevice(medium.toMemory());
        Images.open(opening, Recording.OPTIONS).close();
        forEachCut(
                opening,
                medium,
                0,
                1,
                (event, policy, again) -> {
                    if (recovering.add(again.fingerprint())) {
                        String reopened = open(again, false);
                        if (!reopened.equals(state)) {
                            throw new AssertionError(
                                    "then the opening was cut at event "
                                            + event
                                            + " with "
                                            + policy
                                            + " and showed:\n"
                                            + reopened
                                            + "\ninstead of:\n"
                                            + state);
                        }
                    }
                });
    }
}
