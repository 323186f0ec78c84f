package cowfs.model;

import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.file.FilePath;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Random steps on subvolumes and snapshots. `main` is never deleted nor renamed.
final class PoolSteps {
    private static final int MAX_TREES = 9;

    private final Choice choice;

    PoolSteps(Choice choice) {
        this.choice = choice;
    }

    /// Something that a pool is asked to do.
    @FunctionalInterface
    private interface PoolAction {
        void run(Pool pool) throws IOException;
    }

    /// Does it and compares what the pool holds then.
    private static Step.Action changing(PoolAction action) {
        return side -> {
            action.run(side.pool());
            return listing(side.pool());
        };
    }

    static String listing(Pool pool) throws IOException {
        StringBuilder text = new StringBuilder();
        for (SubvolumeInfo info : pool.list()) {
            text.append(info.ref()).append(info.readOnly() ? " read-only" : "");
            text.append(info.origin() == null ? "" : " of " + info.origin()).append("; ");
        }
        return text.toString();
    }

    @Nullable Step snapshot() throws IOException {
        Ref ref = new Ref(choice.subvolume().subvolume(), "s" + choice.below(8));
        return isFull()
                ? null
                : Step.growing("snapshot " + ref, changing(pool -> pool.snapshot(ref)));
    }

    @Nullable Step cloneSubvolume() throws IOException {
        List<Ref> sources = choice.refs(choice.oneIn(2));
        if (isFull() || sources.isEmpty()) {
            return null;
        }
        Ref source = choice.of(sources);
        String name = subvolumeName();
        return Step.growing(
                "clone " + source + " as " + name,
                changing(pool -> pool.cloneSubvolume(source, name)));
    }

    @Nullable Step createSubvolume() throws IOException {
        String name = subvolumeName();
        return isFull()
                ? null
                : Step.growing(
                        "createSubvolume " + name, changing(pool -> pool.createSubvolume(name)));
    }

    @Nullable Step renameSubvolume() throws IOException {
        Ref from = choice.subvolume();
        String to = subvolumeName();
        if (from.equals(Ref.MAIN) || from.subvolume().equals(to)) {
            return null;
        }
        return Step.growing(
                "renameSubvolume " + from + " to " + to,
                changing(pool -> pool.renameSubvolume(from.subvolume(), to)));
    }

    @Nullable Step deleteSnapshot() throws IOException {
        List<Ref> snapshots = choice.refs(true);
        return snapshots.isEmpty() ? null : delete(List.of(choice.of(snapshots)));
    }

    /// Deletes a subvolume, mostly with its snapshots.
    @Nullable Step deleteSubvolume() throws IOException {
        Ref doomed = choice.subvolume();
        if (doomed.equals(Ref.MAIN)) {
            return null;
        }
        List<Ref> all = new ArrayList<>(List.of(doomed));
        if (!choice.oneIn(4)) {
            choice.refs(true).stream()
                    .filter(ref -> ref.subvolume().equals(doomed.subvolume()))
                    .forEach(all::add);
        }
        return delete(all);
    }

    private static Step delete(List<Ref> refs) {
        return Step.free(
                "delete " + refs,
                side -> {
                    side.pool().delete(refs);
                    side.forgetDeleted();
                    return listing(side.pool());
                });
    }

    /// Sets a subvolume back, and mostly keeps the state before.
    @Nullable Step rollBack() throws IOException {
        List<Ref> snapshots = choice.refs(true);
        if (snapshots.isEmpty()) {
            return null;
        }
        Ref snapshot = choice.of(snapshots);
        Ref kept =
                isFull() || choice.oneIn(3)
                        ? null
                        : new Ref(snapshot.subvolume(), "s" + choice.below(8));
        return Step.growing(
                "rollback " + snapshot + (kept == null ? ", discarding" : " keeping " + kept),
                side -> {
                    Volume old = side.volume(new Ref(snapshot.subvolume(), null));
                    side.pool().rollback(snapshot, kept);
                    side.forgetReplaced(old);
                    return outcome(old) + listing(side.pool());
                });
    }

    /// What using a volume comes to that was rolled back.
    private static String outcome(Volume old) throws IOException {
        try {
            return old.getAttributes(Volume.ROOT_INODE).toString();
        } catch (CowException refused) {
            return refused.kind() + " ";
        }
    }

    /// Copies anything to a new place, or to one that is taken.
    @Nullable Step copy() throws IOException {
        List<Ref> snapshots = choice.refs(true);
        Ref from =
                snapshots.isEmpty() || choice.oneIn(2) ? choice.subvolume() : choice.of(snapshots);
        Place source = choice.oneIn(2) ? choice.directory(from) : choice.anything(from);
        if (source == null) {
            return null;
        }
        Ref live = choice.oneIn(3) ? from : choice.subvolume();
        Place directory = choice.directory(choice.oneIn(20) ? from : live);
        Place target = choice.oneIn(5) ? directory : directory.child(choice.freshName());
        return Step.growing(
                "copy " + source + " to " + target,
                side ->
                        side.pool()
                                .copy(
                                        source.ref(),
                                        source.filePath(),
                                        target.ref(),
                                        target.filePath())
                                .toString());
    }

    /// Compares two states, on each side with its own diff.
    Step diff() throws IOException {
        List<Ref> all = new ArrayList<>(choice.refs(true));
        all.addAll(choice.refs(false));
        Ref before = choice.of(all);
        Ref after = choice.of(SharingSteps.related(choice, before));
        return Step.free(
                "diff " + before + " " + after,
                side -> {
                    VolumeDiff diff = new VolumeDiff(side.volume(before), side.volume(after));
                    return diff.text(side.pool().diff(before, after, FilePath.ROOT));
                });
    }

    Step sync() {
        return Step.free("sync", changing(Pool::sync));
    }

    Step awaitReclaim() {
        return Step.free("awaitReclaim", changing(Pool::awaitReclaim));
    }

    Step reopen() {
        return Step.free(
                "reopen",
                side -> {
                    side.reopen();
                    return listing(side.pool());
                });
    }

    /// Tries to change a snapshot.
    @Nullable Step changeSnapshot() throws IOException {
        List<Ref> snapshots = choice.refs(true);
        if (snapshots.isEmpty()) {
            return null;
        }
        Ref ref = choice.of(snapshots);
        Place file = choice.file(ref);
        byte[] name = ModelTree.bytes(choice.freshName());
        return Step.free(
                "change " + (file == null ? ref : file),
                side -> {
                    Volume volume = side.volume(ref);
                    if (file == null) {
                        NewInode start = NewInode.regular(0600, 0, 0);
                        return Step.text(volume.create(Volume.ROOT_INODE, name, start));
                    }
                    return ContentSteps.write(
                            volume, Side.find(volume, file), 0, name, SetIdBits.KEEP);
                });
    }

    boolean isFull() throws IOException {
        return choice.refs(true).size() + choice.refs(false).size() >= MAX_TREES;
    }

    String subvolumeName() {
        return "sub" + choice.below(8);
    }
}
