package cowfs.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.device.CrashDevice;
import cowfs.device.CutPolicy;
import cowfs.device.FaultDevice;
import cowfs.device.MemoryDevice;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.faults.FaultWorkload.Step;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One run of {@link FaultWorkload} on a device with one fault, and what must hold of it.
///
/// `S(i)` is the content after step i of a run without faults.
///
/// - *A step that fails*, while the pool goes on, has changed nothing: the content is still
///   `S(i-1)`, and done again it succeeds.
/// - *A pool that has failed* fails every change and every sync from then on, can still be read,
///   and writes nothing more, not even when it is closed.
/// - *Opened again*, on the device as it is and on what a power cut could have left of it, the
///   checker finds nothing, and the content is `S(j)` for one j from the last step that promised
///   durability to the step in hand.
/// - Nothing but a `CowException` or an `IOException` is ever thrown, and nothing hangs.
final class FaultRun {
    /// What became of a fault.
    enum Outcome {
        /// The run came to its end without meeting it.
        NOT_MET,
        /// Nobody was told, and nothing was wrong.
        UNNOTICED,
        /// One operation failed; done again it succeeded.
        REFUSED,
        /// The pool stopped.
        POOL_FAILED,
        /// The image could not be opened; it could when asked again.
        OPEN_FAILED,
        /// Closing reported it.
        CLOSE_FAILED
    }

    /// Puts a fault into a device.
    @FunctionalInterface
    interface Fault {
        void into(FaultDevice device);
    }

    /// How far a run goes on once its fault has passed.
    private static final int STEPS_AFTER_FAULT = 12;

    private final List<Step> steps = FaultWorkload.steps();
    private final List<String> states;
    private final CrashDevice medium;
    private final FaultDevice device;
    private final boolean lasting;
    private Pool pool;
    private Outcome outcome = Outcome.UNNOTICED;
    private int lastDurable;
    private boolean compared;

    private FaultRun(
            MemoryDevice image, List<String> states, @Nullable Fault fault, boolean lasting)
            throws IOException {
        this.states = states;
        this.lasting = lasting;
        medium = new CrashDevice(image);
        device = new FaultDevice(new KeptOpen(medium));
        if (fault != null) {
            fault.into(device);
        }
        pool = open();
    }

    /// An empty image.
    static MemoryDevice format(FormatOptions options) throws IOException {
        MemoryDevice image = new MemoryDevice(options.sizeBytes());
        Images.format(image, options);
        return image;
    }

    /// The content before the first step and after each one, by a run without faults.
    static List<String> record(MemoryDevice image) throws IOException {
        List<String> recorded = new ArrayList<>();
        FaultRun run = new FaultRun(image, recorded, null, false);
        recorded.add(PoolContent.of(run.pool));
        for (Step step : run.steps) {
            run.apply(step);
            recorded.add(PoolContent.of(run.pool));
        }
        run.pool.close();
        return recorded;
    }

    /// Runs the workload with one fault.
    ///
    /// @param lasting whether the device fails for good once it has failed
    static Outcome run(MemoryDevice image, List<String> states, Fault fault, boolean lasting)
            throws IOException {
        FaultRun run;
        try {
            run = new FaultRun(image, states, fault, lasting);
        } catch (IOException failed) {
            requireTold(failed);
            // a fault while opening: what is there must still be there
            MemoryDevice left = image.copy();
            requireSound(left, states, 0, 0, "not opened");
            return Outcome.OPEN_FAILED;
        }
        return run.runAll();
    }

    private Pool open() throws IOException {
        return FaultWorkload.open(device);
    }

    private boolean met() {
        return device.injectedCount() > 0;
    }

    private void apply(Step step) throws IOException {
        step.action().run(pool);
        if (step.reopens()) {
            pool.close();
            pool = open();
        }
    }

    private Outcome runAll() throws IOException {
        int last = steps.size();
        for (int i = 1; i <= last; i++) {
            Step step = steps.get(i - 1);
            try {
                boolean metBefore = met();
                if (!(step.reopens() ? reopen(i) : done(i, step))) {
                    return outcome;
                }
                if (met() && (!metBefore || i == 1)) {
                    last = Math.min(last, i + STEPS_AFTER_FAULT);
                }
            } catch (IOException | RuntimeException | AssertionError broken) {
                throw new AssertionError("step " + i + ", " + step.text(), broken);
            }
        }
        try {
            pool.close();
        } catch (IOException failed) {
            requireTold(failed);
            outcome = Outcome.CLOSE_FAILED;
        }
        requireSoundAfterCuts(lastDurable, last, "after the last close");
        return met() ? outcome : Outcome.NOT_MET;
    }

