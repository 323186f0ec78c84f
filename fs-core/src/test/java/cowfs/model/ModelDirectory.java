package cowfs.model;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The entries of a directory in the model. Names are Latin-1 strings, one character a byte.
///
/// A cookie belongs to an entry for as long as its name stands, and is never given out again. Not
/// thread safe.
final class ModelDirectory {
    static final long DOT_COOKIE = 1;
    static final long DOT_DOT_COOKIE = 2;

    private final NavigableMap<String, Entry> byName = new TreeMap<>();
    private final NavigableMap<Long, String> byCookie = new TreeMap<>();
    private long nextCookie = DOT_DOT_COOKIE + 1;
    private long parent;

    record Entry(long inode, long cookie) {}

    ModelDirectory(long parent) {
        this.parent = parent;
    }

    ModelDirectory copy() {
        ModelDirectory copy = new ModelDirectory(parent);
        copy.byName.putAll(byName);
        copy.byCookie.putAll(byCookie);
        copy.nextCookie = nextCookie;
        return copy;
    }

    long parent() {
        return parent;
    }

    void setParent(long parent) {
        this.parent = parent;
    }

    int size() {
        return byName.size();
    }

    @Nullable Entry lookup(String name) {
        return byName.get(name);
    }

    /// Names in the order of their cookies, from above `cookie` on.
    NavigableMap<Long, String> after(long cookie) {
        return Collections.unmodifiableNavigableMap(byCookie.tailMap(cookie, false));
    }

    /// Makes a name stand for an inode, whatever it stood for before.
    void put(String name, long inode) {
        Entry old = byName.get(name);
        long cookie = old == null ? nextCookie++ : old.cookie;
        byName.put(name, new Entry(inode, cookie));
        byCookie.put(cookie, name);
    }

    void remove(String name) {
        Entry old = byName.remove(name);
        if (old != null) {
            byCookie.remove(old.cookie);
        }
    }
}
