"""What a hub answers over HTTP, one file a subject. Called by `hub.app`; asks `hub.log`, `hub.people` and `hub.blobs`.

`asking` knows who asks and takes work to threads, `bodies` reads what was sent, `problems` says what went wrong,
`limits` how often somebody may ask, `described` writes the OpenAPI document. The others hold the routes.
"""
