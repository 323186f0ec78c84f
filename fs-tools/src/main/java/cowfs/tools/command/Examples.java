package cowfs.tools.command;

import picocli.CommandLine.Model.CommandSpec;

/// An example for each command, for its help and its manual page.
///
/// In code and not in annotations, which would be read whether help is wanted or not.
final class Examples {
    private Examples() {}

    /// Adds its example to a command.
    static void addTo(CommandSpec spec) {
        String[] lines = of(spec.qualifiedName(" "));
        if (lines.length == 0) {
            return;
        }
        String[] footer = new String[lines.length + 2];
        footer[0] = "";
        footer[1] = lines.length == 1 ? "Example:" : "Examples:";
        for (int i = 0; i < lines.length; i++) {
            footer[i + 2] = "  " + lines[i];
        }
        spec.usageMessage().footer(footer);
    }

    private static String[] of(String command) {
        return switch (command) {
            case "cowfs" -> lines("cowfs mkfs --size 10G disk.img", "cowfs mount disk.img /mnt");
            case "cowfs mkfs" -> lines("cowfs mkfs --size 10G --label photos disk.img");
            case "cowfs mount" ->
                    lines(
                            "cowfs mount disk.img /mnt",
                            "cowfs mount --subvol main@monday disk.img /mnt/old");
            case "cowfs umount" -> lines("cowfs umount /mnt", "cowfs umount --all disk.img");
            case "cowfs subvolume" -> lines("cowfs subvolume create disk.img projects");
            case "cowfs subvolume create" -> lines("cowfs subvolume create disk.img projects");
            case "cowfs subvolume rename" -> lines("cowfs subvolume rename disk.img projects work");
            case "cowfs subvolume delete" -> lines("cowfs subvolume delete disk.img work");
            case "cowfs snapshot" ->
                    lines(
                            "cowfs snapshot disk.img main@monday",
                            "cowfs snapshot /mnt main@tuesday",
                            "cowfs snapshot /mnt --all nightly --exclude scratch");
            case "cowfs clone" -> lines("cowfs clone disk.img main@monday experiment");
            case "cowfs delete" -> lines("cowfs delete disk.img main@monday main@tuesday");
            case "cowfs list" -> lines("cowfs list disk.img", "cowfs list --names /mnt");
            case "cowfs info" -> lines("cowfs info disk.img");
            case "cowfs du" ->
                    lines(
                            "cowfs du disk.img",
                            "cowfs du disk.img main:/docs main@monday:/docs",
                            "cowfs du --if-deleted disk.img main@monday");
            case "cowfs diff" -> lines("cowfs diff disk.img main@monday main");
            case "cowfs get" -> lines("cowfs get disk.img main");
            case "cowfs set" -> lines("cowfs set disk.img main 'comment=all that matters'");
            case "cowfs hold" -> lines("cowfs hold disk.img offsite main@monday");
            case "cowfs bookmark", "cowfs bookmark create" ->
                    lines("cowfs bookmark create disk.img main@monday");
            case "cowfs bookmark list" -> lines("cowfs bookmark list disk.img");
            case "cowfs bookmark delete" -> lines("cowfs bookmark delete disk.img 'main#monday'");
            case "cowfs release" -> lines("cowfs release disk.img offsite main@monday");
            case "cowfs policy", "cowfs policy set" ->
                    lines("cowfs policy set disk.img main 15m:4 1h:24 1d:30 1w:8");
            case "cowfs policy show" -> lines("cowfs policy show disk.img");
            case "cowfs policy run" -> lines("cowfs policy run disk.img");
            case "cowfs policy remove" -> lines("cowfs policy remove disk.img main");
            case "cowfs rollback" -> lines("cowfs rollback disk.img main@monday");
            case "cowfs history" -> lines("cowfs history disk.img main:/notes.txt");
            case "cowfs undelete" -> lines("cowfs undelete disk.img main:/notes.txt");
            case "cowfs trim" -> lines("cowfs trim disk.img");
            case "cowfs resize" -> lines("cowfs resize disk.img +5G");
            case "cowfs reclaim" -> lines("cowfs reclaim disk.img --free 10G --yes");
            case "cowfs replicate" ->
                    lines(
                            "cowfs replicate --snapshot /mnt main --to 'ssh backup cowfs' /backup/disk.img");
            case "cowfs cp" ->
                    lines("cowfs cp --reflink disk.img main@monday:/docs main:/docs.monday");
            case "cowfs dedup" ->
                    lines(
                            "cowfs dedup disk.img main:/",
                            "cowfs dedup --unit 4K disk.img main:/docs work:/docs");
            case "cowfs purge" ->
                    lines(
                            "cowfs purge disk.img /secrets.txt --all-snapshots",
                            "cowfs purge disk.img /secrets.txt --from main@monday --yes");
            case "cowfs inspect super" -> lines("cowfs inspect super disk.img");
            case "cowfs inspect tree" ->
                    lines(
                            "cowfs inspect tree --dot disk.img main | dot -Tsvg > main.svg",
                            "cowfs inspect tree --key 257/content/0 disk.img main");
            case "cowfs inspect node" -> lines("cowfs inspect node disk.img 4096");
            case "cowfs inspect space" ->
                    lines("cowfs inspect space disk.img", "cowfs inspect space --group 3 disk.img");
            case "cowfs inspect refs" -> lines("cowfs inspect refs disk.img 81920");
            case "cowfs inspect file" -> lines("cowfs inspect file disk.img main:/notes.txt");
            case "cowfs inspect txg" -> lines("cowfs inspect txg disk.img 77");
            case "cowfs inspect stats" -> lines("cowfs inspect stats disk.img");
            case "cowfs send" -> lines("cowfs send disk.img main@monday > monday.stream");
            case "cowfs receive" -> lines("cowfs receive other.img copy < monday.stream");
            case "cowfs stream", "cowfs stream verify" ->
                    lines("cowfs stream verify monday.stream");
            case "cowfs stream dump" -> lines("cowfs stream dump monday.stream");
            case "cowfs ls" -> lines("cowfs ls disk.img main@monday:/");
            case "cowfs cat" -> lines("cowfs cat disk.img main@monday:/etc/hosts");
            case "cowfs stat" -> lines("cowfs stat disk.img main:/etc/hosts");
            case "cowfs tree" -> lines("cowfs tree disk.img main:/");
            case "cowfs extract" -> lines("cowfs extract disk.img main@monday:/home restored");
            case "cowfs inspect" ->
                    lines("cowfs inspect super disk.img", "cowfs help inspect refs");
            case "cowfs report" -> lines("cowfs report disk.img -o report.html");
            case "cowfs check" -> lines("cowfs check disk.img");
            case "cowfs scrub" -> lines("cowfs scrub --rate 50M /mnt");
            case "cowfs sync" -> lines("cowfs sync /mnt");
            case "cowfs iostat" -> lines("cowfs iostat /mnt", "cowfs iostat --prometheus /mnt");
            case "cowfs log-level" -> lines("cowfs log-level /mnt debug");
            case "cowfs completion" -> lines("source <(cowfs completion bash)");
            case "cowfs version" -> lines("cowfs version --json");
            case "cowfs help" -> lines("cowfs help subvolume create");
            default -> new String[0];
        };
    }

    private static String[] lines(String... lines) {
        return lines;
    }
}
