"""The queue: a list of tickets by the time to their next breach (design language 4.2).

`arrangement` and `wording` are pure; `model`, `delegate`, `view` are the list; `pane` holds them together with the
title, the held order and the empty states, and asks the desk through the desk thread; `current` keeps its place in it.
"""
