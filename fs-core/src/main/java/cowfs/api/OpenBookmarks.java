package cowfs.api;

import cowfs.file.Timestamp;
import cowfs.format.BookmarkItem;
import cowfs.subvol.Bookmarks;
import cowfs.subvol.Bookmarks.Bookmark;
import cowfs.subvol.Subvolumes;
import cowfs.txn.PoolStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The bookmarks of an open pool. Thread safe.
final class OpenBookmarks {
    private final Subvolumes subvolumes;
    private final Bookmarks bookmarks;

    OpenBookmarks(PoolStore store, Subvolumes subvolumes) {
        this.subvolumes = subvolumes;
        this.bookmarks = new Bookmarks(store, subvolumes);
    }

    List<BookmarkInfo> list() throws IOException {
        return bookmarks.list().stream().map(OpenBookmarks::describe).toList();
    }

    BookmarkInfo create(Ref snapshot, String name) throws IOException {
        Ref valid = Ref.parseSnapshot(snapshot.toString());
        BookmarkRef ref = BookmarkRef.of(valid.subvolume(), name);
        return describe(
                bookmarks.create(
                        subvolumes.get(valid.subvolume(), Objects.requireNonNull(valid.snapshot())),
                        ref.name()));
    }

    void delete(List<BookmarkRef> refs) throws IOException {
        List<Bookmark> doomed = new ArrayList<>();
        for (BookmarkRef each : refs.stream().distinct().toList()) {
            doomed.add(bookmarks.get(each.subvolume(), each.name()));
        }
        bookmarks.delete(doomed);
    }

    private static BookmarkInfo describe(Bookmark bookmark) {
        BookmarkItem item = bookmark.item();
        return new BookmarkInfo(
                new BookmarkRef(bookmark.subvolume().subvolumeName(), item.name()),
                item.snapshot(),
                item.txg(),
                new Timestamp(item.createdSeconds(), item.createdNanos()));
    }
}
