package cowfs.stream;

import cowfs.btree.BTree;
import cowfs.btree.Cursor;
import cowfs.format.ItemKind;
import cowfs.format.ReceiveItem;
import cowfs.format.SubvolumeItem;
import cowfs.subvol.Subvolume;
import cowfs.txn.FileTree;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a snapshot is the same as in every image that has received it: the UUID and the transaction
/// group that it had where it was taken.
record SnapshotIdentity(UUID uuid, long txg) {
    /// The identity of a snapshot of this image.
    static SnapshotIdentity of(Subvolume snapshot, FileTree tree) throws IOException {
        ReceiveItem received = lookupReceived(snapshot.item(), tree);
        return received != null && received.complete()
                ? new SnapshotIdentity(received.snapshot(), received.snapshotTxg())
                : new SnapshotIdentity(snapshot.item().uuid(), snapshot.item().createdTxg());
    }

    /// What a tree says about how it was received; null when it was not.
    static @Nullable ReceiveItem lookupReceived(SubvolumeItem subvolume, FileTree tree)
            throws IOException {
        ReceiveItem item = tree.<@Nullable ReceiveItem>read(SnapshotIdentity::lookup);
        return item != null && item.holder().equals(subvolume.uuid()) ? item : null;
    }

    private static @Nullable ReceiveItem lookup(BTree items) throws IOException {
        Cursor c = items.cursor();
        return items.find(c, ReceiveItem.KEY_INODE, ItemKind.RECEIVE.number(), 0)
                ? ReceiveItem.readFrom(
                        c.page(), c.position(), c.lengthBytes(), "tree=" + items.owner())
                : null;
    }
}
