package cowfs.subvol;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A step that gives back the space of what was deleted, for the JDK's flight recorder.
@Name("cowfs.Reclaim")
@Label("Reclaim")
@Category("cowfs")
@Description("A step, with the commit that it waits for, gives back space of deleted trees")
@StackTrace(false)
final class ReclaimEvent extends Event {
    @Label("Stuck")
    @Description("There was no room for a single drop")
    boolean stuck;
}
