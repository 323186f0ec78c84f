package cowfs.txn;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A commit, for the JDK's flight recorder.
@Name("cowfs.Commit")
@Label("Commit")
@Category("cowfs")
@Description("A transaction group is written and made durable")
@StackTrace(false)
final class CommitEvent extends Event {
    @Label("Transaction Group")
    long txg;

    @Label("Freeze")
    @Description("How long operations were kept out, in nanoseconds")
    long freezeNanos;

    @Label("Sealed")
    @Description("Written with a flush before its superblock")
    boolean sealed;
}
