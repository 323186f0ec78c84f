package cowfs.tools.command;

import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.error.SizeText;
import cowfs.tools.place.PoolSession;
import cowfs.tools.policy.ReclaimPlan;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Table;
import cowfs.tools.text.Times;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// `cowfs reclaim`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "reclaim",
        description = {
            "Find the snapshots to delete for some space, and with --yes delete them.",
            "What a policy took and no longer keeps goes first, then what policies took, then what"
                    + " people took, each oldest first; of those as few as do. Held snapshots stay. The"
                    + " space is exact."
        })
final class ReclaimCommand extends PoolCommand {
    @Option(
            names = "--free",
            required = true,
            paramLabel = "SIZE",
            converter = Bytes.Converter.class,
            description = "How much at least.")
    Bytes free;

    @Option(names = "--yes", description = "Delete them.")
    boolean yes;

    @Mixin Deletion deletion;

    @Override
    void checkArguments() {
        if (free.value() == 0) {
            throw new ParameterException(
                    output.command.commandLine(), "--free 0 is always there: say how much");
        }
    }

    @Override
    void run(PoolSession session) throws IOException {
        ReclaimPlan plan = ReclaimPlan.of(session.pool(), free.value());
        if (!plan.isEnough()) {
            throw new RequestException(ErrorKind.NO_SPACE, tooLittle(plan));
        }
        List<Ref> refs = plan.chosen().stream().map(SubvolumeInfo::ref).toList();
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        Table table =
                new Table(
                        Table.words("SNAPSHOT"),
                        Table.words("TAKEN"),
                        Table.numbers("FREES ALONE"));
        for (SubvolumeInfo each : plan.chosen()) {
            long alone = session.pool().freedByDeleting(List.of(each.ref())).totalBytes();
            Map<String, @Nullable Object> item = PoolJson.members();
            item.put("ref", each.ref().toString());
            item.put("created", each.created().toInstant().toString());
            item.put("freed_alone", alone);
            items.add(item);
            table.add(each.ref().toString(), Times.local(each.created()), Sizes.format(alone));
        }
        if (yes) {
            deletion.delete(session, refs);
        }
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("snapshots", items);
        json.put("freed", plan.freedBytes());
        json.put("deleted", yes);
        output.print(json, out -> print(table, plan, out));
        if (!yes) {
            output.note("nothing was deleted: --yes deletes them");
        }
    }

    private String tooLittle(ReclaimPlan plan) {
        int count = plan.chosen().size();
        if (count == 0) {
            return "there is no snapshot that is not held: nothing was deleted";
        }
        return (count == 1
                        ? "deleting the one snapshot that is not held"
                        : "deleting all " + count + " snapshots that are not held")
                + " would free "
                + SizeText.exact(plan.freedBytes())
                + ", less than "
                + SizeText.exact(free.value())
                + ": nothing was deleted";
    }

    private void print(Table table, ReclaimPlan plan, PrintWriter out) {
        table.print(out);
        String who = plan.chosen().size() == 1 ? "it frees " : "together they free ";
        out.println((yes ? "freed " : who) + Sizes.format(plan.freedBytes()));
    }
}
