"""What docs/neuroscience.md says of the paper's claim on the methods of neuroscience; as in bench/studies/paper_evidence.py."""

from bench.studies.neuroscience_tables import ABOVE
from bench.studies.paper_evidence import Evidence, Finding, decide, table_of

RECORDED = ("tuning", "lesions", "lesions of pairs", "sensitivity")


def methods_of_neuroscience(found: Evidence) -> Finding:
    """What tuning, lesions and sensitivity recover of planted rules, beside their controls."""
    rows = table_of("neuroscience.md", "planted.controls")
    above = {name: [row[5] == ABOVE for row in rows if row[0] == name] for name in RECORDED}
    one, every = ({row[0]: row for row in table_of("neuroscience.md", f"planted.{reading}")} for reading in ("one", "all"))
    told = "; ".join(f"{name} {one[name][1].split()[0]} and {every[name][1].split()[0]}" for name in (*RECORDED, "moves played"))
    named = max((int(every[name][6].rstrip("%")), name) for name in RECORDED)
    clear = ", ".join(name for name, each in above.items() if all(each)) or "none"
    text = f"Recovery from single parts and from all together, 1 if full and 0.5 by chance: {told}. Above their controls in both: {clear}."
    verdict = decide(not any(map(any, above.values())), all(map(all, above.values())))
    return Finding(verdict, f"{text} At most {named[0]}% of the planted rules come first, by {named[1]}.")
