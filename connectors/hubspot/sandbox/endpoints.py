"""The table of addresses: method, path without its version, and who answers.

To add an endpoint, write a function that takes an `Asked` and gives a status and a body, and give
it a line here. The first line that fits counts, so fixed words stand before variable ones.
"""

import re
from collections.abc import Callable

from connectors.hubspot.sandbox import (
    accounts,
    associations,
    batches,
    groups,
    labels,
    merging,
    objects,
    old_engagements,
    owners,
    pipelines,
    properties,
    signing_in,
    webhooks,
)
from connectors.hubspot.sandbox.request import Asked, Reply
from connectors.hubspot.sandbox.search import search

Endpoint = Callable[[Asked], Reply]

_PAIR = "/crm/associations/{from}/{to}"
_ENDS = "/crm/objects/{from}/{id}/associations"
_STAGES = "/crm/pipelines/{type}/{id}/stages"

ENDPOINTS: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/oauth/authorize", signing_in.authorize),
    ("POST", "/oauth/token", signing_in.make_token),
    ("POST", "/oauth/token/introspect", signing_in.introspect),
    ("POST", "/oauth/token/revoke", signing_in.revoke),
    ("GET", "/oauth/access-tokens/{token}", signing_in.show_access_token),
    ("GET", "/oauth/refresh-tokens/{token}", signing_in.show_refresh_token),
    ("DELETE", "/oauth/refresh-tokens/{token}", signing_in.drop_refresh_token),
    ("POST", "/oauth/private-apps/get/access-token-info", signing_in.show_private_token),
    ("GET", "/account-info/details", accounts.details),
    ("GET", "/account-info/api-usage/daily/private-apps", accounts.show_usage),
    ("GET", "/crm/limits/custom-properties", accounts.count_custom_properties),
    ("GET", "/crm/schemas", accounts.list_custom_schemas),
    ("GET", "/crm/owners", owners.list_owners),
    ("GET", "/crm/owners/{id}", owners.get_owner),
    ("POST", "/crm/objects/{type}/search", search),
    ("POST", "/crm/objects/{type}/batch/read", batches.read_batch),
    ("POST", "/crm/objects/{type}/batch/create", batches.create_batch),
    ("POST", "/crm/objects/{type}/batch/update", batches.update_batch),
    ("POST", "/crm/objects/{type}/batch/upsert", batches.upsert_batch),
    ("POST", "/crm/objects/{type}/batch/archive", batches.archive_batch),
    ("POST", "/crm/objects/{type}/merge", merging.merge_objects),
    ("POST", "/crm/objects/{type}/gdpr-delete", merging.erase_contact),
    ("GET", "/crm/objects/{type}", objects.list_objects),
    ("POST", "/crm/objects/{type}", objects.create_object),
    ("GET", "/crm/objects/{type}/{id}", objects.get_object),
    ("PATCH", "/crm/objects/{type}/{id}", objects.update_object),
    ("DELETE", "/crm/objects/{type}/{id}", objects.archive_object),
    ("PUT", f"{_ENDS}/default/{{to}}/{{other}}", associations.create_usual_link),
    ("GET", f"{_ENDS}/{{to}}", associations.list_links),
    ("PUT", f"{_ENDS}/{{to}}/{{other}}", associations.create_link),
    ("DELETE", f"{_ENDS}/{{to}}/{{other}}", associations.archive_link),
    ("POST", f"{_PAIR}/batch/read", associations.read_links),
    ("POST", f"{_PAIR}/batch/create", associations.create_links),
    ("POST", f"{_PAIR}/batch/associate/default", associations.create_usual_links),
    ("POST", f"{_PAIR}/batch/archive", associations.archive_links),
    ("POST", f"{_PAIR}/batch/labels/archive", associations.archive_labels),
    ("GET", f"{_PAIR}/labels", labels.list_labels),
    ("POST", f"{_PAIR}/labels", labels.create_label),
    ("PUT", f"{_PAIR}/labels", labels.update_label),
    ("DELETE", f"{_PAIR}/labels/{{kind}}", labels.archive_label),
    ("GET", "/crm/properties/{type}/groups", groups.list_groups),
    ("POST", "/crm/properties/{type}/groups", groups.create_group),
    ("GET", "/crm/properties/{type}/groups/{name}", groups.get_group),
    ("PATCH", "/crm/properties/{type}/groups/{name}", groups.update_group),
    ("DELETE", "/crm/properties/{type}/groups/{name}", groups.archive_group),
    ("POST", "/crm/properties/{type}/batch/create", properties.create_properties),
    ("POST", "/crm/properties/{type}/batch/read", properties.read_properties),
    ("POST", "/crm/properties/{type}/batch/archive", properties.archive_properties),
    ("GET", "/crm/properties/{type}", properties.list_properties),
    ("POST", "/crm/properties/{type}", properties.create_property),
    ("GET", "/crm/properties/{type}/{name}", properties.get_property),
    ("PATCH", "/crm/properties/{type}/{name}", properties.update_property),
    ("DELETE", "/crm/properties/{type}/{name}", properties.archive_property),
    ("GET", "/crm/pipelines/{type}", pipelines.list_pipelines),
    ("POST", "/crm/pipelines/{type}", pipelines.create_pipeline),
    ("GET", "/crm/pipelines/{type}/{id}", pipelines.get_pipeline),
    ("PATCH", "/crm/pipelines/{type}/{id}", pipelines.update_pipeline),
    ("PUT", "/crm/pipelines/{type}/{id}", pipelines.update_pipeline),
    ("DELETE", "/crm/pipelines/{type}/{id}", pipelines.archive_pipeline),
    ("GET", _STAGES, pipelines.list_stages),
    ("POST", _STAGES, pipelines.create_stage),
    ("GET", f"{_STAGES}/{{stage}}", pipelines.get_stage),
    ("PATCH", f"{_STAGES}/{{stage}}", pipelines.update_stage),
    ("PUT", f"{_STAGES}/{{stage}}", pipelines.update_stage),
    ("DELETE", f"{_STAGES}/{{stage}}", pipelines.archive_stage),
    ("GET", "/properties/v2/{type}/properties", properties.list_old_properties),
    ("GET", "/engagements/v1/engagements/modified/after", old_engagements.list_modified),
    ("GET", "/webhooks/{app}/settings", webhooks.get_target),
    ("PUT", "/webhooks/{app}/settings", webhooks.set_target),
    ("DELETE", "/webhooks/{app}/settings", webhooks.drop_target),
    ("GET", "/webhooks/{app}/subscriptions", webhooks.list_subscriptions),
    ("POST", "/webhooks/{app}/subscriptions", webhooks.create_subscription),
    ("POST", "/webhooks/{app}/subscriptions/batch/update", webhooks.update_subscriptions),
    ("GET", "/webhooks/{app}/subscriptions/{id}", webhooks.get_subscription),
    ("PATCH", "/webhooks/{app}/subscriptions/{id}", webhooks.update_subscription),
    ("DELETE", "/webhooks/{app}/subscriptions/{id}", webhooks.drop_subscription),
)

ROUTES = [
    (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), endpoint)
    for method, path, endpoint in ENDPOINTS
]
