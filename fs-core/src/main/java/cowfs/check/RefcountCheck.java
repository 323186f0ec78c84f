package cowfs.check;

import cowfs.block.CommittedNode;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;
import cowfs.format.RefcountItem;

/// Compares the refcount tree with the references that were counted, both ways: every record with
/// the blocks it covers, and the blocks without a record with a count of at most one. Not thread
/// safe.
final class RefcountCheck {
    private final BlockLedger ledger;
    private final Findings findings;
    private final boolean complete;
    private final boolean treeComplete;
    private long next;
    private long runStart;
    private long runEnd;
    private int runHas;
    private int runWant;

    /// @param complete whether every reference was seen; otherwise counts may be found too low
    /// @param treeComplete whether the refcount tree could be read as a whole; otherwise blocks
    ///   without a record are passed over
    RefcountCheck(BlockLedger ledger, Findings findings, boolean complete, boolean treeComplete) {
        this.treeComplete = treeComplete;
        this.ledger = ledger;
        this.findings = findings;
        this.complete = complete;
    }

    /// Checks the items of a leaf by themselves, in the first walk.
    ///
    /// @return whether all are valid
    static boolean validate(CommittedNode leaf, long deviceBlocks, Findings findings) {
        byte[] page = leaf.page();
        boolean valid = true;
        for (int slot = 0; slot < leaf.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            Key key = Key.at(page, at);
            if (!isRecord(key)) {
                valid = false;
                findings.add(
                        DamageCode.WRONG_KIND,
                        "refcount",
                        "key=" + key,
                        "no such item has a place in the refcount tree");
                continue;
            }
            try {
                RefcountItem.validate(
                        page,
                        NodePage.valuePosition(page, at),
                        NodePage.valueLength(page, at),
                        key.inode(),
                        deviceBlocks);
            } catch (CorruptException damaged) {
                valid = false;
                findings.add(
                        DamageCode.BAD_ITEM, damaged.record(), damaged.where(), damaged.reason());
            }
        }
        return valid;
    }

    private static boolean isRecord(Key key) {
        return key.kind() == ItemKind.REFCOUNT.number() && key.offset() == 0;
    }

    /// Takes the items of the refcount tree in key order.
    void item(Key key, byte[] page, int position, int lengthBytes) {
        long address = key.inode();
        try {
            RefcountItem.validate(page, position, lengthBytes, address, ledger.blockCount());
        } catch (CorruptException reported) {
            return;
        }
        if (!isRecord(key)) {
            return;
        }
        long end = address + RefcountItem.blockCount(page, position);
        if (address < next) {
            findings.add(
                    DamageCode.BAD_ITEM,
                    "refcount",
                    "block=" + address,
                    "it overlaps the record before, which ends at block " + next);
        }
        expect(next, address, 1);
        expect(Math.max(next, address), end, RefcountItem.count(page, position));
        next = Math.max(next, end);
    }

    /// Checks what lies behind the last record.
    void finish() {
        expect(next, ledger.blockCount(), 1);
        flush();
    }

    private void expect(long from, long to, int want) {
        long at = want == 1 && !treeComplete ? to : from;
        while (at < to) {
            int group = (int) (at >>> Blocks.GROUP_SHIFT);
            long groupEnd = Math.min(to, (group + 1L) << Blocks.GROUP_SHIFT);
            if (want == 1 && ledger.isUntouched(group)) {
                at = groupEnd;
                continue;
            }
            for (; at < groupEnd; at++) {
                int counted = ledger.count(at);
                boolean right = want == 1 ? counted <= 1 : counted == want;
                if (!right && (complete || counted > want)) {
                    add(at, want, counted);
                }
            }
        }
    }

    private void add(long block, int has, int want) {
        if (block != runEnd || has != runHas || want != runWant) {
            flush();
            runStart = block;
            runHas = has;
            runWant = want;
        }
        runEnd = block + 1;
    }

    private void flush() {
        if (runEnd > runStart) {
            findings.add(
                    DamageCode.WRONG_REFCOUNT,
                    "refcount",
                    "block=" + runStart + " count=" + (runEnd - runStart),
                    "has " + runHas + " want " + runWant);
        }
        runStart = runEnd;
    }
}
