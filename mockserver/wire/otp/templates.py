"""The templates of one-time passwords over Viber (ids: doc of sibling providers; names of parameters: choice)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.wire import Json

PIN, BUSINESS, VALIDITY, KIND, ACTION, REASON = "pin", "businessName", "validity", "codeType", "action", "reason"

LANGUAGES = (
    *("ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hr", "hu", "id", "it", "ja", "ka"),
    *("lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh"),
)
"""The languages of every template (choice)."""


@dataclass(frozen=True, slots=True)
class Template:
    """One template: its id, its type, and the names of its parameters."""

    id: str
    type: str
    params: tuple[str, ...]

    @property
    def json(self) -> Json:
        """As the list of templates has it."""
        name = f"One-time password {self.type.replace('_', ' ')}"
        return {
            "templateId": self.id,
            "templateType": self.type,
            "name": name,
            "params": list(self.params),
            "languages": list(LANGUAGES),
        }


TEMPLATES = (
    Template("0aac888f-2ee2-4112-9659-1755a951966a", "basic", (PIN,)),
    Template("c2cdc028-a48b-4187-bbaf-3aaa137b6e23", "basic_5min", (PIN,)),
    Template("c33cccaf-735f-4d62-8383-a76bf4999e2d", "with_business_name", (PIN, BUSINESS)),
    Template("bed0942f-e07e-4879-834b-29cc4cf3ec35", "with_validity", (PIN, VALIDITY)),
    Template("60d67b38-b9fb-444a-80e6-754447e010c6", "with_type_and_validity", (PIN, KIND, VALIDITY)),
    Template("210ee8a9-1ed5-43cd-96e4-65bba311ab40", "with_action", (PIN, ACTION)),
    Template("6c929cef-29b4-4349-bc9d-2a07bdbb6e43", "with_business_and_validity_hours", (PIN, BUSINESS, VALIDITY)),
    Template("82ba31a3-db42-4e87-82e8-33fa92b9e5ed", "with_type", (PIN, KIND)),
    Template("be56d97b-2a33-4c89-ac5f-f555a2c827d9", "with_reason", (PIN, BUSINESS, REASON)),
)
"""The templates that Viber publishes for all providers. An account may have others."""

BY_ID: Mapping[str, Template] = {template.id: template for template in TEMPLATES}

TYPES = tuple(template.type for template in TEMPLATES)

OF_A_BUSINESS = frozenset(template.type for template in TEMPLATES if BUSINESS in template.params)
"""The types that need a `businessName` (doc)."""


def listed() -> Iterator[Json]:
    """The list of templates."""
    return (template.json for template in TEMPLATES)
