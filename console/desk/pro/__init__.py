"""Pro services behind the desk. `door` is where window and command line come in, `views` is what they are given.

Importing this package or `views` loads nothing else: the door is loaded with its first use, after the first paint.
"""
