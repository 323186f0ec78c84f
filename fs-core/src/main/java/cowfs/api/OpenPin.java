package cowfs.api;

import cowfs.file.ReadableVolume;
import cowfs.fs.TreeVolume;
import cowfs.subvol.Subvolume;
import cowfs.subvol.SubvolumeList;
import cowfs.txn.Pin;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A pinned state of a pool that this process has open. Thread safe.
final class OpenPin implements PinnedState {
    private final Pin pin;
    private final SubvolumeList subvolumes;
    private final Map<Long, TreeVolume> volumes = new HashMap<>();

    private OpenPin(Pin pin, SubvolumeList subvolumes) {
        this.pin = pin;
        this.subvolumes = subvolumes;
    }

    /// Takes over the pin.
    static OpenPin of(Pin pin) throws IOException {
        try {
            return new OpenPin(pin, pin.read(SubvolumeList::of));
        } catch (IOException | RuntimeException failed) {
            pin.close();
            throw failed;
        }
    }

    @Override
    public long txg() {
        return pin.state().txg();
    }

    @Override
    public List<SubvolumeInfo> list() throws IOException {
        return subvolumes.all().stream()
                .map(
                        each ->
                                SubvolumeInfo.of(
                                        each,
                                        subvolumes.lookupName(each.item().originTree()),
                                        pin.state().superblock()))
                .toList();
    }

    @Override
    public ReadableVolume volume(Ref ref) throws IOException {
        Subvolume found = subvolumes.get(ref.subvolume(), ref.snapshot());
        synchronized (volumes) {
            TreeVolume volume = volumes.get(found.treeId());
            if (volume == null) {
                volume =
                        new TreeVolume(
                                pin.tree(found.treeId(), found.fullName(), found.item()),
                                Clock.systemUTC());
                volumes.put(found.treeId(), volume);
            }
            return volume;
        }
    }

    @Override
    public void close() {
        pin.close();
    }
}
