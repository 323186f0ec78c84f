package cowfs.fuse;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The FUSE adapter sees of the engine only its door.
final class DoorTest {
    private static final JavaClasses ADAPTER =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("cowfs.fuse");

    @Test
    void onlyTheDoorOfTheEngineIsSeen() {
        assertTrue(
                ADAPTER.contain("cowfs.fuse.package-info"), "the adapter's classes were imported");
        noClasses()
                .should()
                .dependOnClassesThat(
                        resideInAPackage("cowfs..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "cowfs.fuse..",
                                                        "cowfs.api..",
                                                        "cowfs.file..",
                                                        "cowfs.error.."))))
                .check(ADAPTER);
    }
}
