"""Runs scim2-tester against a SCIM service and prints its results as JSON: URL and token in the
environment."""

import json
import os

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

http = Client(
    base_url=os.environ["SCIM_URL"],
    headers={"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"},
    timeout=30,
)
client = SyncSCIMClient(http)
client.discover()
results = check_server(client)
print(
    json.dumps(
        [
            {
                "status": one.status.name,
                "title": one.title,
                "resource": one.resource_type,
                "reason": one.reason,
            }
            for one in results
        ]
    )
)
