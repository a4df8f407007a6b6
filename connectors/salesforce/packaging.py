"""Custom fields as a project of the Salesforce CLI, for an admin who deploys them.

What is in the files is what `fields` creates: the same definitions, the same permission sets.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from connectors._records import Field
from connectors.salesforce.checking import called, full_name
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.fields import PERMISSION_SETS, PermissionSet, metadata
from connectors.salesforce.mapping import SOBJECTS

_API_VERSION = str(Credentials.model_fields["api_version"].default)
_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_SOURCE = "force-app/main/default"


def package(fields: Sequence[Field]) -> Mapping[str, str]:
    """Give a project with a file per field and permission set; see `Module.package`."""
    ordered = sorted(fields, key=full_name)
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "name": "tieline-custom-fields",
        "sourceApiVersion": _API_VERSION,
    }
    return {
        "sfdx-project.json": json.dumps(project, indent=2) + "\n",
        "manifest/package.xml": _xml("Package", _manifest(ordered)),
        **{_path(field): _xml("CustomField", _definition(field)) for field in ordered},
        **{
            f"{_SOURCE}/permissionsets/{one.name}.permissionset-meta.xml": _xml(
                "PermissionSet", _grants(one, ordered)
            )
            for one in PERMISSION_SETS
        },
    }


def _path(field: Field) -> str:
    return f"{_SOURCE}/objects/{SOBJECTS[field.target]}/fields/{called(field)}.field-meta.xml"


def _manifest(fields: Sequence[Field]) -> dict[str, object]:
    """Give what a package holds, for those who deploy or retrieve by a manifest."""
    permission_sets = [one.name for one in PERMISSION_SETS]
    types = [
        {"members": [full_name(field) for field in fields], "name": "CustomField"},
        {"members": permission_sets, "name": "PermissionSet"},
    ]
    return {"types": types, "version": _API_VERSION}


def _definition(field: Field) -> dict[str, object]:
    return {"fullName": called(field), **metadata(field)}


def _grants(wanted: PermissionSet, fields: Sequence[Field]) -> dict[str, object]:
    rights = {
        "editable": wanted.rights["PermissionsEdit"],
        "readable": wanted.rights["PermissionsRead"],
    }
    return {
        "description": wanted.description,
        "fieldPermissions": [{"field": full_name(field), **rights} for field in fields],
        "hasActivationRequired": False,
        "label": wanted.label,
    }


def _xml(root: str, values: Mapping[str, object]) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{root} xmlns="{_NAMESPACE}">',
        *_elements(values, "    "),
        f"</{root}>",
    ]
    return "\n".join(lines) + "\n"


def _elements(values: Mapping[str, object], indent: str) -> Iterator[str]:
    """Give the lines of elements in the order that Salesforce writes them in, names first."""
    for name in sorted(values, key=lambda name: (name != "fullName", name)):
        value = values[name]
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield f"{indent}<{name}>"
                yield from _elements(one, indent + "    ")
                yield f"{indent}</{name}>"
            else:
                yield f"{indent}<{name}>{_text(one)}</{name}>"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
