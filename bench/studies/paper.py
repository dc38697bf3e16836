"""docs/paper.md: the claims of Lillicrap & Kording (2019), each with a verdict that is computed from the committed results."""

import functools
from collections.abc import Sequence

from bench.studies.committed import records
from bench.studies.page import Page, Part
from bench.studies.paper_claims import ABOUT_GAMES, Claim
from bench.studies.paper_evidence import VERDICTS, Evidence, Finding
from bench.studies.paper_learning import ABOUT_LEARNING
from bench.wording import count

CLAIMS = (*ABOUT_GAMES, *ABOUT_LEARNING)


@functools.cache
def findings() -> tuple[Finding, ...]:
    """What the committed results say of each of CLAIMS, in their order."""
    found = Evidence(records())
    return tuple(claim.judge(found) for claim in CLAIMS)


def told() -> dict[str, str]:
    """The blocks of the page."""
    judged = findings()
    return {"claims.count": summary(judged), "claims.all": every_claim(CLAIMS, judged)}


def summary(judged: Sequence[Finding]) -> str:
    """How many claims have which verdict, with their numbers on the page."""
    numbers = {verdict: [str(n) for n, one in enumerate(judged, start=1) if one.verdict == verdict] for verdict in VERDICTS}
    rows = [f"| {verdict} | {len(each)} | {', '.join(each)} |" for verdict, each in numbers.items()]
    return "\n".join([f"{count(len(judged), 'claim')}:", "", "| verdict | claims | which |", "|---|--:|---|", *rows])


def every_claim(claims: Sequence[Claim], judged: Sequence[Finding]) -> str:
    """The claims under their headings, each with its verdict, number, rule and what shows it."""
    lines, part = [], ""
    for n, (claim, found) in enumerate(zip(claims, judged, strict=True), start=1):
        if claim.part != part:
            part = claim.part
            lines += [f"## {part}", ""]
        shown = [claim.where] if claim.where else []
        shown += [f"`{claim.command}`"] if claim.command else []
        lines += [f"**{n}. {claim.says}** *{found.verdict.capitalize()}.* {found.number}", ""]
        lines += [f"- Rule: {claim.rule}.", *([f"- Shown by: {'; '.join(shown)}."] if shown else []), ""]
    return "\n".join(lines).rstrip()


PAGES = (Page("paper.md", {"claims": Part(told)}),)
