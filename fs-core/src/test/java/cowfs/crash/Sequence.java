package cowfs.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Operations one after the other, each made durable in some way or not, on an image of a shape.
/// Its text repeats it: `4096x2 create/none rename-over/fsync`.
///
/// @param nodeBytes of the image
/// @param copies of metadata
record Sequence(int nodeBytes, int copies, List<Stage> stages) {
    record Stage(Operation operation, Persistence persistence) {
        @Override
        public String toString() {
            return operation + "/" + persistence.name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int[][] SHAPES = {{4096, 1}, {4096, 2}, {8192, 2}};

    static Sequence parse(String text) {
        String[] words = text.strip().split(" ");
        String[] shape = words[0].split("x");
        List<Stage> stages =
                Arrays.stream(words).skip(1).map(Sequence::stage).collect(Collectors.toList());
        return new Sequence(Integer.parseInt(shape[0]), Integer.parseInt(shape[1]), stages);
    }

    private static Stage stage(String text) {
        String[] parts = text.split("/");
        return new Stage(
                Operation.named(parts[0]), Persistence.valueOf(parts[1].toUpperCase(Locale.ROOT)));
    }

    @Override
    public String toString() {
        return nodeBytes
                + "x"
                + copies
                + stages.stream().map(stage -> " " + stage).collect(Collectors.joining());
    }

    /// Every operation with every persistence, on shapes in turn.
    static List<Sequence> ofOne(int turn) {
        List<Sequence> all = new ArrayList<>();
        for (Operation operation : Operation.ALL) {
            for (Persistence persistence : Persistence.values()) {
                int[] shape = SHAPES[(turn + all.size()) % SHAPES.length];
                all.add(
                        new Sequence(
                                shape[0], shape[1], List.of(new Stage(operation, persistence))));
            }
        }
        return all;
    }

    /// Every pair of operations once, persistence and shape in turn, so that over rising turns all
    /// of them come: {@link #TURNS}.
    static List<Sequence> ofTwo(int turn) {
        Persistence[] kinds = Persistence.values();
        List<Sequence> all = new ArrayList<>();
        int number = turn;
        for (Operation first : Operation.ALL) {
            for (Operation second : Operation.ALL) {
                int combination = Math.floorMod(number++, TURNS);
                int[] shape = SHAPES[combination / (kinds.length * kinds.length)];
                all.add(
                        new Sequence(
                                shape[0],
                                shape[1],
                                List.of(
                                        new Stage(first, kinds[combination % kinds.length]),
                                        new Stage(
                                                second,
                                                kinds[
                                                        combination
                                                                / kinds.length
                                                                % kinds.length]))));
            }
        }
        return all;
    }

    /// After so many turns every pair has come with every persistence on every shape.
    static final int TURNS =
            SHAPES.length * Persistence.values().length * Persistence.values().length;

    static Sequence random(RandomGenerator random, int length) {
        int[] shape = SHAPES[random.nextInt(SHAPES.length)];
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            Persistence[] kinds = Persistence.values();
            stages.add(
                    new Stage(
                            Operation.ALL.get(random.nextInt(Operation.ALL.size())),
                            kinds[random.nextInt(kinds.length)]));
        }
        return new Sequence(shape[0], shape[1], stages);
    }
}
