"""CITATION.cff keeps to the Citation File Format, and says what setup.cfg and docs/citing.md say."""

import configparser
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
CITING = (ROOT / "docs" / "citing.md").read_text()

# Citation File Format 1.2.0, schema.json: the keys of the whole, of an entity, of a person, and those that a reference must have.
REQUIRED = {"authors", "cff-version", "message", "title"}
ALLOWED = REQUIRED | {
    *("abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license", "license-url"),
    *("preferred-citation", "references", "repository", "repository-artifact", "repository-code", "type", "url", "version"),
}
ENTITY = {
    "address",
    "alias",
    "city",
    "country",
    "date-end",
    "date-start",
    "email",
    "fax",
    "location",
    "name",
    "orcid",
    "post-code",
    "region",
}
PERSON = {"affiliation", "alias", "email", "family-names", "given-names", "name-particle", "name-suffix", "orcid", "website"}
OF_REFERENCE = {"authors", "title", "type"}


def setup() -> configparser.SectionProxy:
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg")
    return parsed["metadata"]


def test_it_has_the_keys_of_the_format() -> None:
    assert REQUIRED <= CITATION.keys() <= ALLOWED
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] in {"software", "dataset"}
    assert len(set(CITATION["keywords"])) == len(CITATION["keywords"]) > 0
    for author in CITATION["authors"]:
        assert author.keys() <= ENTITY or author.keys() <= PERSON
    for reference in CITATION["references"]:
        assert reference.keys() >= OF_REFERENCE
        assert all(author.keys() <= PERSON for author in reference["authors"])


def test_it_says_what_the_package_says_of_itself() -> None:
    metadata = setup()
    assert CITATION["version"] == metadata["version"]
    assert CITATION["license"] == metadata["license"]
    assert [author["name"] for author in CITATION["authors"]] == [metadata["author"]]
    assert CITATION["keywords"] == [word.strip() for word in metadata["keywords"].split(",")]


def test_the_bibtex_says_the_same() -> None:
    entries = re.findall(r"^@(\w+)\{(\w+),\n(.*?)^\}", CITING, re.MULTILINE | re.DOTALL)
    fields = {key: dict(re.findall(r"^ +(\w+) += \{(.*)\},?$", text, re.MULTILINE)) for _, key, text in entries}
    own = fields["gaincurve"]
    assert own == {
        "title": CITATION["title"],
        "author": f"{{{CITATION['authors'][0]['name']}}}",
        "version": CITATION["version"],
        "license": CITATION["license"],
    }
    paper, (cited,) = fields["lillicrap2019understand"], CITATION["references"]
    names = " and ".join(f"{author['family-names']}, {author['given-names']}" for author in cited["authors"])
    assert (paper["title"], paper["author"], paper["year"]) == (cited["title"], names, str(cited["year"]))
    assert cited["url"].endswith(paper["eprint"])