    /// @return false when the run is over
    private boolean done(int i, Step step) throws IOException {
        try {
            step.action().run(pool);
        } catch (IOException failed) {
            requireTold(failed);
            if (!pool.info().failure().isEmpty() || lasting) {
                failedPool(i);
                return false;
            }
            outcome = Outcome.REFUSED;
            assertEquals(
                    states.get(i - 1), PoolContent.of(pool), "a failed step has changed something");
            step.action().run(pool);
        }
        if (step.makesDurable()) {
            lastDurable = i;
        }
        if (met() && lasting) {
            // something in the background has met it
            failedPool(i);
            return false;
        }
        if (met() && (step.makesDurable() || !compared)) {
            compared = true;
            assertEquals(states.get(i), PoolContent.of(pool), "content after a fault");
        }
        return true;
    }

    private boolean reopen(int i) throws IOException {
        boolean closed = true;
        try {
            pool.close();
            lastDurable = i;
        } catch (IOException failed) {
            requireTold(failed);
            outcome = Outcome.CLOSE_FAILED;
            closed = false;
        }
        if (lasting && met()) {
            requireSoundAfterCuts(lastDurable, i, "after a failed close");
            return false;
        }
        try {
            pool = open();
        } catch (IOException failed) {
            requireTold(failed);
            outcome = Outcome.OPEN_FAILED;
            requireSoundAfterCuts(lastDurable, i, "after a failed open");
            if (lasting) {
                return false;
            }
            pool = open();
        }
        if (!closed) {
            requireState(PoolContent.of(pool), states, lastDurable, i, "after a failed close");
            pool.close();
            requireSoundAfterCuts(lastDurable, i, "after a failed close");
            return false;
        }
        return true;
    }

    /// The pool has failed in step i, or the device for good.
    private void failedPool(int i) throws IOException {
        outcome = Outcome.POOL_FAILED;
        // where an operation met a lasting fault, the next commit does so at the latest
        assertThrows(IOException.class, this::touch, "a change after the failure");
        boolean stopped = !pool.info().failure().isEmpty();
        for (int again = 0; again < 3; again++) {
            assertThrows(IOException.class, this::touch, "a change after the failure");
            if (!stopped) {
                continue; // nothing can be read, so nothing was changed that could be lost
            }
            assertThrows(IOException.class, this::fsync, "fsync succeeded after a failed one");
            assertThrows(IOException.class, pool::sync, "sync succeeded after a failed one");
            assertThrows(IOException.class, () -> pool.snapshot(Ref.parse("main@never")));
        }
        if (!lasting) {
            // what is in memory can still be read
            PoolContent.of(pool);
        }
        int events = medium.eventCount();
        try {
            pool.close();
        } catch (IOException failed) {
            assertTrue(!stopped, "closing a failed pool writes nothing that could fail");
        }
        assertEquals(events, medium.eventCount(), "a failed pool has written something");
        requireSoundAfterCuts(lastDurable, i, "after the failure");
    }

    private void touch() throws IOException {
        byte[] name = "never".getBytes(StandardCharsets.UTF_8);
        pool.volume(Ref.MAIN).create(Volume.ROOT_INODE, name, NewInode.regular(0644, 0, 0));
        fsync();
    }

    private void fsync() throws IOException {
        pool.volume(Ref.MAIN).fsync(Volume.ROOT_INODE, false);
    }

    private static final Set<ErrorKind> TOLD =
            Set.of(ErrorKind.IO, ErrorKind.POOL_FAILED, ErrorKind.NO_SPACE);

    /// What a caller is told is EIO or ENOSPC.
    private static void requireTold(IOException failed) {
        assertTrue(
                !(failed instanceof CowException known) || TOLD.contains(known.kind()),
                () -> "what the caller is told is " + failed);
    }

    private void requireSoundAfterCuts(int from, int to, String when) throws IOException {
        int events = medium.eventCount();
        List<CutPolicy> policies = new ArrayList<>(List.of(new CutPolicy.KeepAll()));
        if (medium.unflushedCount(events) > 0) {
            policies.add(new CutPolicy.DropUnflushed());
            policies.add(new CutPolicy.LastOnly());
            policies.add(new CutPolicy.Subset(events));
            policies.add(new CutPolicy.Torn(events));
        }
        for (CutPolicy policy : policies) {
            requireSound(medium.cut(events, policy), states, from, to, when + ", " + policy);
        }
    }

    /// Opens what is left, compares, closes, and checks it.
    private static void requireSound(
            MemoryDevice left, List<String> states, int from, int to, String when)
            throws IOException {
        try (Pool opened = Images.open(new KeptOpen(left), OpenOptions.DEFAULTS)) {
            requireState(PoolContent.of(opened), states, from, to, when);
            opened.awaitReclaim();
        }
        requireClean(left, when + ", opened and closed");
    }

    private static void requireClean(MemoryDevice left, String when) throws IOException {
        assertEquals(List.of(), Images.check(left.copy(), (done, total) -> {}).findings(), when);
    }

    private static void requireState(
            String found, List<String> states, int from, int to, String when) {
        for (int j = from; j <= to; j++) {
            if (states.get(j).equals(found)) {
                return;
            }
        }
        int older = states.indexOf(found);
        assertEquals(
                states.get(to),
                found,
                when
                        + ": want the state after one of the steps "
                        + from
                        + " to "
                        + to
                        + (older < 0 ? ", found none that ever was" : ", found " + older));
    }
}
