"""What a hub answers over HTTP, one file a subject. Called by `hub.app`; asks `hub.log`, `hub.people` and `hub.blobs`.

`asking` knows who asks and how often they may, `bodies` reads what was sent, `problems` says what went wrong,
`described` writes the OpenAPI document. The others hold the routes.
"""
