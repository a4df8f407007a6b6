"""One run of a pipeline of dlt, as a process in dlt's own environment.

    python -P dlt_loading.py CONFIG

CONFIG is a file of JSON that `dlt_rest` writes. The configuration here is our own, after dlt's
documentation: `rest_api` with its paginators and `incremental`, tables merged by their key, in
SQLite. Prints how many rows of the objects it read, as one JSON object.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.rest_api import rest_api_resources

Asked = dict[str, Any]
SALESFORCE = "services/data/v62.0"
MODIFIED = {"contacts": "lastmodifieddate"}


def main() -> None:
    """Run the pipeline once, from its state on."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = Path(asked["folder"])
    pipeline = dlt.pipeline(
        pipeline_name=asked["crm"],
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{folder / 'store.db'}"),
        dataset_name="main",
    )
    resources = salesforce(asked) if asked["crm"] == "salesforce" else hubspot(asked, pipeline)
    pipeline.run(resources)
    known = pipeline.last_trace.last_normalize_info.row_counts
    rows = sum(known.get(table, 0) for table in asked["tables"].values())
    print(json.dumps({"rows": rows}))


def client(asked: Asked, base: str, token: str) -> Asked:
    """Give the address and the way to sign in: a refresh token, by dlt's own class for OAuth."""
    secrets = asked["secrets"]
    grant = {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}
    auth = OAuth2ClientCredentials(
        access_token_url=f"{asked['url']}/{token}",
        client_id=secrets["client_id"],
        client_secret=secrets["client_secret"],
        access_token_request_data=grant,
    )
    return {"base_url": f"{asked['url']}/{base}", "auth": auth}


def incremental(asked: Asked, path: str) -> Asked:
    """Give what is known of how far a table is read."""
    known = {"cursor_path": path, "initial_value": asked["since"]}
    return known | ({"lag": asked["lag_s"]} if asked["lag_s"] else {})


def salesforce(asked: Asked) -> list[Any]:
    """Query what changed since, in the order of its change, by the links to the next rows."""

    def endpoint(selected: str, sobject: str) -> Asked:
        since = "SystemModstamp >= {incremental.start_value} ORDER BY SystemModstamp"
        return {
            "path": "queryAll",
            "params": {"q": f"SELECT {selected} FROM {sobject} WHERE {since}"},  # noqa: S608 our own
            "data_selector": "records",
            "paginator": {"type": "json_link", "next_url_path": "nextRecordsUrl"},
            "incremental": incremental(asked, "SystemModstamp"),
        }

    made: list[Any] = rest_api_resources(
        {
            "client": client(asked, f"{SALESFORCE}/", "services/oauth2/token"),
            "resource_defaults": {"primary_key": "Id", "write_disposition": "merge"},
            "resources": [
                {"name": asked["tables"][name], "endpoint": endpoint(selected, name)}
                for name, selected in asked["selected"].items()
            ],
        }
    )
    return made


def hubspot(asked: Asked, pipeline: dlt.Pipeline) -> list[Any]:
    """List everything, or only at first and then search for what changed, with its contacts."""
    is_search = asked["searches"] and not pipeline.first_run
    shape = searched if is_search else listed
    found = client(asked, "crm/", "oauth/v1/token")
    resources = rest_api_resources(
        {
            "client": found,
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
            "resources": [
                {
                    "name": asked["tables"][name],
                    "endpoint": shape(name, properties)
                    | {
                        "data_selector": "results",
                        "incremental": incremental(asked, "updatedAt") | {"convert": in_ms},
                    },
                }
                for name, properties in asked["selected"].items()
            ],
        }
    )
    linked = [one for one in resources if one.name != "contacts"] if is_search else []
    return [*resources, *(one | links(one.name, RESTClient(**found)) for one in linked)]


def listed(name: str, properties: list[str]) -> Asked:
    """Ask for a list, with its contacts; of its rows, dlt keeps those that changed."""
    params: Asked = {"limit": 100, "properties": ",".join(properties)}
    params |= {} if name == "contacts" else {"associations": "contacts"}
    following = {"type": "cursor", "cursor_path": "paging.next.after", "cursor_param": "after"}
    return {"path": f"v3/objects/{name}", "params": params, "paginator": following}


def searched(name: str, properties: list[str]) -> Asked:
    """Ask for what changed since, in the order of its change."""
    modified = MODIFIED.get(name, "hs_lastmodifieddate")
    since = {"propertyName": modified, "operator": "GTE", "value": "{incremental.start_value}"}
    following = {"cursor_path": "paging.next.after", "cursor_body_path": "after"}
    return {
        "path": f"v3/objects/{name}/search",
        "method": "POST",
        "json": {
            "filterGroups": [{"filters": [since]}],
            "sorts": [{"propertyName": modified, "direction": "ASCENDING"}],
            "properties": properties,
            "limit": 200,
        },
        "paginator": {"type": "cursor", **following},
    }


def in_ms(moment: str) -> str:
    """Say a moment as the search wants it."""
    return str(round(datetime.fromisoformat(moment).timestamp() * 1000))


def links(name: str, rest: RESTClient) -> Any:  # noqa: ANN401 - dlt's own, which our types lack
    """Make what reads the contacts of each page, which a search does not give: one call a page."""

    @dlt.transformer(  # type: ignore[untyped-decorator]  # of dlt nothing is known here
        name=f"{name}_contacts", primary_key="id", write_disposition="merge"
    )
    def read(page: list[Asked]) -> Iterator[list[Asked]]:
        inputs = {"inputs": [{"id": row["id"]} for row in page]}
        answer = rest.post(f"v4/associations/{name}/contacts/batch/read", json=inputs)
        answer.raise_for_status()
        yield [{"id": one["from"]["id"], "to": one["to"]} for one in answer.json()["results"]]

    return read


if __name__ == "__main__":
    main()
