package cowfs.check;

import cowfs.check.FileFacts.Ref;
import cowfs.file.Attributes;
import cowfs.file.Volume;
import cowfs.format.ItemKind;
import cowfs.format.OrphanItem;
import cowfs.format.SymlinkTarget;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes the names of a file tree agree: entries, inode refs, orphans, and the way from the root to
/// every directory. Used once, on one thread.
final class NameMender {
    private static final String LOST_AND_FOUND = "lost+found";
    private static final int ROOT_MODE = Attributes.DIRECTORY | 0755;

    private final TreeFacts tree;
    private long nextInode;
    private long lostAndFound;

    /// @param nextInode the lowest inode number that was never used
    NameMender(TreeFacts tree, long nextInode) {
        this.tree = tree;
        this.nextInode = nextInode;
    }

    void mend() {
        reviveInodes();
        dropDeadEntries();
        matchRefs();
        adoptNameless();
        breakLoops();
    }

    /// Inodes whose attributes are lost, but not all of their content; those that have neither go.
    private void reviveInodes() {
        tree.inodes.computeIfAbsent(Volume.ROOT_INODE, inode -> new FileFacts());
        Map<Long, Integer> types = new HashMap<>();
        tree.directories.forEach(
                (directory, entries) ->
                        entries.values().forEach(entry -> types.put(entry.child, entry.type)));
        for (Map.Entry<Long, FileFacts> each : tree.inodes.entrySet()) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            if (inode == Volume.ROOT_INODE) {
                if (!facts.present || TreeFacts.type(facts) != Attributes.DIRECTORY) {
                    tree.lostAttributes.add(inode);
                    facts.present = true;
                    facts.mode = ROOT_MODE;
                    facts.generation = tree.txg;
                    facts.links = -1;
                }
            } else if (!facts.present && (facts.hasContent || facts.hasEntries)) {
                tree.lostAttributes.add(inode);
                facts.present = true;
                facts.generation = tree.txg;
                facts.links = -1;
                boolean target =
                        types.getOrDefault(inode, 0) == Attributes.SYMLINK && facts.hasTarget;
                facts.mode =
                        facts.hasEntries
                                ? Attributes.DIRECTORY | 0700
                                : target ? Attributes.SYMLINK | 0777 : Attributes.REGULAR | 0600;
                facts.size = facts.contentEnd;
            }
            boolean symlink = facts.present && TreeFacts.type(facts) == Attributes.SYMLINK;
            boolean lostTarget =
                    symlink
                            && (!facts.hasTarget
                                    || facts.size < 1
                                    || facts.size > SymlinkTarget.MAX_BYTES);
            if (!facts.present || lostTarget) {
                if (lostTarget) {
                    facts.keys.add(new Key(inode, ItemKind.INODE.number(), 0));
                    tree.lostAttributes.remove(inode);
                }
                facts.present = false;
                facts.keys.forEach(key -> tree.edits.put(key, TreeFacts.REMOVE));
                facts.refs.clear();
            }
        }
    }

    /// Entries that lead to nothing, to the root, or twice to one directory.
    private void dropDeadEntries() {
        Set<Long> named = new HashSet<>();
        for (Map.Entry<Long, Map<String, TreeFacts.Entry>> each : tree.directories.entrySet()) {
            long directory = each.getKey();
            boolean alive = tree.isDirectory(directory);
            each.getValue()
                    .entrySet()
                    .removeIf(
                            nameAndEntry -> {
                                TreeFacts.Entry entry = nameAndEntry.getValue();
                                boolean leadsNowhere =
                                        !tree.exists(entry.child)
                                                || entry.child == Volume.ROOT_INODE;
                                boolean again =
                                        !leadsNowhere
                                                && tree.isDirectory(entry.child)
                                                && !named.add(entry.child);
                                if (alive && !leadsNowhere && !again) {
                                    return false;
                                }
                                tree.edits.put(
                                        TreeFacts.direntKey(directory, entry.offset),
                                        TreeFacts.REMOVE);
                                if (alive && leadsNowhere && entry.child != Volume.ROOT_INODE) {
                                    tree.deadEntries.add(
                                            new TreeFacts.DeadEntry(
                                                    directory, nameAndEntry.getKey()));
                                }
                                return true;
                            });
            for (Map.Entry<String, TreeFacts.Entry> entry : each.getValue().entrySet()) {
                int type = TreeFacts.type(tree.facts(entry.getValue().child));
                if (entry.getValue().type != type) {
                    entry.getValue().type = type;
                    tree.putEntry(directory, entry.getKey(), entry.getValue());
                }
            }
        }
    }

    /// Pairs entries with inode refs, and makes the missing side.
    private void matchRefs() {
        Set<Long> named = new HashSet<>();
        tree.directories.values().forEach(d -> d.values().forEach(entry -> named.add(entry.child)));
        for (Map.Entry<Long, FileFacts> each : tree.inodes.entrySet()) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            Set<String> seen = new HashSet<>();
            for (Ref ref : List.copyOf(facts.refs)) {
                TreeFacts.Entry entry =
                        tree.directories.getOrDefault(ref.parent(), Map.of()).get(ref.name());
                boolean first = seen.add(ref.parent() + "/" + ref.name());
                if (entry != null && entry.child == inode && first) {
                    entry.hasRef = true;
                } else if (entry == null
                        && first
                        && tree.isDirectory(ref.parent())
                        && inode != Volume.ROOT_INODE
                        && !(tree.isDirectory(inode) && named.contains(inode))
                        && !(facts.links == 0 && facts.hasOrphanItem)) {
                    TreeFacts.Entry back = tree.addEntry(ref.parent(), ref.name(), inode);
                    back.hasRef = true;
                    named.add(inode);
                } else {
                    facts.refs.remove(ref);
                    tree.edits.put(TreeFacts.refKey(inode, ref.offset()), TreeFacts.REMOVE);
                }
            }
        }
        for (Map.Entry<Long, Map<String, TreeFacts.Entry>> each : tree.directories.entrySet()) {
            for (Map.Entry<String, TreeFacts.Entry> entry : each.getValue().entrySet()) {
                if (!entry.getValue().hasRef) {
                    tree.addRef(entry.getValue().child, each.getKey(), entry.getKey());
                    entry.getValue().hasRef = true;
                }
            }
        }
    }

    /// Inodes without a name: orphans stay, others get one in `lost+found`.
    private void adoptNameless() {
        Set<Long> named = new HashSet<>();
        tree.directories.values().forEach(d -> d.values().forEach(entry -> named.add(entry.child)));
        for (Map.Entry<Long, FileFacts> each : List.copyOf(tree.inodes.entrySet())) {
            long inode = each.getKey();
            FileFacts facts = each.getValue();
            boolean nameless =
                    facts.present && inode != Volume.ROOT_INODE && !named.contains(inode);
            boolean orphan =
                    nameless
                            && (facts.hasOrphanItem || facts.links == 0)
                            && tree.directories.getOrDefault(inode, Map.of()).isEmpty();
            if (orphan && !facts.hasOrphanItem) {
                tree.edits.put(TreeFacts.orphanKey(inode), OrphanItem.of(tree.txg));
            } else if (!orphan && facts.hasOrphanItem) {
                tree.edits.put(TreeFacts.orphanKey(inode), TreeFacts.REMOVE);
            }
            facts.hasOrphanItem = orphan;
            if (nameless && !orphan) {
                adopt(inode);
            }
        }
    }

    private void adopt(long inode) {
        if (lostAndFound == 0) {
            lostAndFound = findLostAndFound();
        }
        String name = "#" + Long.toUnsignedString(inode);
        while (tree.entriesOf(lostAndFound).containsKey(name)) {
            name += "_";
        }
        tree.addEntry(lostAndFound, name, inode).hasRef = true;
        tree.addRef(inode, lostAndFound, name);
    }

    private long findLostAndFound() {
        Map<String, TreeFacts.Entry> root = tree.entriesOf(Volume.ROOT_INODE);
        String name = LOST_AND_FOUND;
        while (root.containsKey(name) && !tree.isDirectory(root.get(name).child)) {
            name += "_";
        }
        TreeFacts.Entry known = root.get(name);
        if (known != null) {
            return known.child;
        }
        long inode = nextInode++;
        FileFacts facts = new FileFacts();
        facts.present = true;
        facts.mode = Attributes.DIRECTORY | 0700;
        facts.generation = tree.txg;
        facts.links = -1;
        tree.inodes.put(inode, facts);
        tree.addEntry(Volume.ROOT_INODE, name, inode).hasRef = true;
        tree.addRef(inode, Volume.ROOT_INODE, name);
        return inode;
    }

    /// Directories that can't be reached from the root lie in a loop, or below one.
    private void breakLoops() {
        reach(Volume.ROOT_INODE);
        for (long inode : List.copyOf(tree.inodes.keySet())) {
            FileFacts facts = tree.facts(inode);
            if (!tree.isDirectory(inode) || facts.reached || facts.hasOrphanItem) {
                continue;
            }
            // each has one name: following it backwards leads into the loop
            Set<Long> way = new HashSet<>();
            long at = inode;
            while (way.add(at)) {
                at = tree.facts(at).refs.getFirst().parent();
            }
            Ref name = tree.facts(at).refs.removeFirst();
            tree.edits.put(TreeFacts.refKey(at, name.offset()), TreeFacts.REMOVE);
            TreeFacts.Entry entry = tree.entriesOf(name.parent()).remove(name.name());
            if (entry != null) {
                tree.edits.put(TreeFacts.direntKey(name.parent(), entry.offset), TreeFacts.REMOVE);
            }
            adopt(at);
            reach(lostAndFound);
            reach(at);
        }
    }

    private void reach(long from) {
        Deque<Long> stack = new ArrayDeque<>(List.of(from));
        while (!stack.isEmpty()) {
            long at = stack.pop();
            FileFacts facts = tree.facts(at);
            if (!facts.reached || at == from) {
                facts.reached = true;
                tree.directories
                        .getOrDefault(at, Map.of())
                        .values()
                        .forEach(
                                entry -> {
                                    if (tree.isDirectory(entry.child)
                                            && !tree.facts(entry.child).reached) {
                                        stack.push(entry.child);
                                    }
                                });
            }
        }
    }
}
