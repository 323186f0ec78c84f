package cowfs.fuse.kernel;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/// A request of the kernel that took long, for the JDK's flight recorder.
@Name("cowfs.SlowRequest")
@Label("Slow Request")
@Category("cowfs")
@Description("A request of the kernel that took 20 ms or more; the threshold can be set")
@Threshold("20 ms")
@StackTrace(false)
final class SlowRequestEvent extends Event {
    @Label("Operation")
    String operation = "";

    @Label("Node")
    long node;
}
