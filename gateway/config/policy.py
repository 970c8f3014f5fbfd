"""What policy.toml may say: the packs of rules, the categories of text, and the countries that may be texted.

Owns: names of packs, categories and countries with their ranges and defaults. Does not own: reading the file (load), or judging a
text by it (rules).
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, field

from gateway.config.fields import Content, Name, Section, Wrong
from gateway.model.address import REGIONS

SYSTEM = "system"
"""The category of the gateway's own answers to STOP, START and HELP: the only one that needs no consent."""


class CategoryConfig(Section, frozen=True, kw_only=True):
    """[categories.NAME]: a kind of text."""

    content: Content = "servicing"
    """What carriers take it for: only those that permit it get such texts."""
    priority: Annotated[int, Meta(ge=0, le=3, description="0 (first) to 3 (last)")] = 1
    in_doubt: Literal["hold", "resend"] = "hold"
    """What becomes of a segment of which nobody knows whether the carrier has it."""
    consent: Literal["required", "none"] = "required"
    max_segments: Annotated[int, Meta(ge=1, le=255, description="a whole number, 1 to 255")] = 6
    """A longer text is refused."""
    validity_hours: Annotated[int, Meta(ge=1, le=336, description="a whole number, 1 to 336")] = 24
    """How long a text may wait to be delivered when its submission does not say."""


SYSTEM_CATEGORY = CategoryConfig(priority=0, in_doubt="hold", consent="none", max_segments=6, validity_hours=1)


class CountriesConfig(Section, frozen=True, kw_only=True):
    """[countries]: where texts may go."""

    allow: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^([A-Z]{2}|001)\Z", description='ISO 3166 codes such as "US"')], ...],
        Meta(min_length=1, description='one or more ISO 3166 codes such as "US"'),
    ] = ("US", "CA")

    def check(self) -> Iterator[Wrong]:
        """There are numbers in each."""
        for country in self.allow:
            if country not in REGIONS:
                fix = 'write "GB"' if country == "UK" else 'give ISO 3166 codes such as "US"'
                yield "allow", f"{country!r} is no country with telephone numbers", fix


class RepetitionsConfig(Section, frozen=True, kw_only=True):
    """[repetitions]: the same words to the same number, submitted again without an idempotency key."""

    minutes: Annotated[int, Meta(ge=0, le=10_080, description="minutes, 0 to 10080")] = 0
    """For how long they count as a repetition; 0: never."""
    action: Literal["refuse", "flag"] = "refuse"
    """Whether a repetition is refused, or goes and says so in its decision."""


class PolicyConfig(Section, frozen=True, kw_only=True):
    """policy.toml."""

    packs: Annotated[tuple[Name, ...], Meta(min_length=1, description='one or more packs such as "us-strict"')] = (
        "us-strict",
    )
    """The rules of a place or a practice, by name; together they are as strict as the strictest of them."""
    categories: dict[Name, CategoryConfig] = field(default_factory=dict)
    countries: CountriesConfig = CountriesConfig()
    repetitions: RepetitionsConfig = RepetitionsConfig()

    @property
    def resent(self) -> frozenset[str]:
        """Categories of which a segment in doubt goes again."""
        return frozenset(name for name, category in self.categories.items() if category.in_doubt == "resend")

    def check(self) -> Iterator[Wrong]:
        """Nothing but the gateway's own answers goes out without consent."""
        for name, category in self.categories.items():
            if category.consent == "none" and name != SYSTEM:
                yield (
                    f"categories.{name}.consent",
                    '"none" is for the system category alone',
                    'write consent = "required"',
                )
            if category.consent == "required" and name == SYSTEM:
                yield (
                    f"categories.{name}.consent",
                    "nobody who said STOP could be told that it was heard",
                    'write consent = "none"',
                )
