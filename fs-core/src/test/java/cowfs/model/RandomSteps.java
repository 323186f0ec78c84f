package cowfs.model;

import cowfs.api.Ref;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The random steps of a run and how often each comes.
final class RandomSteps {
    private static final int MAX_INODES = 250;
    private static final long MAX_BLOCKS = 1_200;
    private static final long MAX_BLOCKS_WHEN_FILLING = 10_000;

    private final Choice choice;
    private final long maxBlocks;
    private final List<Weighted> any = new ArrayList<>();
    private final List<Weighted> shrinking = new ArrayList<>();

    @FunctionalInterface
    private interface Source {
        @Nullable Step next() throws IOException;
    }

    private record Weighted(int weight, Source source) {}

    RandomSteps(RandomOperations.Plan plan, ModelPoolUnderTest model, Side modelSide) {
        choice = new Choice(plan.seed(), model);
        maxBlocks = plan.filling() ? MAX_BLOCKS_WHEN_FILLING : MAX_BLOCKS;
        NameSteps names = new NameSteps(choice);
        ContentSteps contents = new ContentSteps(choice);
        AttributeSteps attributes = new AttributeSteps(choice);
        HandleSteps handles = new HandleSteps(choice, modelSide);
        PoolSteps pools = new PoolSteps(choice);
        SharingSteps sharing = new SharingSteps(choice, pools);
        PinSteps pins = new PinSteps(choice, modelSide);
        add(any, 90, names::createFile);
        add(any, 40, names::makeDirectory);
        add(any, 10, names::makeNode);
        add(any, 15, names::symlink);
        add(any, 30, names::link);
        add(any, 60, names::rename);
        add(any, 10, names::useMissingName);
        add(any, 10, names::readDirectory);
        add(any, 140, contents::write);
        add(any, 80, contents::append);
        add(any, plan.filling() ? 150 : 2, contents::writeLong);
        add(any, 30, contents::read);
        add(any, 60, contents::truncate);
        add(any, 40, contents::allocate);
        add(any, 80, contents::copyRange);
        add(any, 20, contents::fsync);
        add(any, 30, attributes::setAttributes);
        add(any, 12, attributes::setFlags);
        add(any, 20, attributes::setAccessList);
        add(any, 40, attributes::setXattr);
        add(any, 40, attributes::removeXattr);
        add(any, 20, handles::hold);
        add(any, 15, handles::holdAndUnlink);
        add(any, 10, handles::createUnlinked);
        add(any, 10, handles::linkHandle);
        add(any, 30, handles::use);
        add(any, 25, handles::release);
        add(any, 15, pools::snapshot);
        add(any, 6, pools::cloneSubvolume);
        add(any, 4, pools::createSubvolume);
        add(any, 3, pools::renameSubvolume);
        add(any, 3, pools::changeSnapshot);
        add(any, 10, pools::diff);
        add(any, 6, pools::rollBack);
        add(any, 12, pools::copy);
        add(any, 5, sharing::hold);
        add(any, 5, sharing::purge);
        add(any, 6, sharing::sendAndReceive);
        add(any, 4, pins::pin);
        add(any, 12, pins::read);
        add(any, 5, pools::sync);
        add(any, 1, pools::awaitReclaim);
        add(any, 2, pools::reopen);
        for (List<Weighted> both : List.of(any, shrinking)) {
            add(both, 45, names::unlink);
            add(both, 20, names::removeDirectory);
            add(both, 15, contents::punch);
            add(both, 8, sharing::release);
            add(both, 3, pins::end);
            add(both, 8, pools::deleteSnapshot);
            add(both, 3, pools::deleteSubvolume);
        }
        add(shrinking, 30, contents::truncate);
    }

    private static void add(List<Weighted> all, int weight, Source source) {
        all.add(new Weighted(weight, source));
    }

    /// The next step; one that gives space back when there is little.
    Step next(boolean shortOfSpace) throws IOException {
        List<Weighted> all = shortOfSpace || (isLarge() && choice.oneIn(2)) ? shrinking : any;
        int total = all.stream().mapToInt(Weighted::weight).sum();
        while (true) {
            int pick = choice.below(total);
            for (Weighted each : all) {
                pick -= each.weight();
                if (pick < 0) {
                    Step step = each.source().next();
                    if (step != null) {
                        return step;
                    }
                    break;
                }
            }
            all = any;
            total = all.stream().mapToInt(Weighted::weight).sum();
        }
    }

    private boolean isLarge() throws IOException {
        for (Ref ref : choice.refs(false)) {
            ModelVolume volume = choice.volume(ref);
            if (volume.inodeCount() > MAX_INODES || volume.allocatedBlockCount() > maxBlocks) {
                return true;
            }
        }
        return false;
    }
}
