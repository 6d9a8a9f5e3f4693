"""Where the world keeps each value that the API shows and that may be written by hand."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Form = Literal["text", "flag", "number", "day", "zone", "reference"]


class Place(Struct, frozen=True):
    """Where a value that the API shows is kept."""

    field: str
    form: Form = "text"
    null: bool = True
    refers_to: str = ""


_NAME = Place("name", null=False)
_TITLE = Place("title", null=False)
_REMOTE_ID = Place("remote_id")
_ARCHIVED = Place("archived", "flag", null=False)
PLACES: Mapping[str, Mapping[str, Place]] = {
    "leave-accounts": {"name": _NAME},
    "legal-entities": {
        "legalName": _NAME,
        "remoteId": _REMOTE_ID,
        "isArchived": _ARCHIVED,
        "countryCode": Place("country", null=False),
        "currencyCode": Place("currency", null=False),
        "industryCode/value": Place("industry_code"),
    },
    "business-establishments": {
        "name": _NAME,
        "remoteId": _REMOTE_ID,
        "isArchived": _ARCHIVED,
        "timezoneId": Place("zone", "zone"),
        "address/locality": Place("locality", null=False),
        "address/postalCode": Place("postal_code", null=False),
        "legalEntity/id": Place("legal_entity", "reference", null=False, refers_to="legal-entities"),
    },
    "departments": {
        "name": _NAME,
        "remoteId": _REMOTE_ID,
        "isArchived": _ARCHIVED,
        "description": Place("description"),
        "sortOrder": Place("sort_order", "number", null=False),
        "manager/id": Place("manager", "reference", refers_to="employees"),
        "parent/id": Place("parent", "reference", refers_to="departments"),
    },
    "professions": {"title": _TITLE, "isArchived": _ARCHIVED},
    "job-qualifications": {
        "title": _TITLE,
        "rank": Place("rank", "number", null=False),
        "profession/id": Place("profession", "reference", null=False, refers_to="professions"),
    },
    "occupation-categories": {"title": _TITLE},
    "employment-templates": {
        "title": _TITLE,
        "term": Place("term", null=False),
        "audience": Place("audience", null=False),
    },
    "public-holidays-calendars": {"name": _NAME},
    "working-time-arrangements": {
        "name": _NAME,
        "isArchived": _ARCHIVED,
        "publicHolidaysCalendar/id": Place(
            "calendar", "reference", null=False, refers_to="public-holidays-calendars"
        ),
    },
    "taxonomies": {"name": _NAME, "sortLabelsBy": Place("sort_labels_by", null=False)},
    "taxonomy-labels": {"name": _NAME, "remoteId": _REMOTE_ID, "isArchived": _ARCHIVED},
    "employee-attribute-definitions": {"name": _NAME, "isArchived": _ARCHIVED},
    "employees": {
        "givenName": Place("given_name", null=False),
        "familyName": Place("family_name", null=False),
        "employeeNumber": Place("number"),
        "email": Place("email"),
        "phoneNumber": Place("phone"),
        "remoteId": _REMOTE_ID,
    },
    "employee-personal-records": {
        "title": _TITLE,
        "legalGender": Place("gender", null=False),
        "birthDate": Place("birth", "day"),
        "phoneNumber": Place("phone"),
        "email": Place("email"),
    },
    "employments": {
        "remoteId": _REMOTE_ID,
        "start/date": Place("start", "day", null=False),
        "end/date": Place("end", "day"),
        "template/id": Place("template", "reference", null=False, refers_to="employment-templates"),
    },
    "job-positions": {
        "remoteId": _REMOTE_ID,
        "jobTitle": Place("title"),
        "notes": Place("notes"),
        "startsOn": Place("start", "day", null=False),
        "department/id": Place("department", "reference", null=False, refers_to="departments"),
        "manager/id": Place("manager", "reference", refers_to="employees"),
        "businessEstablishment/id": Place(
            "establishment", "reference", null=False, refers_to="business-establishments"
        ),
        "jobQualification/id": Place("qualification", "reference", refers_to="job-qualifications"),
        "occupationCategory/id": Place("category", "reference", refers_to="occupation-categories"),
        "workingTimeArrangement/id": Place(
            "arrangement", "reference", null=False, refers_to="working-time-arrangements"
        ),
    },
    "probationary-periods": {
        "initialEndsOn": Place("initial_end", "day", null=False),
        "extendedEndsOn": Place("extended_end", "day"),
    },
    "employee-attributes": {
        "applicability/start": Place("start", "day"),
        "applicability/end": Place("end", "day"),
    },
}
