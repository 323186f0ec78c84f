/// Damage of every kind, and what must come of it: a finding, an error or nothing, never a wrong
/// byte, a hang or an exception that nobody expects.
///
/// A {@link cowfs.damage.SampleImage} holds every kind of record; {@link cowfs.damage.ImageGraph}
/// changes bytes of it and makes the checksums right again; {@link cowfs.damage.Trial} opens, reads
/// and checks what came of it and gives the verdict.
package cowfs.damage;
